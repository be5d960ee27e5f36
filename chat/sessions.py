"""The life of a session: opened by a visitor, waiting from his first word, taken by one agent, ended by either."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chat import identity, keys, trail
from chat import live as chat_live
from chat.models import Session, Site
from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.events.record import record
from helpdesk.jobs import engine
from helpdesk.lib import clock, errors
from helpdesk.lib.actor import SYSTEM, Actor
from helpdesk.people import customers, presence
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, User
from tickets import attachments as files
from tickets import conversation, intake, lifecycle
from tickets.channels.inbound import Inbound, origin
from tickets.models import Message, Queue, Ticket
from tickets.models.ticket import Channel

# A visitor who is gone this long has left; what is written to him then goes by mail
ABANDONED = timedelta(minutes=30)
# A session without a word leaves nothing behind
SILENT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session and the secrets that only this browser learns."""

    session: Session
    keys: keys.Pair


@dataclass(frozen=True, slots=True)
class Visit:
    """What a browser says of itself when it opens a session; nothing of it is proof, but `identity` may be."""

    language: str = ""
    page: str = ""
    name: str = ""
    email: str = ""
    identity: str = ""
    resume: str = ""


def site(key: str) -> Site:
    """An active site by its public key; raises NotFound."""
    found = Site.objects.select_related("queue").filter(key=key, is_active=True).first()
    if found is None:
        raise errors.NotFound()
    return found


# --- opening ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def open(where: Site, visit: Visit) -> Opened:  # noqa: A001  (the verb of this module)
    """Open a session, or go on with the one that a handle or a signed identity leads to.

    A handle leads to its own session only. Whoever the site vouches for gets his own conversation, never that of the
    handle's owner: two people may share one browser. What a handle opens never becomes what the site vouches for.
    """
    vouched = identity.read(where, visit.identity) if visit.identity else None
    customer = identity.customer_of(where, vouched) if vouched else None
    session = _latest(where, customer) if customer else _resumed(where, visit.resume)
    session = session or begin(where, visit, customer)
    session.seen_at = clock.now()
    session.language = visit.language or session.language
    # Whoever names the page he is on has agreed that it is seen.
    shared = trail.note(session, visit.page)
    session.save(update_fields=["seen_at", "language", *shared])
    return Opened(session, keys.issue(session))


def _resumed(where: Site, handle: str) -> Session | None:
    """The session of a handle, unless it is another site's."""
    session = keys.redeem(handle)
    return session if session is not None and session.site_id == where.pk else None


def _latest(where: Site, customer: Customer) -> Session | None:
    """The last conversation of a person the site vouches for, while it still takes messages.

    Not one that a nameless visitor began whose address was proved since: other browsers may hold its keys.
    """
    rows = Session.objects.filter(site=where, customer=customer, is_vouched=True, ticket__isnull=False)
    session = rows.select_related("site", "customer", "ticket", "queue").order_by("-pk").first()
    is_current = session is not None and session.ticket is not None and conversation.takes_more(session.ticket)
    return session if is_current else None


def begin(where: Site, visit: Visit, customer: Customer | None) -> Session:
    """A new session of a known customer, or of a visitor whom nothing names."""
    who = customer or _stranger(visit)
    moment = clock.now()
    session = Session.objects.create(
        site=where,
        customer=who,
        is_vouched=customer is not None,
        queue=where.queue,
        language=visit.language,
        created_at=moment,
        seen_at=moment,
    )
    session.sender = f"session:{session.pk}"
    session.save(update_fields=["sender"])
    return session


def _stranger(visit: Visit) -> Customer:
    """A visitor whom nothing names: a typed address is kept as a claim and leads to nobody."""
    return customers.create(Who(name=visit.name, email=visit.email, locale=visit.language), is_visitor=True)


# --- talking ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Said:
    """A stored line; `session` may be a new stretch that followed an ended one."""

    session: Session
    message: Message
    is_new: bool


