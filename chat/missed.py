"""What lines have not carried yet, read for many of them together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from django.db.models import Q, QuerySet

from chat import visit
from chat.protocol import Frame
from tickets import live as tickets_live
from tickets.models import Message, Ticket

# More is not repeated to a line: the client fetches it
REPLAY = 200
ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Behind:
    """A line that has the messages of a ticket up to `after`."""

    ticket: int
    after: int


# The frames behind it, in order; the last one's `seq` when there are more than a line repeats
Missed = list[Frame] | int


def of_desks(asked: Sequence[Behind]) -> list[Missed]:
    """Messages and notes."""
    last = _last(asked)
    rows = _read([one for one in asked if 0 < last[one] - one.after <= REPLAY], last, Message.objects.with_words())
    return [
        last[one]
        if last[one] - one.after > REPLAY
        else [tickets_live.frame(row, row.seq - 1) for row in rows.get(one, [])]
        for one in asked
    ]


def of_visitors(asked: Sequence[Behind]) -> list[Missed]:
    """What the customer may see, up to the first that may still be taken back."""
    last = _last(asked)
    public = Message.objects.with_words().filter(kind=Message.Kind.PUBLIC)
    rows = _read([one for one in asked if 0 < last[one] - one.after <= REPLAY], last, public)
    return [
        visit.missed(one.ticket, one.after, REPLAY)
        if last[one] - one.after > REPLAY
        else visit.frames(takewhile(lambda row: not row.is_held, rows.get(one, [])), one.after)
        for one in asked
    ]


def _last(asked: Sequence[Behind]) -> dict[Behind, int]:
    found = dict(Ticket.objects.filter(pk__in={one.ticket for one in asked}).values_list("pk", "last_seq"))
    return {one: found.get(one.ticket, one.after) for one in asked}


def _read(asked: Sequence[Behind], last: dict[Behind, int], messages: QuerySet[Message]) -> dict[Behind, list[Message]]:
    found: dict[Behind, list[Message]] = {}
    for group in _groups(asked, last):
        wanted = Q()
        for one in group:
            wanted |= Q(ticket=one.ticket, seq__gt=one.after)
        rows = list(messages.filter(wanted).order_by("ticket", "seq"))
        for one in group:
            found[one] = [row for row in rows if row.ticket_id == one.ticket and row.seq > one.after]
    return found


def _groups(asked: Sequence[Behind], last: dict[Behind, int]) -> Iterator[list[Behind]]:
    """So many that their messages fit into memory together."""
    group: list[Behind] = []
    rows = 0
    for one in asked:
        if group and rows + last[one] - one.after > ROWS_AT_ONCE:
            yield group
            group, rows = [], 0
        group.append(one)
        rows += last[one] - one.after
    if group:
        yield group
