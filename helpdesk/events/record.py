"""`record()` is the last line of every service: the fact, its jobs and its live news, in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any

import structlog
from django.conf import settings
from django.db import models, transaction

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock, live
from helpdesk.lib.actor import Actor

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Hears:
    """Who hears one kind of event: `jobs(event_id=…)` run durably, `live(event)` right after commit."""

    jobs: list[Callable[..., object]] = field(default_factory=list)
    live: list[Callable[[Event], object]] = field(default_factory=list)


@lru_cache(maxsize=1)
def _wiring() -> dict[str, Hears]:
    hears: dict[str, Hears] = import_module(settings.ROOT_EVENTCONF).HEARS
    return hears


def record(
    name: str, subject: models.Model, *, by: Actor, data: dict[str, Any] | None = None, cause: int | None = None
) -> Event:
    """Write the event and a job per durable listener; tell live listeners after commit.

    Raises RuntimeError outside a transaction: a fact may not be told before what it tells of is certain.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"record({name!r}) outside a transaction")
    event = Event.objects.create(
        name=name,
        subject=subject._meta.model_name or "",
        subject_id=subject.pk,
        actor_kind=by.kind,
        actor_id=by.id,
        data=data or {},
        cause=cause,
        created_at=clock.now(),
    )
    hears = _wiring()[name]
    if hears.jobs:
        outbox.enqueue_all(hears.jobs, event_id=event.pk)
    if hears.live and live.is_heard():
        transaction.on_commit(lambda: _tell(event, hears.live), robust=True)
    elif hears.live:
        outbox.enqueue(retell, priority=1, event_id=event.pk)
    return event


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
