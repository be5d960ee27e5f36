"""A customer writes to somebody who is not there: the ticket goes back to the team, as its queue chooses."""

from django.db import transaction

from helpdesk.lib import clock
from helpdesk.lib.actor import SYSTEM
from helpdesk.people import choosing
from helpdesk.people.choosing import Need
from tickets import access, lifecycle
from tickets.assignment import desk
from tickets.models import Queue, Ticket

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
