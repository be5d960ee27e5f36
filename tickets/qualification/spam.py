"""Spam: signs that anybody would see, and what the desk's own marks have taught. Held, visible, one click back."""

from helpdesk.lib import clock
from helpdesk.lib.actor import Actor
from tickets.models import SpamMark, Ticket
from tickets.models.ticket import Status


def learn_from(ticket: Ticket, status: str, by: Actor) -> None:
    """A person who moves a ticket into spam, or out of it, has said what it is."""
    if by.kind == "user" and Status.SPAM in (ticket.status, status):
        defaults = {"is_spam": status == Status.SPAM, "user_id": by.id, "marked_at": clock.now()}
        SpamMark.objects.update_or_create(ticket=ticket, defaults=defaults)
