"""Chat in one web process on PostgreSQL and Redis, 200 sockets in 100 conversations, beside a bare Channels echo.

A contact centre of ten teams: each agent has his desk open and one chat, and hears what moves in his team's queue.
Saturated: every visitor sends again as soon as the last message was acknowledged, that is, committed. Delivery: at a
fixed rate, from the moment a message was due until the agent's socket has it.
"""

import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from tests import servers
from tests.bench import figures
from tests.e2e import product

TEAMS, PAIRS, SECONDS, RATE = 10, 100, 10.0, 200
TEXT = "x" * 200


@dataclass
class Pair:
    """A visitor and the agent at the other end of one conversation."""

    visitor: ClientConnection
    agent: ClientConnection
    sent: dict[str, float] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    acknowledged: int = 0
    free: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, due: float) -> None:
        origin = str(uuid.uuid4())
        self.sent[origin] = due
        await self.visitor.send(json.dumps({"type": "message.send", "origin_id": origin, "body": TEXT}))

    async def hear_acknowledgements(self) -> None:
        async for raw in self.visitor:
            if json.loads(raw)["type"] == "message.ack":
                self.acknowledged += 1
                self.free.set()

    async def hear_news(self) -> None:
        async for raw in self.agent:
            frame = json.loads(raw)
            if frame["type"] == "message.new" and (due := self.sent.pop(frame.get("origin_id", ""), None)):
                self.delays.append(time.perf_counter() - due)


@dataclass(frozen=True)
class Result:
    per_second: float
    p95_ms: float
    lost: int


async def measure(pairs: list[Pair]) -> Result:
    listeners = [asyncio.create_task(hear()) for pair in pairs for hear in (pair.hear_acknowledgements, pair.hear_news)]
    try:
        per_second = await _saturate(pairs)
        for pair in pairs:
            pair.delays.clear()
        await _at_rate(pairs)
        delays = [delay * 1000 for pair in pairs for delay in pair.delays]
        return Result(per_second, figures.quantile(delays, 0.95), sum(len(pair.sent) for pair in pairs))
    finally:
        for listener in listeners:
            listener.cancel()
        for pair in pairs:
            await pair.visitor.close()
            await pair.agent.close()


async def _saturate(pairs: list[Pair]) -> float:
    deadline = time.perf_counter() + SECONDS

    async def talk(pair: Pair) -> None:
        while time.perf_counter() < deadline:
            pair.free.clear()
            await pair.send(time.perf_counter())
            await asyncio.wait_for(pair.free.wait(), 30)

    before, began = sum(pair.acknowledged for pair in pairs), time.perf_counter()
    await asyncio.gather(*(talk(pair) for pair in pairs))
    passed = time.perf_counter() - began
    await asyncio.sleep(1)
    return (sum(pair.acknowledged for pair in pairs) - before) / passed


async def _at_rate(pairs: list[Pair]) -> None:
    began = time.perf_counter()
    for number, pair in zip(range(int(RATE * SECONDS)), itertools.cycle(pairs), strict=False):
        due = began + number / RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await pair.send(due)
    await asyncio.sleep(2)


# --- the bare echo ---------------------------------------------------------------------------------------------------
async def echo(port: int) -> Result:
    addresses = [f"ws://127.0.0.1:{port}/ws/room{number}/" for number in range(PAIRS)]
    return await measure([Pair(await _open(address), await _open(address)) for address in addresses])


# --- the product -----------------------------------------------------------------------------------------------------
CENTRE = """
import json, sys
from chat.models import Site
from helpdesk.people.models import Team, User
from knox.models import AuthToken
from tickets.models import Queue

seats = []
for number in range({teams}):
    team = Team.objects.create(name=f"Bench {{number}}", slug=f"bench-{{number}}")
    queue = Queue.objects.create(name=team.name, slug=team.slug, team=team)
    Site.objects.create(key=team.slug, name=team.name, queue=queue)
    for place in range({seats}):
        user = User.objects.create_user(f"bench-{{number}}-{{place}}@example.com", name="Bench")
        team.members.add(user)
        seats.append({{"site": team.slug, "token": AuthToken.objects.create(user)[1]}})
json.dump(seats, sys.stdout)
"""


