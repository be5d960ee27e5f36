"""What nothing places goes to one queue, and that queue has an alarm: nobody falls through unseen."""

from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q

from helpdesk.people.models import User
from tickets.models import Queue, Ticket


def tell(user: User) -> dict[str, Any]:
    """How many unfinished tickets stand in the queue of the unplaced, as far as the user may see.

    Uses index: ticket_queue_line. `alarm` from UNROUTED_ALARM unassigned tickets that no rule placed on.
    """
    queue = Queue.objects.get(is_default=True)
    rows = Ticket.objects.visible_to(user).unfinished().filter(queue=queue)
    unplaced = Q(routing__rule__isnull=True, assignee__isnull=True)
    found = rows.aggregate(
        open=Count("id", distinct=True),
        waiting=Count("id", filter=Q(waiting_since__isnull=False), distinct=True),
        oldest=Min("waiting_since"),
        unplaced=Count("id", filter=unplaced, distinct=True),
    )
    return {
        "queue": {"slug": queue.slug, "name": queue.label},
        "open": found["open"],
        "waiting": found["waiting"],
        "oldest_waiting_since": found["oldest"],
        "unplaced": found["unplaced"],
        "threshold": settings.UNROUTED_ALARM,
        "alarm": found["unplaced"] >= settings.UNROUTED_ALARM,
    }
