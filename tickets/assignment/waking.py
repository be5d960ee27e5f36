"""When to give work out: a ticket comes, moves, is put back; somebody comes, is free again, or his shift begins.

Everything is told by events. A sweep each minute only repairs what a lost event left waiting.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.jobs import engine, outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock
from helpdesk.people import choosing
from helpdesk.people.choosing import Choice, Need, Person
from helpdesk.people.models import User
from tickets import access
from tickets.assignment import desk, offers
from tickets.assignment.giving import give
from tickets.models import Offer, Queue, Ticket

# Given out in one go, and looked at for it: what then still waits is for the next job, so that none outlives its lease
BATCH: Final = 50
LOOKED_AT: Final = 500
_CAUSES: Final[dict[str, str]] = {
    names.TICKET_OPENED: "opened",
    names.TICKET_ROUTED: "routed",
    names.TICKET_ASSIGNED: "released",
    names.TICKET_REOPENED: "reopened",
    names.TICKET_STATUS: "reopened",
    names.TICKET_SKILLS: "skills",
    names.TICKET_CHANGED: "woken",
}


# --- tickets ---------------------------------------------------------------------------------------------------------
def push(event_id: int) -> None:
    """Job after `ticket.opened`."""
    _give(Event.objects.get(pk=event_id).subject_id, "opened")


def follow_ticket(event_id: int) -> None:
    """Job after a ticket was moved, assigned, finished, reopened: it may want somebody, or somebody may be free again."""
    event = Event.objects.get(pk=event_id)
    if Offer.objects.open().filter(ticket=event.subject_id).exists():
        _settle(event)
    if event.name in _CAUSES:
        _want(event)
    _free_again(event)


@transaction.atomic
def _settle(event: Event) -> None:
    """What is still held out is taken back when the ticket is somebody's, finished or elsewhere."""
    row = access.locked(event.subject_id)
    if row.assignee_id is not None or row.is_finished or event.name == names.TICKET_ROUTED:
        offers.settle(row)


def _want(event: Event) -> None:
    """Give it out again when it is nobody's; who put it back himself is remembered."""
    if not desk.gives_out(event.subject_id):
        return
    cause, before = _CAUSES[event.name], event.data.get("from")
    if event.name == names.TICKET_ASSIGNED and event.data.get("reason"):
        cause = "returned"
    elif event.name == names.TICKET_ASSIGNED and (event.actor_kind, event.actor_id) == ("user", before):
        offers.let_go(event.subject_id, before)
    _give(event.subject_id, cause)


def offer_ended(event_id: int) -> None:
    """Job after an offer was declined or ran out: the next one is asked."""
    event = Event.objects.get(pk=event_id)
    _give(event.subject_id, str(event.data["how"]))


def after_chat(event_id: int) -> None:
    """Job after `session.ended`: a chat that nobody took is a ticket like any other."""
    ticket_id = Event.objects.get(pk=event_id).data.get("ticket")
    if ticket_id:
        _give(ticket_id, "chat_ended")


def _give(ticket_id: int, cause: str) -> None:
    if not desk.gives_out(ticket_id):
        return
    choice = give(ticket_id, cause=cause)
    if choice is not None and choice.winner is None and choice.again_at is not None:
        _look_again(Ticket.objects.values_list("queue", flat=True).get(pk=ticket_id), choice.again_at)


def _look_again(queue_id: int, at: datetime | None) -> None:
    """When time alone may change the answer, the queue is looked at then: a shift begins, an absence ends, skills relax."""
    if at is not None:
        at = at.replace(microsecond=0) + timedelta(seconds=1)
        key = f"{_key(queue_id)}:{at.isoformat()}"
        outbox.enqueue(drain, at=at, unique_key=key, queue_id=queue_id, cause="time")


# --- people ----------------------------------------------------------------------------------------------------------
def somebody_came(event_id: int) -> None:
    """Job after an agent came, said that he takes work, or got other skills, hours or places."""
    wake(Event.objects.get(pk=event_id).subject_id)


def _free_again(event: Event) -> None:
    """Whoever has only so many places may have one more now."""
    limited = User.objects.filter(ticket_capacity__isnull=False)
    if event.name == names.TICKET_ASSIGNED:
        found = limited.filter(pk=event.data.get("from") or 0)
    else:
        found = limited.filter(tickets=event.subject_id)
    for user in found:
        wake(user.pk)


def queue_changed(event_id: int) -> None:
    """Job after a queue's way of giving work out changed: what waits there may now go to somebody."""
    ask_for(Event.objects.get(pk=event_id).subject_id)


def wake(user_id: int) -> None:
    """Look at the lines that this user serves, where he takes work and something waits."""
    if not User.objects.filter(pk=user_id, is_active=True, availability=User.Availability.AVAILABLE).exists():
        return
    for queue in _lines(clock.now()).filter(team__members=user_id):
        ask_for(queue.pk)


def ask_for(queue_id: int, *, cause: str = "somebody_free") -> None:
    """Have a line looked at soon. Many who ask at once cause one look."""
    outbox.enqueue(drain, priority=3, unique_key=_key(queue_id), queue_id=queue_id, cause=cause)


def _key(queue_id: int) -> str:
    return f"assignment:{queue_id}"


def _lines(moment: datetime) -> QuerySet[Queue]:
    """Queues that give work out and in which something waits."""
    some = desk.waiting(OuterRef("pk"), moment)
    return Queue.objects.filter(Exists(some), is_active=True).exclude(strategy=Queue.Strategy.MANUAL)


def drain(queue_id: int, cause: str = "somebody_free") -> None:
    """Job: give out what waits in a queue, first in line first, until nobody is free.

    Whoever asks from here on is not served by what is about to be read: his job must not be taken for this one.
    """
    Job.objects.filter(unique_key=_key(queue_id)).update(unique_key=None)
    queue = Queue.objects.filter(pk=queue_id, is_active=True).exclude(strategy=Queue.Strategy.MANUAL).first()
    if queue is None:
        return
    moment = clock.now()
    line = list(desk.with_needs(desk.waiting(queue, moment).longest_waiting())[:LOOKED_AT])
    given = _give_out(line, queue, desk.people(queue, moment) if line else [], cause)
    if given == BATCH:
        ask_for(queue_id, cause=cause)


def _give_out(line: list[Ticket], queue: Queue, people: list[Person], cause: str) -> int:
    """Whom nobody can serve now is passed over without a query: one who waits for a skill holds nobody up."""
    given, later = 0, []
    for ticket in line:
        moment = clock.now()
        if given == BATCH or (nobody := choosing.choose(people, Need(), moment, order="in_turn")).winner is None:
            later += [nobody.again_at] if given < BATCH else []
            break
        choice: Choice | None = choosing.choose(people, desk.need(ticket), moment, order="in_turn")
        if choice is not None and choice.winner is not None:
            choice = give(ticket.pk, cause=cause, people=people)
        if choice is None:
            continue
        if choice.winner is None:
            later.append(choice.again_at)
            continue
        given += 1
        people = choosing.with_one_more(people, choice.winner.id)
    _look_again(queue.pk, min((at for at in later if at), default=None))
    return given


@engine.every(60)
def sweep() -> None:
    """Look at every line in which something waits: presence lives in a cache, which may forget to tell."""
    for queue in _lines(clock.now()):
        ask_for(queue.pk, cause="sweep")
