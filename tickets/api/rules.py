"""Routing rules in force: read, change at once, test, back-test, explain. Rehearsal writes nothing."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib.api.pagination import IdCursor
from tickets import access, rehearsal, routing
from tickets.api import rules_account_shapes, rules_catalogue_shapes, rules_json, rules_shapes, rules_trial_shapes
from tickets.api.base import Paged, caller
from tickets.models import Rule, RuleRun, Ticket
from tickets.rules import accounts, backtest, catalogue, drafts, published, trials, unrouted
from tickets.rules.compiled import Compiled

_MOST_RUNS = 50


def asked_rules(given: dict[str, Any]) -> tuple[Compiled, str]:
    """The list that a rehearsal is about: one sent along, the draft, or the one in force."""
    if given.get("rules") is not None:
        return drafts.compiled(drafts.read(given["rules"])), "draft"
    if given.get("against") == "draft" and (draft := drafts.current()):
        return drafts.compiled(draft.rules), "draft"
    return published.live(), "live"


class Rules(APIView):
    """`GET rules/` (all, in their order), `POST rules/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "rule.read", "POST": "rule.write"}

    @extend_schema(responses=rules_shapes.RuleListShape, operation_id="rules_list")
    def get(self, request: Request) -> Response:
        row, live = published.latest(), published.live()
        return Response(
            {
                "results": rules_json.rules_json(live),
                "next": None,
                "previous": None,
                "live": rules_json.version_json(row, row.number) if row else None,
                "draft": rules_json.draft_ref(drafts.current(), live.number or 0),
            }
        )

    @extend_schema(request=rules_shapes.RuleInput, responses={201: rules_shapes.RuleShape})
    def post(self, request: Request) -> Response:
        form = rules_shapes.RuleInput(data=request.data)
        form.is_valid(raise_exception=True)
        rule = routing.create_rule(by=caller(request), **form.validated_data)
        return Response(rules_json.rule_json(rule.pk), status=201)


class RuleDetail(APIView):
    """`GET`/`PATCH`/`DELETE rules/{id}/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "rule.read", "PATCH": "rule.write", "DELETE": "rule.write"}

    @extend_schema(responses=rules_shapes.RuleShape)
    def get(self, request: Request, rule_id: int) -> Response:
        return Response(rules_json.rule_json(get_object_or_404(Rule.objects.current(), pk=rule_id).pk))

    @extend_schema(request=rules_shapes.RuleInput, responses=rules_shapes.RuleShape)
    def patch(self, request: Request, rule_id: int) -> Response:
        rule = get_object_or_404(Rule.objects.current(), pk=rule_id)
        form = rules_shapes.RuleInput(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        return Response(rules_json.rule_json(routing.update_rule(rule, by=caller(request), **form.validated_data).pk))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, rule_id: int) -> Response:
        routing.delete_rule(get_object_or_404(Rule.objects.current(), pk=rule_id), by=caller(request))
        return Response(status=204)


class RulesReorder(APIView):
    """`POST rules/reorder/`: every rule once, in the new order."""

    needs: ClassVar[dict[str, str]] = {"POST": "rule.write"}

    @extend_schema(request=rules_shapes.ReorderInput, responses=rules_shapes.RuleShape(many=True))
    def post(self, request: Request) -> Response:
        form = rules_shapes.ReorderInput(data=request.data)
        form.is_valid(raise_exception=True)
        routing.reorder(form.validated_data["ids"], by=caller(request), note=form.validated_data["note"])
        return Response(rules_json.rules_json(published.live()))


class RulesTest(APIView):
    """`POST rules/test/`: where a message would go and why; nothing is written."""

    needs: ClassVar[dict[str, str]] = {"POST": "rule.read"}

    @extend_schema(request=rules_trial_shapes.TestInput, responses=rules_account_shapes.Explanation)
    def post(self, request: Request) -> Response:
        form = rules_trial_shapes.TestInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        rules, _against = asked_rules(given)
        return Response(rehearsal.explain_message(self._message(request, given), rules))

    def _message(self, request: Request, given: dict[str, Any]) -> rehearsal.Typed:
        if given.get("raw"):
            return rehearsal.read_raw(given["raw"])
        if given.get("ticket"):
            return rehearsal.read_ticket(access.ticket(caller(request), given["ticket"]))
        return trials.typed(given)


