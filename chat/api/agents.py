"""The agents' side: the line, and taking and ending a chat."""

from typing import ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import cards, sessions, wrapup
from chat.api.hands_shapes import DeskCardOut, DeskLineOut
from helpdesk.people.models import User


def _caller(request: Request) -> User:
    return cast(User, request.user)


class Line(APIView):
    """`GET chat/line/`: who waits in the caller's queues, the caller's own chats, and what is held out to him."""

    needs: ClassVar[dict[str, str]] = {"GET": "chat.read"}

    @extend_schema(responses=DeskLineOut)
    def get(self, request: Request) -> Response:
        return Response(cards.desk(_caller(request)))


class Accept(APIView):
    """`POST chat/sessions/{id}/accept/`: the first one gets it, the others 409 `already_taken`."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take"}

    @extend_schema(request=None, responses=DeskCardOut)
    def post(self, request: Request, session_id: int) -> Response:
        session = sessions.accept(session_id, by=_caller(request))
        return Response(cards.one(session.pk, _caller(request)))


class End(APIView):
    """`POST chat/sessions/{id}/end/`."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take"}

    @extend_schema(request=None, responses=DeskCardOut)
    def post(self, request: Request, session_id: int) -> Response:
        user = _caller(request)
        session = wrapup.end(session_id, by=user)
        return Response(cards.one(session.pk, user))
