"""The pen beside `conversation` for what was said elsewhere: the original times, numbers without a gap, no listeners.

Nobody waits by it and nothing falls due: an imported request comes to life when its customer or an agent writes again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import rows, text, together
from helpdesk.lib.actor import SYSTEM
from helpdesk.lib.search import analyser
from helpdesk.people.models import Customer, User
from tickets.models import Attachment, Message, Provenance, Queue, Tag, Ticket, TicketTag
from tickets.models.ticket import Priority, Status
from tickets.qualification import provenance, sensitive
from tickets.qualification.provenance import Source

FILE = "import"
"""`Message.origin_by` of what came from tables; other help desks have names of their own."""
MAX_ID = 100
_FINISHED = (Status.SOLVED, Status.CLOSED)


@dataclass(slots=True)
class Said:
    """One message as it was: `origin` is its foreign id, '' when it has none."""

    body: str
    at: datetime
    kind: str = "public"
    channel: str = "web"
    html: str = ""
    user: User | None = None
    customer: Customer | None = None
    origin: str = ""
    files: list[Attachment] = field(default_factory=list)


@dataclass(slots=True)
class Past:
    """A request as it was. The first message, in the order of their times, bears the request's own foreign id."""

    origin_by: str
    origin: str
    subject: str
    requester: Customer
    queue: Queue
    created_at: datetime
    said: list[Said]
    status: str = "closed"
    priority: int = Priority.NORMAL
    kind: str | None = None
    channel: str = "web"
    language: str = ""
    assignee: User | None = None
    solved_at: datetime | None = None
    closed_at: datetime | None = None
    tags: list[str] = field(default_factory=list)
    reply_address: str = ""


def origin_of(origin_by: str, ids: Iterable[str]) -> dict[str, Ticket]:
    """The requests that were taken in by these foreign ids."""
    first = Message.objects.filter(origin_by=origin_by, origin_id__in=set(ids), seq=1, copied_from__isnull=True)
    return {str(one.origin_id): one.ticket for one in first.select_related("ticket")}


def write(pasts: Sequence[Past]) -> list[Ticket]:
    """All of these in a fixed number of statements, within the caller's transaction."""
    if not pasts:
        return []
    made = [_ticket(past) for past in pasts]
    said = [message for past, ticket in zip(pasts, made, strict=True) for message in _messages(past, ticket)]
    rows.insert_all(made)
    rows.insert_all([message for message, _one in said])
    files = []
    for message, one in said:
        for attachment in one.files:
            attachment.message = message
            files.append(attachment)
    Attachment.objects.bulk_create(files)
    known = tags({name for past in pasts for name in past.tags})
    TicketTag.objects.bulk_create(
        TicketTag(ticket=ticket, tag=known[name])
        for past, ticket in zip(pasts, made, strict=True)
        for name in past.tags
    )
    _account(pasts, made)
    return made


def _ticket(past: Past) -> Ticket:
    past.said.sort(key=lambda one: one.at)
    public = [place for place, one in enumerate(past.said, 1) if one.kind == Message.Kind.PUBLIC]
    subject = sensitive.mask_cards(past.subject)
    last = past.said[public[-1] - 1 if public else -1]
    body = last.body
    ticket = Ticket(
        subject=subject,
        status=past.status,
        priority=past.priority,
        kind=past.kind,
        channel=past.channel,
        language=past.language,
        queue=past.queue,
        assignee=past.assignee,
        requester=past.requester,
        organization_id=past.requester.organization_id,
        reply_address=past.reply_address,
        last_seq=len(past.said),
        last_public_seq=public[-1] if public else 0,
        customer_seen_seq=public[-1] if public else 0,
        preview=text.excerpt(sensitive.mask_marked(body, sensitive.marks(body))),
        created_at=past.created_at,
        last_message_at=last.at,
        first_replied_at=next((one.at for one in past.said if one.user and one.kind == Message.Kind.PUBLIC), None),
        solved_at=(past.solved_at or past.closed_at or last.at) if past.status in _FINISHED else None,
        closed_at=(past.closed_at or past.solved_at or last.at) if past.status == Status.CLOSED else None,
        terms=analyser.analyse(subject),
    )
    ticket.set_place()
    return ticket


def _messages(past: Past, ticket: Ticket) -> list[tuple[Message, Said]]:
    return [(_message(past, ticket, seq, one), one) for seq, one in enumerate(past.said, 1)]


def _message(past: Past, ticket: Ticket, seq: int, one: Said) -> Message:
    marks = sensitive.marks(one.body, one.html)
    return Message(
        ticket=ticket,
        seq=seq,
        kind=one.kind,
        channel=one.channel,
        author_user=one.user,
        author_customer=one.customer,
        body=one.body,
        html=one.html,
        terms=analyser.analyse(sensitive.mask_marked(one.body, marks)),
        sensitive=marks or None,
        origin_by=past.origin_by,
        # What has no id of its own is told from others by its place
        origin_id=past.origin if seq == 1 else f"{past.origin}/{one.origin or seq}",
        created_at=one.at,
    )


def tags(wanted: set[str]) -> dict[str, Tag]:
    """Tags by name, made where they were not known."""
    known = Tag.objects.in_bulk(wanted, field_name="name")
    if fresh := wanted - known.keys():
        Tag.objects.bulk_create((Tag(name=name) for name in sorted(fresh)), ignore_conflicts=True)
        known = Tag.objects.in_bulk(wanted, field_name="name")
    return known


def _account(pasts: Sequence[Past], made: Sequence[Ticket]) -> None:
    """Where each field comes from, and that it was imported."""
    with together.writing(len(made)):
        for past, ticket in zip(pasts, made, strict=True):
            provenance.keep_first(ticket.pk, provenance_of(ticket, past.tags, past.origin_by))
            record(names.TICKET_IMPORTED, ticket, by=SYSTEM, data={"from": past.origin_by})


def provenance_of(ticket: Ticket, tag_names: Iterable[str], origin_by: str) -> dict[str, tuple[Any, Source]]:
    """What the file said of a request."""
    source = Source(Provenance.Kind.IMPORT, name=origin_by)
    told: dict[str, Any] = {
        "queue": ticket.queue.slug,
        "priority": ticket.priority,
        "assignee": ticket.assignee_id,
        **({"kind": ticket.kind} if ticket.kind else {}),
        **({"language": ticket.language} if ticket.language else {}),
        **{f"tag:{name}": True for name in tag_names},
    }
    return {name: (value, source) for name, value in told.items()}
