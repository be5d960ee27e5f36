"""Call me back, the visitor's side: what can be kept, how a number is dialled, asking, changing, calling off."""

from datetime import datetime
from itertools import islice
from typing import ClassVar

from django.conf import settings
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chat import sessions
from chat.api import callback_shapes as shown
from chat.api.auth import session_of
from chat.api.visitor import VisitorView
from chat.callbacks import booking, numbers, shapes, slots
from chat.callbacks.booking import Change, Wish
from chat.models import Session, Site
from helpdesk.lib import clock, ratelimit
from helpdesk.lib.api.permissions import PUBLIC

SHOWN = 50
_SITE = OpenApiParameter("site", str, required=True)


def _limit(request: Request, bucket: str) -> None:
    ratelimit.check(bucket, ratelimit.source(request), limit=settings.RATE_PUBLIC_PER_MINUTE, seconds=60)


class Slots(VisitorView):
    """`GET chat/callbacks/slots/?site=`: the times that can be kept. With a session: those of whoever has his ticket."""

    needs: ClassVar[dict[str, str]] = {"GET": PUBLIC}

    @extend_schema(parameters=[_SITE, OpenApiParameter("from", datetime)], responses=shown.SlotsOut)
    def get(self, request: Request) -> Response:
        _limit(request, "callback.slots")
        site = sessions.site(request.query_params.get("site", ""))
        return Response(_slots(site, request), headers={"Cache-Control": "no-store"})


def _slots(site: Site, request: Request) -> dict[str, object]:
    minutes = settings.CALLBACK_MINUTES
    if not site.callback_enabled:
        return {"minutes": minutes, "asap": None, "slots": [], "next": None}
    session = request.auth if isinstance(request.auth, Session) and request.auth.site_id == site.pk else None
    plan = slots.Plan.of(site, booking.queue_of(session) if session else site.queue, clock.now())
    soonest = plan.soonest()
    found = list(islice(plan.free(_since(request, plan)), slots.SHOWN + 1))
    return {
        "minutes": minutes,
        "asap": soonest.shape if soonest else None,
        "slots": [slot.shape for slot in found[: slots.SHOWN]],
        "next": found[-1].starts_at.isoformat() if len(found) > slots.SHOWN else None,
    }


def _since(request: Request, plan: slots.Plan) -> datetime | None:
    """Never sooner than the usual lead, whatever is asked."""
    try:
        asked = parse_datetime(request.query_params.get("from", ""))
    except ValueError:
        return None
    if asked is None or asked.tzinfo is None:
        return None
    earliest = plan.moment + slots.lead()
    return max(asked, earliest)


class Number(VisitorView):
    """`GET chat/callbacks/number/?site=&number=&region=`: the number as it will be dialled, before anybody is called."""

    needs: ClassVar[dict[str, str]] = {"GET": PUBLIC}

    @extend_schema(
        parameters=[_SITE, OpenApiParameter("number", str, required=True), OpenApiParameter("region", str)],
        responses=shown.NumberOut,
    )
    def get(self, request: Request) -> Response:
        _limit(request, "callback.check")
        site = sessions.site(request.query_params.get("site", ""))
        form = shown.NumberInput(data=request.query_params)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        return Response(numbers.check(given["number"], given["region"] or site.default_region).shape)


class Callbacks(VisitorView):
    """`GET chat/callbacks/`: the visitor's own. `POST`: ask to be called."""

    needs: ClassVar[dict[str, str]] = {"GET": PUBLIC, "POST": PUBLIC}

    @extend_schema(responses=shown.CallbacksOut, operation_id="chat_callbacks_own")
    def get(self, request: Request) -> Response:
        rows = list(booking.owned(session_of(request)).with_people()[:SHOWN])
        return Response({"results": shapes.of_all(rows)})

    @extend_schema(
        request=shown.WishInput,
        responses={201: shown.CallbackOut, 200: shown.CallbackOut},
        operation_id="chat_callbacks_ask",
    )
    def post(self, request: Request) -> Response:
        session = session_of(request)
        _limit(request, "callback.post")
        form = shown.WishInput(data=request.data)
        form.is_valid(raise_exception=True)
        per_day = int(settings.CALLBACKS_PER_SOURCE)
        ratelimit.check("callback.source", ratelimit.source(request), limit=per_day, seconds=86_400)
        given = dict(form.validated_data)
        given.pop("consent")
        origin_id, may_record = given.pop("origin_id"), given.pop("recording")
        found, is_new = booking.ask(session, Wish(**given, may_record=may_record), origin_id=origin_id)
        return Response(shapes.of(found), status=201 if is_new else 200)


class OneCallback(VisitorView):
    """`GET`, `PATCH`, `DELETE chat/callbacks/{id}/`: one of the visitor's own."""

    needs: ClassVar[dict[str, str]] = {"GET": PUBLIC, "PATCH": PUBLIC, "DELETE": PUBLIC}

    @extend_schema(responses=shown.CallbackOut)
    def get(self, request: Request, callback_id: int) -> Response:
        return Response(shapes.of(booking.own(session_of(request), callback_id)))

    @extend_schema(request=shown.ChangeInput, responses=shown.CallbackOut)
    def patch(self, request: Request, callback_id: int) -> Response:
        session = session_of(request)
        wish, version = change_of(request)
        row = booking.own(session, callback_id)
        return Response(shapes.of(booking.change(row, wish, version=version, by=session.customer.actor)))

    @extend_schema(responses={200: shown.CallbackOut})
    def delete(self, request: Request, callback_id: int) -> Response:
        session = session_of(request)
        row = booking.own(session, callback_id)
        return Response(shapes.of(booking.cancel(row, by=session.customer.actor)))


def change_of(request: Request) -> tuple[Change, int]:
    """What is to change, and the version it was read at."""
    form = shown.ChangeInput(data=request.data)
    form.is_valid(raise_exception=True)
    given = form.validated_data
    moves = "starts_at" in given
    wish = Change(moves, given.get("starts_at"), number=given.get("phone", ""), region=given["region"])
    return wish, given["version"]
