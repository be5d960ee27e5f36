"""The API's shapes of chats: the visitor's side names what may be written, the agent's side only reads."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from chat import identity, line, protocol, shapes
from chat.line import Place
from chat.models import Session
from helpdesk.people import customers
from tickets.conversation import MAX_BODY
from tickets.models import Attachment, Message

LANGUAGES = ("en", "fr")


def language(value: str) -> str:
    """`fr-CH` is French; a language we do not speak is none."""
    code = value[:2].lower()
    return code if code in LANGUAGES else ""


class VisitInput(serializers.Serializer[Any]):
    """`POST chat/sessions/`. A typed name or address is a claim; `identity` is the website's signed word."""

    site = serializers.CharField(max_length=50)
    language = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    page = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    email = serializers.CharField(max_length=320, required=False, allow_blank=True, default="")
    identity = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    resume = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")

    def validate_email(self, value: str) -> str:
        if value and not customers.normalise_email(value):
            raise serializers.ValidationError(_("Enter a valid e-mail address."))
        return value

    def validate_language(self, value: str) -> str:
        return language(value)


class OriginInput(serializers.Serializer[Any]):
    """The sender's own id of what he asks: the same again is the same thing."""

    origin_id = serializers.CharField(max_length=100, required=False)

    def validate_origin_id(self, value: str) -> str:
        if not protocol.is_origin(value):
            raise serializers.ValidationError(_("Enter a UUID."))
        return protocol.same_origin(value)


class LineInput(OriginInput):
    """One line of the visitor's; the same `origin_id` again is the same line. Files may stand for words."""

    body = serializers.CharField(
        max_length=MAX_BODY, trim_whitespace=False, required=False, allow_blank=True, default=""
    )
    attachments = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=50, default=list)

    def validate_attachments(self, value: list[Any]) -> list[str]:
        return [str(key) for key in value]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.needs_words and not attrs.get("body") and not attrs.get("attachments"):
            raise serializers.ValidationError({"body": [_("Write something first.")]})
        return attrs

    needs_words = True


class RequestInput(LineInput):
    """What is asked in writing; nothing new, when what was said in the line is the request."""

    needs_words = False
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    email = serializers.CharField(max_length=320, required=False, allow_blank=True, default="")


class VisitorFileInput(OriginInput):
    """`multipart/form-data` with one part named `file`."""

    file = serializers.FileField()


class PageInput(serializers.Serializer[Any]):
    """`consent` false takes it back, and erases what was shared."""

    consent = serializers.BooleanField()
    page = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    title = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ClaimInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    email = serializers.CharField(max_length=320, required=False, allow_blank=True, default="")


