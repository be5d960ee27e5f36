"""The only place that reads the time; tests and the demo's history set it here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_pretended: ContextVar[datetime | None] = ContextVar("pretended_now", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _pretended.get() or timezone.now()


@contextmanager
def pretend(moment: datetime) -> Iterator[None]:
    """Let services called inside believe that it is `moment`: the demo company lives its past weeks through them."""
    token = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(token)
