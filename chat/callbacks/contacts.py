"""Call-backs in the history of a customer."""

from collections.abc import Iterable
from datetime import datetime

from chat.callbacks import numbers
from chat.models import Callback
from helpdesk.people.models import Customer, User
from tickets.timeline import Entry


def of_customer(user: User, customer: Customer, before: datetime | None, most: int) -> Iterable[Entry]:
    """Those whose queue the user serves, when they were asked for. One query. Uses index: callback_customer."""
    rows = Callback.objects.visible_to(user).of_customer(customer).select_related("ticket")
    if before is not None:
        rows = rows.filter(created_at__lt=before)
    return [_entry(row) for row in rows[:most]]


def _entry(row: Callback) -> Entry:
    return Entry(
        kind="callback",
        at=row.created_at,
        title=f"{numbers.of(row.number).international} · {row.get_state_display()}",
        excerpt=row.topic or row.ticket.subject,
        url=f"/desk/tickets/{row.ticket_id}",
        ticket=row.ticket_id,
        channel="phone",
    )
