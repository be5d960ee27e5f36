"""Who is there: heartbeats of open desks in the cache. It may vanish; then everybody is away until the next beat."""

from django.conf import settings
from django.core.cache import cache

from helpdesk.people.models import User


def _key(user_id: int) -> str:
    return f"presence:{user_id}"


def beat(user_id: int) -> None:
    """The user's desk is open now."""
    cache.set(_key(user_id), 1, timeout=settings.PRESENCE_SECONDS)


def leave(user_id: int) -> None:
    """The user's last desk closed."""
    cache.delete(_key(user_id))


def present(user_ids: list[int]) -> set[int]:
    """Which of these users have an open desk."""
    found = cache.get_many([_key(user_id) for user_id in user_ids])
    return {user_id for user_id in user_ids if _key(user_id) in found}


def shown(user: User, is_present: bool) -> str:
    """What colleagues see: the chosen availability while a desk is open, else offline."""
    return user.availability if is_present else User.Availability.OFFLINE
