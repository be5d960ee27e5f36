"""The only writer of messages: `seq` under the ticket's lock, counters and status in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors, rows, text, together
from helpdesk.lib.actor import SYSTEM, Actor
from helpdesk.lib.search import analyser
from helpdesk.people.models import Customer, User
from tickets import access, drafts, sending
from tickets.assignment import returns
from tickets.channels.inbound import Origin
from tickets.models import Attachment, Message, Ticket
from tickets.models.ticket import Channel, Status
from tickets.qualification import provenance, sensitive

MAX_BODY = 100_000
_REOPENS = (Status.PENDING, Status.HOLD, Status.SOLVED)


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be said; `kind` is 'public' or 'note', and nothing decides it but the caller's word."""

    body: str
    kind: str = Message.Kind.PUBLIC
    channel: str = "web"
    html: str = ""
    attachments: Sequence[Attachment] = ()
    trust: str = ""
    machine: str = ""
    # Addresses in Cc of the mail that this becomes; None: everybody who takes part in copy
    cc: Sequence[str] | None = None
    # Nobody is written what he heard himself, on the telephone
    was_heard: bool = False


@transaction.atomic
def reply(
    ticket: Ticket,
    line: Line,
    *,
    by: User,
    origin: Origin | None = None,
    last_seen_seq: int | None = None,
    force: bool = False,
) -> tuple[Message, bool]:
    """An agent writes to the customer or notes for colleagues. Returns the message and whether it is new.

    Raises Conflict with the unseen messages when somebody wrote after `last_seen_seq` and `force` is not given.
    """
    row = access.locked(ticket.pk)
    if seen := _said_before(row, origin):
        return seen, False
    if row.status == Status.CLOSED and line.kind == Message.Kind.PUBLIC:
        raise errors.Conflict(_("This ticket is closed. Open a new one that follows it."), code="closed")
    unseen = _unseen(row, last_seen_seq, by)
    if unseen and not force:
        raise errors.Conflict(
            _("Somebody wrote in the meantime. Read it, then send."),
            code="unseen_messages",
            unseen=[message.seq for message in unseen],
        )
    message = append(row, line, by=by.actor, user=by, origin=origin)
    # Whoever writes has read what stands above his words.
    drafts.mark_read(by, row, message.seq)
    return message, True


def _unseen(row: Ticket, last_seen_seq: int | None, by: User) -> list[Message]:
    if last_seen_seq is None or last_seen_seq >= row.last_seq:
        return []
    return list(row.messages.after(last_seen_seq).exclude(author_user=by)[:50])


@transaction.atomic
def say(
    ticket: Ticket, line: Line, *, customer: Customer, origin: Origin | None = None, by: Actor | None = None
) -> tuple[Message, bool]:
    """The customer writes (or somebody logs what he said). Returns the message and whether it is new.

    On a ticket that was merged at this very moment he writes where it goes on; a chat is asked to try again, because
    its visitor may not read that conversation.
    """
    row = access.locked(ticket.pk)
    while row.merged_into_id is not None:
        if line.channel == Channel.CHAT:
            raise errors.Conflict(_("This request goes on in another one. Send it again."), code="merged")
        row = access.locked(row.merged_into_id)
    if seen := _said_before(row, origin):
        return seen, False
    return append(row, line, by=by or customer.actor, customer=customer, origin=origin), True


def _said_before(row: Ticket, origin: Origin | None) -> Message | None:
    """The message of an earlier identical call; raises Conflict when the id was used for something else."""
    if origin is None:
        return None
    found = Message.objects.filter(origin_by=origin.by, origin_id=origin.id).first()
    if found is None:
        return None
    if found.ticket_id != row.pk or (origin.hash and found.origin_hash != origin.hash):
        raise errors.Conflict(_("This id was already used for other content."), code="origin_reused")
    return found


@dataclass(frozen=True, slots=True)
class Saying:
    """A line and who says it on a locked ticket."""

    row: Ticket
    line: Line
    by: Actor
    user: User | None = None
    customer: Customer | None = None
    origin: Origin | None = None
    # The customer talks with the assignee at this moment: whether that one is away need not be asked
    is_talking: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    """A message not yet written, and how its ticket stood before it."""

    message: Message
    previous_public: int
    was: str


