"""A router between browsers and the product, which can go dead: no packet passes, and nobody is told."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any

from tests import servers


class Router:
    """Everything to `url` goes on to the port of `lead_to`, unless the router is dead."""

    def __init__(self) -> None:
        self.port = servers.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._target = 0
        # Counted up by each cut after which old connections stay dead
        self._era = 0
        self._loop = asyncio.new_event_loop()
        self._passes: asyncio.Event
        self._thread = threading.Thread(target=self._loop.run_forever, name="router", daemon=True)
        self._thread.start()
        self._do(self._begin())

    def lead_to(self, port: int) -> None:
        self._target = port

    def cut(self) -> None:
        """Connections stay as they are, and silent; new ones are not answered."""
        self._loop.call_soon_threadsafe(self._passes.clear)

    def mend(self, *, is_same: bool) -> None:
        """Packets pass again: what was held up arrives late, or (another address) old connections never speak again."""
        self._loop.call_soon_threadsafe(self._mend, is_same)

    def _mend(self, is_same: bool) -> None:
        self._era += not is_same
        self._passes.set()

    def close(self) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _begin(self) -> None:
        self._passes = asyncio.Event()
        self._passes.set()
        await asyncio.start_server(self._connected, "127.0.0.1", self.port)

    async def _connected(self, near: asyncio.StreamReader, to_near: asyncio.StreamWriter) -> None:
        era = self._era
        # Cancelled at the end only
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._may_pass(era)
            far, to_far = await asyncio.open_connection("127.0.0.1", self._target)
            await asyncio.gather(self._pass(near, to_far, era), self._pass(far, to_near, era))

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, era: int) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                await self._may_pass(era)
                target.write(data)
                await target.drain()
        await self._may_pass(era)
        target.close()

    async def _may_pass(self, era: int) -> None:
        await self._passes.wait()
        if era != self._era:
            await asyncio.Event().wait()