def centre(env: dict[str, str]) -> list[dict[str, str]]:
    """Ten teams with a queue, a site and their agents: for each agent his site and an API token."""
    code = CENTRE.format(teams=TEAMS, seats=PAIRS // TEAMS)
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    made = subprocess.run(command, cwd=product.HOME, env=env, check=True, capture_output=True, text=True)
    seats: list[dict[str, str]] = json.loads(made.stdout)
    return seats


async def guichet(url: str, seats: list[dict[str, str]]) -> Result:
    return await measure([await _conversation(url, seat) for seat in seats])


async def _conversation(url: str, seat: dict[str, str]) -> Pair:
    """A visitor writes a first message; the agent takes the chat that this made."""
    address = url.replace("http", "ws", 1)
    session = await asyncio.to_thread(_post, f"{url}/api/v1/chat/sessions/", {"site": seat["site"], "language": "en"})
    visitor = await _open(f"{address}/ws/visitor/?session={session['session']}", url)
    agent = await _open(f"{address}/ws/desk/", url, {"Authorization": f"Token {seat['token']}"})
    await visitor.send(json.dumps({"type": "message.send", "origin_id": str(uuid.uuid4()), "body": "Hello"}))
    await _wait_for(visitor, "message.ack")
    await agent.send(
        json.dumps({"type": "chat.accept", "session": (await _wait_for(agent, "chat.waiting"))["session"]})
    )
    await _wait_for(agent, "chat.accepted")
    return Pair(visitor, agent)


def _post(url: str, content: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(url, json.dumps(content).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        answered: dict[str, Any] = json.load(answer)
        return answered


async def _open(address: str, origin: str | None = None, headers: dict[str, str] | None = None) -> ClientConnection:
    site = Origin(origin) if origin else None
    # Neither compression nor pings: the client shares the machine with what it measures
    return await connect(
        address, origin=site, additional_headers=headers, compression=None, ping_interval=None, proxy=None
    )


async def _wait_for(socket: ClientConnection, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if frame["type"] == kind:
                return frame


@contextlib.contextmanager
def _daphne(application: str, port: int, env: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), application]
    process = subprocess.Popen(command, cwd=product.HOME, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not servers.answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{application} did not start")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)


def main() -> None:
    port = servers.free_port()
    with _daphne("tests.bench.echo:application", port, dict(os.environ)):
        bare = asyncio.run(echo(port))

    with tempfile.TemporaryDirectory() as var:
        mould = product.mould(Path(var))
        port = servers.free_port()
        url = f"http://127.0.0.1:{port}"
        env = product.environment(
            Path(var),
            DATABASE_URL=mould.database,
            REDIS_URL=mould.redis,
            PUBLIC_URL=url,
            RATE_PUBLIC_PER_MINUTE="100000",
            SOCKET_FRAMES_PER_10S="1000000",
        )
        seats = centre(env)
        with _daphne("helpdesk.asgi:application", port, env):
            ours = asyncio.run(guichet(url, seats))

    sockets = f"{2 * PAIRS} sockets"
    figures.tell(
        figures.Figure(
            f"chat messages acknowledged, {sockets}",
            ours.per_second,
            "/s",
            bare.per_second,
            "bare echo /s",
            "≥ 0.4 ×",
            ours.per_second >= 0.4 * bare.per_second,
        ),
        figures.Figure(
            f"chat delivery p95 at {RATE}/s, {sockets}",
            ours.p95_ms,
            "ms",
            bare.p95_ms,
            "bare echo ms",
            "≤ 2.5 ×",
            ours.p95_ms <= 2.5 * bare.p95_ms,
        ),
        figures.Figure("chat messages not delivered", ours.lost, "", bare.lost, "bare echo", "0", ours.lost == 0),
    )


if __name__ == "__main__":
    main()
