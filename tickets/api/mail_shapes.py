"""The API's shapes of incoming mail: held mail, envelopes, hints, recipients."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from tickets import hints, quarantine, quarantine_undo
from tickets.models import Envelope, Hint, Message, RawMail, TrustedSender
from tickets.qualification import sensitive

REASONS = {
    "auto_reply": _("An automatic reply that belongs to no request"),
    "bounce": _("A mail that could not be delivered; it is not known which"),
    "complaint": _("Somebody marked one of our mails as unwanted; it is not known which"),
    "list": _("A newsletter or mailing list"),
    "report": _("A report from another mail server"),
    "own_address": _("It says that it comes from one of our own addresses"),
    "not_a_participant": _("It answers a request in which the sender takes no part"),
    "agent_not_proved": _("It says that it comes from a colleague, and nothing proves it"),
    "no_sender": _("It has no usable sender address"),
    "empty": _("There is nothing in it"),
    "too_big": _("It is larger than the limit for mail"),
    "loop": _("The same sender wrote the same subject too often: two machines may be answering each other"),
    "took_too_long": _("Reading it took too long; the original is kept"),
    "out_of_memory": _("Reading it took too much memory; the original is kept"),
    "reader_died": _("It brought the reader down; the original is kept"),
    "filenotfounderror": _("Its original is missing in the storage"),
    "permissionerror": _("Its original cannot be opened in the storage"),
    "spam": _("It looks like unwanted advertising"),
}
UNREAD = _("It was stored and has not been read yet")
UNREADABLE = _("It could not be read; the original is kept")
MATCHED = {
    "reply_address": _("It came to the reply address that we gave to this customer"),
    "message_id": _("It answers a mail that we sent"),
    "received_id": _("It answers an earlier mail of this request, and the sender takes part in it"),
    "agent_address": _("A colleague answered by mail, from his own address and with his own token"),
    "confirmed": _("A colleague said that it belongs here"),
}


def reason_words(row: RawMail) -> str:
    """Why it is held, in the reader's language."""
    if row.outcome == RawMail.Outcome.STORED:
        return str(UNREAD)
    return str(REASONS.get(row.reason, UNREADABLE))


# What may be done with a held mail
VERBS = ["release", "trust", "delete", "reparse", "restore", "take_back"]


class MailPerson(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, allow_blank=True)
    address = serializers.CharField(max_length=320)


class StaffRef(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class MailQueueRef(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField(source="label")


class QuarantinedMail(serializers.ModelSerializer[RawMail]):
    """One held mail. The preview is plain text, card numbers are masked as everywhere on screens; the raw mail has them.

    Expects `context["trusted"]`, see `quarantine.trusted`.
    """

    subject = serializers.SerializerMethodField()
    preview = serializers.SerializerMethodField()
    mailbox = serializers.CharField(source="mailbox.address")
    queue = MailQueueRef(source="mailbox.queue")
    reason = serializers.SerializerMethodField()
    reason_text = serializers.SerializerMethodField()
    problems = serializers.ListField(child=serializers.CharField())
    ticket = serializers.SerializerMethodField()
    seq = serializers.SerializerMethodField()
    settled_by = StaffRef(allow_null=True)
    raw_url = serializers.SerializerMethodField()
    is_trusted = serializers.SerializerMethodField()
    take_back_until = serializers.SerializerMethodField()
    can = serializers.SerializerMethodField()

    class Meta:
        model = RawMail
        fields = (
            "id", "mailbox", "queue", "sender", "subject", "preview", "outcome", "reason", "reason_text", "problems",
            "trust", "machine", "size", "received_at", "settled_at", "settled_by", "ticket", "seq", "raw_url",
            "is_trusted", "take_back_until", "can",
        )  # fmt: skip

    def get_subject(self, row: RawMail) -> str:
        return sensitive.mask_cards(row.subject)

    def get_preview(self, row: RawMail) -> str:
        return sensitive.mask_cards(row.preview)

    def get_reason(self, row: RawMail) -> str:
        return "not_read_yet" if row.outcome == RawMail.Outcome.STORED else row.reason

    def get_reason_text(self, row: RawMail) -> str:
        return reason_words(row)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_ticket(self, row: RawMail) -> str | None:
        return str(row.ticket_id) if row.ticket_id else None

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_seq(self, row: RawMail) -> int | None:
        return row.message.seq if row.message else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_raw_url(self, row: RawMail) -> str | None:
        return None if row.purged_at else f"/api/v1/quarantine/{row.pk}/raw/"

    def get_is_trusted(self, row: RawMail) -> bool:
        return row.sender in self.context.get("trusted", ())

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_take_back_until(self, row: RawMail) -> str | None:
        end = quarantine_undo.until(row)
        return end.isoformat() if end else None

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=VERBS)))
    def get_can(self, row: RawMail) -> list[str]:
        if row.outcome == RawMail.Outcome.DELETED:
            return [] if row.purged_at else ["restore"]
        if row.outcome in quarantine.HELD:
            return ["release", *(["trust"] if row.sender else []), "delete", "reparse"]
        if row.outcome == RawMail.Outcome.STORED:
            return ["delete", "reparse"]
        return ["take_back"] if quarantine_undo.until(row) else []