def append(
    row: Ticket,
    line: Line,
    *,
    by: Actor,
    user: User | None = None,
    customer: Customer | None = None,
    origin: Origin | None = None,
    opened: dict[str, Any] | None = None,
) -> Message:
    """Write one message on a locked ticket: everything that must be true at commit happens here.

    `opened` is what is told of a ticket that is new: it is inserted with its first message already counted.
    """
    saying = Saying(row, line, by, user, customer, origin)
    said = _compose(saying)
    message = said.message
    if opened is None:
        row.save(update_fields=_COUNTED)
        message.save(force_insert=True)
    else:
        together.insert_known(row, is_numbered=True)
        record(names.TICKET_OPENED, row, by=by, data=opened)
        together.insert_known(message)
    _attach(message, line.attachments)
    if not line.was_heard:
        sending.plan(message, row, line.cc)
    _record(saying, said)
    return message


def append_all(sayings: Sequence[Saying]) -> list[Message]:
    """The same for many lines at once, in their order, with a handful of statements; they bring no files.

    Several lines of one ticket share its row. Whoever calls this has the tickets locked, and `together.writing()`.
    """
    said = [_compose(saying) for saying in sayings]
    rows.insert_all([one.message for one in said])
    rows.update_all(list({saying.row.pk: saying.row for saying in sayings}.values()), _COUNTED)
    for saying, one in zip(sayings, said, strict=True):
        _attach(one.message, ())
        if not saying.line.was_heard:
            sending.plan(one.message, saying.row, saying.line.cc)
        _record(saying, one)
    return [one.message for one in said]


def _compose(saying: Saying) -> _Said:
    """The message, and its ticket's counters moved; neither is written yet."""
    row, line = saying.row, saying.line
    body = _checked(line)
    marks = sensitive.marks(body, line.html)
    row.last_seq += 1
    message = Message(
        ticket=row,
        seq=row.last_seq,
        kind=line.kind,
        channel=line.channel,
        author_user=saying.user,
        author_customer=saying.customer,
        body=body,
        html=line.html,
        terms=analyser.analyse(sensitive.mask_marked(body, marks)),
        sensitive=marks or None,
        trust=line.trust,
        machine=line.machine,
        origin_id=saying.origin.id if saying.origin else None,
        origin_by=saying.origin.by if saying.origin else "",
        origin_hash=saying.origin.hash if saying.origin else "",
        created_at=clock.now(),
    )
    said = _Said(message, row.last_public_seq, row.status)
    if message.is_public:
        _count_public(saying, message)
    return said


def _record(saying: Saying, said: _Said) -> None:
    row, message = saying.row, said.message
    data = {"seq": message.seq, "kind": message.kind, "channel": message.channel, "prev_public": said.previous_public}
    record(names.MESSAGE_POSTED, row, by=saying.by, data=data, about=message)
    if said.was == Status.SOLVED and row.status != said.was:
        record(names.TICKET_REOPENED, row, by=saying.by, data={"from": said.was})


_COUNTED = [
    "last_seq",
    "last_public_seq",
    "customer_seen_seq",
    "preview",
    "last_message_at",
    "waiting_since",
    "first_replied_at",
    "status",
    "solved_at",
    "snoozed_until",
    "assignee",
    "place",
    "version",
]


def _checked(line: Line) -> str:
    body = text.clean(line.body)
    if not body and not line.attachments:
        raise errors.Invalid(fields={"body": [_("Write something first.")]})
    if len(body) > MAX_BODY:
        raise errors.Invalid(fields={"body": [_("This text is too long: shorten it or attach it as a file.")]})
    return body


def _attach(message: Message, attachments: Sequence[Attachment]) -> None:
    message._prefetched_objects_cache = {"attachments": list(attachments)}  # type: ignore[attr-defined]
    for attachment in attachments:
        attachment.message = message
    fresh = [attachment for attachment in attachments if attachment._state.adding]
    together.insert(*fresh)
    ids = [attachment.pk for attachment in attachments if attachment not in fresh]
    if ids:
        taken = Attachment.objects.filter(pk__in=ids, message__isnull=True).update(message=message)
        if taken != len(ids):
            raise errors.Conflict(_("A file was already sent with another message."), code="attachment_used")


