"""`record()` is the last line of every service: the fact, its jobs and its live news, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any

import structlog
from django.conf import settings
from django.db import models, transaction

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import causes, clock, live, together
from helpdesk.lib.actor import Actor

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Hears:
    """Who hears one kind of event: `jobs(event_id=…)` run durably, `live(event)` right after commit.

    `when` holds jobs that are written only if the function before them says that somebody waits for this event.
    """

    jobs: list[Callable[..., object]] = field(default_factory=list)
    live: list[Callable[[Event], object]] = field(default_factory=list)
    when: Sequence[tuple[Callable[[Event], bool], Callable[..., object]]] = ()


@lru_cache(maxsize=1)
def _wiring() -> dict[str, Hears]:
    hears: dict[str, Hears] = import_module(settings.ROOT_EVENTCONF).HEARS
    return hears


def record(
    name: str,
    subject: models.Model,
    *,
    by: Actor,
    data: dict[str, Any] | None = None,
    cause: int | None = None,
    about: models.Model | None = None,
) -> Event:
    """Write the event and a job per durable listener; tell live listeners after commit.

    What a job does is caused by the event that it answers to, unless `cause` says otherwise. `about` is what live
    listeners would otherwise read again (the message that was posted). Within `together.writing()` the event has its
    id only when the block ends.

    Raises RuntimeError outside a transaction: a fact may not be told before what it tells of is certain.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"record({name!r}) outside a transaction")
    cause = cause if cause is not None else causes.current()
    event = Event(
        name=name,
        subject=subject._meta.model_name or "",
        subject_id=subject.pk,
        actor_kind=by.kind,
        actor_id=by.id,
        data=data or {},
        cause=cause,
        depth=_depth(cause, by),
        created_at=clock.now(),
    )
    event.at_hand = (subject, about)
    together.insert(event, then=lambda: _spread(event))
    return event


def _spread(event: Event) -> None:
    """Its jobs in the same transaction, its news after commit."""
    hears = _wiring()[event.name]
    jobs = [*hears.jobs, *(job for is_wanted, job in hears.when if is_wanted(event))]
    if jobs:
        outbox.enqueue_all(jobs, event_id=event.pk)
    if hears.live and live.is_heard():
        transaction.on_commit(lambda: _tell(event, hears.live), robust=True)
    elif hears.live:
        outbox.enqueue(retell, priority=1, event_id=event.pk)


def _depth(cause: int | None, by: Actor) -> int:
    """How many rules have acted one because of the other, this one included."""
    above = Event.objects.filter(pk=cause).values_list("depth", flat=True).first() if cause is not None else 0
    return min((above or 0) + (by.kind == "rule"), 1_000)


def retell(event_id: int) -> None:
    """Job: the process that serves the screens tells them what happened in one that cannot reach them."""
    event = Event.objects.get(pk=event_id)
    _tell(event, _wiring()[event.name].live)


def _tell(event: Event, listeners: list[Callable[[Event], object]]) -> None:
    for listener in listeners:
        try:
            listener(event)
        except Exception as error:
            log.warning("live.listener_failed", listener=outbox.path_of(listener), error=type(error).__name__)
