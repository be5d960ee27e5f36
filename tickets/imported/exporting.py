"""Requests into a table, in the columns that an import takes."""

from collections.abc import Iterator
from typing import Any

from helpdesk.people.imports.exporting import by_id, joined
from helpdesk.people.models import Identity
from tickets.imported import own, writing
from tickets.imported.cells import MAX_TEXT
from tickets.models import Message, Ticket
from tickets.models.ticket import Priority

_HEADER = [
    "external_id", "subject", "status", "queue", "kind", "priority", "tags", "created_at", "solved_at", "customer_id",
    "email", "phone", "name", "assignee", "channel", "language", "text", "number", "messages",
]  # fmt: skip
_AT_ONCE = 500


def tickets() -> Iterator[list[Any]]:
    """All requests that were not merged into another one, with their first message: what the customer wrote."""
    yield _HEADER
    rows = Ticket.objects.filter(merged_into__isnull=True).select_related("queue", "assignee", "requester")
    page: list[Ticket] = []
    for ticket in by_id(rows.prefetch_related("tags", "requester__identities")):
        page.append(ticket)
        if len(page) == _AT_ONCE:
            yield from _rows(page)
            page = []
    yield from _rows(page)


def _rows(page: list[Ticket]) -> Iterator[list[Any]]:
    first = {one.ticket_id: one for one in Message.objects.filter(ticket__in=page, seq=1)}
    for ticket in page:
        yield _row(ticket, first.get(ticket.pk))


def _row(ticket: Ticket, said: Message | None) -> list[Any]:
    theirs: dict[str, list[str]] = {str(kind): [] for kind in Identity.Kind.values}
    for identity in ticket.requester.identities.all():
        theirs[identity.kind].append(identity.value)
    # Ids that websites vouch by (`site:id`) mean nothing elsewhere
    external = next((value for value in theirs["external"] if ":" not in value), "")
    email = ticket.reply_address if ticket.reply_address in theirs["email"] else next(iter(theirs["email"]), "")
    is_imported = said is not None and said.origin_id and said.origin_by in (writing.FILE, *own.PRODUCTS)
    return [
        own.name(said.origin_by, str(said.origin_id)) if said and is_imported else own.id_of(ticket),
        ticket.subject, ticket.status, ticket.queue.slug, ticket.kind or "", Priority(ticket.priority).name.lower(),
        joined(sorted(tag.name for tag in ticket.tags.all())), ticket.created_at.isoformat(),
        ticket.solved_at.isoformat() if ticket.solved_at else "", external, email, joined(theirs["phone"]),
        ticket.requester.name, ticket.assignee.email if ticket.assignee else "", ticket.channel, ticket.language,
        (said.shown_body if said else "")[:MAX_TEXT], ticket.pk, ticket.last_seq,
    ]  # fmt: skip
