"""The one policy of tickets: fetch, permit and lock in one call. What may not be seen does not exist (404)."""

from django.db.models import QuerySet

from helpdesk.lib import errors
from helpdesk.people.models import Customer, User
from tickets.models import Queue, Ticket

_VERBS = ("reply", "note", "update", "assign")


def ticket(user: User, ticket_id: int, *, needs: str = "ticket.read", lock: bool = False) -> Ticket:
    """A ticket the user may see and for which his role holds `needs`; locked for the transaction when asked.

    Raises NotFound when he may not see it, NotAllowed when he may see it but not do this.
    """
    found = Ticket.objects.visible_to(user).filter(pk=ticket_id).first()
    if found is None:
        raise errors.NotFound()
    if not user.may(needs):
        raise errors.NotAllowed()
    return locked(found.pk) if lock else found


def locked(ticket_id: int) -> Ticket:
    """The row under its lock: `seq` and counters are only touched while it is held. The caller has been permitted."""
    return Ticket.objects.select_for_update().get(pk=ticket_id)


def own_ticket(customer: Customer, ticket_id: int) -> Ticket:
    """One of the customer's own tickets; another customer's number is answered as if it did not exist."""
    found = Ticket.objects.of_customer(customer).exclude(status="spam").filter(pk=ticket_id).first()
    if found is None:
        raise errors.NotFound()
    return found


def queue(user: User, slug: str) -> Queue:
    """A queue the user's teams serve; raises NotFound otherwise."""
    found = Queue.objects.served_by(user).filter(slug=slug).first()
    if found is None:
        raise errors.NotFound()
    return found


def queues(user: User) -> QuerySet[Queue]:
    """The queues whose tickets and news the user may see."""
    return Queue.objects.served_by(user).select_related("team")


def verbs(user: User) -> list[str]:
    """What the user may do to a ticket he sees."""
    return [verb for verb in _VERBS if user.may(f"ticket.{verb}")]
