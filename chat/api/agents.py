"""The agents' side: the line, and taking and ending a chat."""

from typing import ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import sessions, shapes
from chat.api.serializers import CardOut, LineOut
from chat.models import Session
from helpdesk.people.models import User

SHOWN = 200


def _caller(request: Request) -> User:
    return cast(User, request.user)


def _card(session_id: int) -> shapes.Card:
    return shapes.session(Session.objects.with_people().get(pk=session_id))


class Line(APIView):
    """`GET chat/line/`: who waits in the caller's queues, and the caller's own chats."""

    needs: ClassVar[dict[str, str]] = {"GET": "chat.read"}

    @extend_schema(responses=LineOut)
    def get(self, request: Request) -> Response:
        user = _caller(request)
        waiting = Session.objects.visible_to(user).waiting().with_people()[:SHOWN]
        mine = Session.objects.live().filter(agent=user).with_people().order_by("accepted_at", "pk")
        return Response({"waiting": [*map(shapes.session, waiting)], "mine": [*map(shapes.session, mine)]})


class Accept(APIView):
    """`POST chat/sessions/{id}/accept/`: the first one gets it, the others 409 `already_taken`."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take"}

    @extend_schema(request=None, responses=CardOut)
    def post(self, request: Request, session_id: int) -> Response:
        session = sessions.accept(session_id, by=_caller(request))
        return Response(_card(session.pk))


class End(APIView):
    """`POST chat/sessions/{id}/end/`."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take"}

    @extend_schema(request=None, responses=CardOut)
    def post(self, request: Request, session_id: int) -> Response:
        user = _caller(request)
        session = sessions.end(sessions.visible(user, session_id), by=user.actor)
        return Response(_card(session.pk))