class MailFile(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    size = serializers.IntegerField()


class QuarantinedMailDetail(QuarantinedMail):
    """The same with what is in it, as plain text: nothing of it can run or fetch anything. Expects `context["read"]`."""

    to = serializers.SerializerMethodField()
    cc = serializers.SerializerMethodField()
    date = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()

    class Meta(QuarantinedMail.Meta):
        fields = (*QuarantinedMail.Meta.fields, "to", "cc", "date", "text", "files")  # type: ignore[assignment]

    def get_fields(self) -> dict[str, Any]:
        """With `from`, which is no name that a class body can hold."""
        fields: dict[str, Any] = super().get_fields()
        fields["from"] = serializers.SerializerMethodField(method_name="get_sender_person")
        return fields

    @extend_schema_field(MailPerson)
    def get_sender_person(self, row: RawMail) -> dict[str, str]:
        return {"name": self.context["read"].from_name, "address": row.sender}

    @extend_schema_field(MailPerson(many=True))
    def get_to(self, row: RawMail) -> list[dict[str, str]]:
        return [{"name": person.name, "address": person.address} for person in self.context["read"].to]

    @extend_schema_field(MailPerson(many=True))
    def get_cc(self, row: RawMail) -> list[dict[str, str]]:
        return [{"name": person.name, "address": person.address} for person in self.context["read"].cc]

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_date(self, row: RawMail) -> str | None:
        date = self.context["read"].date
        return date.isoformat() if date else None

    def get_text(self, row: RawMail) -> str:
        return sensitive.mask_cards(self.context["read"].text[:20_100])[:20_000]

    @extend_schema_field(MailFile(many=True))
    def get_files(self, row: RawMail) -> list[dict[str, Any]]:
        files = self.context["read"].attachments
        return [{"name": file.name, "type": file.type, "size": len(file.data)} for file in files]


class ReleaseInput(serializers.Serializer[Any]):
    trust = serializers.BooleanField(default=False)


class BulkInput(serializers.Serializer[Any]):
    ids = serializers.ListField(child=serializers.IntegerField(), min_length=1, max_length=quarantine.MAX_BULK)
    action = serializers.ChoiceField(choices=[(name, name) for name in quarantine.ACTIONS])


class BulkResult(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    ok = serializers.BooleanField()
    outcome = serializers.CharField()
    ticket = serializers.CharField(allow_null=True)
    seq = serializers.IntegerField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class BulkResults(serializers.Serializer[Any]):
    results = BulkResult(many=True)


class ReasonCount(serializers.Serializer[Any]):
    reason = serializers.CharField()
    reason_text = serializers.CharField()
    count = serializers.IntegerField()


class TrustedSenderSerializer(serializers.ModelSerializer[TrustedSender]):
    created_by = StaffRef(read_only=True)
    address = serializers.CharField(max_length=320)

    class Meta:
        model = TrustedSender
        fields = ("id", "address", "created_at", "created_by")
        read_only_fields = ("id", "created_at")


# Who wrote to whom, as the mail itself says (`from` is no name that a class body can hold)
EnvelopeRef = inline_serializer(
    "EnvelopeRef",
    {
        "from": MailPerson(),
        "to": MailPerson(many=True),
        "cc": MailPerson(many=True),
        "reply_to": serializers.CharField(),
        "message_id": serializers.CharField(),
        "matched_by": serializers.CharField(),
        "matched_text": serializers.CharField(),
    },
    allow_null=True,
)


class HintedTicket(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.CharField()
    subject = serializers.CharField()
    status = serializers.CharField()


class HintRef(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Hint.Kind.choices)
    text = serializers.CharField()
    state = serializers.ChoiceField(choices=Hint.State.choices)
    ticket = HintedTicket(allow_null=True)
    person = MailPerson(allow_null=True)


class MailPart(serializers.Serializer[Any]):
    """A part that is more than a file: an invitation, a signature, a mail."""

    kind = serializers.CharField()
    title = serializers.CharField()
    details = serializers.DictField(child=serializers.CharField())
    attachment = serializers.IntegerField(allow_null=True)


class Standing(serializers.Serializer[Any]):
    """Where a message now stands."""

    ticket = serializers.CharField()
    seq = serializers.IntegerField()


RecipientsRef = inline_serializer(
    "Recipients",
    {
        "from": MailPerson(allow_null=True),
        "to": MailPerson(many=True),
        "cc": MailPerson(many=True),
        "reply_all": MailPerson(many=True),
        "language": serializers.CharField(),
        "leaves": serializers.BooleanField(),
    },
)


class AgentAddress(serializers.Serializer[Any]):
    address = serializers.CharField()
    expires_at = serializers.DateTimeField()


class WholeMail(serializers.Serializer[Any]):
    """Everything the mail says, quoted history and signature included."""

    text = serializers.CharField()
    html = serializers.CharField()


class MessageMail(serializers.Serializer[Message]):
    """What a message shows of the mail it came by. Expects `MessageQuerySet.with_people` and `context["seen_tickets"]`."""

    envelope = serializers.SerializerMethodField()
    is_folded = serializers.SerializerMethodField()
    mail_parts = serializers.SerializerMethodField()
    raw_url = serializers.SerializerMethodField()
    hints = serializers.SerializerMethodField()

    @extend_schema_field(EnvelopeRef)
    def get_envelope(self, message: Message) -> dict[str, Any] | None:
        envelope = _envelope(message)
        return None if envelope is None else envelope_json(envelope)

    def get_is_folded(self, message: Message) -> bool:
        envelope = _envelope(message)
        return envelope is not None and envelope.is_folded

    @extend_schema_field(MailPart(many=True))
    def get_mail_parts(self, message: Message) -> list[dict[str, Any]]:
        envelope = _envelope(message)
        return list(envelope.parts) if envelope else []

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_raw_url(self, message: Message) -> str | None:
        if message.redacted_at is not None or not any(row.purged_at is None for row in message.rawmail_set.all()):
            return None
        return f"/api/v1/tickets/{message.ticket_id}/messages/{message.seq}/raw/"

    @extend_schema_field(HintRef(many=True))
    def get_hints(self, message: Message) -> list[dict[str, Any]]:
        seen = self.context.get("seen_tickets", ())
        found = sorted(message.hints.all(), key=lambda hint: hint.pk)
        return [hint_json(hint) for hint in found if hint.ticket_id is None or hint.ticket_id in seen]


def _envelope(message: Message) -> Envelope | None:
    return None if message.redacted_at is not None else getattr(message, "envelope", None)


def envelope_json(envelope: Envelope) -> dict[str, Any]:
    """Who wrote to whom, and why it stands where it stands."""
    return {
        "from": {"name": envelope.from_name, "address": envelope.from_address},
        "to": envelope.people("to"),
        "cc": envelope.people("cc"),
        "reply_to": envelope.reply_to,
        "message_id": envelope.header_id,
        "matched_by": envelope.matched_by,
        "matched_text": str(MATCHED.get(envelope.matched_by, "")),
    }


def hint_json(hint: Hint) -> dict[str, Any]:
    """One hint, for a reader who may see its ticket."""
    ticket = hint.ticket
    return {
        "id": hint.pk,
        "kind": hint.kind,
        "text": hints.words(hint),
        "state": hint.state,
        "ticket": {"id": ticket.pk, "number": ticket.number, "subject": ticket.subject, "status": ticket.status}
        if ticket
        else None,
        "person": None if ticket else {"name": hint.name, "address": hint.address},
    }
