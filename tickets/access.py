"""The one policy of tickets: fetch, permit and lock in one call. What may not be seen does not exist (404)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from helpdesk.lib import errors
from helpdesk.people.models import Customer, User
from tickets.models import Participant, Queue, Ticket

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


def locked_all(ticket_ids: Collection[int]) -> dict[int, Ticket]:
    """The same for several, always in the order of their numbers: whoever locks some of them waits, but for nobody in turn."""
    found = {row.pk: row for row in Ticket.objects.select_for_update().order_by("pk").filter(pk__in=ticket_ids)}
    queues = Queue.objects.in_bulk({row.queue_id for row in found.values()})
    for row in found.values():
        row.queue = queues[row.queue_id]
    return found


def current(row: Ticket) -> Ticket:
    """The ticket, or the one in which it goes on; a loop of merges cannot be made."""
    while row.merged_into_id is not None:
        row = Ticket.objects.get(pk=row.merged_into_id)
    return row


def seen_by(users: Collection[User], rows: Collection[Ticket]) -> set[tuple[int, int]]:
    """Of these users and tickets, who sees which: `TicketQuerySet.visible_to` for many by two queries."""
    readers = [user for user in users if user.may("ticket.read")]
    members = {row.pk for row in readers if row.role != User.Role.ADMIN}
    queues = Queue.objects.filter(pk__in={row.queue_id for row in rows}, team__members__in=members)
    serves = set(queues.values_list("team__members", "pk")) if members and rows else set()
    ids = {row.pk for row in rows}
    followed = Participant.objects.filter(user__in=members, ticket__in=ids)
    follows = set(followed.values_list("user_id", "ticket_id")) if members and rows else set()
    return {
        (user.pk, row.pk)
        for user in readers
        for row in rows
        if user.role == User.Role.ADMIN
        or (user.pk, row.queue_id) in serves
        or row.assignee_id == user.pk
        or (user.pk, row.pk) in follows
    }


# What a customer may do to a request, by why he reads it: he asked, somebody named him, or his organisation shares it.
_RIGHTS: Final = {
    "asked": frozenset({"read", "reply", "solve", "rate", "name"}),
    "named": frozenset({"read", "reply", "leave"}),
    "organization": frozenset({"read", "name", "join"}),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A request that a customer reads, and why he may."""

    ticket: Ticket
    why: str
    rights: frozenset[str]


def of_customer(customer: Customer, ticket_id: int, *, needs: str = "read") -> Reading:
    """A request that the customer may read; any other number is answered as if it did not exist.

    Raises NotFound when he may not read it, NotAllowed when he may read it but not do this.
    """
    found = _reading(customer, ticket_id)
    if found is None:
        raise errors.NotFound()
    if needs not in found.rights:
        raise errors.NotAllowed()
    return found


def reads(customer: Customer, ticket_id: int) -> bool:
    """Whether the customer may read this request at this moment."""
    return _reading(customer, ticket_id) is not None


def _reading(customer: Customer, ticket_id: int) -> Reading | None:
    rows = Ticket.objects.exclude(status="spam").select_related("organization", "requester")
    kinds = {
        "asked": rows.of_customer,
        "named": rows.named_to,
        "organization": rows.of_organization_of,
    }
    for why, of in kinds.items():
        if found := of(customer).filter(pk=ticket_id).first():
            is_shared = customer.reads_organization and found.organization_id == customer.organization_id
            more = {"name"} if why == "named" and is_shared else set()
            return Reading(found, why, _RIGHTS[why] | more)
    return None


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
