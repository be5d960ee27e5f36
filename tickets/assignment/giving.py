"""Give one ticket to somebody, or hold it out to him. However many try at once, one of them decides.

Locks are taken in one order: queue, ticket, then the person chosen. The queue's lock keeps turns fair, the ticket's
makes one winner, the person's keeps two queues from filling his last place twice.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import transaction

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import outbox
from helpdesk.lib import clock, live
from helpdesk.lib.actor import SYSTEM
from helpdesk.people import choosing
from helpdesk.people.choosing import Choice, Person
from helpdesk.people.models import User
from tickets import access, lifecycle
from tickets import live as tickets_live
from tickets.assignment import account, desk, offers
from tickets.models import AssignmentDecision, Queue, Ticket


@transaction.atomic
def give(ticket_id: int, *, cause: str, people: Sequence[Person] | None = None) -> Choice | None:
    """Choose and assign, or offer where the queue offers. `people`: the team, if the caller has just read it.

    None when there was nothing to decide: the ticket is taken, finished, asleep, offered, or its queue is served by hand.
    """
    queue = _locked_queue(ticket_id)
    moment = clock.now()
    if queue is None:
        return None
    row = access.locked(ticket_id)
    if row.queue_id != queue.pk or not desk.waits(ticket_id, moment):
        return None
    row.queue = queue
    team = desk.people(queue, moment) if people is None else people
    choice, user = _choose(row, queue, desk.without_those_who_let_go(row, team, moment))
    if user is None:
        account.keep(row, queue, choice, cause=cause, outcome=AssignmentDecision.Outcome.NOBODY)
        return choice
    _hand_over(row, queue, user, choice, cause)
    return choice


def _locked_queue(ticket_id: int) -> Queue | None:
    """Not FOR UPDATE: that would hold up every request that comes into the queue meanwhile."""
    rows = Queue.objects.filter(pk__in=Ticket.objects.filter(pk=ticket_id).values("queue"), is_active=True)
    return rows.exclude(strategy=Queue.Strategy.MANUAL).order_by().select_for_update(no_key=True).first()


class _ChangedMeanwhileError(Exception):
    """The person chosen is not what the team's list said."""

    def __init__(self, now: Person) -> None:
        super().__init__()
        self.now = now


def _choose(row: Ticket, queue: Queue, folk: list[Person]) -> tuple[Choice, User | None]:
    """Choose, then look at the winner again under his lock; whoever changed meanwhile is weighed anew.

    The lock of one who turns out to be full goes with the savepoint, so that nobody holds two people.
    """
    need, order = desk.need(row), desk.order(queue)
    while True:
        choice = choosing.choose(folk, need, clock.now(), order=order, last=queue.last_assignee_id or 0)
        if choice.winner is None:
            return choice, None
        try:
            with transaction.atomic():
                return choice, _locked_person(choice.winner)
        except _ChangedMeanwhileError as changed:
            folk = [changed.now if each.id == changed.now.id else each for each in folk]


def _locked_person(chosen: Person) -> User:
    user = User.objects.select_for_update(no_key=True).get(pk=chosen.id)
    now = replace(
        chosen,
        is_active=user.is_active,
        availability=user.availability,
        load=desk.loads([chosen.id]).get(chosen.id, 0),
        limit=user.ticket_capacity,
    )
    if choosing.weigh(replace(now, skills=frozenset()), choosing.Need(), clock.now()):
        raise _ChangedMeanwhileError(now)
    return user


def _hand_over(row: Ticket, queue: Queue, user: User, choice: Choice, cause: str) -> None:
    outcome = AssignmentDecision.Outcome.OFFERED if queue.offer_seconds else AssignmentDecision.Outcome.ASSIGNED
    account.keep(row, queue, choice, cause=cause, outcome=outcome)
    queue.last_assignee = user
    queue.save(update_fields=["last_assignee"])
    if queue.offer_seconds is None:
        lifecycle.assign(row, user, by=SYSTEM)
        return
    offer = offers.make(row, user, until=clock.now() + timedelta(seconds=queue.offer_seconds))
    record(names.TICKET_OFFERED, row, by=SYSTEM, data={"to": user.pk, "until": offer.expires_at.isoformat()})
    outbox.enqueue(offers.expire, at=offer.expires_at, priority=3, offer_id=offer.pk)
    live.publish(tickets_live.user(user.pk), offers.frame(offer))
