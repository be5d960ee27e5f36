"""What customers answered, for supervisors: the answers themselves and the figures over a period."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import errors, text
from tickets.api.base import Paged, caller
from tickets.models import Survey
from tickets.reports import satisfaction
from tickets.reports.period import Period


class RatedTicket(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.CharField()
    subject = serializers.CharField()


class RatedQueue(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class RatedPerson(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class SurveySerializer(serializers.ModelSerializer[Survey]):
    """One answer; agent and queue are those of the moment of solving."""

    ticket = RatedTicket()
    agent = RatedPerson(allow_null=True)
    queue = RatedQueue()
    customer = RatedPerson()

    class Meta:
        model = Survey
        fields = ("id", "ticket", "agent", "queue", "customer", "score", "comment", "may_contact", "answered_at")


class Surveys(Paged):
    """`GET surveys/?score=&queue=&agent=`: the answers about the work of the caller's teams, newest first."""

    needs: ClassVar[dict[str, str]] = {"GET": "survey.read"}

    @extend_schema(
        parameters=[
            OpenApiParameter("score", str, description="One or several scores from 1 to 5, with commas between"),
            OpenApiParameter("queue", str, description="Slug of the queue at the moment of solving"),
            OpenApiParameter("agent", int),
        ],
        responses=SurveySerializer(many=True),
        operation_id="surveys_list",
    )
    def get(self, request: Request) -> Response:
        answers = Survey.objects.visible_to(caller(request)).answered()
        rows = _filtered(answers, request.query_params)
        related = rows.select_related("ticket", "agent", "queue", "customer")
        return self.page(related, SurveySerializer, ordering=("-answered_at", "id"))


def _filtered(rows: QuerySet[Survey], query: Mapping[str, str]) -> QuerySet[Survey]:
    if score := query.get("score"):
        rows = rows.filter(score__in=_numbers("score", score.split(",")))
    if agent := query.get("agent"):
        rows = rows.filter(agent__in=_numbers("agent", [agent]))
    if slug := query.get("queue"):
        rows = rows.filter(queue__slug=text.one_line(slug))
    return rows


def _numbers(field: str, values: list[str]) -> list[int]:
    if not all(value.isascii() and value.isdigit() and len(value) < 10 for value in values):
        raise errors.Invalid(fields={field: [_("Unknown value.")]})
    return [int(value) for value in values]


class SatisfactionGroup(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    n = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    csat = serializers.FloatField(allow_null=True)


class SatisfactionSerializer(serializers.Serializer[Any]):
    """`csat` is the share of 4 and 5; `margin` half its 95 % interval; shares go from 0 to 1, null without answers."""

    n = serializers.IntegerField()
    sent = serializers.IntegerField()
    response_rate = serializers.FloatField(allow_null=True)
    mean = serializers.FloatField(allow_null=True)
    csat = serializers.FloatField(allow_null=True)
    margin = serializers.FloatField(allow_null=True)
    groups = SatisfactionGroup(many=True)


class Satisfaction(APIView):
    """`GET reports/satisfaction/?from=&to=&group=`."""

    needs: ClassVar[dict[str, str]] = {"GET": "report.read"}

    @extend_schema(
        parameters=[
            OpenApiParameter("from", OpenApiTypes.DATE, description="First day; 29 days before the last when missing"),
            OpenApiParameter("to", OpenApiTypes.DATE, description="Last day, included; today when missing"),
            OpenApiParameter("group", str, enum=satisfaction.GROUPS),
        ],
        responses=SatisfactionSerializer,
    )
    def get(self, request: Request) -> Response:
        query = request.query_params
        group = query.get("group", "")
        if group and group not in satisfaction.GROUPS:
            raise errors.Invalid(fields={"group": [_("Unknown value.")]})
        period = Period.parse(query.get("from", ""), query.get("to", ""))
        found = satisfaction.report(caller(request), period, group)
        return Response(SatisfactionSerializer(found).data)
