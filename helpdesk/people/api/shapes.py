"""JSON of people who work: cards, shifts, absences, skills."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from helpdesk.lib import clock, hours
from helpdesk.people import choosing, pool, words
from helpdesk.people.models import Absence, Shift, Skill, User


class ShiftSerializer(serializers.Serializer[Any]):
    """Hours of one weekday, 0 is Monday; an end that is not after the start is on the next day."""

    weekday = serializers.IntegerField(min_value=0, max_value=6)
    starts = serializers.CharField(max_length=5)
    ends = serializers.CharField(max_length=5)

    def to_representation(self, instance: Shift) -> dict[str, Any]:
        return {
            "weekday": instance.weekday,
            "starts": hours.spelled(instance.starts),
            "ends": hours.spelled(instance.ends),
        }


class AbsenceSerializer(serializers.ModelSerializer[Absence]):
    class Meta:
        model = Absence
        fields = ("id", "starts_at", "ends_at", "reason")
        read_only_fields = ("id",)


class WorkingSerializer(serializers.Serializer[Any]):
    """Whether somebody's own hours let him work now; presence and availability stand beside."""

    now = serializers.BooleanField()
    code = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True)
    text = serializers.CharField()


class SkillSerializer(serializers.ModelSerializer[Skill]):
    label = serializers.CharField(read_only=True)  # type: ignore[assignment]
    people = serializers.IntegerField(source="count", read_only=True)
    slug = serializers.SlugField(required=False, max_length=50)

    class Meta:
        model = Skill
        fields = ("slug", "name", "name_fr", "label", "kind", "people")


class PersonSerializer(serializers.ModelSerializer[User]):
    """Somebody of the team. `present` and `may_change` come with the context."""

    teams: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        many=True, read_only=True, slug_field="slug"
    )
    skills: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        many=True, read_only=True, slug_field="slug"
    )
    shifts = ShiftSerializer(many=True, read_only=True)
    absences = AbsenceSerializer(many=True, read_only=True)
    present = serializers.SerializerMethodField()
    working = serializers.SerializerMethodField()
    may_change = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "id", "name", "email", "role", "teams", "timezone", "availability", "present", "chat_capacity",
            "ticket_capacity", "extension", "skills", "shifts", "absences", "working", "may_change",
        )  # fmt: skip

    def get_present(self, user: User) -> bool:
        return user.pk in self.context["present"]

    def get_may_change(self, user: User) -> bool:
        return bool(self.context["may_change"])

    @extend_schema_field(WorkingSerializer)
    def get_working(self, user: User) -> dict[str, Any]:
        moment, zone = clock.now(), pool.zone_of(user)
        absences = tuple((absence.starts_at, absence.ends_at) for absence in user.absences.all())
        person = choosing.Person(id=user.pk, zone=zone, hours=pool.week_of(user), absences=absences)
        found = choosing.weigh(person, choosing.Need(), moment)
        if not found:
            return {"now": True, "code": "", "until": hours.next_change(person.hours, moment), "text": ""}
        stored = {"code": found[0].code, "until": found[0].until.isoformat() if found[0].until else None}
        return {
            "now": False,
            "code": found[0].code,
            "until": found[0].until,
            "text": words.reason(stored, zone=zone, skills={}),
        }


class PersonPatch(serializers.Serializer[Any]):
    """What may be set of somebody; lists replace lists."""

    skills = serializers.ListField(child=serializers.SlugField(), max_length=100, required=False)
    shifts = ShiftSerializer(many=True, required=False)
    chat_capacity = serializers.IntegerField(min_value=0, max_value=6, required=False)
    ticket_capacity = serializers.IntegerField(min_value=0, max_value=1000, required=False, allow_null=True)
    timezone = serializers.CharField(max_length=60, required=False, allow_blank=True)
    extension = serializers.CharField(max_length=60, required=False, allow_blank=True)

    def validate_timezone(self, value: str) -> str:
        if value and not hours.is_zone(value):
            raise serializers.ValidationError("Europe/Paris, America/Montreal …")
        return value
