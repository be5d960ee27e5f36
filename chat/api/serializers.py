"""The API's shapes of chats: the visitor's side names what may be written, the agent's side only reads."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from chat import protocol, shapes
from chat.line import Place
from chat.models import Session
from helpdesk.people import customers
from tickets import attachments
from tickets.conversation import MAX_BODY
from tickets.models import Message

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


class LineInput(serializers.Serializer[Any]):
    """One line of the visitor's; the same `origin_id` again is the same line."""

    body = serializers.CharField(max_length=MAX_BODY, trim_whitespace=False)
    origin_id = serializers.CharField(max_length=100, required=False)

    def validate_origin_id(self, value: str) -> str:
        if not protocol.is_origin(value):
            raise serializers.ValidationError(_("Enter a UUID."))
        return protocol.same_origin(value)


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


class StateOut(serializers.Serializer[Any]):
    """Where the visitor's conversation stands."""

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


class SaidOut(VisitorMessage):
    """The stored line, and where the conversation stands after it."""

    ticket = serializers.IntegerField()
    number = serializers.CharField()
    last_seq = serializers.IntegerField()
    available = serializers.BooleanField()
    queue = PlaceOut(allow_null=True)
    state = serializers.ChoiceField(choices=Session.State.choices)
    agent = AgentName(allow_null=True)


class VisitorMessages(serializers.Serializer[Any]):
    results = VisitorMessage(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class AvailabilityOut(serializers.Serializer[Any]):
    available = serializers.BooleanField()
    wait_s = serializers.IntegerField(allow_null=True)


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


class LineOut(serializers.Serializer[Any]):
    waiting = CardOut(many=True)
    mine = CardOut(many=True)


def message(row: Message) -> dict[str, Any]:
    """A public message for its customer; the links to its files soon expire."""
    files = [
        {"id": str(file.pk), "name": file.name, "size": file.size, "type": file.type, "url": attachments.url(file)}
        for file in row.attachments.all()
    ]
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


def state(session: Session, *, available: bool, place: Place | None) -> dict[str, Any]:
    """Where the conversation stands; what the customer may not see is not counted in `last_seq`."""
    ticket = session.ticket
    return {
        "ticket": session.ticket_id,
        "number": ticket.number if ticket else None,
        "last_seq": ticket.last_public_seq if ticket else 0,
        "available": available,
        "queue": place,
        "state": session.state,
        "agent": shapes.agent(session) if session.state == Session.State.LIVE else None,
    }