@transaction.atomic
def say(session: Session, body: str, *, origin_id: str, attachments: Sequence[str] = ()) -> Said:
    """The visitor writes. His first line makes the ticket and puts him into the line; the same origin id is a no-op.

    When the ticket takes no more messages, a new one follows it.
    """
    row = locked(session.pk)
    receipt = receive(row, body, origin_id=origin_id, attachments=attachments)
    if receipt.outcome == "duplicate":
        return Said(row, receipt.message, is_new=False)
    return Said(_engage(row, receipt.message), receipt.message, is_new=True)


def receive(
    row: Session, body: str, *, origin_id: str, attachments: Sequence[str] = (), queue: Queue | None = None
) -> intake.Receipt:
    """The visitor's words into his ticket, or a new one (in `queue`, whatever rules say); his session is not touched."""
    content: dict[str, object] = {"body": body}
    if attachments:
        content["attachments"] = list(attachments)
    taken = files.take(attachments, uploader=row.sender) if attachments else []
    return intake.receive(
        Inbound(
            channel=Channel.CHAT,
            who=row.customer,
            body=body,
            # A picture says it without a word
            subject=taken[0].name if taken and not body.strip() else "",
            ticket=row.ticket,
            attachments=taken,
            origin=origin(row.sender, origin_id, content),
            language=row.language,
            queue=queue,
            fallback=row.site.queue,
        )
    )


@transaction.atomic
def write(session: Session, body: str, *, origin_id: str, attachments: Sequence[str] = ()) -> Said:
    """The visitor asks for an answer in writing: all he said is kept, and nobody is rung any more.

    Without new words what he said before is the request. Raises Invalid when there is nothing at all, Conflict `live`
    while an agent talks with him.
    """
    row = locked(session.pk)
    if row.state == Session.State.LIVE:
        raise errors.Conflict(_("An agent is talking with you: write to him."), code="live")
    if not body.strip() and not attachments and row.state == Session.State.WAITING and row.ticket is not None:
        return Said(step_out(row, row.ticket), _last_own(row.ticket), is_new=False)
    receipt = receive(row, body, origin_id=origin_id, attachments=attachments)
    is_new = receipt.outcome != "duplicate"
    return Said(step_out(row, receipt.ticket, message=receipt.message), receipt.message, is_new=is_new)


def _last_own(ticket: Ticket) -> Message:
    return ticket.messages.public().with_words().filter(author_customer__isnull=False).latest("seq")


def step_out(row: Session, ticket: Ticket, *, message: Message | None = None) -> Session:
    """A locked session stops waiting, or never begins to: its ticket goes to the desk like any other."""
    if row.state == Session.State.ENDED and row.ticket_id == ticket.pk:
        return row
    if row.state == Session.State.ENDED:
        row = _next_stretch(row)
    row.ticket, row.queue, row.seen_at = ticket, ticket.queue, clock.now()
    if row.first_seq is None:
        row.first_seq = message.seq if message else ticket.last_seq
    row.save(update_fields=["ticket", "queue", "seen_at", "first_seq"])
    _close(row, "customer", row.customer.actor)
    for elsewhere in Session.objects.waiting().filter(ticket=ticket):
        _close(elsewhere, "customer", row.customer.actor)
    return row


def locked(session_id: int) -> Session:
    """The session under its lock: always taken before the ticket's, here and wherever both are.

    Locked first and read after: a join in the locking query would still see the ticket as it was before the wait.
    """
    Session.objects.select_for_update().values_list("pk", flat=True).get(pk=session_id)
    return Session.objects.select_related("site__queue", "customer", "ticket", "queue").get(pk=session_id)


