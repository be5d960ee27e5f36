"""A session as the API and the frames show it: to agents as a card of the line, to the visitor as his own."""

from typing import TypedDict

from chat.models import Session
from helpdesk.people import customers


class Named(TypedDict):
    id: int
    name: str


class Slugged(TypedDict):
    slug: str
    name: str


class Person(TypedDict):
    id: int
    name: str
    trust: str


class Card(TypedDict):
    """A session as agents see it."""

    id: int
    ticket: int | None
    customer: Person
    queue: Slugged
    site: str
    language: str
    page: str
    state: str
    started_at: str
    accepted_at: str | None
    agent: Named | None
    waits_on: str | None
    waiting_since: str | None
    last_line: str | None


def session(row: Session) -> Card:
    """Expects `SessionQuerySet.with_people`."""
    ticket = row.ticket
    is_open = row.state in (Session.State.WAITING, Session.State.LIVE)
    waits_on = ("agent" if ticket.waiting_since else "customer") if ticket and is_open else None
    return Card(
        id=row.pk,
        ticket=row.ticket_id,
        customer=Person(id=row.customer.pk, name=row.customer.name, trust=customers.trust(row.customer)),
        queue=Slugged(slug=row.queue.slug, name=row.queue.label),
        site=row.site.key,
        language=row.language or (ticket.language if ticket else ""),
        page=row.page,
        state=row.state,
        started_at=(row.waiting_at or row.created_at).isoformat(),
        accepted_at=row.accepted_at.isoformat() if row.accepted_at else None,
        agent=agent(row),
        waits_on=waits_on,
        waiting_since=ticket.waiting_since.isoformat() if ticket and ticket.waiting_since else None,
        last_line=ticket.preview if ticket else None,
    )


def agent(row: Session) -> Named | None:
    """Who took it, by the name customers see."""
    return Named(id=row.agent.pk, name=row.agent.name) if row.agent else None
