"""Call-backs, the agents' side: what is due, take, say what came of it, give back, move, call off."""

from datetime import timedelta
from typing import Any, ClassVar, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.api import callback_shapes as shown
from chat.api.callbacks import change_of
from chat.callbacks import booking, calling, shapes
from chat.models import Callback
from helpdesk.lib import clock
from helpdesk.people.models import User

PAGE = 50


def caller(request: Request) -> User:
    return cast(User, request.user)


SCOPES = ("due", "upcoming", "mine", "done", "all")


def _scope(user: User, name: str) -> Any:
    """`due`: being called, late, or soon; `upcoming`: later; `mine`: those I have; `done`: over, the newest first."""
    rows = Callback.objects.visible_to(user)
    soon = clock.now() + timedelta(minutes=15)
    if name == "done":
        return rows.exclude(state__in=[Callback.State.WAITING, Callback.State.TAKEN]).order_by("-ended_at", "-pk")
    if name == "all":
        return rows.order_by("-pk")
    rows = rows.open().order_by("due_at", "pk")
    if name == "mine":
        return rows.filter(agent=user)
    return rows.filter(due_at__gt=soon) if name == "upcoming" else rows.filter(due_at__lte=soon)


class Callbacks(APIView):
    """`GET callbacks/?scope=due`: the promised calls of the caller's queues, by due time."""

    needs: ClassVar[dict[str, str]] = {"GET": "chat.read"}

    @extend_schema(
        parameters=[
            OpenApiParameter("scope", str, enum=SCOPES),
            OpenApiParameter("ticket", int),
            OpenApiParameter("queue", str),
            OpenApiParameter("offset", int),
        ],
        responses=shown.CallbackCardsOut,
        operation_id="callbacks_due",
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params
        ticket, offset = _number(asked.get("ticket", "")), _number(asked.get("offset", ""))
        rows = _scope(caller(request), asked.get("scope") or ("all" if ticket else "due"))
        if ticket:
            rows = rows.filter(ticket=ticket)
        if asked.get("queue"):
            rows = rows.filter(queue__slug=asked["queue"])
        found = list(rows.with_people()[offset : offset + PAGE + 1])
        more = f"?offset={offset + PAGE}" if len(found) > PAGE else None
        return Response({"results": shapes.cards(found[:PAGE]), "next": more, "previous": None})


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 12 else 0


def _card(row: Callback) -> Response:
    return Response(shapes.card(Callback.objects.with_people().get(pk=row.pk)))


class OneCallback(APIView):
    """`GET`, `PATCH`, `DELETE callbacks/{id}/`: read, move, call off."""

    needs: ClassVar[dict[str, str]] = {"GET": "chat.read", "PATCH": "chat.take", "DELETE": "chat.take"}

    @extend_schema(responses=shown.CallbackCardOut)
    def get(self, request: Request, callback_id: int) -> Response:
        return _card(calling.visible(caller(request), callback_id))

    @extend_schema(request=shown.ChangeInput, responses=shown.CallbackCardOut)
    def patch(self, request: Request, callback_id: int) -> Response:
        user = caller(request)
        wish, version = change_of(request)
        row = calling.visible(user, callback_id)
        return _card(booking.change(row, wish, version=version, by=user.actor))

    @extend_schema(responses={200: shown.CallbackCardOut})
    def delete(self, request: Request, callback_id: int) -> Response:
        user = caller(request)
        return _card(booking.cancel(calling.visible(user, callback_id), by=user.actor))


class Take(APIView):
    """`POST callbacks/{id}/take/`: the first one gets it, the others 409 `already_taken`."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take"}

    @extend_schema(request=None, responses=shown.CallbackCardOut)
    def post(self, request: Request, callback_id: int) -> Response:
        return _card(calling.take(callback_id, by=caller(request)))


class Release(APIView):
    """`POST callbacks/{id}/release/`: somebody else may call."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take"}

    @extend_schema(request=None, responses=shown.CallbackCardOut)
    def post(self, request: Request, callback_id: int) -> Response:
        return _card(calling.release(callback_id, by=caller(request)))


class Outcome(APIView):
    """`POST callbacks/{id}/outcome/`: what came of the call, in one go; whoever had not taken it takes it by this."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take"}

    @extend_schema(request=shown.OutcomeInput, responses=shown.CallbackCardOut)
    def post(self, request: Request, callback_id: int) -> Response:
        form = shown.OutcomeInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        what, origin_id = given["outcome"], given["origin_id"]
        return _card(calling.outcome(callback_id, what, by=caller(request), note=given["note"], origin_id=origin_id))
