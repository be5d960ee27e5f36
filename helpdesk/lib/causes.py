"""Which event the running code answers to: effects of a job carry the event it heard as their cause, unasked."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_cause: ContextVar[int | None] = ContextVar("cause_of_events", default=None)


@contextmanager
def answering(event_id: int | None) -> Iterator[None]:
    """What is recorded inside happens because of this event; None: because of nothing that was recorded."""
    token = _cause.set(event_id)
    try:
        yield
    finally:
        _cause.reset(token)


def current() -> int | None:
    """The id of the event that is being answered."""
    return _cause.get()
