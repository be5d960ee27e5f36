"""What the visitor's socket asks of the rooms below. Nothing here reads notes: what is not public does not exist."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from chat import keys, sessions
from chat.models import Session
from chat.protocol import Frame, same_origin
from helpdesk.lib import clock
from helpdesk.people import presence
from tickets import live as tickets_live
from tickets.models import Message


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the holder of a token stands now."""

    session_id: int
    ticket_id: int | None
    last: int
    name: str


def stand(token: str) -> Stand | None:
    """None once the token was revoked or has run out."""
    session = keys.session_of(token)
    return of(session) if session else None


def of(session: Session) -> Stand:
    ticket = session.ticket
    return Stand(session.pk, session.ticket_id, ticket.last_public_seq if ticket else 0, session.customer.name)


def say(token: str, body: str, origin_id: str, attachments: Sequence[str] = ()) -> tuple[Message, Stand] | None:
    """The visitor writes; None when the token is worth nothing any more."""
    session = keys.session_of(token)
    if session is None:
        return None
    said = sessions.say(session, body, origin_id=same_origin(origin_id), attachments=attachments)
    return said.message, of(said.session)


def missed(ticket_id: int, after: int, limit: int) -> list[Frame] | int:
    """Public messages behind `after`, each with the `seq` of the public one before it; the last `seq` when too many."""
    rows = public(ticket_id, after, limit)
    if len(rows) > limit:
        ticket = rows[-1].ticket
        held = ticket.messages.filter(kind=Message.Kind.PUBLIC, held_until__gt=clock.now()).order_by("seq").first()
        return held.seq - 1 if held else ticket.last_public_seq
    return frames(rows, after)


def frames(rows: Iterable[Message], after: int) -> list[Frame]:
    """Public messages as they are sent, each with the `seq` of the one before it."""
    found, prev = [], after
    for message in rows:
        found.append(tickets_live.frame(message, prev))
        prev = message.seq
    return found


def public(ticket_id: int, after: int, limit: int) -> list[Message]:
    """A page of what the customer may see, and one row more.

    It ends before what may still be taken back: whoever had read on behind that would never see it.
    """
    rows = Message.objects.with_words().select_related("ticket").filter(ticket_id=ticket_id, kind=Message.Kind.PUBLIC)
    return list(takewhile(lambda row: not row.is_held, rows.after(after)[: limit + 1]))


def seen(token: str, seq: int) -> tuple[int, int] | None:
    """The ticket and how far its customer has seen it."""
    session = keys.session_of(token)
    if session is None or session.ticket_id is None:
        return None
    return session.ticket_id, sessions.seen(session, seq)


def touch(session_id: int, ticket_id: int | None) -> None:
    """The visitor's window is open: for availability of mail now, and for the sweep of what was left long ago."""
    if ticket_id is not None:
        presence.stay(presence.visitor(ticket_id))
    Session.objects.filter(pk=session_id).update(seen_at=clock.now())