class RulesBacktest(APIView):
    """`POST rules/backtest/`: what the draft, or without one the rules in force, would change of the last requests."""

    needs: ClassVar[dict[str, str]] = {"POST": "rule.read"}

    @extend_schema(request=rules_trial_shapes.BacktestInput, responses=rules_trial_shapes.Backtest)
    def post(self, request: Request) -> Response:
        form = rules_trial_shapes.BacktestInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = {"against": "draft", **form.validated_data}
        rules, against = asked_rules(given)
        versus: backtest.Versus = given.get("versus") or ("live" if against == "draft" else "then")
        live = published.live()
        span = backtest.Span(given["limit"], given.get("days"), given.get("before"))
        told = backtest.run(caller(request), span, rules, against=against, versus=versus, live=live)
        return Response(told)


class RulesFields(APIView):
    """`GET rules/fields/`: what conditions and actions there are, for the editor."""

    needs: ClassVar[dict[str, str]] = {"GET": "rule.read"}

    @extend_schema(responses=rules_catalogue_shapes.Catalogue)
    def get(self, request: Request) -> Response:
        return Response(catalogue.tell())


class RulesUnrouted(APIView):
    """`GET rules/unrouted/`: how much waits that no rule placed."""

    needs: ClassVar[dict[str, str]] = {"GET": "queue.read"}

    @extend_schema(responses=rules_account_shapes.Unrouted)
    def get(self, request: Request) -> Response:
        return Response(unrouted.tell(caller(request)))


class TicketRouting(APIView):
    """`GET tickets/{id}/routing/`: the stored account of why the ticket is where it is, and of every later run."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(responses=rules_account_shapes.TicketExplanation)
    def get(self, request: Request, ticket_id: int) -> Response:
        ticket = access.ticket(caller(request), ticket_id)
        runs = RuleRun.objects.filter(ticket=ticket).order_by("-id")[:_MOST_RUNS]
        return Response({**rehearsal.explain_ticket(ticket), "runs": rules_json.runs_json(runs)})


class RuleRuns(Paged):
    """`GET rules/runs/?rule=&effect=&trigger=`: what rules did after the intake, newest first; `trigger=intake` for that."""

    needs: ClassVar[dict[str, str]] = {"GET": "rule.read"}

    @extend_schema(
        parameters=[
            OpenApiParameter("rule", int),
            OpenApiParameter("effect", bool),
            OpenApiParameter("trigger", str),
        ],
        responses=rules_account_shapes.RunShape(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params
        visible = Ticket.objects.visible_to(caller(request))
        pages = IdCursor()
        if asked.get("trigger") == "intake":
            rows = accounts.intakes(visible, rule=_number(asked.get("rule")))
            found = pages.paginate_queryset(rows, request, view=self) or []
            return pages.get_paginated_response([rules_json.intake_json(row) for row in found])
        later = accounts.runs(
            visible,
            rule=_number(asked.get("rule")),
            effect={"true": True, "false": False}.get(asked.get("effect", "")),
            trigger=asked.get("trigger", ""),
        )
        shown: list[RuleRun] = pages.paginate_queryset(later, request, view=self) or []
        return pages.get_paginated_response(rules_json.runs_json(shown, with_ticket=True))


class RuleRunDetail(APIView):
    """`GET rules/runs/{id}/`: the full account of one run."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(responses=rules_account_shapes.RunDetail)
    def get(self, request: Request, run_id: int) -> Response:
        row = get_object_or_404(RuleRun.objects.select_related("ticket"), pk=run_id)
        access.ticket(caller(request), row.ticket_id)
        return Response(rehearsal.explain_run(row))


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isdigit() else None
