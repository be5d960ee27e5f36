"""Who is there: heartbeats in the cache. They may vanish; then everybody is away until the next beat.

Whoever opens several windows is there until the last one closes, so windows are counted. A process that is killed
cannot count down: then the heartbeat runs out by itself after PRESENCE_SECONDS.
"""

import time
from collections.abc import Iterable
from typing import Any

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
    if opened == 1:
        _put(_gone(who), None)
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
    _put(_gone(who), time.time(), 86_400)
    return True


def gone(names: Iterable[str]) -> dict[str, float]:
    """Since when those are gone (seconds of the wall clock) who were there and closed their last window."""
    keys = {_gone(who): who for who in names}
    try:
        found = cache.get_many(list(keys))
    except Exception as error:
        log.warning("presence.unknown", error=type(error).__name__)
        return {}
    return {keys[key]: float(since) for key, since in found.items()}


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


def _gone(who: str) -> str:
    return f"gone:{who}"


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
def choose(user: User, status: str, *, because: str = "") -> None:
    """The user says whether chats and new work may come. `because`: it was not he who said so (idle, missed)."""
    user.availability = User.Availability(status)
    user.save(update_fields=["availability"])
    if because != "idle":
        _put(_idle_from(user.pk), None)
    if because != "missed":
        _put(_misses(user.pk), None)
    data = {"status": user.availability, **({"reason": because} if because else {})}
    record(names.AGENT_STATUS, user, by=user.actor, data=data)


# --- idle: nobody touches keyboard or mouse --------------------------------------------------------------------------
def touched(user: User) -> None:
    """Somebody sits at one of the user's desks. Whoever was away only because nobody did takes work again."""
    _put(_active(user.pk), 1, int(settings.IDLE_SECONDS))
    before = _get(_idle_from(user.pk))
    if before is None:
        return
    user.refresh_from_db(fields=["availability"])
    _put(_idle_from(user.pk), None)
    if user.availability == User.Availability.AWAY:
        choose(user, str(before), because="back")


def active(user_id: int, seconds: float) -> None:
    """Somebody sat at one of his desks so lately that he is not idle for so many seconds more."""
    _put(_active(user_id), 1, max(1, int(seconds)))


def rest(user: User) -> None:
    """Nobody touched any of the user's desks for IDLE_SECONDS: he is away until somebody does."""
    if _get(_active(user.pk)) is not None:
        return
    user.refresh_from_db(fields=["availability"])
    if user.availability != User.Availability.AVAILABLE:
        return
    choose(user, User.Availability.AWAY, because="idle")
    _put(_idle_from(user.pk), str(User.Availability.AVAILABLE), 86_400)


# --- missed offers ---------------------------------------------------------------------------------------------------
def missed(user_id: int) -> None:
    """An offered chat was not taken in time. After CHAT_MISSES in a row no more come until the user says so."""
    count = int(_get(_misses(user_id)) or 0) + 1
    _put(_misses(user_id), count, 3600)
    if not settings.CHAT_MISSES or count < settings.CHAT_MISSES:
        return
    user = User.objects.filter(pk=user_id, availability=User.Availability.AVAILABLE).first()
    if user is not None:
        choose(user, User.Availability.FINISHING, because="missed")


def took(user_id: int) -> None:
    """An offered chat was taken: what was missed before is forgotten."""
    _put(_misses(user_id), None)


def _active(user_id: int) -> str:
    return f"active:{user_id}"


def _idle_from(user_id: int) -> str:
    return f"idle:{user_id}"


def _misses(user_id: int) -> str:
    return f"misses:{user_id}"


def _get(key: str) -> Any:
    try:
        return cache.get(key)
    except Exception as error:
        log.warning("presence.unknown", error=type(error).__name__)
        return None


def _put(key: str, value: object, seconds: int = 0) -> None:
    """Remember for so long; None forgets."""
    try:
        if value is None:
            cache.delete(key)
        else:
            cache.set(key, value, timeout=seconds)
    except Exception as error:
        log.warning("presence.unknown", error=type(error).__name__)


# --- coming and going ------------------------------------------------------------------------------------------------
@transaction.atomic
def sit_down(user: User) -> int:
    """A desk of the user's opens; returns how many he has open. The first one is news to whoever gives out work."""
    opened = arrive(desk(user.pk))
    if opened == 1:
        record(names.AGENT_ARRIVED, user, by=user.actor)
    return opened


@transaction.atomic
def stand_up(user: User) -> bool:
    """A desk of the user's closes; True when it was the last one, which is news."""
    was_last = depart(desk(user.pk))
    if was_last:
        record(names.AGENT_LEFT, user, by=user.actor)
    return was_last
