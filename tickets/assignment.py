"""Give new work to an agent who is there: in turn or to the least busy, as the queue says."""

from django.db import transaction
from django.db.models import Count, Q

from helpdesk.events.models import Event
from helpdesk.lib.actor import SYSTEM
from helpdesk.people import presence
from helpdesk.people.models import User
from tickets import lifecycle
from tickets.models import Queue, Ticket
from tickets.models.ticket import AWAITING_US, UNFINISHED


def push(event_id: int) -> None:
    """Job after `ticket.opened`: assign when the queue's strategy says so and somebody is available."""
    event = Event.objects.get(pk=event_id)
    ticket = Ticket.objects.select_related("queue").get(pk=event.subject_id)
    if ticket.assignee_id or ticket.status not in UNFINISHED or ticket.queue.strategy == Queue.Strategy.MANUAL:
        return
    assign(ticket)


@transaction.atomic
def assign(ticket: Ticket) -> User | None:
    """Choose and assign; None when nobody is there, and the ticket waits in its queue for everybody to see."""
    queue = Queue.objects.select_for_update().get(pk=ticket.queue_id)
    candidates = available(queue)
    if not candidates:
        return None
    chosen = _in_turn(queue, candidates) if queue.strategy == Queue.Strategy.ROUND_ROBIN else candidates[0]
    lifecycle.assign(ticket, chosen, by=SYSTEM)
    queue.last_assignee = chosen
    queue.save(update_fields=["last_assignee"])
    return chosen


def available(queue: Queue) -> list[User]:
    """Agents of the queue's team who have a desk open and say they are available, the least busy first."""
    load = Count("tickets", filter=Q(tickets__status__in=AWAITING_US))
    members = User.objects.filter(
        teams=queue.team_id,
        is_active=True,
        availability=User.Availability.AVAILABLE,
        role__in=[User.Role.AGENT, User.Role.SUPERVISOR],
    )
    found = list(members.annotate(load=load).order_by("load", "id"))
    there = presence.present([user.pk for user in found])
    return [user for user in found if user.pk in there]


def _in_turn(queue: Queue, candidates: list[User]) -> User:
    """The first by id after whose turn was last."""
    by_id = sorted(candidates, key=lambda user: user.pk)
    last = queue.last_assignee_id or 0
    return next((user for user in by_id if user.pk > last), by_id[0])
