"""The API's shapes (docs/openapi.yaml). Input names what may be written; everything privileged comes from the session."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from helpdesk.people.models import Customer
from tickets import attachments
from tickets.api.delivery_shapes import MessageDeliveries
from tickets.api.mail_shapes import MailPerson, MessageMail
from tickets.api.qualification_shapes import QualificationShape, SensitiveRef
from tickets.models import Attachment, Macro, Message, Queue, Tag, Ticket
from tickets.models.ticket import Channel, Kind, Priority, Status

CREATABLE = [Channel.API, Channel.PHONE, Channel.WEB, Channel.LETTER, Channel.SMS, Channel.FAX, Channel.SHOP]

AUTHORS = ["agent", "customer", "system"]
TRUST = ["verified", "claimed", "anonymous"]
CONTACTS = ["ticket", "chat", "call", "callback", "survey", "article", "interaction"]


class QueueSerializer(serializers.ModelSerializer[Queue]):
    """A queue the caller may see."""

    name = serializers.CharField(source="label", read_only=True)
    team = serializers.CharField(source="team.slug", read_only=True)
    served = serializers.BooleanField(read_only=True)

    class Meta:
        model = Queue
        fields = ("slug", "name", "team", "served")


class QueueRef(serializers.Serializer[Queue]):
    slug = serializers.CharField()
    name = serializers.CharField(source="label")


class PersonRef(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class RequesterRef(serializers.Serializer[Customer]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.SerializerMethodField()

    def get_email(self, customer: Customer) -> str | None:
        emails = [identity for identity in customer.identities.all() if identity.kind == "email"]
        emails.sort(key=lambda identity: (identity.verified_at is None, identity.pk))
        return emails[0].value if emails else None


class MatchedTerm(serializers.Serializer[Any]):
    term = serializers.CharField()
    text = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()


class RoutingRef(serializers.Serializer[Any]):
    rule = serializers.CharField(allow_null=True)
    matched = MatchedTerm(many=True)
    explanation_url = serializers.CharField()


class SurveyRef(serializers.Serializer[Any]):
    score = serializers.IntegerField()
    comment = serializers.CharField()


class SessionRef(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    state = serializers.CharField()
    agent = PersonRef(allow_null=True)


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A ticket as agents and programs see it. Expects `TicketQuerySet.for_api`."""

    number = serializers.CharField(read_only=True)
    queue = QueueRef()
    assignee = PersonRef(allow_null=True)
    requester = RequesterRef()
    tags: serializers.SlugRelatedField[Tag] = serializers.SlugRelatedField(many=True, read_only=True, slug_field="name")
    routing = serializers.SerializerMethodField()
    unread = serializers.SerializerMethodField()
    survey = serializers.SerializerMethodField()
    session = serializers.SerializerMethodField()
    can = serializers.SerializerMethodField()
    qualification = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(choices=Kind.choices, allow_null=True)

    class Meta:
        model = Ticket
        fields = (
            "id", "number", "subject", "status", "priority", "kind", "language", "channel", "queue", "assignee",
            "requester", "tags", "last_seq", "last_public_seq", "customer_seen_seq", "created_at", "last_message_at",
            "waiting_since", "snoozed_until", "solved_at", "version", "preview", "unread", "fields", "routing",
            "survey", "session", "can", "qualification", "reply_address", "follows", "merged_into",
        )  # fmt: skip

    @extend_schema_field(RoutingRef)
    def get_routing(self, ticket: Ticket) -> dict[str, Any]:
        url = f"/api/v1/tickets/{ticket.pk}/routing/"
        routing = getattr(ticket, "routing", None)
        if routing is None:
            return {"rule": None, "matched": [], "explanation_url": url}
        rule = next((step["rule"]["name"] for step in routing.trace["steps"] if _won(step, routing)), None)
        return {"rule": rule, "matched": routing.matched, "explanation_url": url}

    def get_unread(self, ticket: Ticket) -> int:
        marks: dict[int, int] = self.context.get("read_marks", {})
        return max(0, ticket.last_seq - marks.get(ticket.pk, 0))

    @extend_schema_field(SurveyRef(allow_null=True))
    def get_survey(self, ticket: Ticket) -> dict[str, Any] | None:
        answered = [survey for survey in ticket.surveys.all() if survey.answered_at]
        return {"score": answered[-1].score, "comment": answered[-1].comment} if answered else None

    @extend_schema_field(SessionRef(allow_null=True))
    def get_session(self, ticket: Ticket) -> dict[str, Any] | None:
        # `sessions` is the chat room's side of its own foreign key: at most one of a ticket is open.
        for session in ticket.sessions.all():
            if session.state in ("waiting", "live"):
                agent = {"id": session.agent.pk, "name": session.agent.name} if session.agent else None
                return {"id": session.pk, "state": session.state, "agent": agent}
        return None

    @extend_schema_field(QualificationShape(allow_null=True))
    def get_qualification(self, ticket: Ticket) -> dict[str, Any] | None:
        told: dict[int, dict[str, Any]] = self.context.get("qualification", {})
        return told.get(ticket.pk)

    def get_can(self, ticket: Ticket) -> list[str]:
        verbs: list[str] = self.context.get("can", [])
        return verbs


