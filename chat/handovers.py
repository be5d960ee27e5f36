"""A live chat changes hands: an agent holds it out to a colleague, puts it back into a line, or a supervisor takes over.

Until a colleague accepts, whoever has the chat keeps it: no visitor is left alone between two agents. Locks are taken
in one order everywhere: the session, then its handover, then its ticket.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat import line, news, sessions
from chat.models import Handover, Session
from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors, text
from helpdesk.lib.actor import SYSTEM
from helpdesk.people import presence
from helpdesk.people.choosing import Person
from helpdesk.people.models import User
from tickets import access, conversation, lifecycle
from tickets.conversation import Line
from tickets.models import Queue, Ticket

MAX_LINE = 2_000
HANDOVER = "handover"
"""The channel of the note that carries a hand-over line."""
State = Handover.State


@dataclass(frozen=True, slots=True)
class Targets:
    """To whom a chat can go: colleagues with what they have, lines with how many could take it now."""

    people: list[Person]
    queues: list[tuple[Queue, int]]


# --- reading ---------------------------------------------------------------------------------------------------------
def offered_to(user: User) -> QuerySet[Handover]:
    """What colleagues hold out to this agent now, in the queues that he serves still."""
    rows = Handover.objects.filter(
        to_user=user, state=State.OFFERED, session__queue__in=access.queues(user).values("pk")
    )
    return rows.select_related("from_user").order_by("asked_at")


def offers_of(user: User) -> Mapping[int, Handover]:
    """What this agent holds out now, by session."""
    rows = Handover.objects.filter(from_user=user, state=State.OFFERED, session__state=Session.State.LIVE)
    return {row.session_id: row for row in rows.select_related("to_user")}


def beside(user: User) -> QuerySet[Session]:
    """Live chats that the user handed over warm and has not left yet."""
    mine = Handover.objects.filter(from_user=user, state=State.ACCEPTED, is_warm=True, left_at__isnull=True)
    return Session.objects.visible_to(user).live().filter(pk__in=mine.values("session")).exclude(agent=user)


def targets(session_id: int, *, by: User) -> Targets:
    """Who could get this chat, and which lines it could go back to."""
    session = _held(session_id, by)
    people = line.people(session.queue, clock.now())
    colleagues = [one for one in people if one.is_active and one.id != session.agent_id]
    queues = Queue.objects.filter(is_active=True).exclude(pk=session.queue_id).order_by("name", "pk")
    return Targets(
        sorted(colleagues, key=lambda one: (not _is_there(one), one.load, one.name)),
        line.free_in(queues),
    )


def _is_there(person: Person) -> bool:
    return person.is_present and person.availability in (User.Availability.AVAILABLE, User.Availability.FINISHING)


# --- to a colleague --------------------------------------------------------------------------------------------------
@transaction.atomic
def hold_out(session_id: int, to: User, words: str, *, warm: bool, by: User) -> Handover:
    """Offer a live chat to a colleague. Raises Conflict `not_there` when he is away, `held_out` when it already is."""
    session = _held(session_id, by, lock=True)
    said = _line(words)
    _may_get(to, session)
    if Handover.objects.filter(session=session, state=State.OFFERED).exists():
        raise errors.Conflict(_("This chat is already offered to a colleague."), code="held_out")
    made = Handover.objects.create(
        session=session, from_user=by, to_user=to, line=said, is_warm=warm, asked_at=clock.now()
    )
    _note(session, said, by)
    wait = timedelta(seconds=settings.CHAT_OFFER_SECONDS)
    outbox.enqueue(expire, delay=wait, priority=2, handover_id=made.pk)
    news.held_out(made)
    return made


def _may_get(to: User, session: Session) -> None:
    if not to.may("chat.take") or not access.queues(to).filter(pk=session.queue_id).exists():
        raise errors.Invalid(fields={"to_user": [_("This person does not serve this queue.")]})
    if to.pk == session.agent_id:
        raise errors.Invalid(fields={"to_user": [_("This person has the chat already.")]})
    is_willing = to.availability in (User.Availability.AVAILABLE, User.Availability.FINISHING)
    if not is_willing or not presence.present([to.pk]):
        raise errors.Conflict(_("This person is not at the desk now."), code="not_there")


@transaction.atomic
def accept(handover_id: int, *, by: User) -> Session:
    """The colleague takes it. Raises Conflict `ended` when it is no longer held out or the chat is over.

    Raises NotFound when he has stopped serving the queue since he was asked.
    """
    held = _offered(handover_id, by)
    session = sessions.locked(held.session_id)
    if not access.queues(by).filter(pk=session.queue_id).exists():
        raise errors.NotFound()
    is_current = session.state == Session.State.LIVE and session.agent_id == held.from_user_id
    if not is_current or not _answer(held, State.ACCEPTED):
        raise errors.Conflict(_("This chat is no longer held out to you."), code="ended")
    presence.took(by.pk)
    return _give(session, by, how="warm" if held.is_warm else "cold", words=held.line)


@transaction.atomic
def decline(handover_id: int, *, by: User) -> None:
    """The colleague cannot take it; whoever has it is told and keeps it."""
    held = _offered(handover_id, by)
    if _answer(held, State.DECLINED):
        news.no_longer_held_out(held)


@transaction.atomic
def withdraw(handover_id: int, *, by: User) -> None:
    """Whoever holds it out keeps it after all."""
    held = Handover.objects.filter(pk=handover_id, from_user=by).first()
    if held is None:
        raise errors.NotFound()
    if _answer(held, State.WITHDRAWN):
        news.no_longer_held_out(held)


@transaction.atomic
def expire(handover_id: int) -> None:
    """Job: not answered in time."""
    held = Handover.objects.get(pk=handover_id)
    if _answer(held, State.EXPIRED):
        news.no_longer_held_out(held)


@transaction.atomic
def leave(session_id: int, *, by: User) -> None:
    """After a warm handover the former agent leaves the chat to the new one; leaving twice is a no-op."""
    rows = Handover.objects.filter(session=session_id, from_user=by, state=State.ACCEPTED, left_at__isnull=True)
    rows.update(left_at=clock.now())


def _offered(handover_id: int, by: User) -> Handover:
    """A handover to this user; anybody else's does not exist."""
    found = Handover.objects.filter(pk=handover_id, to_user=by).first()
    if found is None:
        raise errors.NotFound()
    return found


