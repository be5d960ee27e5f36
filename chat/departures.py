"""Whoever closes his line and comes back within seconds never left: a page that changes, a network that blinks, a deploy.

A departure waits a little before it counts. Somebody of the same name who arrives meanwhile takes its place: nothing is
written, nobody is told. While a crowd comes back, departures wait longer: whoever comes is more urgent than who left.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

log = structlog.get_logger(__name__)
# Nobody is kept longer than this, whatever goes on
MOST_SECONDS = 15.0
LOOK_SECONDS = 0.5


@dataclass(slots=True, eq=False)
class Departure:
    """`who` closed a line. `go(counts)` says so; `counts` is false when he is back: then only his tickets are looked at."""

    who: str
    go: Callable[[bool], None]
    since: float
    counts: bool = True


class Departures:
    """Those of one process. `is_busy` says whether people come in; `run` calls in a thread."""

    def __init__(
        self, seconds: Callable[[], float], is_busy: Callable[[], bool], run: Callable[..., Awaitable[Any]]
    ) -> None:
        self._seconds, self._is_busy, self._run = seconds, is_busy, run
        self._waiting: list[Departure] = []
        self._task: asyncio.Task[None] | None = None
        self._is_hurried = False

    async def leave(self, who: str, go: Callable[[bool], None]) -> None:
        """Says that `who` left: at once when nobody is to wait, else by and by."""
        if self._is_hurried or self._seconds() <= 0:
            await self._run(go, True)
            return
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._waiting = []
            self._task = loop.create_task(self._go())
        self._waiting.append(Departure(who, go, time.monotonic()))

    def is_back(self, who: str) -> bool:
        """Whether `who` left a moment ago: then his coming and his leaving are both no news."""
        for departure in self._waiting:
            if departure.who == who and departure.counts:
                departure.counts = False
                return True
        return False

    def hurry(self) -> None:
        """The process ends: nobody is waited for any more."""
        self._is_hurried = True

    async def _go(self) -> None:
        while self._waiting:
            if not self._is_hurried:
                await asyncio.sleep(LOOK_SECONDS)
            due = self._due()
            if due:
                self._waiting = [departure for departure in self._waiting if departure not in due]
                await self._run(_all, due)

    def _due(self) -> list[Departure]:
        seconds = MOST_SECONDS if self._is_busy() else self._seconds()
        latest = time.monotonic() - (0 if self._is_hurried else seconds)
        return [departure for departure in self._waiting if departure.since <= latest]


def _all(departures: Sequence[Departure]) -> None:
    for departure in departures:
        try:
            departure.go(departure.counts)
        except Exception as error:
            log.warning("departures.failed", error=type(error).__name__)
