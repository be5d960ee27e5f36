"""Calls: told by telephone systems, read and settled by agents."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import errors, ratelimit
from helpdesk.lib.api.auth import SessionAuthentication, TokenAuthentication
from helpdesk.lib.api.pagination import IdCursor
from helpdesk.lib.api.parsers import SoberJSONParser
from helpdesk.people.models import User
from tickets import access
from tickets.api.base import Paged, caller
from tickets.api.call_shapes import CallEventInput, CallHeard, CallOut, CallPatch, CallsNow
from tickets.api.phone_auth import PhoneAuthentication
from tickets.channels import phone_in, phone_log, phone_shapes, phone_told
from tickets.models import Call, PhoneSystem

SCOPES = ("all", "mine", "missed")
MOST_MISSED = 100
_PARSERS = (SoberJSONParser, FormParser, MultiPartParser)


class Calls(Paged):
    """`POST calls/`: what a telephone system tells. `GET calls/?scope=`: the calls of the caller and his people."""

    needs: ClassVar[dict[str, str]] = {"GET": "call.read", "POST": "call.report"}
    authentication_classes: Sequence[type[BaseAuthentication]] = (
        PhoneAuthentication,
        SessionAuthentication,
        TokenAuthentication,
    )
    parser_classes = _PARSERS

    @extend_schema(
        parameters=[OpenApiParameter("scope", str, enum=SCOPES), OpenApiParameter("customer", int)],
        responses=CallOut(many=True),
        operation_id="calls_list",
    )
    def get(self, request: Request) -> Response:
        user, pages = caller(request), IdCursor()
        rows: list[Call] = pages.paginate_queryset(_scope(user, request).with_people(), request, view=self) or []
        return pages.get_paginated_response(CallOut(phone_shapes.cards(rows, user), many=True).data)

    @extend_schema(request=CallEventInput, responses={201: CallHeard, 200: CallHeard}, operation_id="calls_tell")
    def post(self, request: Request) -> Response:
        return _take(request)


class GenericCalls(APIView):
    """`POST cti/{token}`: the same at the address that telephone systems know by themselves."""

    needs: ClassVar[dict[str, str]] = {"POST": "call.report"}
    authentication_classes = (PhoneAuthentication,)
    parser_classes = _PARSERS

    @extend_schema(request=CallEventInput, responses={201: CallHeard, 200: CallHeard}, operation_id="cti_tell")
    def post(self, request: Request, token: str) -> Response:
        return _take(request)


def _take(request: Request) -> Response:
    system = _system(request)
    ratelimit.check("calls.told", str(system.pk), limit=settings.CALL_EVENTS_PER_MINUTE, seconds=60)
    key, told = phone_told.read(request.data)
    call, is_new = phone_in.take(system, key, told)
    heard = {"id": call.pk, "state": call.state, "is_new": is_new}
    return Response(CallHeard(heard).data, status=201 if is_new else 200)


def _system(request: Request) -> PhoneSystem:
    """The one that speaks; an administrator's program speaks for the first."""
    if isinstance(request.auth, PhoneSystem):
        return request.auth
    found = PhoneSystem.objects.exclude(digest="").order_by("pk").first()
    if found is None:
        raise errors.NotFound()
    return found


def _scope(user: User, request: Request) -> Any:
    rows = Call.objects.visible_to(user)
    scope, customer = request.query_params.get("scope"), request.query_params.get("customer", "")
    if scope == "missed":
        rows = rows.missed()
    if scope == "mine":
        rows = rows.filter(agent=user)
    if customer.isascii() and customer.isdigit() and len(customer) < 12:
        rows = rows.filter(customer=int(customer))
    return rows


class CallsNowView(APIView):
    """`GET calls/now/`: what every page of the desk shows of the telephone."""

    needs: ClassVar[dict[str, str]] = {"GET": "call.read"}

    @extend_schema(responses=CallsNow)
    def get(self, request: Request) -> Response:
        user = caller(request)
        if not PhoneSystem.objects.exists():
            return Response({"results": [], "missed": 0, "connected": False})
        cards = phone_shapes.cards(phone_shapes.current(user), user, with_tickets=True)
        missed = Call.objects.visible_to(user).missed()[:MOST_MISSED].count()
        return Response({"results": CallOut(cards, many=True).data, "missed": missed, "connected": True})


class CallDetail(APIView):
    """`GET`/`PATCH calls/{id}/`: whose call it is, the ticket it belongs to, whether anything is left to do."""

    needs: ClassVar[dict[str, str]] = {"GET": "call.read", "PATCH": "ticket.reply"}

    @extend_schema(responses=CallOut)
    def get(self, request: Request, call_id: int) -> Response:
        return _one(phone_log.visible(caller(request), call_id), caller(request))

    @extend_schema(request=CallPatch, responses=CallOut)
    def patch(self, request: Request, call_id: int) -> Response:
        form, user = CallPatch(data=request.data), caller(request)
        form.is_valid(raise_exception=True)
        given, call = form.validated_data, phone_log.visible(user, call_id)
        if "ticket" in given:
            call = phone_log.put_on(call.pk, access.ticket(user, given["ticket"], needs="ticket.reply"), by=user)
        if "settled" in given:
            call = phone_log.settle(call.pk, given["settled"], by=user)
        return _one(call, user)


def _one(call: Call, user: User) -> Response:
    rows = list(Call.objects.with_people().filter(pk=call.pk))
    return Response(CallOut(phone_shapes.cards(rows, user, with_tickets=True)[0]).data)
