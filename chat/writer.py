"""One thread of each process writes what comes by its sockets: what arrives while a batch is written is the next one.

Grouping is what makes a line cheap: a commit, a lock and a round trip are paid once for all who spoke at that moment.
Acknowledged still means committed. What the batch leaves, or loses by an error, is written singly by its own socket.
"""

import asyncio
import contextlib
import queue
import threading

import structlog
from django.db import close_old_connections, connection

from chat import lines
from chat.lines import Asked, Written

log = structlog.get_logger(__name__)
MOST = 100
# A connection that nobody needs for so long is given back
IDLE_SECONDS = 0.5

_Result = Written | None
_Order = tuple[Asked, asyncio.AbstractEventLoop, "asyncio.Future[_Result]"]


class Writer:
    """The thread lives while there is something to write, and a moment longer."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    async def write(self, asked: Asked) -> Written | None:
        """The line once it is committed; None when it has to be written singly."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_Result] = loop.create_future()
        self._orders.put((asked, loop, answer))
        if self._thread is None:
            self._begin()
        return await answer

    def _begin(self) -> None:
        with self._guard:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        try:
            while (batch := self._gather()) is not None:
                self._answer(batch, self._write([asked for asked, _loop, _answer in batch]))
            connection.close()
        finally:
            # However it ends: who speaks next finds no thread and begins another.
            with self._guard:
                self._thread = None
            if not self._orders.empty():
                self._begin()

    def _gather(self) -> list[_Order] | None:
        try:
            batch = [self._orders.get(timeout=IDLE_SECONDS)]
        except queue.Empty:
            return None
        while len(batch) < MOST and not self._orders.empty():
            batch.append(self._orders.get_nowait())
        return batch

    def _write(self, asked: list[Asked]) -> list[_Result]:
        try:
            return lines.write(asked)
        except Exception as error:
            log.warning("writer.batch_failed", lines=len(asked), error=type(error).__name__)
            with contextlib.suppress(Exception):
                close_old_connections()
            return [None] * len(asked)

    def _answer(self, batch: list[_Order], results: list[_Result]) -> None:
        """One call to each loop (there is but one where sockets are served)."""
        answers: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[_Result], _Result]]] = {}
        for (_asked, loop, answer), result in zip(batch, results, strict=True):
            answers.setdefault(loop, []).append((answer, result))
        for loop, found in answers.items():
            try:
                loop.call_soon_threadsafe(_set, found)
            except RuntimeError:  # its loop ended: nobody waits any more
                continue


def _set(found: list[tuple["asyncio.Future[_Result]", _Result]]) -> None:
    for answer, result in found:
        if not answer.done():
            answer.set_result(result)


writer = Writer()