def _count_public(saying: Saying, message: Message) -> None:
    row = saying.row
    row.last_public_seq = message.seq
    if message.machine and message.seq > 1:
        return
    row.version += 1
    row.last_message_at = message.created_at
    row.preview = text.excerpt(message.shown_body)
    if saying.customer is not None:
        _customer_spoke(row, message, is_talking=saying.is_talking)
    elif saying.user is not None:
        _agent_spoke(row, message, saying.user)
    row.set_place()


def _customer_spoke(row: Ticket, message: Message, *, is_talking: bool) -> None:
    """Several messages in a row wait from the first one. Machine mail comes here only when it opens the ticket."""
    if message.author_customer_id == row.requester_id:  # what somebody else writes, the requester has not read yet
        row.customer_seen_seq = message.seq
    row.waiting_since = row.waiting_since or message.created_at
    row.snoozed_until = None
    if row.assignee_id is not None and not is_talking:
        outbox.enqueue(returns.after_reply, ticket_id=row.pk)
    if row.status in _REOPENS:
        row.status = Status.OPEN
        row.solved_at = None


def _agent_spoke(row: Ticket, message: Message, user: User) -> None:
    row.waiting_since = None
    row.first_replied_at = row.first_replied_at or message.created_at
    if row.status == Status.NEW:
        row.status = Status.OPEN
    if row.assignee_id is None:
        row.assignee = user
        provenance.keep(row.pk, {"assignee": (user.pk, provenance.Source.of(user.actor))})


def announce(row: Ticket, body: str, *, by: Actor) -> Message:
    """An automatic line that both sides see, such as 'the chat has ended'."""
    return append(row, Line(body=body, channel=row.channel), by=by)


@transaction.atomic
def mark_seen(ticket: Ticket, seq: int) -> int:
    """The customer has seen everything up to `seq`; returns the mark as it now stands (it never goes back)."""
    row = access.locked(ticket.pk)
    seen = min(max(seq, row.customer_seen_seq), row.last_public_seq)
    if seen != row.customer_seen_seq:
        row.customer_seen_seq = seen
        row.save(update_fields=["customer_seen_seq"])
    return seen


@transaction.atomic
def restate(message: Message, body: str) -> None:
    """A line that the product keeps by itself, such as that of a call, says how things stand now.

    What people wrote is never changed, nor does what was redacted come back.
    """
    row = access.locked(message.ticket_id)
    if message.redacted_at is not None or message.body == body:
        return
    message.body, message.terms = body, analyser.analyse(body)
    message.save(update_fields=["body", "terms"])
    if row.last_public_seq == message.seq:
        row.preview = text.excerpt(body)
        row.version += 1
        row.save(update_fields=["preview", "version"])
    record(names.MESSAGE_RESTATED, row, by=SYSTEM, data={"seq": message.seq})


@transaction.atomic
def redact(message: Message, *, by: User) -> None:
    """Remove a message's text and files for good, wherever it was written again; that it was there stays visible."""
    root = message.copied_from_id or message.pk
    moment = clock.now()
    for one in Message.objects.filter(Q(pk=root) | Q(copied_from=root)).select_related("ticket").order_by("pk"):
        if one.unsent_at is not None:
            continue
        one.body, one.html, one.terms = "", "", ""
        one.redacted_at, one.sensitive = moment, None
        one.save(update_fields=["body", "html", "terms", "sensitive", "redacted_at"])
        for attachment in one.attachments.all():
            attachment.file.delete(save=False)
            attachment.delete()
        record(names.MESSAGE_REDACTED, one.ticket, by=by.actor, data={"seq": one.seq})
    message.refresh_from_db()


def takes_more(ticket: Ticket) -> bool:
    """Whether a customer's new message still belongs here: unfinished, or solved not long ago."""
    if ticket.status in (Status.CLOSED, Status.SPAM):
        return False
    limit = clock.now() - timedelta(days=settings.REOPEN_DAYS)
    return ticket.solved_at is None or ticket.solved_at >= limit
