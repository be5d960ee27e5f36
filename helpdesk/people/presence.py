"""Who is there: heartbeats in the cache. They may vanish; then everybody is away until the next beat.

Whoever opens several windows is there until the last one closes, so windows are counted. A process that is killed
cannot count down: then the heartbeat runs out by itself after PRESENCE_SECONDS.
"""

from collections.abc import Iterable

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.people.models import User

log = structlog.get_logger(__name__)


def arrive(who: str) -> int:
    """One more window of `who` is open; returns how many there are."""
    try:
        cache.add(_count(who), 0, timeout=_memory())
        opened: int = cache.incr(_count(who))
        stay(who)
    except Exception as error:  # a cache that is away costs presence, nothing else
        log.warning("presence.unknown", error=type(error).__name__)
        return 1
    return opened


def stay(who: str) -> None:
    """`who` is still there."""
    try:
        cache.set(_here(who), 1, timeout=settings.PRESENCE_SECONDS)
        cache.touch(_count(who), _memory())
    except Exception as error:
        log.warning("presence.unknown", error=type(error).__name__)


def depart(who: str) -> bool:
    """A window of `who` closed; True when it was the last one."""
    try:
        if cache.decr(_count(who)) > 0:
            return False
    except Exception as error:  # the count has run out, or the cache is away
        log.info("presence.uncounted", error=type(error).__name__)
    _forget(who)
    return True


def _forget(who: str) -> None:
    try:
        cache.delete_many([_here(who), _count(who)])
    except Exception as error:
        log.warning("presence.unknown", error=type(error).__name__)


def here(names: Iterable[str]) -> set[str]:
    """Which of these are there."""
    keys = {_here(who): who for who in names}
    try:
        found = cache.get_many(list(keys))
    except Exception as error:
        log.warning("presence.unknown", error=type(error).__name__)
        return set()
    return {keys[key] for key in found}


def _here(who: str) -> str:
    return f"presence:{who}"


def _count(who: str) -> str:
    return f"windows:{who}"


def _memory() -> int:
    return 3 * int(settings.PRESENCE_SECONDS)


def desk(user_id: int) -> str:
    """The name under which a user's desks are counted."""
    return f"user:{user_id}"


def visitor(ticket_id: int) -> str:
    """The name under which the widgets that show a ticket to its customer are counted."""
    return f"visitor:{ticket_id}"


def beat(user_id: int) -> None:
    """The user's desk is open now."""
    stay(desk(user_id))


def leave(user_id: int) -> None:
    """The user is gone from all desks."""
    _forget(desk(user_id))


def present(user_ids: list[int]) -> set[int]:
    """Which of these users have an open desk."""
    names = {desk(user_id): user_id for user_id in user_ids}
    return {names[who] for who in here(names)}


def is_watching(ticket_id: int) -> bool:
    """Whether the ticket's customer has its conversation open in a widget: then a mail would say it twice."""
    return bool(here([visitor(ticket_id)]))


def shown(user: User, is_present: bool) -> str:
    """What colleagues see: the chosen availability while a desk is open, else offline."""
    return user.availability if is_present else User.Availability.OFFLINE


@transaction.atomic
def choose(user: User, status: str) -> None:
    """The user says whether chats and new work may come."""
    user.availability = User.Availability(status)
    user.save(update_fields=["availability"])
    record(names.AGENT_STATUS, user, by=user.actor, data={"status": user.availability})


@transaction.atomic
def sit_down(user: User) -> int:
    """A desk of the user's opens; returns how many he has open. The first one is news to whoever gives out work."""
    opened = arrive(desk(user.pk))
    if opened == 1:
        record(names.AGENT_ARRIVED, user, by=user.actor)
    return opened
