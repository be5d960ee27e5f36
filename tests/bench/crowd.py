"""A crowd of websocket clients that costs little: it shares the machine with what it measures.

Frames go out with the mask 0, which leaves their text as it is, and come in unparsed: what a test waits for is found in
the bytes.
"""

import asyncio
import base64
import contextlib
import json
import os
import random
import secrets
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TEXT = "x" * 200
_HEAD = (
    b"GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n"
)


class Client(asyncio.Protocol):
    """One open socket; `hear` gets the text of each frame."""

    transport: Any

    def __init__(self, request: bytes, hear: Callable[[bytes], None]) -> None:
        self._request, self.hear = request, hear
        self._data = bytearray()
        self._is_open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._code = 1006

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("closed in the handshake"))
            self.opened.exception()
        if not self.closed.done():
            self.closed.set_result(self._code)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._is_open and not self._open():
            return
        while (frame := self._next()) is not None:
            self.hear(frame)

    def _open(self) -> bool:
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return False
        if b" 101 " not in self._data[:20]:
            self.transport.abort()
            return False
        del self._data[: end + 4]
        self._is_open = True
        self.opened.set_result(None)
        return True

    def _next(self) -> bytes | None:
        """The next text frame; pings are answered, the code of a close is kept."""
        data = self._data
        while len(data) >= 2:
            size, start = data[1] & 127, 2
            if size == 126:
                if len(data) < 4:
                    return None
                size, start = struct.unpack_from("!H", data, 2)[0], 4
            elif size == 127:
                if len(data) < 10:
                    return None
                size, start = struct.unpack_from("!Q", data, 2)[0], 10
            if len(data) < start + size:
                return None
            code, payload = data[0] & 15, bytes(data[start : start + size])
            del data[: start + size]
            if code == 1:
                return payload
            if code == 8:
                self._code = struct.unpack_from("!H", payload)[0] if len(payload) >= 2 else 1005
                self._write(8, payload[:2])
                self.transport.close()
            elif code == 9:
                self._write(10, payload)
        return None

    def say(self, frame: dict[str, Any]) -> None:
        self.send(json.dumps(frame).encode())

    def send(self, text: bytes) -> None:
        self._write(1, text)

    def _write(self, code: int, text: bytes) -> None:
        size = len(text)
        head = bytes([128 | code, 128 | size]) if size < 126 else struct.pack("!BBH", 128 | code, 128 | 126, size)
        self.transport.write(head + b"\0\0\0\0" + text)

    def close(self) -> None:
        if hasattr(self, "transport"):
            self.transport.abort()


async def connect(url: str, hear: Callable[[bytes], None], **headers: str) -> Client:
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    request = _HEAD % (path.encode(), parts.netloc.encode(), base64.b64encode(os.urandom(16)))
    request += b"".join(f"{name}: {value}\r\n".encode() for name, value in headers.items()) + b"\r\n"
    loop = asyncio.get_running_loop()
    _transport, client = await loop.create_connection(
        lambda: Client(request, hear), parts.hostname or "", parts.port or 80
    )
    try:
        await asyncio.wait_for(client.opened, 60)
    except BaseException:
        client.close()
        raise
    return client


async def reach(url: str, hear: Callable[[bytes], None], **headers: str) -> Client:
    """As a browser does: whoever is not let in at once on a busy machine comes again."""
    for pause in (0.5, 1, 2, 4, 8):
        with contextlib.suppress(OSError, TimeoutError):
            return await connect(url, hear, **headers)
        await asyncio.sleep(pause * random.uniform(0.5, 1))
    return await connect(url, hear, **headers)


@dataclass
class Pair:
    """Who sends and who hears at the other end of one conversation."""

    number: int
    sender: Client | None = None
    hearer: Client | None = None
    sent: dict[bytes, float] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    acknowledged: int = 0
    free: asyncio.Event = field(default_factory=asyncio.Event)
    _next: int = 0
    # What was said under the same id before would be acknowledged and not said again
    _run: str = field(default_factory=lambda: secrets.token_hex(4))

    def send(self, due: float) -> None:
        self._next += 1
        origin = f"{self.number}.{self._next}.{self._run}"
        self.sent[origin.encode()] = due
        if self.sender:
            self.sender.say({"type": "message.send", "origin_id": origin, "body": TEXT})

    def hear_sender(self, text: bytes) -> None:
        if b'"message.ack"' in text:
            self.acknowledged += 1
            self.free.set()

    def hear_hearer(self, text: bytes) -> None:
        if b'"message.new"' not in text:
            return
        at = text.find(b'"origin_id":') + 12
        origin = text[at : at + 60].split(b'"', 2)[1]
        if (due := self.sent.pop(origin, None)) is not None:
            self.delays.append(time.perf_counter() - due)

    def close(self) -> None:
        for client in (self.sender, self.hearer):
            if client:
                client.close()


async def saturate(pairs: Sequence[Pair], seconds: float) -> float:
    """Everybody sends again as soon as he is acknowledged; how many a second."""
    deadline = time.perf_counter() + seconds

    async def talk(pair: Pair) -> None:
        while time.perf_counter() < deadline:
            pair.free.clear()
            pair.send(time.perf_counter())
            await asyncio.wait_for(pair.free.wait(), 120)

    before, began = sum(pair.acknowledged for pair in pairs), time.perf_counter()
    await asyncio.gather(*(talk(pair) for pair in pairs))
    passed = time.perf_counter() - began
    return (sum(pair.acknowledged for pair in pairs) - before) / passed


async def at_rate(pairs: Sequence[Pair], rate: float, seconds: float) -> list[float]:
    """So many a second in all, each from the moment it was due; the delays in milliseconds."""
    await asyncio.sleep(0.5)
    for pair in pairs:
        pair.delays.clear()
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        pairs[number % len(pairs)].send(due)
    await asyncio.sleep(3)
    delays = [delay * 1000 for pair in pairs for delay in pair.delays]
    if not delays:
        codes = [
            line.closed.result() for pair in pairs for line in (pair.sender, pair.hearer) if line and line.closed.done()
        ]
        raise SystemExit(f"nothing was delivered; {len(codes)} lines were closed, with the codes {sorted(set(codes))}")
    return delays


def lost(pairs: Sequence[Pair]) -> int:
    return sum(len(pair.sent) for pair in pairs)


def cpu_seconds(*pids: int) -> float:
    """What these processes have used so far, threads and all."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Bytes in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
