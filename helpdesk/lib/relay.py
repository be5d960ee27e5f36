"""News between processes: one Redis channel, one subscription each, and nothing that waits for Redis.

What cannot be passed on is dropped: screens ask the database every few seconds. A Redis that is away or frozen costs
the other processes' news a few seconds and its own process nothing.
"""

import asyncio
import contextlib
import os
import secrets
from collections import deque
from collections.abc import Callable

import structlog
from redis import asyncio as aioredis

log = structlog.get_logger(__name__)
Hear = Callable[[str, bytes], None]

PATIENCE = 2.0
BEAT_SECONDS = 5.0
AGAIN_SECONDS = 1.0
# Lines that wait for Redis; more is dropped, oldest first
MOST_WAITING = 20_000
AT_ONCE = 500


class Relay:
    """`publish` to the others, and `hear(group, message)` for what they publish."""

    def __init__(self, url: str, channel: str, hear: Hear) -> None:
        self._url, self._channel, self._hear = url, channel, hear
        self._station: _Station | None = None

    def _now(self) -> "_Station":
        """Everything belongs to one loop in one process; another one begins anew."""
        loop, station = asyncio.get_running_loop(), self._station
        if station is None or station.loop is not loop or station.process != os.getpid():
            if station is not None:
                station.end()
            self._station = station = _Station(self._url, self._channel, self._hear)
        return station

    async def begun(self) -> None:
        """The subscription holds, or Redis is away: then nobody waits for it, the next look brings what was missed."""
        station = self._now()
        if not station.has_tried.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await station.has_tried.wait()
            station.has_tried.set()

    async def emptied(self) -> None:
        await self._now().is_empty.wait()

    def publish(self, lines: list[tuple[str, bytes]]) -> None:
        """A line is a group's name, a space and a message in JSON: neither holds a line break."""
        station = self._now()
        station.waiting.extend(b"%s %s" % (group.encode(), message) for group, message in lines)
        station.is_empty.clear()
        station.is_filled.set()


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class _Station:
    """What a relay has on one loop: what waits, and two tasks that end with the loop.

    No `wait_for` here: it makes a task of what it waits for, and may take a cancel for a timeout. The library below
    does so too: each round looks whether it was cancelled.
    """

    def __init__(self, url: str, channel: str, hear: Hear) -> None:
        self._url, self._channel, self._hear = url, channel, hear
        self.loop, self.process = asyncio.get_running_loop(), os.getpid()
        self._me = secrets.token_hex(8).encode()
        self.waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self.is_filled, self.is_empty, self.has_tried = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.is_empty.set()
        self._tasks = [self.loop.create_task(self._keep_publishing()), self.loop.create_task(self._keep_listening())]

    def end(self) -> None:
        """Its relay goes on elsewhere. (After a fork there is nothing to end: the loop does not run here.)"""
        if self.process == os.getpid() and self.loop.is_running():
            for task in self._tasks:
                self.loop.call_soon_threadsafe(task.cancel)

    async def _pause(self) -> None:
        if not _is_cancelled():
            await asyncio.sleep(AGAIN_SECONDS)

    # --- out ---------------------------------------------------------------------------------------------------------
    async def _keep_publishing(self) -> None:
        client = aioredis.from_url(self._url, socket_connect_timeout=PATIENCE)
        while not _is_cancelled():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await self.is_filled.wait()
            self.is_filled.clear()
            try:
                await self._publish_waiting(client)
            except Exception as error:
                log.warning("relay.publish_failed", error=type(error).__name__)
                self.waiting.clear()
                self.is_empty.set()
                await self._pause()

    async def _publish_waiting(self, client: "aioredis.Redis") -> None:
        """All that waits, some at once; with nothing to say a beat, by which a subscription knows that it lives."""
        while True:
            lines = [self.waiting.popleft() for _ in range(min(AT_ONCE, len(self.waiting)))]
            async with asyncio.timeout(PATIENCE):
                await client.publish(self._channel, b"\n".join([self._me, *lines]))
            if not self.waiting:
                self.is_empty.set()
                return

    # --- in ----------------------------------------------------------------------------------------------------------
    async def _keep_listening(self) -> None:
        while not _is_cancelled():
            try:
                await self._listen()
            except Exception as error:
                log.warning("relay.listen_failed", error=type(error).__name__)
            self.has_tried.set()
            await self._pause()

    async def _listen(self) -> None:
        client = aioredis.from_url(self._url, socket_connect_timeout=PATIENCE)
        try:
            news = client.pubsub(ignore_subscribe_messages=False)
            async with asyncio.timeout(PATIENCE):
                await news.subscribe(self._channel)
            while not _is_cancelled():
                # Our own beat comes back: silence means that the line is dead
                async with asyncio.timeout(2 * BEAT_SECONDS):
                    message = await news.get_message(timeout=None)
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    self.has_tried.set()
                elif message["type"] == "message":
                    self._take(message["data"])
        finally:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(PATIENCE):
                    await client.aclose()

    def _take(self, data: bytes) -> None:
        sender, *lines = data.split(b"\n")
        if sender == self._me:
            return
        for line in lines:
            group, _space, message = line.partition(b" ")
            try:
                self._hear(group.decode(), message)
            except Exception as error:
                log.warning("relay.bad_line", error=type(error).__name__)
