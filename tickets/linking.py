"""Requests that have to do with each other: related, part of a larger one, or waiting for another one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors
from helpdesk.people.models import User
from tickets import access
from tickets.models import Ticket, TicketLink

Kind = TicketLink.Kind
# More than anybody reads beside a conversation
MOST = 100
EVENTS = (names.TICKET_LINKED, names.TICKET_UNLINKED)

PROBLEMS = {
    "same": _("A request cannot be linked with itself."),
    "merged": _("This request goes on in another one: link that one."),
    "circle": _("This would lead round in a circle."),
    "too_many": _("This request has too many links already."),
}


class Relation(models.TextChoices):
    """What the other request is to this one."""

    PARENT = "parent"
    CHILD = "child"
    BLOCKED_BY = "blocked_by"
    BLOCKS = "blocks"
    RELATED = "related"


# relation → kind of the row, and whether this request is its first end
_ENDS = {
    Relation.PARENT: (Kind.PARENT, False),
    Relation.CHILD: (Kind.PARENT, True),
    Relation.BLOCKED_BY: (Kind.BLOCKS, False),
    Relation.BLOCKS: (Kind.BLOCKS, True),
}
_SEEN_AS = {ends: relation for relation, ends in _ENDS.items()}
_ORDER = list(Relation)


@dataclass(frozen=True, slots=True)
class Linked:
    """A link as one of its two tickets sees it."""

    link: TicketLink
    ticket: Ticket  # the other one
    relation: Relation


# --- read ------------------------------------------------------------------------------------------------------------
def links_of(ticket: Ticket, user: User) -> list[Linked]:
    """What the user may see of them; a request that went on in another one is left out. A fixed number of queries."""
    found = [_seen_from(ticket.pk, link) for link in TicketLink.objects.of(ticket).with_ends()]
    found = [one for one in found if one.ticket.merged_into_id is None]
    seen = access.seen_by([user], [one.ticket for one in found])
    return sorted(
        (one for one in found if (user.pk, one.ticket.pk) in seen),
        key=lambda one: (_ORDER.index(one.relation), one.ticket.is_finished, one.ticket.pk),
    )


def link(user: User, ticket: Ticket, link_id: int) -> Linked:
    """One link of this ticket. Raises NotFound for another's, and where the user may not see the other end."""
    found = TicketLink.objects.of(ticket).with_ends().filter(pk=link_id).first()
    if found is None:
        raise errors.NotFound()
    seen = _seen_from(ticket.pk, found)
    access.ticket(user, seen.ticket.pk)
    return seen


def _seen_from(ticket_id: int, row: TicketLink) -> Linked:
    is_first = row.first_id == ticket_id
    relation = _SEEN_AS.get((Kind(row.kind), is_first), Relation.RELATED)
    return Linked(link=row, ticket=row.second if is_first else row.first, relation=relation)


# --- write -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def add(ticket: Ticket, other: Ticket, relation: str, *, by: User) -> tuple[Linked, bool]:
    """Link `other` to `ticket` as its `relation`. Returns it and whether it is new: doing it twice is a no-op.

    Raises Conflict with a code of `PROBLEMS`. The caller has seen both.
    """
    rows = access.locked_all([ticket.pk, other.pk])
    ticket, other = rows[ticket.pk], rows[other.pk]
    first, second, kind = _row(ticket.pk, other.pk, Relation(relation))
    known = TicketLink.objects.filter(first=first, second=second, kind=kind).first()
    code = "" if known else _problem(rows, first, second, kind)
    if code:
        raise errors.Conflict(str(PROBLEMS[code]), code=code)
    row = known or TicketLink.objects.create(
        first_id=first, second_id=second, kind=kind, created_by=by, created_at=clock.now()
    )
    if known is None:
        _tell(names.TICKET_LINKED, row, rows, by)
    row.first, row.second = rows[first], rows[second]
    return _seen_from(ticket.pk, row), known is None