def _answer(held: Handover, state: Handover.State) -> bool:
    """Settle what is held out, once: whoever comes second changes nothing."""
    rows = Handover.objects.filter(pk=held.pk, state=State.OFFERED)
    is_first = bool(rows.update(state=state, answered_at=clock.now()))
    if is_first:
        held.state = state
    return is_first


# --- back into a line ------------------------------------------------------------------------------------------------
@transaction.atomic
def put_back(session_id: int, queue: Queue, words: str, *, by: User) -> Session:
    """Another queue gets the chat: its ticket moves, and the visitor waits there before those who just came."""
    session = _held(session_id, by, lock=True)
    said = _line(words)
    if queue.pk == session.queue_id or not queue.is_active:
        raise errors.Invalid(fields={"to_queue": [_("Choose another queue.")]})
    ticket = _ticket(session)
    _withdraw_all(session)
    _note(session, said, by)
    lifecycle.change(ticket, {"assignee": None, "queue": queue}, by=by, version=None)
    moment = clock.now()
    Handover.objects.create(
        session=session, from_user=by, to_queue=queue, line=said, state=State.ACCEPTED, asked_at=moment,
        answered_at=moment,
    )  # fmt: skip
    session.queue, session.agent, session.offered_to = queue, None, None
    session.state, session.waiting_at, session.accepted_at = Session.State.WAITING, moment, None
    session.is_ahead, session.help_at = True, None
    session.save(
        update_fields=["queue", "agent", "offered_to", "state", "waiting_at", "accepted_at", "is_ahead", "help_at"]
    )
    _tell_visitor(session, "back", by)
    data = {"ticket": session.ticket_id, "from": by.pk, "to": None, "queue": queue.slug, "how": "queue"}
    record(names.SESSION_HANDED, session, by=by.actor, data=data)
    outbox.enqueue(line.offer, priority=2, session_id=session.pk, number=session.offers)
    return session


