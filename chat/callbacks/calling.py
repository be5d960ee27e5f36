"""The agents' side of call-backs: take, call, say what came of it. What is not reached goes on in writing."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chat.callbacks import slots, telling
from chat.callbacks.booking import locked
from chat.models import Callback, CallbackTry
from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import engine
from helpdesk.lib import clock, errors, text
from helpdesk.lib.actor import SYSTEM, Actor
from helpdesk.people.models import User
from tickets import access, conversation, lifecycle
from tickets.conversation import Line
from tickets.models.ticket import Channel

State, Outcome = Callback.State, CallbackTry.Outcome
# A card is there this long before its time, and may be taken then
EARLY = timedelta(minutes=15)
# Taken, and nothing said since: whoever took it has forgotten it
FORGOTTEN = timedelta(hours=1)
# Nobody called within this time after it was due: it is a request like any other
LAPSED = timedelta(hours=24)
MAX_NOTE = 4000


def visible(user: User, callback_id: int) -> Callback:
    """A call-back the user may see; raises NotFound otherwise."""
    found = Callback.objects.visible_to(user).filter(pk=callback_id).first()
    if found is None:
        raise errors.NotFound()
    return found


@transaction.atomic
def take(callback_id: int, *, by: User) -> Callback:
    """The first one wins; taking one's own again is a no-op.

    Raises Conflict `already_taken`, `ended`, or `too_early` long before the time that was promised.
    """
    found = visible(by, callback_id)
    if not by.may("chat.take"):
        raise errors.NotAllowed()
    if found.state == State.WAITING and not found.is_asap and found.due_at > clock.now() + EARLY:
        raise errors.Conflict(_("It is too early to call: another time was promised."), code="too_early")
    row = locked(found.pk)
    if row.state != State.WAITING:
        return _taken_before(row, by)
    row.state, row.agent, row.taken_at = State.TAKEN, by, clock.now()
    row.version += 1
    row.save(update_fields=["state", "agent", "taken_at", "version"])
    lifecycle.assign(row.ticket, by, by=by.actor)
    record(names.CALLBACK_TAKEN, row, by=by.actor, data={"ticket": row.ticket_id, "agent": by.pk})
    return row


def _taken_before(row: Callback, by: User) -> Callback:
    if row.state == State.TAKEN and row.agent_id == by.pk:
        return row
    if row.state == State.TAKEN:
        raise errors.Conflict(_("A colleague has taken this call."), code="already_taken")
    raise errors.Conflict(_("This call is over."), code="ended")


@transaction.atomic
def release(callback_id: int, *, by: User) -> Callback:
    """Give it back to the others; only whoever has it, or a lead."""
    row = locked(visible(by, callback_id).pk)
    if row.state == State.WAITING:
        return row
    if row.state != State.TAKEN or not (row.agent_id == by.pk or by.may("team.manage")):
        raise errors.Conflict(_("A colleague has taken this call."), code="already_taken")
    _give_back(row, by.actor)
    return row


def _give_back(row: Callback, by: Actor) -> None:
    row.state, row.agent, row.taken_at = State.WAITING, None, None
    row.version += 1
    row.save(update_fields=["state", "agent", "taken_at", "version"])
    record(names.CALLBACK_RELEASED, row, by=by, data={"ticket": row.ticket_id})


@transaction.atomic
def outcome(callback_id: int, what: str, *, by: User, note: str = "", origin_id: str) -> Callback:
    """What came of a call; whoever says so without having taken it takes it by this. The same `origin_id` is a no-op.

    Not answered: once more later, then it goes on in writing. A wrong number does so at once.
    """
    row = locked(visible(by, callback_id).pk)
    if said := row.tries.filter(origin_id=origin_id).first():
        if said.outcome != what or said.user_id != by.pk:
            raise errors.Conflict(_("This id was already used for other content."), code="origin_reused")
        return row
    row = take(row.pk, by=by)
    CallbackTry.objects.create(
        callback=row, user=by, outcome=Outcome(what), origin_id=origin_id, created_at=clock.now()
    )
    row.attempts += 1
    row.version += 1
    row.save(update_fields=["attempts", "version"])
    record(names.CALLBACK_TRIED, row, by=by.actor, data={"ticket": row.ticket_id, "outcome": what, "nr": row.attempts})
    if note.strip():
        line = Line(body=text.clean(note)[:MAX_NOTE], kind="note", channel=Channel.PHONE)
        conversation.reply(row.ticket, line, by=by)
    if what == Outcome.REACHED:
        _reached(row, by)
    elif what == Outcome.WRONG_NUMBER:
        _finish(row, State.WRONG_NUMBER, "wrong_number", by.actor)
    else:
        _not_answered(row, by.actor)
    return Callback.objects.with_people().get(pk=row.pk)


def _reached(row: Callback, by: User) -> None:
    """The customer has his answer: his ticket no longer waits for one."""
    row.state, row.ended_at = State.REACHED, clock.now()
    row.save(update_fields=["state", "ended_at"])
    line = Line(body=telling.words_of(row, "reached"), channel=Channel.CHAT)
    conversation.append(access.locked(row.ticket_id), line, by=by.actor, user=by)
    record(names.CALLBACK_ENDED, row, by=by.actor, data={"ticket": row.ticket_id, "state": row.state})


def _not_answered(row: Callback, by: Actor) -> None:
    """Once more after a pause, when there is room; never more often than the limit."""
    later = clock.now() + timedelta(minutes=settings.CALLBACK_RETRY_MINUTES)
    slots.serialise(row.queue)
    plan = slots.Plan.of(row.site, row.queue, clock.now(), without=row)
    again = next(plan.free(later), None) if row.attempts < settings.CALLBACK_ATTEMPTS else None
    if again is None:
        _finish(row, State.MISSED, "missed", by)
        return
    row.state, row.agent, row.taken_at = State.WAITING, None, None
    row.due_at, row.is_asap = again.starts_at, False
    row.save(update_fields=["state", "agent", "taken_at", "due_at", "is_asap"])
    telling.say(row, "again")
    record(names.CALLBACK_RELEASED, row, by=by, data={"ticket": row.ticket_id})
    telling.plan(row, "again")


def _finish(row: Callback, state: str, what: str, by: Actor) -> None:
    """It goes on in writing: the ticket stays, and waits for an answer."""
    row.state, row.ended_at = State(state), clock.now()
    row.save(update_fields=["state", "ended_at"])
    telling.say(row, what)
    record(names.CALLBACK_ENDED, row, by=by, data={"ticket": row.ticket_id, "state": state})
    telling.plan(row, what)


@engine.every(60)
def sweep() -> None:
    """What somebody took and forgot goes back; what nobody called for a day goes on in writing."""
    moment = clock.now()
    for pk in Callback.objects.filter(state=State.TAKEN, taken_at__lt=moment - FORGOTTEN).values_list("pk", flat=True):
        with transaction.atomic():
            row = locked(pk)
            if row.state == State.TAKEN and row.taken_at and row.taken_at < moment - FORGOTTEN:
                _give_back(row, SYSTEM)
    lapsed = Callback.objects.filter(state=State.WAITING, due_at__lt=moment - LAPSED)
    for pk in lapsed.values_list("pk", flat=True):
        with transaction.atomic():
            row = locked(pk)
            if row.state == State.WAITING and row.due_at < moment - LAPSED:
                row.version += 1
                row.save(update_fields=["version"])
                _finish(row, State.MISSED, "lapsed", SYSTEM)
