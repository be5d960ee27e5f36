"""Snoozed tickets come back at their time: into the lists of people, and into the line where nobody has them."""

from django.db import transaction

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import engine
from helpdesk.lib import clock
from helpdesk.lib.actor import SYSTEM
from tickets import access
from tickets.models import Ticket

_AT_ONCE = 200


@transaction.atomic
def wake(ticket_id: int) -> None:
    """Job at the end of a snooze; one that was ended or prolonged meanwhile is left alone."""
    row = access.locked(ticket_id)
    if row.snoozed_until is None or row.snoozed_until > clock.now():
        return
    row.snoozed_until = None
    row.version += 1
    row.save(update_fields=["snoozed_until", "version"])
    record(names.TICKET_CHANGED, row, by=SYSTEM, data={"snoozed": None})


@engine.every(60)
def sweep() -> None:
    """Wake what a lost job left asleep. Uses index: ticket_snoozed."""
    over = Ticket.objects.filter(snoozed_until__lte=clock.now()).order_by("snoozed_until")
    for ticket_id in over.values_list("pk", flat=True)[:_AT_ONCE]:
        wake(ticket_id)
