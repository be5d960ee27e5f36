"""Chats as their agents see them: the card, what is unread in it, and whether the visitor is still there."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypedDict

from django.conf import settings
from django.db.models import Count, Q

from chat import handovers, news, shapes
from chat.models import Session
from helpdesk.people import presence
from helpdesk.people.models import User
from tickets import drafts
from tickets.models import Message

SHOWN = 200


class HeldOut(TypedDict):
    """To whom its agent holds a chat out."""

    id: int
    to: shapes.Named


class Card(shapes.Card):
    """`closes_at`: when the chat ends by itself, because the visitor is gone since `left_at`."""

    unread: int
    visitor_here: bool
    left_at: str | None
    closes_at: str | None
    help_at: str | None
    help_line: str
    held_out: HeldOut | None


class Desk(TypedDict):
    """Everything the chats screen shows of one agent."""

    waiting: list[Card]
    mine: list[Card]
    beside: list[Card]
    handovers: list[dict[str, object]]


def desk(user: User) -> Desk:
    """Who waits in the user's queues, his own chats, those he still accompanies, and what is held out to him."""
    waiting = list(Session.objects.visible_to(user).waiting().with_people()[:SHOWN])
    mine = list(Session.objects.live().filter(agent=user).with_people().order_by("accepted_at", "pk"))
    beside = list(handovers.beside(user).with_people().order_by("accepted_at", "pk"))  # type: ignore[attr-defined]
    cards = {card["id"]: card for card in show([*waiting, *mine, *beside], user)}
    return Desk(
        waiting=[cards[row.pk] for row in waiting],
        mine=[cards[row.pk] for row in mine],
        beside=[cards[row.pk] for row in beside],
        handovers=news.shown_all(handovers.offered_to(user)),
    )


def one(session_id: int, user: User) -> Card:
    """One chat as this user sees it."""
    return show([Session.objects.with_people().get(pk=session_id)], user)[0]


def show(rows: Iterable[Session], user: User) -> list[Card]:
    """Cards in the same order, in a fixed number of queries."""
    sessions = list(rows)
    own = [row.ticket_id for row in sessions if row.ticket_id and row.state == Session.State.LIVE]
    unread = _unread(user, own)
    names = {presence.visitor(row.ticket_id): row.ticket_id for row in sessions if row.ticket_id}
    here = presence.here(names) if names else set()
    gone = presence.gone(names) if names else {}
    held_out = handovers.offers_of(user)
    cards: list[Card] = []
    for row in sessions:
        who = presence.visitor(row.ticket_id or 0)
        left = None if who in here or who not in gone else datetime.fromtimestamp(gone[who], UTC)
        closes = left + timedelta(seconds=settings.CHAT_LEFT_SECONDS) if left else None
        held = held_out.get(row.pk)
        cards.append(
            Card(
                **shapes.session(row),
                unread=unread.get(row.ticket_id or 0, 0),
                visitor_here=left is None,
                left_at=left.isoformat() if left else None,
                closes_at=closes.isoformat() if closes else None,
                help_at=row.help_at.isoformat() if row.help_at else None,
                help_line=row.help_line,
                held_out=HeldOut(id=held.pk, to=shapes.Named(id=held.to_user.pk, name=held.to_user.name))
                if held and held.to_user
                else None,
            )
        )
    return cards


def _unread(user: User, ticket_ids: list[int]) -> Mapping[int, int]:
    """What visitors wrote behind the user's marks. Uses index: message_seq."""
    if not ticket_ids:
        return {}
    marks = drafts.read_marks(user, ticket_ids)
    behind = Q(pk__in=[])
    for ticket_id in ticket_ids:
        behind |= Q(ticket=ticket_id, seq__gt=marks.get(ticket_id, 0))
    rows = Message.objects.public().filter(behind, author_customer__isnull=False)
    return dict(rows.values_list("ticket").annotate(n=Count("pk")).order_by())
