"""What waits for a client is bounded: in front of Daphne's own transport, and in front of any other server."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpdesk.lib import wire
from helpdesk.lib.layer import Parcel
from tests import servers
from tests.bench import crowd

HOME = Path(__file__).resolve().parents[3]
PARCEL = Parcel({"type": "deliver", "frame": {"body": "x" * 100_000}})


@pytest.fixture
def flood() -> Iterator[int]:
    """A Daphne that says twelve megabytes to everybody."""
    port = servers.free_port()
    command = [
        sys.executable,
        "-m",
        "daphne",
        "-b",
        "127.0.0.1",
        "-p",
        str(port),
        "tests.helpdesk.lib.flood:application",
    ]
    process = subprocess.Popen(command, cwd=HOME, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not servers.answers(port) and time.monotonic() < deadline:
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


async def test_daphne_cuts_who_does_not_read_and_the_others_hear_everything(flood: int) -> None:
    deaf = socket.create_connection(("127.0.0.1", flood))
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.sendall(
        b"GET /x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    heard: list[int] = []
    await crowd.connect(f"ws://127.0.0.1:{flood}/y", lambda text: heard.append(len(text)))
    async with asyncio.timeout(30):
        while not heard or heard[-1] > 100:  # noqa: ASYNC110  (the client only counts)
            await asyncio.sleep(0.05)
    assert len(heard) == 401
    await asyncio.sleep(3)
    deaf.settimeout(10)
    kept = 0
    try:
        while got := deaf.recv(65_536):
            kept += len(got)
    except ConnectionResetError:
        pass
    assert kept < 400 * 30_000, "the line was cut, what had waited for it is gone"
    deaf.close()


async def test_any_other_server_is_not_given_more_than_it_takes() -> None:
    may_take, sent, cut = asyncio.Event(), list[dict[str, Any]](), list[bool]()

    async def slow(message: dict[str, Any]) -> None:
        await may_take.wait()
        sent.append(message)

    line = wire.of(slow, lambda: cut.append(True))
    for _ in range(100):
        line.pass_on(PARCEL)
    assert cut == [True]
    line.close(4409)
    may_take.set()
    await asyncio.sleep(0.1)
    assert len(sent) <= wire.MOST_BYTES // 100_000 + 1
    assert sent[-1] == {"type": "websocket.close", "code": 4409}


async def test_frames_leave_in_order_and_nothing_after_the_close() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    line = wire.of(send, lambda: None)
    line.write(b'{"n":1}')
    line.pass_on(Parcel({"type": "deliver", "frame": {"n": 2}}))
    line.close(None)
    line.write(b'{"n":3}')
    await asyncio.sleep(0.05)
    assert sent == [
        {"type": "websocket.send", "text": '{"n":1}'},
        {"type": "websocket.send", "text": '{"n":2}'},
        {"type": "websocket.close", "code": 1000},
    ]
