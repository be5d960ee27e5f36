"""The visitor's side: his requests, a copy, another device, out of this browser, forgotten."""

from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chat import leaving, requests
from chat.api import serializers as shown
from chat.api.auth import session_of, token_of
from chat.api.visitor import VisitorView, opened_of, refuse_strange_page, state_of
from chat.models import Session
from chat.sessions import site
from helpdesk.lib import ratelimit
from helpdesk.lib.api.permissions import PUBLIC
from tickets import conversation
from tickets.models import Ticket
from tickets.portal import reading

STATES = ["sent", "confirm"]


class AddressInput(serializers.Serializer[Any]):
    """Without an address the one that the visitor has proved."""

    email = serializers.CharField(max_length=320, required=False, allow_blank=True, default="")


class SentOut(serializers.Serializer[Any]):
    sent_to = serializers.CharField()


class TranscriptOut(SentOut):
    """`confirm`: a mail that proves the address went first; the copy follows the proof."""

    state = serializers.ChoiceField(choices=STATES)


class CodeInput(serializers.Serializer[Any]):
    site = serializers.CharField(max_length=50)
    code = serializers.CharField(max_length=200)


class LogoutInput(serializers.Serializer[Any]):
    resume = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class StaysOut(serializers.Serializer[Any]):
    requests = serializers.ListField(child=serializers.CharField())
    callbacks = serializers.IntegerField()
    proved = serializers.BooleanField()


class ForgottenOut(serializers.Serializer[Any]):
    stays = StaysOut()


class RequestRowOut(serializers.Serializer[Any]):
    """One request as its customer reads of it."""

    number = serializers.CharField()
    subject = serializers.CharField()
    status = serializers.CharField()
    status_text = serializers.CharField()
    last_message_at = serializers.DateTimeField()
    unread = serializers.IntegerField()
    current = serializers.BooleanField()
    takes_more = serializers.BooleanField()


class RequestsOut(serializers.Serializer[Any]):
    """`identified`: these are all of the person's; otherwise those of this browser."""

    identified = serializers.BooleanField()
    results = RequestRowOut(many=True)


class Requests(VisitorView):
    """`GET chat/session/requests/`."""

    needs: ClassVar[dict[str, str]] = {"GET": PUBLIC}

    @extend_schema(responses=RequestsOut, operation_id="chat_session_requests")
    def get(self, request: Request) -> Response:
        session = session_of(request)
        rows = [_row(ticket, session) for ticket in requests.listed(session)]
        return Response({"identified": session.is_vouched, "results": rows})


def _row(ticket: Ticket, session: Session) -> dict[str, Any]:
    word = reading.status(ticket)
    return {
        "number": ticket.number,
        "subject": ticket.subject,
        "status": word.code,
        "status_text": word.text,
        "last_message_at": ticket.last_message_at.isoformat(),
        "unread": getattr(ticket, "unread", 0),
        "current": ticket.pk == session.ticket_id,
        "takes_more": conversation.takes_more(ticket),
    }


class OpenRequest(VisitorView):
    """`POST chat/session/requests/{number}/open/`: the conversation goes on with one of his own."""

    needs: ClassVar[dict[str, str]] = {"POST": PUBLIC}

    @extend_schema(request=None, responses=shown.StateOut)
    def post(self, request: Request, number: int) -> Response:
        return Response(state_of(requests.turn_to(session_of(request), number)))


class Transcript(VisitorView):
    """`POST chat/session/transcript/`: a copy by mail."""

    needs: ClassVar[dict[str, str]] = {"POST": PUBLIC}

    @extend_schema(request=AddressInput, responses={202: TranscriptOut})
    def post(self, request: Request) -> Response:
        source = ratelimit.source(request)
        sent_to, state = leaving.transcript(session_of(request), _email(request), source=source)
        return Response({"sent_to": sent_to, "state": state}, status=202)


def _email(request: Request) -> str:
    form = AddressInput(data=request.data)
    form.is_valid(raise_exception=True)
    return str(form.validated_data["email"])


class Continue(VisitorView):
    """`POST chat/session/continue/`: mail a link that opens the conversation once on another device."""

    needs: ClassVar[dict[str, str]] = {"POST": PUBLIC}

    @extend_schema(request=AddressInput, responses={202: SentOut})
    def post(self, request: Request) -> Response:
        sent_to = leaving.lend(session_of(request), _email(request), source=ratelimit.source(request))
        return Response({"sent_to": sent_to}, status=202)


class Move(VisitorView):
    """`POST chat/continue/`: the code of that link, which is used up by this."""

    needs: ClassVar[dict[str, str]] = {"POST": PUBLIC}

    @extend_schema(request=CodeInput, responses={201: shown.OpenedOut})
    def post(self, request: Request) -> Response:
        ratelimit.check("chat.open", ratelimit.source(request), limit=settings.RATE_PUBLIC_PER_MINUTE, seconds=60)
        form = CodeInput(data=request.data)
        form.is_valid(raise_exception=True)
        refuse_strange_page(request, site(form.validated_data["site"]))
        return Response(opened_of(leaving.move(**_code(form.validated_data))), status=201)


def _code(given: dict[str, Any]) -> dict[str, str]:
    return {"site_key": given["site"], "code": given["code"]}


class Logout(VisitorView):
    """`POST chat/session/logout/`: this browser only."""

    needs: ClassVar[dict[str, str]] = {"POST": PUBLIC}

    @extend_schema(request=LogoutInput, responses={204: None})
    def post(self, request: Request) -> Response:
        session = session_of(request)
        form = LogoutInput(data=request.data)
        form.is_valid(raise_exception=True)
        leaving.log_out(session, token=token_of(request), resume=form.validated_data["resume"])
        return Response(status=204)


class Forget(VisitorView):
    """`POST chat/session/forget/`: no key opens it any more; says what stays."""

    needs: ClassVar[dict[str, str]] = {"POST": PUBLIC}

    @extend_schema(request=None, responses=ForgottenOut)
    def post(self, request: Request) -> Response:
        stays = leaving.forget(session_of(request))
        said = {"requests": stays.requests, "callbacks": stays.callbacks, "proved": stays.is_proved}
        return Response({"stays": said})