class RatingInput(serializers.Serializer[Any]):
    score = serializers.IntegerField(min_value=1, max_value=5)
    comment = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class SeenInput(serializers.Serializer[Any]):
    seq = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class AgentName(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class PlaceOut(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    wait_s = serializers.IntegerField(allow_null=True)
    late = serializers.BooleanField()


class PageOut(serializers.Serializer[Any]):
    page = serializers.CharField()
    title = serializers.CharField()
    at = serializers.DateTimeField()


class SharedOut(serializers.Serializer[Any]):
    """What the visitor agreed to show of where he is."""

    page = serializers.CharField()
    trail = PageOut(many=True)
    page_shared = serializers.BooleanField()


class StateOut(SharedOut):
    """Where the visitor's conversation stands."""

    late = serializers.BooleanField()
    identified = serializers.ChoiceField(choices=["site", "email"], allow_null=True)
    ticket = serializers.IntegerField(allow_null=True)
    number = serializers.CharField(allow_null=True)
    last_seq = serializers.IntegerField()
    available = serializers.BooleanField()
    queue = PlaceOut(allow_null=True)
    state = serializers.ChoiceField(choices=Session.State.choices)
    agent = AgentName(allow_null=True)


class OpenedOut(StateOut):
    """The answer to opening a session: its two secrets are shown here and nowhere again."""

    session = serializers.CharField()
    resume = serializers.CharField()


class AuthorOut(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["agent", "customer", "system"])
    name = serializers.CharField()


class FileOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    type = serializers.CharField()
    url = serializers.CharField()


class VisitorMessage(serializers.Serializer[Any]):
    """A public message as the customer sees it."""

    seq = serializers.IntegerField()
    kind = serializers.CharField()
    channel = serializers.CharField()
    author = AuthorOut()
    body = serializers.CharField()
    attachments = FileOut(many=True)
    created_at = serializers.DateTimeField()
    origin_id = serializers.CharField(allow_null=True)


class SaidOut(VisitorMessage, StateOut):
    """The stored line, and where the conversation stands after it."""


class RequestOut(SaidOut):
    """The request with its reference, and how long an answer usually takes."""

    answer_s = serializers.IntegerField(allow_null=True)


class VisitorMessages(serializers.Serializer[Any]):
    results = VisitorMessage(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class AvailabilityOut(serializers.Serializer[Any]):
    available = serializers.BooleanField()
    wait_s = serializers.IntegerField(allow_null=True)


class StretchOut(serializers.Serializer[Any]):
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()


class ChatWayOut(AvailabilityOut):
    """`limit_s`: no chat is offered where the wait would be longer."""

    reason = serializers.ChoiceField(choices=["closed", "nobody", "long"], allow_null=True)
    agents = serializers.IntegerField()
    position = serializers.IntegerField(allow_null=True)
    limit_s = serializers.IntegerField()


class SlotOut(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class SoonestOut(serializers.Serializer[Any]):
    due_at = serializers.DateTimeField()
    wait_s = serializers.IntegerField()
    ahead = serializers.IntegerField()


class CallWayOut(serializers.Serializer[Any]):
    available = serializers.BooleanField()
    asap = SoonestOut(allow_null=True)
    first = SlotOut(allow_null=True)
    minutes = serializers.IntegerField()


class WritingWayOut(serializers.Serializer[Any]):
    available = serializers.BooleanField()
    answer_s = serializers.IntegerField(allow_null=True)


class FilesWayOut(serializers.Serializer[Any]):
    max_bytes = serializers.IntegerField()
    max_count = serializers.IntegerField()
    accept = serializers.CharField()


class ChannelsOut(serializers.Serializer[Any]):
    """What can be kept now. Hours are moments: the reader's browser says them in his own time."""

    now = serializers.DateTimeField()
    open = serializers.BooleanField()
    opens_at = serializers.DateTimeField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    hours = StretchOut(many=True)
    chat = ChatWayOut()
    callback = CallWayOut()
    writing = WritingWayOut()
    files = FilesWayOut()


class CustomerOut(AgentName):
    trust = serializers.ChoiceField(choices=["verified", "claimed", "anonymous"])


class QueueOut(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class CardOut(serializers.Serializer[Any]):
    """A chat as a card of the agents' line."""

    id = serializers.IntegerField()
    ticket = serializers.IntegerField(allow_null=True)
    customer = CustomerOut()
    queue = QueueOut()
    site = serializers.CharField()
    language = serializers.CharField()
    page = serializers.CharField()
    state = serializers.ChoiceField(choices=Session.State.choices)
    started_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    agent = AgentName(allow_null=True)
    waits_on = serializers.ChoiceField(choices=["agent", "customer"], allow_null=True)
    waiting_since = serializers.DateTimeField(allow_null=True)
    last_line = serializers.CharField(allow_null=True)


def file(row: Attachment) -> dict[str, Any]:
    """A file for its visitor: the address asks for his token, so it is no link that opens by itself."""
    url = reverse("visitor-file", kwargs={"key": row.pk})
    return {"id": str(row.pk), "name": row.name, "size": row.size, "type": row.type, "url": url}


def message(row: Message) -> dict[str, Any]:
    """A public message for its customer."""
    files = [file(attached) for attached in row.attachments.all()]
    return {
        "seq": row.seq,
        "kind": row.kind,
        "channel": row.channel,
        "author": {"kind": row.author_kind, "name": row.author_name},
        "body": row.shown_body,
        "attachments": files,
        "created_at": row.created_at.isoformat(),
        "origin_id": row.origin_id,
    }


def shared(session: Session) -> dict[str, Any]:
    """What he agreed to show of where he is."""
    return {"page": session.page, "trail": session.trail or [], "page_shared": session.page_consent_at is not None}


def state(session: Session, *, available: bool, place: Place | None) -> dict[str, Any]:
    """Where the conversation stands; what the customer may not see is not counted in `last_seq`."""
    ticket = session.ticket
    return {
        **shared(session),
        "late": line.is_late(session),
        "identified": identity.known_by(session),
        "ticket": session.ticket_id,
        "number": ticket.number if ticket else None,
        "last_seq": ticket.last_public_seq if ticket else 0,
        "available": available,
        "queue": place,
        "state": session.state,
        "agent": shapes.agent(session) if session.state == Session.State.LIVE else None,
    }
