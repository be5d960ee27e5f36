"""The way from a socket to its client: written at once where the server lets us, and bounded everywhere.

A client that does not read must cost the others nothing: what waits for it is counted, and beyond a bound it is cut.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from autobahn.websocket.protocol import PreparedMessage

from helpdesk.lib.layer import Parcel

Send = Callable[[dict[str, Any]], Awaitable[None]]
Cut = Callable[[], None]

# What may wait for one client beside what the kernel holds
MOST_BYTES = 1_048_576
MOST_FRAMES = 2_000
# How long a client that was cut may take to read why
LAST_WORD_SECONDS = 5.0


class Wire(Protocol):
    """Writes without waiting; calls `cut` once when the client reads too slowly."""

    def write(self, frame: bytes) -> None: ...

    def pass_on(self, parcel: Parcel) -> None: ...

    def close(self, code: int | None) -> None: ...

    def release(self) -> None: ...


def of(send: Send, cut: Cut) -> Wire:
    """The wire of an ASGI connection: Daphne's own protocol when it is at the other end, else a queue before `send`."""
    protocol = next(iter(getattr(send, "args", ())), None)
    return _Direct(protocol, cut) if hasattr(protocol, "sendPreparedMessage") else _Queued(send, cut)


def _prepare(frame: bytes) -> PreparedMessage:
    return PreparedMessage(frame, False, False, True)


class _Direct:
    """Daphne: frames go to the transport, which says when more waits than the client takes (a push producer)."""

    def __init__(self, protocol: Any, cut: Cut) -> None:
        self._protocol, self._cut = protocol, cut
        self._waiting = 0
        self._is_full = self._is_cut = False
        # Until now the HTTP request that became this socket was the producer, and lived as long as it
        protocol.transport.unregisterProducer()
        protocol.transport.registerProducer(self, True)

    def write(self, frame: bytes) -> None:
        self._send(_prepare(frame), len(frame))

    def pass_on(self, parcel: Parcel) -> None:
        self._send(parcel.prepared(_prepare), len(parcel.encoded()))

    def _send(self, prepared: PreparedMessage, size: int) -> None:
        protocol = self._protocol
        if protocol.state != protocol.STATE_OPEN or self._is_cut:
            return
        if self._is_full:
            self._waiting += size
            if self._waiting > MOST_BYTES:
                self._is_cut = True
                self._cut()
                return
        protocol.sendPreparedMessage(prepared)

    # What Twisted calls
    def pauseProducing(self) -> None:  # noqa: N802
        self._is_full = True

    def resumeProducing(self) -> None:  # noqa: N802
        self._is_full, self._waiting = False, 0

    def stopProducing(self) -> None:  # noqa: N802
        self._is_cut = True

    def close(self, code: int | None) -> None:
        protocol = self._protocol
        if protocol.state == protocol.STATE_CONNECTING:
            protocol.serverReject()
            return
        protocol.serverClose(code)
        if self._is_full:
            # Whoever does not read does not answer either: his last word waits a little, then the line is torn down.
            asyncio.get_running_loop().call_later(LAST_WORD_SECONDS, protocol.transport.abortConnection)

    def release(self) -> None:
        self._is_cut = True
        with contextlib.suppress(Exception):
            self._protocol.transport.unregisterProducer()


class _Queued:
    """Any other server: one task sends what waits, in order."""

    def __init__(self, send: Send, cut: Cut) -> None:
        self._send, self._cut = send, cut
        self._frames: asyncio.Queue[bytes | int | None] = asyncio.Queue()
        self._bytes = 0
        self._is_cut = False
        self._task = asyncio.create_task(self._pump())

    def write(self, frame: bytes) -> None:
        if self._is_cut:
            return
        self._bytes += len(frame)
        if self._bytes > MOST_BYTES or self._frames.qsize() >= MOST_FRAMES:
            self._is_cut = True
            self._cut()
            return
        self._frames.put_nowait(frame)

    def pass_on(self, parcel: Parcel) -> None:
        self.write(parcel.encoded())

    def close(self, code: int | None) -> None:
        self._is_cut = True
        self._frames.put_nowait(code if code is not None else 1000)

    def release(self) -> None:
        self._is_cut = True
        self._frames.put_nowait(None)

    async def _pump(self) -> None:
        with contextlib.suppress(Exception):
            while (frame := await self._frames.get()) is not None:
                if isinstance(frame, int):
                    await self._send({"type": "websocket.close", "code": frame})
                    return
                self._bytes -= len(frame)
                await self._send({"type": "websocket.send", "text": frame.decode()})
