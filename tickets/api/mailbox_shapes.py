"""Mailboxes on the wire. Secrets go in and never come out."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from helpdesk.lib import clock
from tickets.api.serializers import QueueRef
from tickets.channels import mail_words
from tickets.models import Mailbox, MailboxState, Queue
from tickets.models.queue import SECURITY

_FIELDS = {
    "imap": ("host", "port", "security", "user", "folder", "done_folder"),
    "smtp": ("host", "port", "security", "user"),
}


class _Server(serializers.Serializer[Any]):
    host = serializers.CharField(max_length=255, allow_blank=True, required=False)
    port = serializers.IntegerField(min_value=1, max_value=65535, required=False)
    security = serializers.ChoiceField(choices=[code for code, _name in SECURITY], required=False)
    user = serializers.CharField(max_length=255, allow_blank=True, required=False)


class SmtpRef(_Server):
    has_secret = serializers.BooleanField()


class ImapRef(SmtpRef):
    folder = serializers.CharField()
    done_folder = serializers.CharField()


class SmtpInput(_Server):
    # Written, never read; '' keeps the one stored
    secret = serializers.CharField(
        max_length=1000, allow_blank=True, required=False, trim_whitespace=False, write_only=True
    )


class ImapInput(SmtpInput):
    folder = serializers.CharField(max_length=255, required=False)
    done_folder = serializers.CharField(max_length=255, allow_blank=True, required=False)


class MailboxInput(serializers.Serializer[Any]):
    """`POST mailboxes/`, `PATCH mailboxes/{id}/`."""

    address = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=120, allow_blank=True, required=False)
    aliases = serializers.ListField(child=serializers.CharField(max_length=254), max_length=50, required=False)
    queue = serializers.SlugField()
    active = serializers.BooleanField(required=False)
    signature = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    signature_fr = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    imap = ImapInput(required=False)
    smtp = SmtpInput(required=False)


class TrialInput(MailboxInput):
    """`POST mailboxes/test/`: `id` names a saved mailbox whose secrets stand in for those not typed."""

    id = serializers.IntegerField(required=False)
    address = serializers.EmailField(max_length=254, required=False)
    queue = serializers.SlugField(required=False)
    send_to = serializers.EmailField(required=False, allow_blank=True)


class StepRef(serializers.Serializer[Any]):
    of = serializers.ChoiceField(choices=["imap", "smtp"])
    step = serializers.CharField()
    ok = serializers.BooleanField()
    code = serializers.CharField()
    text = serializers.CharField()


class Trial(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    steps = StepRef(many=True)


class Tick(serializers.Serializer[Any]):
    done = serializers.BooleanField()
    at = serializers.DateTimeField(allow_null=True)


class Checklist(serializers.Serializer[Any]):
    """What a new mailbox still waits for."""

    fetched = Tick()
    received = Tick()
    replied = Tick()


class MailboxFault(serializers.Serializer[Any]):
    of = serializers.ChoiceField(choices=["imap", "smtp"])
    code = serializers.CharField()
    text = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class MailboxSerializer(serializers.ModelSerializer[Mailbox]):
    """One mailbox and how it fares. The view annotates `first_mail_at` and joins `queue` and `state`."""

    aliases = serializers.ListField(child=serializers.CharField())
    queue = QueueRef()
    active = serializers.BooleanField(source="is_active")
    imap = serializers.SerializerMethodField()
    smtp = serializers.SerializerMethodField()
    checklist = serializers.SerializerMethodField()
    watching = serializers.SerializerMethodField()
    last_seen = serializers.SerializerMethodField()
    last_error = serializers.SerializerMethodField()

    class Meta:
        model = Mailbox
        fields = (
            "id", "address", "name", "aliases", "queue", "active", "signature", "signature_fr", "imap", "smtp",
            "checklist", "watching", "last_seen", "last_error",
        )  # fmt: skip

    @extend_schema_field(ImapRef)
    def get_imap(self, row: Mailbox) -> dict[str, Any]:
        return _server(row, "imap")

    @extend_schema_field(SmtpRef)
    def get_smtp(self, row: Mailbox) -> dict[str, Any]:
        return _server(row, "smtp")

    @extend_schema_field(Checklist)
    def get_checklist(self, row: Mailbox) -> dict[str, Any]:
        state = _state(row)
        moments = {
            "fetched": state.first_fetched_at,
            "received": getattr(row, "first_mail_at", None),
            "replied": state.first_reply_at,
        }
        return dict(Checklist({name: {"done": bool(at), "at": at} for name, at in moments.items()}).data)

    @extend_schema_field(serializers.BooleanField())
    def get_watching(self, row: Mailbox) -> bool:
        until = _state(row).leased_until
        return until is not None and until > clock.now()

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_last_seen(self, row: Mailbox) -> str | None:
        at = _state(row).last_seen_at
        return at.isoformat() if at else None

    @extend_schema_field(MailboxFault(allow_null=True))
    def get_last_error(self, row: Mailbox) -> dict[str, Any] | None:
        """The fetching comes first: without it nothing is answered either."""
        state = _state(row)
        for side in ("imap", "smtp"):
            if code := getattr(state, f"{side}_error"):
                fault = {
                    "of": side,
                    "code": code,
                    "text": mail_words.words(code),
                    "at": getattr(state, f"{side}_error_at"),
                }
                return dict(MailboxFault(fault).data)
        return None


def _state(row: Mailbox) -> MailboxState:
    return getattr(row, "state", None) or MailboxState(mailbox=row)


def _server(row: Mailbox, side: str) -> dict[str, Any]:
    values = {name: getattr(row, f"{side}_{name}") for name in _FIELDS[side]}
    return {**values, "has_secret": bool(getattr(row, f"{side}_secret"))}


def flat(given: dict[str, Any]) -> dict[str, Any]:
    """Checked input with the names of the model: `imap: {host}` becomes `imap_host`."""
    values = {
        name: value
        for name, value in given.items()
        if name in ("address", "name", "aliases", "signature", "signature_fr")
    }
    if "active" in given:
        values["is_active"] = given["active"]
    for side in ("imap", "smtp"):
        values.update({f"{side}_{name}": value for name, value in given.get(side, {}).items()})
    return values


class SignatureSerializer(serializers.ModelSerializer[Queue]):
    """The words under the mail of a queue."""

    queue = serializers.SerializerMethodField()

    class Meta:
        model = Queue
        fields = ("queue", "signature", "signature_fr")

    @extend_schema_field(QueueRef)
    def get_queue(self, row: Queue) -> dict[str, Any]:
        return dict(QueueRef(row).data)


class SignatureInput(serializers.Serializer[Any]):
    signature = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    signature_fr = serializers.CharField(max_length=2000, allow_blank=True, required=False)


class ProviderRef(serializers.Serializer[Any]):
    """A provider that may hand mail over: `ready` once a secret for it is set."""

    provider = serializers.CharField()
    url = serializers.CharField()
    ready = serializers.BooleanField()
    needs = serializers.ListField(child=serializers.CharField())
