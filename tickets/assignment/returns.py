"""Tickets go back to the team: their customer writes to somebody who is not there, or their agent works here no more."""

from typing import Final

from django.db import transaction

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock
from helpdesk.lib.actor import SYSTEM
from helpdesk.people import choosing
from helpdesk.people.choosing import Need
from helpdesk.people.models import User
from tickets import access, lifecycle
from tickets.assignment import desk, offers
from tickets.models import Offer, Queue, Ticket

# Given back in one go, so that no job outlives its lease
BATCH: Final = 100

# Of all that may speak against somebody, what means that he will not see the reply soon
_AWAY = {
    Queue.Away.KEEP: {"deactivated"},
    Queue.Away.ABSENT: {"deactivated", "absent"},
    Queue.Away.OFF_SHIFT: {"deactivated", "absent", "off_shift"},
}


@transaction.atomic
def after_reply(ticket_id: int) -> None:
    """Job after a customer's words on an assigned ticket. Never for machine mail: it unassigns nobody."""
    row = access.locked(ticket_id)
    if row.assignee_id is None or row.is_finished or _is_talking(row):
        return
    queue = Queue.objects.get(pk=row.queue_id)
    if reason := why_away(row.assignee_id, queue):
        lifecycle.assign(row, None, by=SYSTEM, because=reason)


def somebody_left(event_id: int) -> None:
    """Job after an agent was deactivated: what he had not finished, and what was held out to him, goes to others."""
    hand_back(Event.objects.get(pk=event_id).subject_id)


def hand_back(user_id: int) -> None:
    """Job: some of his tickets, the most urgent first, each in a transaction of its own; the rest is the next job's.

    Whoever is active again meanwhile keeps what he still has.
    """
    if User.objects.filter(pk=user_id, is_active=True).exists():
        return
    for offer_id in Offer.objects.open().filter(user=user_id).values_list("pk", flat=True)[:BATCH]:
        offers.withdraw(offer_id)
    unfinished = Ticket.objects.unfinished().filter(assignee=user_id).longest_waiting()
    some = list(unfinished.values_list("pk", flat=True)[: BATCH + 1])
    for ticket_id in some[:BATCH]:
        _back_to_the_team(ticket_id, user_id)
    if len(some) > BATCH:
        outbox.enqueue(hand_back, user_id=user_id)


@transaction.atomic
def _back_to_the_team(ticket_id: int, user_id: int) -> None:
    row = access.locked(ticket_id)
    if row.assignee_id == user_id and not row.is_finished:
        lifecycle.assign(row, None, by=SYSTEM, because="deactivated")


def why_away(user_id: int, queue: Queue) -> str:
    """'deactivated', 'absent' or 'off_shift' when that takes tickets of this queue away from the user; else ''."""
    moment = clock.now()
    person = desk.person(user_id, moment)
    if person is None:
        return "deactivated"
    codes = [reason.code for reason in choosing.weigh(person, Need(), moment)]
    return next((code for code in codes if code in _AWAY[Queue.Away(queue.when_agent_away)]), "")


def _is_talking(row: Ticket) -> bool:
    """Whether the agent is in a live chat on this very ticket: then he is there, whatever his shift says."""
    return Ticket.objects.filter(pk=row.pk, sessions__state="live", sessions__agent=row.assignee_id).exists()
