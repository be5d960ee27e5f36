"""Routing rules: edit, explain, rehearse. Rehearsal runs the very engine of production and writes nothing."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tickets import access, rehearsal, routing
from tickets.api.base import Paged, caller
from tickets.api.serializers import (
    Backtest,
    BacktestInput,
    Explanation,
    ReorderInput,
    RuleSerializer,
    TestInput,
)
from tickets.models import Rule


class Rules(Paged):
    """`GET rules/` (all, in their order), `POST rules/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "rule.read", "POST": "rule.write"}

    @extend_schema(responses=RuleSerializer(many=True), operation_id="rules_list")
    def get(self, request: Request) -> Response:
        rows = RuleSerializer(Rule.objects.all(), many=True).data
        return Response({"results": rows, "next": None, "previous": None})

    @extend_schema(request=RuleSerializer, responses={201: RuleSerializer})
    def post(self, request: Request) -> Response:
        form = RuleSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        rule = routing.create_rule(by=caller(request), **form.validated_data)
        return Response(RuleSerializer(rule).data, status=201)


class RuleDetail(APIView):
    """`GET`/`PATCH`/`DELETE rules/{id}/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "rule.read", "PATCH": "rule.write", "DELETE": "rule.write"}

    @extend_schema(responses=RuleSerializer)
    def get(self, request: Request, rule_id: int) -> Response:
        return Response(RuleSerializer(get_object_or_404(Rule, pk=rule_id)).data)

    @extend_schema(request=RuleSerializer, responses=RuleSerializer)
    def patch(self, request: Request, rule_id: int) -> Response:
        rule = get_object_or_404(Rule, pk=rule_id)
        form = RuleSerializer(rule, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        return Response(RuleSerializer(routing.update_rule(rule, by=caller(request), **form.validated_data)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, rule_id: int) -> Response:
        routing.delete_rule(get_object_or_404(Rule, pk=rule_id), by=caller(request))
        return Response(status=204)


class RulesReorder(APIView):
    """`POST rules/reorder/`: every rule once, in the new order."""

    needs: ClassVar[dict[str, str]] = {"POST": "rule.write"}

    @extend_schema(request=ReorderInput, responses=RuleSerializer(many=True))
    def post(self, request: Request) -> Response:
        form = ReorderInput(data=request.data)
        form.is_valid(raise_exception=True)
        routing.reorder(form.validated_data["ids"], by=caller(request))
        return Response(RuleSerializer(Rule.objects.all(), many=True).data)


class RulesTest(APIView):
    """`POST rules/test/`: where a message would go and why; nothing is written."""

    needs: ClassVar[dict[str, str]] = {"POST": "rule.read"}

    @extend_schema(request=TestInput, responses=Explanation)
    def post(self, request: Request) -> Response:
        form = TestInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        return Response(
            rehearsal.explain_message(
                subject=given["subject"],
                body=given["body"],
                sender=given["from"],
                channel=given["channel"],
                mailbox=given["mailbox"],
            )
        )


class RulesBacktest(APIView):
    """`POST rules/backtest/`: what today's rules would change of the last requests."""

    needs: ClassVar[dict[str, str]] = {"POST": "rule.read"}

    @extend_schema(request=BacktestInput, responses=Backtest)
    def post(self, request: Request) -> Response:
        form = BacktestInput(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(rehearsal.backtest(caller(request), form.validated_data["limit"]))


class TicketRouting(APIView):
    """`GET tickets/{id}/routing/`: the stored account of why the ticket is where it is."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(responses=Explanation)
    def get(self, request: Request, ticket_id: int) -> Response:
        return Response(rehearsal.explain_ticket(access.ticket(caller(request), ticket_id)))
