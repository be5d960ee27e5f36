"""A queue's people and their load of tickets, as `people.choosing` wants them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q

from helpdesk.people import pool
from helpdesk.people.choosing import Need, Order, Passed, Person
from tickets import skills
from tickets.models import Offer, Provenance, Queue, Ticket
from tickets.models.ticket import AWAITING_US, TicketQuerySet

_ORDERS: dict[str, Order] = {Queue.Strategy.ROUND_ROBIN: "in_turn", Queue.Strategy.LEAST_BUSY: "least_busy"}


def people(queue: Queue, moment: datetime) -> list[Person]:
    """The queue's team with what each has to do. Seven queries, however many they are."""
    return pool.of_team(queue.team_id, moment, loads=loads, limit="ticket_capacity")


def person(user_id: int, moment: datetime) -> Person | None:
    """One user with his tickets."""
    return pool.one(user_id, moment, loads=loads, limit="ticket_capacity")


def loads(user_ids: Sequence[int]) -> Mapping[int, int]:
    """Tickets that wait for each of these, those offered to him included. Uses index: ticket_mine, offer_of_user."""
    given = Ticket.objects.filter(assignee__in=user_ids, status__in=AWAITING_US)
    found = dict(given.values_list("assignee").annotate(n=Count("pk")).order_by())
    offered = Offer.objects.open().filter(user__in=user_ids, ticket__assignee__isnull=True)
    for user_id, count in offered.values_list("user").annotate(n=Count("pk")).order_by():
        found[user_id] = found.get(user_id, 0) + count
    return found


def order(queue: Queue) -> Order:
    """How the queue ranks its people."""
    return _ORDERS[queue.strategy]


def waiting(queue: Queue | OuterRef, moment: datetime) -> TicketQuerySet:
    """Tickets of a queue to give out. Uses index: ticket_queue_line.

    Not those that sleep, lie with somebody as an offer, or are a live chat: the chat's own line offers them.
    """
    return Ticket.objects.filter(_waits(moment), queue=queue)


def with_needs(tickets: TicketQuerySet) -> TicketQuerySet:
    """With all that `need` reads."""
    return tickets.select_related("queue").prefetch_related("queue__skills", "asked_skills__skill")


def waits(ticket_id: int, moment: datetime) -> bool:
    """Whether this ticket is to be given out now."""
    return Ticket.objects.filter(_waits(moment), pk=ticket_id).exists()


def gives_out(ticket_id: int) -> bool:
    """Whether the ticket is nobody's in a queue that gives work out: a look without a lock, before all others."""
    by_hand = Q(queue__strategy=Queue.Strategy.MANUAL)
    return Ticket.objects.filter(~by_hand, pk=ticket_id, assignee__isnull=True, status__in=AWAITING_US).exists()


def _waits(moment: datetime) -> Q:
    awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=moment)
    offered = Q(pk__in=Offer.objects.open().values("ticket"))
    chatting = Q(sessions__state__in=["waiting", "live"])
    free = Q(assignee__isnull=True, status__in=[str(status) for status in AWAITING_US])
    # What was imported is history until its customer or an agent writes again
    imported = Provenance.objects.filter(ticket=OuterRef("pk"), field="assignee", kind=Provenance.Kind.IMPORT)
    alive = Q(waiting_since__isnull=False) | Q(~Exists(imported))
    return free & awake & ~offered & ~chatting & alive


def need(ticket: Ticket) -> Need:
    """What the ticket asks. Skills relax so long after it began to wait for us."""
    asked = frozenset(each.slug for each in skills.asked_by(ticket))
    return Need(asked, relaxes_at(ticket))


def relaxes_at(ticket: Ticket) -> datetime | None:
    """From when on the queue no longer insists on skills; None: it always does."""
    seconds = ticket.queue.skill_relax_seconds
    if seconds is None:
        return None
    return (ticket.waiting_since or ticket.created_at) + timedelta(seconds=seconds)


def without_those_who_let_go(ticket: Ticket, folk: Iterable[Person], moment: datetime) -> list[Person]:
    """The same people, with those marked who declined this ticket or did not take it in time not long ago."""
    pause = timedelta(seconds=settings.OFFER_PAUSE_SECONDS)
    rows = Offer.objects.filter(ticket=ticket, ended_at__gt=moment - pause)
    ended = rows.filter(state__in=[Offer.State.DECLINED, Offer.State.EXPIRED]).values_list("user", "state", "ended_at")
    passed: dict[int, tuple[Passed, datetime]] = {}
    for user_id, state, at in ended.order_by("id"):
        if at is not None:
            passed[user_id] = ("declined" if state == Offer.State.DECLINED else "not_accepted", at + pause)
    return [
        replace(each, passed=passed[each.id][0], passed_until=passed[each.id][1]) if each.id in passed else each
        for each in folk
    ]
