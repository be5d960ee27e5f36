"""Who of the desk looks at a ticket, and who is writing: in the cache, refreshed by heartbeats, for the collision bar."""

import time

import structlog
from django.conf import settings
from django.core.cache import cache

from chat.frames import Viewer
from helpdesk.people.models import User

log = structlog.get_logger(__name__)
WRITING_SECONDS = 6
# user id → name, there until, writing until (seconds of the wall clock: several hosts share them)
_Seats = dict[int, tuple[str, float, float]]


def look(ticket_id: int, user: User, *, writing: bool = False) -> bool:
    """The user looks (or writes); True when colleagues see something new by it."""
    seats = _seats(ticket_id)
    before = _shown(seats)
    now = time.time()
    writes_until = now + WRITING_SECONDS if writing else seats.get(user.pk, ("", 0.0, 0.0))[2]
    seats[user.pk] = (user.name, now + settings.PRESENCE_SECONDS, writes_until)
    _keep(ticket_id, seats)
    return _shown(seats) != before


def leave(ticket_id: int, user_id: int) -> None:
    """The user closed the ticket."""
    seats = _seats(ticket_id)
    seats.pop(user_id, None)
    _keep(ticket_id, seats)


def of(ticket_id: int) -> list[Viewer]:
    """Who is there now."""
    return _shown(_seats(ticket_id))


def _shown(seats: _Seats) -> list[Viewer]:
    now = time.time()
    return [
        Viewer(id=user_id, name=name, writing=writes_until > now)
        for user_id, (name, until, writes_until) in sorted(seats.items())
        if until > now
    ]


def _seats(ticket_id: int) -> _Seats:
    try:
        found: _Seats = cache.get(_key(ticket_id)) or {}
    except Exception as error:  # a cache that is away costs the collision bar, nothing else
        log.warning("viewers.unknown", error=type(error).__name__)
        return {}
    return dict(found)


def _keep(ticket_id: int, seats: _Seats) -> None:
    now = time.time()
    try:
        cache.set(_key(ticket_id), {k: v for k, v in seats.items() if v[1] > now}, timeout=settings.PRESENCE_SECONDS)
    except Exception as error:
        log.warning("viewers.unknown", error=type(error).__name__)


def _key(ticket_id: int) -> str:
    return f"viewers:{ticket_id}"
