"""Calls as the desk shows them: whose number it may be, and what he has open."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q

from helpdesk.lib import clock
from helpdesk.people.models import User
from tickets.channels import phone_log, phone_numbers, phone_people
from tickets.channels.phone_people import Match
from tickets.models import Call, Ticket

# More people with one number are a switchboard; more open tickets are found in the customer's file
MOST_PEOPLE = 8
MOST_TICKETS = 3
# What rings longer than this was forgotten by the telephone system
_RINGS = timedelta(minutes=10)
MOST_AT_ONCE = 10


def current(user: User) -> list[Call]:
    """What rings at the user, what he talks in, and what he ended a moment ago and has said nothing of.

    Uses index: call_going_on, call_agent.
    """
    now = clock.now()
    through = Call.rung.through.objects.filter(user=user).values("call")
    nobody_yet = Q(agent__isnull=True) | Q(agent=user)
    rings = Q(pk__in=through, started_at__gt=now - _RINGS) & nobody_yet
    here = Call.objects.going_on().filter(rings | Q(agent=user))
    over = Call.objects.filter(agent=user, ended_at__gt=now - phone_log.AFTERWARDS, settled_at__isnull=True)
    over = over.filter(state=Call.State.ENDED)
    ids = [*here.values_list("pk", flat=True)[:MOST_AT_ONCE], *over.values_list("pk", flat=True)[:MOST_AT_ONCE]]
    return list(Call.objects.with_people().filter(pk__in=ids).order_by("-id")[:MOST_AT_ONCE])


def cards(rows: Sequence[Call], user: User, *, with_tickets: bool = False) -> list[dict[str, Any]]:
    """Expects `CallQuerySet.with_people`; one query for whose numbers they are, one for the
    tickets they stand on, one for what these people have open."""
    matches = phone_people.owners({row.number for row in rows})
    people = {row.pk: _people(row, matches.get(row.number, [])) for row in rows}
    tickets: dict[int, list[Ticket]] = {}
    if with_tickets:
        tickets = _open_tickets({match.customer.pk for found in people.values() for match in found}, user)
    seen = set(_seen(user, {row.ticket_id for row in rows if row.ticket_id}))
    return [_card(row, people[row.pk], tickets, seen) for row in rows]


def _seen(user: User, ids: Collection[int]) -> Collection[int]:
    """Of these tickets, those that the user may see: of the others he reads the number alone."""
    return Ticket.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True) if ids else ()


def _people(row: Call, matches: list[Match]) -> list[Match]:
    """Who it is, where that is certain; else whoever says that the number is his."""
    if row.customer is None:
        return matches[:MOST_PEOPLE]
    known = next((match for match in matches if match.customer.pk == row.customer_id), None)
    return [known or Match(row.customer, is_proved=False)]


def _open_tickets(customers: Collection[int], user: User) -> dict[int, list[Ticket]]:
    """The newest unfinished tickets of each that the user may see. Uses index: ticket_requester."""
    if not customers:
        return {}
    rows = Ticket.objects.visible_to(user).unfinished().filter(requester__in=customers).select_related("queue")
    found: dict[int, list[Ticket]] = {}
    for ticket in rows.order_by("-id")[: MOST_TICKETS * MOST_PEOPLE * 2]:
        found.setdefault(ticket.requester_id, []).append(ticket)
    return found


def _card(row: Call, people: list[Match], tickets: dict[int, list[Ticket]], seen: Collection[int]) -> dict[str, Any]:
    subject = row.ticket.subject if row.ticket and row.ticket.pk in seen else ""
    return {
        "id": row.pk,
        "state": row.state,
        "direction": row.direction,
        "number": {"e164": row.number, "shown": phone_numbers.shown(row.number) or row.told_number},
        "line": row.line,
        "system": row.system.name,
        "rung": [_named(user) for user in row.rung.all()],
        "agent": _named(row.agent) if row.agent else None,
        "is_known": row.customer_id is not None,
        "people": [_person(match, tickets.get(match.customer.pk, [])) for match in people],
        "ticket": {"id": row.ticket.pk, "number": row.ticket.number, "subject": subject} if row.ticket else None,
        "started_at": row.started_at,
        "answered_at": row.answered_at,
        "ended_at": row.ended_at,
        "seconds": row.seconds,
        "settled": row.settled_at is not None,
    }


def _named(user: User) -> dict[str, Any]:
    return {"id": user.pk, "name": user.name}


def _person(match: Match, tickets: list[Ticket]) -> dict[str, Any]:
    customer = match.customer
    shown = [{"id": ticket.pk, "number": ticket.number, "subject": ticket.subject} for ticket in tickets[:MOST_TICKETS]]
    return {
        "id": customer.pk,
        "name": customer.name,
        "organization": customer.organization.name if customer.organization else "",
        "language": customer.locale,
        "is_proved": match.is_proved,
        "tickets": shown,
        "more_tickets": len(tickets) > MOST_TICKETS,
    }
