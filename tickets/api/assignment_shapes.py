"""JSON of assignment, of queues' settings and of calendars."""

from typing import Any, ClassVar

from rest_framework import serializers

from helpdesk.lib import clock, hours
from tickets.api.serializers import PersonRef
from tickets.models import Calendar, Queue


class ReasonShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()


class ConsideredShape(serializers.Serializer[Any]):
    """One person of a decision."""

    agent = PersonRef()
    outcome = serializers.CharField()
    load = serializers.IntegerField()
    limit = serializers.IntegerField(allow_null=True)
    reasons = ReasonShape(many=True)


class SkillRef(serializers.Serializer[Any]):
    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class DecisionShape(serializers.Serializer[Any]):
    """Why it went to whom, or to nobody."""

    at = serializers.DateTimeField()
    cause = serializers.CharField()
    cause_text = serializers.CharField()
    times = serializers.IntegerField()
    outcome = serializers.CharField()
    agent = PersonRef(allow_null=True)
    text = serializers.CharField()
    strategy = serializers.CharField()
    skills = SkillRef(many=True)
    relaxed = serializers.BooleanField()
    considered = ConsideredShape(many=True)
    left_out = serializers.DictField(child=serializers.IntegerField())
    more = serializers.IntegerField()


class OfferShape(serializers.Serializer[Any]):
    agent = PersonRef()
    until = serializers.DateTimeField()
    mine = serializers.BooleanField()


class AskedSkill(SkillRef):
    """A skill and who asks for it: queue, rule or language."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "from": serializers.CharField()}


class AskedShape(ConsideredShape):
    text = serializers.CharField()


class AssignmentShape(serializers.Serializer[Any]):
    """`GET tickets/{id}/assignment/`."""

    assignee = PersonRef(allow_null=True)
    offer = OfferShape(allow_null=True)
    strategy = serializers.CharField()
    needs = AskedSkill(many=True)
    relaxes_at = serializers.DateTimeField(allow_null=True)
    again_at = serializers.DateTimeField(allow_null=True)
    decisions = DecisionShape(many=True)
    asked = AskedShape(required=False)


class OfferedTicket(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.CharField()
    subject = serializers.CharField()


class MyOffer(serializers.Serializer[Any]):
    ticket = OfferedTicket()
    until = serializers.DateTimeField(source="expires_at")


class QueueSettings(serializers.ModelSerializer[Queue]):
    """How a queue gives its work out."""

    name = serializers.CharField(source="label", read_only=True)
    team = serializers.CharField(source="team.slug", read_only=True)
    skills: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        many=True, read_only=True, slug_field="slug"
    )
    calendar = serializers.SerializerMethodField()
    waiting = serializers.SerializerMethodField()

    class Meta:
        model = Queue
        fields = (
            "slug", "name", "team", "strategy", "skills", "match_language", "skill_relax_seconds", "offer_seconds",
            "when_agent_away", "calendar", "waiting",
        )  # fmt: skip

    def get_calendar(self, queue: Queue) -> str | None:
        return queue.calendar.slug if queue.calendar else None

    def get_waiting(self, queue: Queue) -> int:
        return int(self.context["waiting"])


class QueuePatch(serializers.Serializer[Any]):
    strategy = serializers.ChoiceField(choices=Queue.Strategy.choices, required=False)
    skills = serializers.ListField(child=serializers.SlugField(), max_length=20, required=False)
    match_language = serializers.BooleanField(required=False)
    skill_relax_seconds = serializers.IntegerField(min_value=0, max_value=30 * 86400, required=False, allow_null=True)
    offer_seconds = serializers.IntegerField(min_value=30, max_value=86400, required=False, allow_null=True)
    when_agent_away = serializers.ChoiceField(choices=Queue.Away.choices, required=False)
    calendar = serializers.SlugField(required=False, allow_null=True, allow_blank=True)


class HoursSerializer(serializers.Serializer[Any]):
    weekday = serializers.IntegerField(min_value=0, max_value=6)
    starts = serializers.CharField(max_length=5)
    ends = serializers.CharField(max_length=5)


class CalendarSerializer(serializers.ModelSerializer[Calendar]):
    """Opening hours of the week, 0 is Monday, and holidays."""

    slug = serializers.SlugField(required=False, max_length=50)
    hours = HoursSerializer(many=True, required=False)
    holidays = serializers.ListField(child=serializers.DateField(), max_length=400, required=False)
    is_default = serializers.BooleanField(required=False)
    is_open = serializers.SerializerMethodField()
    next_change = serializers.SerializerMethodField()

    class Meta:
        model = Calendar
        fields = ("slug", "name", "timezone", "hours", "holidays", "is_default", "is_open", "next_change")
        validators: ClassVar[list[Any]] = []  # a new default takes the place of the old one

    def validate_timezone(self, value: str) -> str:
        if not hours.is_zone(value):
            raise serializers.ValidationError("Europe/Paris, America/Montreal …")
        return value

    def validate_holidays(self, value: list[Any]) -> list[str]:
        return [day.isoformat() for day in value]

    def get_is_open(self, calendar: Calendar) -> bool:
        return hours.is_open(calendar.week, clock.now())

    def get_next_change(self, calendar: Calendar) -> str | None:
        change = hours.next_change(calendar.week, clock.now())
        return change.isoformat() if change else None