# --- a supervisor takes over -----------------------------------------------------------------------------------------
@transaction.atomic
def take_over(session_id: int, *, by: User) -> Session:
    """A supervisor takes a live chat from its agent, who is told. His own already: a no-op."""
    if not by.may("chat.watch"):
        raise errors.NotAllowed()
    sessions.visible(by, session_id)
    session = sessions.locked(session_id)
    if session.state == Session.State.WAITING:
        return sessions.accept(session_id, by=by)
    if session.state != Session.State.LIVE:
        raise errors.Conflict(_("This chat has ended."), code="ended")
    if session.agent_id == by.pk:
        return session
    return _give(session, by, how="taken_over")


# --- what all of them do ---------------------------------------------------------------------------------------------
def _held(session_id: int, by: User, *, lock: bool = False) -> Session:
    """A live chat that the user has, or may take from who has it; raises NotFound, NotAllowed or Conflict."""
    sessions.visible(by, session_id)
    rows = Session.objects.select_related("queue", "ticket", "customer", "agent", "site")
    session = sessions.locked(session_id) if lock else rows.get(pk=session_id)
    if session.state == Session.State.LIVE and session.agent_id != by.pk and not by.may("chat.watch"):
        raise errors.NotAllowed()
    if session.state != Session.State.LIVE:
        raise errors.Conflict(_("This chat has ended."), code="ended")
    return session


def _give(session: Session, to: User, *, how: str, words: str = "") -> Session:
    """The locked live session becomes this user's; the former agent, the visitor and the queue are told."""
    before = session.agent_id
    _withdraw_all(session)
    session.agent, session.accepted_at, session.help_at = to, session.accepted_at or clock.now(), None
    session.save(update_fields=["agent", "accepted_at", "help_at"])
    lifecycle.assign(_ticket(session), to, by=to.actor)
    _tell_visitor(session, "given", to)
    data = {"ticket": session.ticket_id, "from": before, "to": to.pk, "queue": session.queue.slug, "how": how}
    record(names.SESSION_HANDED, session, by=to.actor, data=data)
    return session


def _withdraw_all(session: Session) -> None:
    for other in Handover.objects.filter(session=session, state=State.OFFERED):
        if _answer(other, State.WITHDRAWN):
            news.no_longer_held_out(other)


def _ticket(session: Session) -> Ticket:
    if session.ticket is None:
        raise errors.NotFound()
    return session.ticket


def _line(words: str) -> str:
    said = text.clean(words)
    if not said:
        raise errors.Invalid(fields={"line": [_("Say what the next one must know.")]})
    if len(said) > MAX_LINE:
        raise errors.Invalid(fields={"line": [_("This text is too long.")]})
    return said


def _note(session: Session, words: str, by: User) -> None:
    conversation.reply(_ticket(session), Line(body=words, kind="note", channel=HANDOVER), by=by)


def _tell_visitor(session: Session, what: str, by: User) -> None:
    """An automatic line in his language: he need not say everything again."""
    known = dict(settings.LANGUAGES)
    code = session.language or session.customer.locale or settings.LANGUAGE_CODE
    with translation.override(code[:2] if code[:2] in known else settings.LANGUAGE_CODE):
        if what == "given":
            words = gettext("%(name)s takes over and can read the whole conversation.") % {"name": by.name}
        else:
            words = gettext("You are put through to %(queue)s. Your conversation goes with you.") % {
                "queue": session.queue.label
            }
    conversation.announce(access.locked(_ticket(session).pk), words, by=SYSTEM)