def _won(step: dict[str, Any], routing: Any) -> bool:
    return bool(routing.rule_id and step["rule"]["id"] == routing.rule_id)


class RequesterInput(serializers.Serializer[Any]):
    id = serializers.IntegerField(required=False)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    email = serializers.CharField(max_length=320, required=False, allow_blank=True, default="")
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")


class TicketCreate(serializers.Serializer[Any]):
    """`POST tickets/`. Who wrote it, its trust and its route are never read from the body."""

    subject = serializers.CharField(max_length=200)
    body = serializers.CharField(max_length=100_000, trim_whitespace=False)
    requester = RequesterInput()
    channel = serializers.ChoiceField(choices=[str(channel) for channel in CREATABLE], default="api")
    language = serializers.ChoiceField(choices=["en", "fr"], required=False)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    queue = serializers.SlugField(required=False)
    fields = serializers.DictField(required=False, default=dict)  # type: ignore[assignment]
    attachments = serializers.ListField(child=serializers.UUIDField(), max_length=10, required=False, default=list)
    origin_id = serializers.UUIDField(required=False)
    call = serializers.IntegerField(
        required=False, min_value=1, help_text="The call by which it came: it gets its line."
    )


class TicketPatch(serializers.Serializer[Any]):
    """`PATCH tickets/{id}/`: `version` says which state the caller has seen."""

    version = serializers.IntegerField(min_value=1)
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False, allow_null=True)
    queue = serializers.SlugField(required=False)
    assignee = serializers.IntegerField(required=False, allow_null=True)
    tags = serializers.ListField(child=serializers.CharField(max_length=50), max_length=30, required=False)
    subject = serializers.CharField(max_length=200, required=False)
    snoozed_until = serializers.DateTimeField(required=False, allow_null=True)


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    """A file; `url` is a link that soon expires, for `context["viewer"]` alone."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = ("id", "name", "size", "type", "url", "content_id")

    def get_url(self, attachment: Attachment) -> str:
        return attachments.url(attachment, viewer=self.context.get("viewer", ""))


class AuthorRef(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=AUTHORS)
    name = serializers.CharField()
    id = serializers.IntegerField(allow_null=True)


class SaidFirst(serializers.Serializer[Message]):
    """Where a message that was written again was said first."""

    ticket = serializers.IntegerField(source="ticket_id")
    seq = serializers.IntegerField()


class MessageSerializer(MessageMail, MessageDeliveries, serializers.ModelSerializer[Message]):
    """One message of a conversation."""

    author = serializers.SerializerMethodField()
    attachments = AttachmentSerializer(many=True, read_only=True)
    # Masked: what is raw is read through `reveal` alone
    body = serializers.CharField(source="shown_body", read_only=True)
    html = serializers.CharField(source="shown_html", read_only=True)
    sensitive = serializers.SerializerMethodField()
    copied_from = SaidFirst(allow_null=True, read_only=True)

    class Meta:
        model = Message
        fields = (
            "seq", "kind", "author", "channel", "sensitive", "body", "html", "attachments", "deliveries", "trust", "machine",
            "created_at", "redacted_at", "origin_id", "leaves_at", "unsent_at", "can_unsend", "envelope", "is_folded",
            "mail_parts", "raw_url", "hints", "copied_from",
        )  # fmt: skip

    @extend_schema_field(SensitiveRef(many=True))
    def get_sensitive(self, message: Message) -> list[dict[str, Any]]:
        return message.sensitive or []

    @extend_schema_field(AuthorRef)
    def get_author(self, message: Message) -> dict[str, Any]:
        author_id = message.author_user_id or message.author_customer_id
        return {"kind": message.author_kind, "name": message.author_name, "id": author_id}


class MessageCreate(serializers.Serializer[Any]):
    """`POST tickets/{id}/messages/`. `kind` has no default: the audience is always said."""

    kind = serializers.ChoiceField(choices=["public", "note"])
    body = serializers.CharField(max_length=100_000, allow_blank=True, trim_whitespace=False)
    origin_id = serializers.UUIDField()
    # The macro that the reply was made from: suggestions are learned from it
    macro = serializers.IntegerField(min_value=1, required=False)
    last_seen_seq = serializers.IntegerField(min_value=0, required=False)
    force = serializers.BooleanField(default=False)
    status = serializers.ChoiceField(choices=["open", "pending", "hold", "solved"], required=False)
    attachments = serializers.ListField(child=serializers.UUIDField(), max_length=10, required=False, default=list)
    # Who stands in Cc of the mail; absent: everybody who takes part in copy
    cc = serializers.ListField(child=serializers.CharField(max_length=320), max_length=20, required=False)


class ReadInput(serializers.Serializer[Any]):
    seq = serializers.IntegerField(min_value=0)


class DraftSerializer(serializers.Serializer[Any]):
    """The caller's unsent text on a ticket; `cc` null: the reply's copies as the ticket has them."""

    reply = serializers.CharField(max_length=100_000, allow_blank=True, trim_whitespace=False, default="")
    note = serializers.CharField(max_length=100_000, allow_blank=True, trim_whitespace=False, default="")
    cc = serializers.ListField(child=MailPerson(), max_length=20, allow_null=True, default=None)


class ActorRef(serializers.Serializer[Any]):
    kind = serializers.CharField()
    name = serializers.CharField()


class EventSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    actor = ActorRef()
    data = serializers.DictField()  # type: ignore[assignment]
    detail = serializers.CharField()
    at = serializers.DateTimeField()


class MacroSerializer(serializers.ModelSerializer[Macro]):
    class Meta:
        model = Macro
        fields = ("id", "name", "body", "language", "actions")


class RenderInput(serializers.Serializer[Any]):
    ticket = serializers.IntegerField()


class RenderedMacro(serializers.Serializer[Any]):
    body = serializers.CharField()
    actions = serializers.DictField()


class NamedSlug(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class QueueCount(NamedSlug):
    open = serializers.IntegerField()


class Counts(serializers.Serializer[Any]):
    """What waits, for the caller's lists."""

    mine = serializers.IntegerField()
    unassigned = serializers.IntegerField()
    waiting = serializers.IntegerField()
    snoozed = serializers.IntegerField()
    chats = serializers.IntegerField()
    queues = QueueCount(many=True)


class AgentSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    availability = serializers.CharField()


class IdentityRef(serializers.Serializer[Any]):
    value = serializers.CharField()
    verified = serializers.BooleanField()


class CsatRef(serializers.Serializer[Any]):
    mean = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()


class CustomerSerializer(serializers.Serializer[Any]):
    """The person who asks."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    emails = IdentityRef(many=True)
    phones = IdentityRef(many=True)
    organization = serializers.CharField(allow_null=True)
    locale = serializers.CharField()
    note = serializers.CharField()
    fields = serializers.DictField()  # type: ignore[assignment]
    trust = serializers.ChoiceField(choices=TRUST)
    open_tickets = serializers.IntegerField()
    csat = CsatRef()
    created_at = serializers.DateTimeField()


class TimelineEntry(serializers.Serializer[Any]):
    """One contact, on whatever channel."""

    kind = serializers.ChoiceField(choices=CONTACTS)
    at = serializers.DateTimeField()
    title = serializers.CharField()
    excerpt = serializers.CharField()
    url = serializers.CharField()
    ticket = serializers.IntegerField(allow_null=True)
    status = serializers.CharField(allow_null=True)
    channel = serializers.CharField(allow_null=True)
    score = serializers.IntegerField(allow_null=True)