def _engage(row: Session, message: Message) -> Session:
    """After a line: an open session goes on, a new or ended one begins to wait."""
    if row.state in (Session.State.WAITING, Session.State.LIVE):
        if row.ticket_id == message.ticket_id:
            row.ticket, row.seen_at = message.ticket, clock.now()
            row.save(update_fields=["seen_at"])
            return row
        _close(row, "system", SYSTEM)
    elsewhere = Session.objects.open().filter(ticket=message.ticket_id).exclude(pk=row.pk).first()
    if elsewhere is not None and elsewhere.is_vouched and not row.is_vouched:
        # He may add to this conversation, and sees nothing else of whom the site vouches for.
        row.ticket = message.ticket
        row.save(update_fields=["ticket"])
        return row
    if elsewhere is not None:
        keys.hand_over(row, elsewhere)
        chat_live.moved(row.pk)
        return elsewhere
    return _wait(row if row.state == Session.State.OPENED else _next_stretch(row), message)


def _next_stretch(row: Session) -> Session:
    """A session that follows an ended one: the same browsers, the same sender, another row of the history."""
    moment = clock.now()
    following = Session.objects.create(
        site=row.site,
        customer=row.customer,
        is_vouched=row.is_vouched,
        queue=row.queue,
        sender=row.sender,
        language=row.language,
        page=row.page,
        trail=row.trail,
        page_consent_at=row.page_consent_at,
        created_at=moment,
        seen_at=moment,
    )
    keys.hand_over(row, following)
    chat_live.moved(row.pk)
    return following


def _wait(row: Session, message: Message) -> Session:
    moment = clock.now()
    row.ticket, row.queue = message.ticket, message.ticket.queue
    row.state, row.waiting_at, row.seen_at, row.first_seq = Session.State.WAITING, moment, moment, message.seq
    row.save(update_fields=["ticket", "queue", "state", "waiting_at", "seen_at", "first_seq"])
    data = {"ticket": row.ticket.pk, "queue": row.queue.slug}
    record(names.SESSION_STARTED, row, by=row.customer.actor, data=data)
    # His other tabs, too, learn that there is a conversation now.
    chat_live.moved(row.pk)
    return row


def seen(session: Session, seq: int) -> int:
    """The visitor has the messages up to `seq` before his eyes; returns the mark as it now stands."""
    return conversation.mark_seen(session.ticket, seq) if session.ticket else 0


# --- taking and ending -----------------------------------------------------------------------------------------------
def visible(user: User, session_id: int) -> Session:
    """A session the user may see; raises NotFound otherwise."""
    found = Session.objects.visible_to(user).filter(pk=session_id).first()
    if found is None:
        raise errors.NotFound()
    return found


@transaction.atomic
def accept(session_id: int, *, by: User) -> Session:
    """Take a waiting chat. The first one wins; taking one's own again is a no-op.

    Raises Conflict `already_taken` when a colleague was faster, `ended` when the visitor is gone.
    """
    session = visible(by, session_id)
    if not by.may("chat.take"):
        raise errors.NotAllowed()
    won = Session.objects.filter(pk=session.pk, state=Session.State.WAITING).update(
        state=Session.State.LIVE, agent=by, accepted_at=clock.now(), offered_to=None
    )
    row = Session.objects.with_people().get(pk=session.pk)
    if not won:
        return _taken_before(row, by)
    if row.ticket is not None:
        lifecycle.assign(row.ticket, by, by=by.actor)
    presence.took(by.pk)
    record(names.SESSION_ACCEPTED, row, by=by.actor, data={"ticket": row.ticket_id, "agent": by.pk})
    return row


def _taken_before(row: Session, by: User) -> Session:
    if row.state == Session.State.LIVE and row.agent_id == by.pk:
        return row
    if row.state == Session.State.LIVE:
        raise errors.Conflict(_("A colleague has taken this chat."), code="already_taken")
    raise errors.Conflict(_("This chat has ended."), code="ended")


