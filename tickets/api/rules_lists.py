"""The list of rules as a whole: the draft, publishing, versions, rolling back, saved tests."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import errors
from helpdesk.lib.api.pagination import IdCursor
from tickets import access, rehearsal
from tickets.api import rules_json, rules_shapes, rules_trial_shapes
from tickets.api.base import Paged, caller
from tickets.api.rules import asked_rules
from tickets.models import RuleList, RuleTest
from tickets.rules import drafts, published, trials


class RulesDraft(APIView):
    """`GET`/`PUT`/`DELETE rules/draft/`: the one list being prepared."""

    needs: ClassVar[dict[str, str]] = {"GET": "rule.read", "PUT": "rule.write", "DELETE": "rule.write"}

    @extend_schema(responses=rules_shapes.DraftShape)
    def get(self, request: Request) -> Response:
        return Response(rules_json.draft_json())

    @extend_schema(request=rules_shapes.DraftInput, responses=rules_shapes.DraftShape)
    def put(self, request: Request) -> Response:
        form = rules_shapes.DraftInput(data=request.data)
        form.is_valid(raise_exception=True)
        drafts.save(form.validated_data["rules"], revision=form.validated_data["revision"], by=caller(request))
        return Response(rules_json.draft_json())

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        drafts.discard(by=caller(request))
        return Response(status=204)


class RulesPublish(APIView):
    """`POST rules/publish/`: the draft comes into force."""

    needs: ClassVar[dict[str, str]] = {"POST": "rule.write"}

    @extend_schema(request=rules_shapes.PublishInput, responses={201: rules_shapes.VersionShape})
    def post(self, request: Request) -> Response:
        form = rules_shapes.PublishInput(data=request.data)
        form.is_valid(raise_exception=True)
        row = drafts.publish(by=caller(request), **form.validated_data)
        return Response(rules_json.version_json(row, row.number), status=201)


class RuleVersions(Paged):
    """`GET rules/versions/`: every published list, newest first."""

    needs: ClassVar[dict[str, str]] = {"GET": "rule.read"}

    @extend_schema(responses=rules_shapes.VersionShape(many=True))
    def get(self, request: Request) -> Response:
        live = published.last_number()
        pages = IdCursor()
        found: list[RuleList] = pages.paginate_queryset(published.history(), request, view=self) or []
        return pages.get_paginated_response([rules_json.version_json(row, live) for row in found])


class RuleVersionDetail(APIView):
    """`GET rules/versions/{number}/`: a published list with its rules."""

    needs: ClassVar[dict[str, str]] = {"GET": "rule.read"}

    @extend_schema(responses=rules_shapes.VersionDetail)
    def get(self, request: Request, number: int) -> Response:
        row = get_object_or_404(RuleList.objects.select_related("author"), number=number)
        compiled = published.at(number) or published.EMPTY
        told = rules_json.version_json(row, published.last_number())
        return Response({**told, "rules": rules_json.rules_json(compiled)})


class RuleVersionRestore(APIView):
    """`POST rules/versions/{number}/restore/`: an old list comes into force again, as a new one."""

    needs: ClassVar[dict[str, str]] = {"POST": "rule.write"}

    @extend_schema(request=rules_shapes.NoteInput, responses={201: rules_shapes.VersionShape})
    def post(self, request: Request, number: int) -> Response:
        form = rules_shapes.NoteInput(data=request.data)
        form.is_valid(raise_exception=True)
        row = published.restore(number, by=caller(request), note=form.validated_data["note"])
        return Response(rules_json.version_json(row, row.number), status=201)


class RuleTests(APIView):
    """`GET`/`POST rules/tests/`: saved tests."""

    needs: ClassVar[dict[str, str]] = {"GET": "rule.read", "POST": "rule.write"}

    @extend_schema(responses=rules_trial_shapes.SavedTests, operation_id="rules_tests_list")
    def get(self, request: Request) -> Response:
        rows = [rules_json.saved_test(test) for test in RuleTest.objects.all()]
        return Response({"results": rows, "next": None, "previous": None})

    @extend_schema(request=rules_trial_shapes.SavedTest, responses={201: rules_trial_shapes.SavedTest})
    def post(self, request: Request) -> Response:
        form = rules_trial_shapes.SavedTest(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        message = given.get("message")
        if message is None and given.get("ticket"):
            past = access.ticket(caller(request), given["ticket"])
            message = trials.message_of(rehearsal.read_ticket(past))
        test = trials.create(
            by=caller(request),
            name=given["name"],
            message=message or {},
            expect=given["expect"],
            active=given.get("active", True),
        )
        return Response(rules_json.saved_test(test), status=201)


class RuleTestDetail(APIView):
    """`PATCH`/`DELETE rules/tests/{id}/`."""

    needs: ClassVar[dict[str, str]] = {"PATCH": "rule.write", "DELETE": "rule.write"}

    @extend_schema(request=rules_trial_shapes.SavedTest, responses=rules_trial_shapes.SavedTest)
    def patch(self, request: Request, test_id: int) -> Response:
        form = rules_trial_shapes.SavedTest(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        test = trials.update(self._test(test_id), **form.validated_data)
        return Response(rules_json.saved_test(test))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, test_id: int) -> Response:
        self._test(test_id).delete()
        return Response(status=204)

    def _test(self, test_id: int) -> RuleTest:
        found = RuleTest.objects.filter(pk=test_id).first()
        if found is None:
            raise errors.NotFound()
        return found


class RuleTestsRun(APIView):
    """`POST rules/tests/run/`: try the saved tests on the list in force, the draft, or a list sent along."""

    needs: ClassVar[dict[str, str]] = {"POST": "rule.read"}

    @extend_schema(request=rules_trial_shapes.RunTestsInput, responses=rules_shapes.TestRun)
    def post(self, request: Request) -> Response:
        form = rules_trial_shapes.RunTestsInput(data=request.data)
        form.is_valid(raise_exception=True)
        rules, _against = asked_rules(form.validated_data)
        return Response(trials.run(rules))
