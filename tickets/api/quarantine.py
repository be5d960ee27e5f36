"""Mail that did not become a message: listed with its reason in words, and let in by an agent."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from helpdesk.lib import errors
from helpdesk.people.models import User
from tickets import access
from tickets.api.base import Paged, caller
from tickets.channels import email_in
from tickets.models import RawMail

REASONS = {
    "auto_reply": _("An automatic reply that belongs to no request"),
    "bounce": _("A mail that could not be delivered; it is not known which"),
    "list": _("A newsletter or mailing list"),
    "report": _("A report from another mail server"),
    "own_address": _("It says that it comes from one of our own addresses"),
    "not_a_participant": _("It answers a request in which the sender takes no part"),
    "no_sender": _("It has no usable sender address"),
    "empty": _("There is nothing in it"),
    "too_big": _("It is larger than the limit for mail"),
}


class QuarantinedMail(serializers.ModelSerializer[RawMail]):
    """One held mail. The preview is plain text."""

    mailbox = serializers.CharField(source="mailbox.address")
    reason_text = serializers.SerializerMethodField()
    ticket = serializers.SerializerMethodField()
    seq = serializers.SerializerMethodField()

    class Meta:
        model = RawMail
        fields = (
            "id", "mailbox", "sender", "subject", "preview", "outcome", "reason", "reason_text", "size", "received_at",
            "ticket", "seq",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField())
    def get_reason_text(self, row: RawMail) -> str:
        return str(REASONS.get(row.reason, _("It could not be read; the original is kept")))

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_ticket(self, row: RawMail) -> str | None:
        return str(row.ticket_id) if row.ticket_id else None

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_seq(self, row: RawMail) -> int | None:
        return row.message.seq if row.message else None


class Quarantine(Paged):
    """`GET quarantine/`: newest first."""

    needs: ClassVar[dict[str, str]] = {"GET": "mail.quarantine"}

    @extend_schema(responses=QuarantinedMail(many=True), operation_id="quarantine_list")
    def get(self, request: Request) -> Response:
        return self.page(_visible(caller(request)), QuarantinedMail)


class QuarantineRelease(Paged):
    """`POST quarantine/{id}/release/`: it becomes a message of the request it answers, else a new one."""

    needs: ClassVar[dict[str, str]] = {"POST": "mail.quarantine"}

    @extend_schema(request=None, responses=QuarantinedMail)
    def post(self, request: Request, mail_id: int) -> Response:
        found = _of_my_queues(caller(request)).filter(pk=mail_id).first()
        if found is None:
            raise errors.NotFound()
        released = email_in.release(found, by=caller(request))
        return Response(_json(released))


def _visible(user: User) -> QuerySet[RawMail]:
    """Held mail of the mailboxes that feed the caller's queues."""
    return _of_my_queues(user).filter(outcome__in=["quarantined", "failed"])


def _of_my_queues(user: User) -> QuerySet[RawMail]:
    mine = RawMail.objects.filter(mailbox__queue__in=access.queues(user).values("pk"))
    return mine.select_related("mailbox", "message")


def _json(row: RawMail) -> dict[str, Any]:
    return dict(QuarantinedMail(row).data)