def answered(ticket_id: int, *, by: User) -> None:
    """Whoever answers a waiting chat takes it, by whatever door the answer went."""
    waiting = Session.objects.filter(ticket=ticket_id, state=Session.State.WAITING).values_list("pk", flat=True).first()
    if waiting is None:
        return
    try:
        accept(waiting, by=by)
    except (errors.Conflict, errors.NotFound, errors.NotAllowed, errors.Invalid):
        # Taken by a colleague meanwhile, or answered by somebody who may write but not take chats.
        return


@transaction.atomic
def end(session: Session, *, by: Actor) -> Session:
    """End a session; ending it twice is a no-op. The ticket stays as it is."""
    row = locked(session.pk)
    if row.state != Session.State.ENDED:
        _close(row, {"user": "agent", "customer": "customer"}.get(by.kind, "system"), by)
    return row


def _close(row: Session, label: str, by: Actor) -> None:
    row.state, row.ended_at, row.ended_by = Session.State.ENDED, clock.now(), label
    row.last_seq = row.ticket.last_seq if row.ticket else None
    row.offered_to = None
    row.save(update_fields=["state", "ended_at", "ended_by", "last_seq", "offered_to"])
    record(names.SESSION_ENDED, row, by=by, data={"ticket": row.ticket_id, "by": label})


@transaction.atomic
def turn_to(session: Session, ticket: Ticket) -> Session:
    """The browsers of a session go on with another of its visitor's requests.

    Raises Conflict `chat_open` while the chat they are in waits or is talked in.
    """
    row = locked(session.pk)
    if row.ticket_id == ticket.pk:
        return row
    if row.state in (Session.State.WAITING, Session.State.LIVE):
        raise errors.Conflict(_("End this chat before you open another one."), code="chat_open")
    following = _next_stretch(row)
    following.ticket, following.queue = ticket, ticket.queue
    following.save(update_fields=["ticket", "queue"])
    return following


# --- what others did -------------------------------------------------------------------------------------------------
def end_with_ticket(event_id: int) -> None:
    """Job after `ticket.solved` and `ticket.closed`: nobody waits for an answer that was given."""
    ticket_id = Event.objects.get(pk=event_id).subject_id
    for session in Session.objects.open().filter(ticket=ticket_id):
        end(session, by=SYSTEM)


def follow_answer(event_id: int) -> None:
    """Job after `message.posted`: an agent's public words in a waiting chat take it."""
    event = Event.objects.get(pk=event_id)
    if event.actor_kind != "user" or event.actor_id is None or event.data["kind"] != Message.Kind.PUBLIC:
        return
    if (user := User.objects.filter(pk=event.actor_id).first()) is not None:
        answered(event.subject_id, by=user)


@engine.every(30)
def end_abandoned() -> None:
    """End live chats whose visitor closed his last window some minutes ago; what is answered then goes by mail."""
    rows = Session.objects.live().filter(ticket__isnull=False).order_by("seen_at")[:2_000]
    by_name = {presence.visitor(row.ticket_id or 0): row for row in rows}
    gone = presence.gone(by_name) if by_name else {}
    limit = clock.now().timestamp() - settings.CHAT_LEFT_SECONDS
    left = [name for name, since in gone.items() if since < limit]
    for name in set(left) - presence.here(left):
        end(by_name[name], by=SYSTEM)


@engine.every(300)
def sweep() -> None:
    """End what visitors left long ago, and remove sessions in which nobody ever said a word."""
    moment = clock.now()
    for session in Session.objects.open().filter(seen_at__lt=moment - ABANDONED):
        if session.ticket_id and not presence.is_watching(session.ticket_id):
            end(session, by=SYSTEM)
    silent = Session.objects.filter(ticket__isnull=True, seen_at__lt=moment - SILENT)
    owners = list(silent.values_list("customer_id", flat=True))
    silent.delete()
    unused = Customer.objects.filter(pk__in=owners, is_visitor=True, tickets__isnull=True, sessions__isnull=True)
    unused.filter(merged__isnull=True).delete()
    keys.sweep()
