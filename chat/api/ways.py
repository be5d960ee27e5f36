"""Other ways than this chat, for agents: propose a call, go on in writing, and what visitors are offered now."""

from typing import Any, ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import cards, ways
from chat.api.hands_shapes import DeskCardOut, WhisperOut
from helpdesk.people.models import User


class OfferedOut(serializers.Serializer[Any]):
    """What one website's widget offers now, and whom a new chat is offered to first."""

    key = serializers.CharField()
    name = serializers.CharField()
    chat = serializers.BooleanField()
    callback = serializers.BooleanField()
    next = serializers.ListField(child=serializers.CharField())


class OfferedSitesOut(serializers.Serializer[Any]):
    results = OfferedOut(many=True)


class Offered(APIView):
    """`GET chat/offered/`: what visitors of the caller's queues are offered now."""

    needs: ClassVar[dict[str, str]] = {"GET": "chat.read"}

    @extend_schema(responses=OfferedSitesOut)
    def get(self, request: Request) -> Response:
        return Response({"results": ways.offered(cast(User, request.user))})


class ProposeCall(APIView):
    """`POST chat/sessions/{id}/propose-call/`: the visitor is offered to choose a time."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take"}

    @extend_schema(request=None, responses=WhisperOut)
    def post(self, request: Request, session_id: int) -> Response:
        said = ways.propose_call(session_id, by=cast(User, request.user))
        return Response({"ticket": said.ticket_id, "seq": said.seq, "created_at": said.created_at.isoformat()})


class InWriting(APIView):
    """`POST chat/sessions/{id}/in-writing/`: end the chat; its ticket goes on in writing."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take"}

    @extend_schema(request=None, responses=DeskCardOut)
    def post(self, request: Request, session_id: int) -> Response:
        user = cast(User, request.user)
        return Response(cards.one(ways.in_writing(session_id, by=user).pk, user))
