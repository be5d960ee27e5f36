"""The caller himself."""

from typing import Any, ClassVar

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import hours
from helpdesk.lib.api.permissions import SIGNED_IN
from helpdesk.people import capabilities, presence
from helpdesk.people.models import Team, User


class MeSerializer(serializers.ModelSerializer[User]):
    """Who the caller is and what his role may do."""

    teams: serializers.SlugRelatedField[Team] = serializers.SlugRelatedField(
        many=True, read_only=True, slug_field="slug"
    )
    chat_capacity = serializers.IntegerField(min_value=0, max_value=6, required=False)
    capabilities = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "id", "name", "email", "role", "teams", "locale", "availability", "chat_capacity", "ticket_capacity",
            "timezone", "signature", "capabilities",
        )  # fmt: skip
        read_only_fields = ("id", "name", "email", "role", "teams", "ticket_capacity")

    def get_capabilities(self, user: User) -> list[str]:
        return sorted(capabilities.OF_ROLE[user.role])

    def validate_timezone(self, value: str) -> str:
        if value and not hours.is_zone(value):
            raise serializers.ValidationError("Europe/Paris, America/Montreal …")
        return value

    def validate_locale(self, value: str) -> str:
        if value not in ("en", "fr"):
            raise serializers.ValidationError("en, fr")
        return value


class Me(APIView):
    """`GET me/`, `PATCH me/`."""

    needs: ClassVar[dict[str, str]] = {"GET": SIGNED_IN, "PATCH": SIGNED_IN}

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user: Any = request.user
        return Response(MeSerializer(user).data)

    @extend_schema(request=MeSerializer, responses=MeSerializer)
    @transaction.atomic
    def patch(self, request: Request) -> Response:
        user: Any = request.user
        form = MeSerializer(user, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        status, places = given.pop("availability", None), given.get("chat_capacity", user.chat_capacity)
        has_other_places = places != user.chat_capacity
        for name, value in given.items():
            setattr(user, name, value)
        if given:
            user.save(update_fields=list(given))
        if status is not None:
            presence.choose(user, status)
        if has_other_places:
            record(names.AGENT_SCHEDULE, user, by=user.actor, data={"what": ["chat_capacity"]})
        return Response(MeSerializer(user).data)
