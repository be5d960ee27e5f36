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
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0
        self._tasks: list[asyncio.Task[None]] = []

    def _start(self) -> None:
        """Everything belongs to one loop in one process; another one begins anew."""
        loop = asyncio.get_running_loop()
        if self._loop is loop and self._process == os.getpid():
            return
        self._loop, self._process = loop, os.getpid()
        self._me = secrets.token_hex(8).encode()
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._is_filled, self._is_empty, self._has_tried = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._is_empty.set()
        self._tasks = [loop.create_task(self._keep_publishing()), loop.create_task(self._keep_listening())]

    async def begun(self) -> None:
        """The subscription holds, or Redis is away: then nobody waits for it, the next look brings what was missed."""
        self._start()
        if not self._has_tried.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._has_tried.wait(), PATIENCE)
            self._has_tried.set()

    async def emptied(self) -> None:
        self._start()
        await self._is_empty.wait()

    def publish(self, lines: list[tuple[str, bytes]]) -> None:
        """A line is a group's name, a space and a message in JSON: neither holds a line break."""
        self._start()
        self._waiting.extend(b"%s %s" % (group.encode(), message) for group, message in lines)
        self._is_empty.clear()
        self._is_filled.set()

    # --- out ---------------------------------------------------------------------------------------------------------
    async def _keep_publishing(self) -> None:
        client = aioredis.from_url(self._url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_filled.wait(), BEAT_SECONDS)
            self._is_filled.clear()
            try:
                await self._publish_waiting(client)
            except Exception as error:
                log.warning("relay.publish_failed", error=type(error).__name__)
                self._waiting.clear()
                self._is_empty.set()
                await asyncio.sleep(AGAIN_SECONDS)

    async def _publish_waiting(self, client: "aioredis.Redis") -> None:
        """All that waits, some at once; with nothing to say a beat, by which a subscription knows that it lives."""
        while True:
            lines = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            await asyncio.wait_for(client.publish(self._channel, b"\n".join([self._me, *lines])), PATIENCE)
            if not self._waiting:
                self._is_empty.set()
                return

    # --- in ----------------------------------------------------------------------------------------------------------
    async def _keep_listening(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as error:
                log.warning("relay.listen_failed", error=type(error).__name__)
            self._has_tried.set()
            await asyncio.sleep(AGAIN_SECONDS)

    async def _listen(self) -> None:
        client = aioredis.from_url(self._url, socket_connect_timeout=PATIENCE)
        try:
            news = client.pubsub(ignore_subscribe_messages=False)
            await asyncio.wait_for(news.subscribe(self._channel), PATIENCE)
            while True:
                # Our own beat comes back: silence means that the line is dead
                message = await asyncio.wait_for(news.get_message(timeout=None), 2 * BEAT_SECONDS)
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    self._has_tried.set()
                elif message["type"] == "message":
                    self._take(message["data"])
        finally:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(client.aclose(), PATIENCE)

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
