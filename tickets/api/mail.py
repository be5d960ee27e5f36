"""Mail of a ticket: its originals, the hints on it, and who an answer would go to."""

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import clock, errors
from helpdesk.people.models import User
from tickets import access, hints, recipients
from tickets.api import quarantine
from tickets.api.base import caller
from tickets.api.mail_shapes import AgentAddress, RecipientsRef, Standing, WholeMail
from tickets.channels import email_in, email_out, email_threads
from tickets.models import RawMail
from tickets.qualification import sensitive


class MessageRaw(APIView):
    """`GET tickets/{id}/messages/{seq}/raw/`: the mail from which the message was made, as a download."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(responses={(200, "message/rfc822"): OpenApiTypes.BINARY})
    def get(self, request: Request, ticket_id: int, seq: int) -> HttpResponse:
        user = caller(request)
        row = _original(user, ticket_id, seq)
        if row.message and row.message.shown_body != row.message.body and not user.may("message.reveal"):
            raise errors.NotAllowed(_("This mail holds a card number: only a supervisor may open its original."))
        return quarantine.download(row)


class MessageWhole(APIView):
    """`GET tickets/{id}/messages/{seq}/whole/`: all of its text, also what is folded away."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(responses=WholeMail)
    def get(self, request: Request, ticket_id: int, seq: int) -> Response:
        try:
            parsed = email_in.read(_original(caller(request), ticket_id, seq))
        except OSError as error:
            raise errors.NotFound() from error
        text = parsed.text[:100_000]
        html = sensitive.mask_html(parsed.html, text, sensitive.marks(text, parsed.html))
        return Response({"text": sensitive.mask_cards(text), "html": html})


class TicketRecipients(APIView):
    """`GET tickets/{id}/recipients/`: who the next answer goes to."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(responses=RecipientsRef)
    def get(self, request: Request, ticket_id: int) -> Response:
        found = recipients.of(access.ticket(caller(request), ticket_id))
        return Response(
            {
                "from": found.sender,
                "to": found.to,
                "cc": found.cc,
                "reply_all": found.reply_all,
                "language": found.language,
                "leaves": bool(found.to),
            }
        )


class TicketMailAddress(APIView):
    """`POST tickets/{id}/mail_address/`: the caller's own address for answering this request by mail, for some days."""

    needs: ClassVar[dict[str, str]] = {"POST": "ticket.reply"}

    @extend_schema(request=None, responses=AgentAddress)
    def post(self, request: Request, ticket_id: int) -> Response:
        ticket = access.ticket(caller(request), ticket_id, needs="ticket.reply")
        mailbox = email_out.mailbox_of(ticket)
        if mailbox is None:
            raise errors.Conflict(_("No mailbox is set up for this queue."), code="no_mailbox")
        expires = (clock.now() + timedelta(days=settings.AGENT_MAIL_DAYS)).replace(microsecond=0)
        address = email_threads.agent_address(
            mailbox.address, ticket_id=ticket.pk, user_id=caller(request).pk, expires=expires
        )
        return Response({"address": address, "expires_at": expires})


class HintConfirm(APIView):
    """`POST hints/{id}/confirm/`: the message belongs there."""

    needs: ClassVar[dict[str, str]] = {"POST": "ticket.update"}

    @extend_schema(request=None, responses=Standing)
    def post(self, request: Request, hint_id: int) -> Response:
        message = hints.confirm(hints.visible(caller(request), hint_id), by=caller(request))
        return Response({"ticket": str(message.ticket_id), "seq": message.seq})


class HintDismiss(APIView):
    """`POST hints/{id}/dismiss/`: it does not."""

    needs: ClassVar[dict[str, str]] = {"POST": "ticket.update"}

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, hint_id: int) -> Response:
        hints.dismiss(hints.visible(caller(request), hint_id), by=caller(request))
        return Response(status=204)


def _original(user: User, ticket_id: int, seq: int) -> RawMail:
    """The mail behind a message; what was redacted is not opened again by the back door."""
    ticket = access.ticket(user, ticket_id)
    found = RawMail.objects.filter(message__ticket=ticket, message__seq=seq, purged_at__isnull=True)
    row = found.filter(message__redacted_at__isnull=True).order_by("pk").first()
    if row is None:
        raise errors.NotFound()
    return row