@transaction.atomic
def remove(linked: Linked, *, by: User) -> None:
    """Take a link away; the same `add` puts it back. Doing it twice is a no-op."""
    ends = linked.link.first_id, linked.link.second_id
    rows = access.locked_all(ends)
    if TicketLink.objects.filter(pk=linked.link.pk).delete()[0]:
        _tell(names.TICKET_UNLINKED, linked.link, rows, by)


def _row(ticket_id: int, other_id: int, relation: Relation) -> tuple[int, int, Kind]:
    """Which row says so: first end, second end, kind."""
    kind, is_first = _ENDS.get(relation, (Kind.RELATED, ticket_id < other_id))
    return (ticket_id, other_id, kind) if is_first else (other_id, ticket_id, kind)


def _problem(rows: dict[int, Ticket], first: int, second: int, kind: Kind) -> str:
    if first == second:
        return "same"
    if any(row.merged_into_id is not None for row in rows.values()):
        return "merged"
    if any(TicketLink.objects.of(row).count() >= MOST for row in rows.values()):
        return "too_many"
    return "circle" if _goes_round(first, second, kind) else ""


def _goes_round(first: int, second: int, kind: str) -> bool:
    """Whether one comes from `first` upwards to `second` already: then it cannot stand above it, too."""
    if kind == Kind.RELATED:
        return False
    above, seen = {first}, set[int]()
    while above:
        if second in above:
            return True
        seen |= above
        higher = TicketLink.objects.filter(second__in=above, kind=kind).values_list("first_id", flat=True)
        above = set(higher) - seen
    return False


def _tell(name: str, row: TicketLink, rows: dict[int, Ticket], by: User) -> None:
    """Both histories say it, each from its own side."""
    for here, there in ((row.first_id, row.second_id), (row.second_id, row.first_id)):
        relation = _SEEN_AS.get((Kind(row.kind), here == row.first_id), Relation.RELATED)
        record(name, rows[here], by=by.actor, data={"to": there, "as": str(relation)})


# --- merging ---------------------------------------------------------------------------------------------------------
def move(source: Ticket, target: Ticket) -> list[list[int]]:
    """The links of a request that goes on in another one become that one's. Returns what `move_back` needs.

    Those that would say the same twice, link it with itself or lead round in a circle stay where they are, unseen.
    """
    moved = []
    for row in TicketLink.objects.of(source).order_by("pk"):
        before = [row.pk, row.first_id, row.second_id]
        if _move(row, source.pk, target.pk):
            moved.append(before)
    return moved


def _move(row: TicketLink, source: int, target: int) -> bool:
    first, second = (target if end == source else end for end in (row.first_id, row.second_id))
    if row.kind == Kind.RELATED:
        first, second = sorted((first, second))
    is_there = TicketLink.objects.filter(first=first, second=second, kind=row.kind).exists()
    if first == second or is_there or _goes_round(first, second, row.kind):
        return False
    row.first_id, row.second_id = first, second
    row.save(update_fields=["first", "second"])
    return True


def move_back(moved: Iterable[list[int]]) -> None:
    """As they were before, but for those that somebody took away or made anew since."""
    for pk, first, second in moved:
        row = TicketLink.objects.filter(pk=pk).first()
        if row is None or TicketLink.objects.filter(first=first, second=second, kind=row.kind).exists():
            continue
        row.first_id, row.second_id = first, second
        row.save(update_fields=["first", "second"])


# --- history ---------------------------------------------------------------------------------------------------------
def unseen_ends(events: Iterable[Any], user: User) -> set[int]:
    """Of the tickets that events of links name, those that the user may not see: he is not told of them."""
    named = {event.data["to"] for event in events if event.name in EVENTS}
    if not named:
        return set()
    return named - set(Ticket.objects.visible_to(user).filter(pk__in=named).values_list("pk", flat=True))
