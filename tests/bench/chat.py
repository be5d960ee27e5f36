"""Chat on PostgreSQL and Redis beside a bare Channels echo of the same run: the same frames, the same clients.

A contact centre of teams of ten: each agent has his desk open and one chat, and hears what moves in his team's queue.
Saturated: every visitor sends again as soon as the last message was acknowledged, that is, committed. Delivery: at a
fixed rate, from the moment a message was due until the agent's socket has it. Machines are shared: beside each speed
stands the processor time of the web process for a message, which other programs change little.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests import servers
from tests.bench import crowd, figures
from tests.bench.crowd import Pair
from tests.e2e import product
from tests.e2e.product import HOME

PAIRS, CROWD, SECONDS = 100, 500, 8.0
RESUME_SECONDS = 120
RATE, CROWD_RATE = 200, 300


@dataclass
class Seat:
    """One conversation: the visitor's secret and the agent's."""

    token: str
    agent: str
    ticket: int


@dataclass
class Result:
    per_second: float = 0.0
    cpu_us: float = 0.0
    p95: float = 0.0
    crowd_p99: float = 0.0
    lost: int = 0
    kib: float = 0.0
    resumed_s: float = 0.0
    rest_ms: float = 0.0
    more: dict[str, float] = field(default_factory=dict)


# --- the bare echo ---------------------------------------------------------------------------------------------------
async def _echo_pairs(port: int, count: int) -> list[Pair]:
    pairs = [Pair(number) for number in range(count)]
    for pair in pairs:
        address = f"ws://127.0.0.1:{port}/ws/room{pair.number}/"
        pair.sender = await crowd.reach(address, pair.hear_sender)
        pair.hearer = await crowd.reach(address, pair.hear_hearer)
    return pairs


async def echo(port: int, pid: int) -> Result:
    result = Result()
    pairs = await _echo_pairs(port, PAIRS)
    await _speed(pairs, [pid], result)
    for pair in pairs:
        pair.close()
    await asyncio.sleep(1)
    before = crowd.memory(pid)
    pairs = await _echo_pairs(port, CROWD)
    result.kib = (crowd.memory(pid) - before) / 1024 / (2 * CROWD)
    result.crowd_p99 = figures.quantile(await crowd.at_rate(pairs, CROWD_RATE, SECONDS), 0.99)
    return result


async def _speed(pairs: list[Pair], pids: list[int], result: Result) -> None:
    used, said = crowd.cpu_seconds(*pids), sum(pair.acknowledged for pair in pairs)
    result.per_second = await crowd.saturate(pairs, SECONDS)
    said = sum(pair.acknowledged for pair in pairs) - said
    result.cpu_us = (crowd.cpu_seconds(*pids) - used) / max(said, 1) * 1e6
    result.p95 = figures.quantile(await crowd.at_rate(pairs, RATE, SECONDS), 0.95)
    result.lost += crowd.lost(pairs)


# --- the product -----------------------------------------------------------------------------------------------------
CENTRE = """
import json, sys
from chat import sessions
from chat.models import Site
from chat.sessions import Visit
from helpdesk.people.models import Team, User
from knox.models import AuthToken
from tickets.models import Queue

Queue.objects.get_or_create(is_default=True, defaults=dict(
    name="Rest", slug="rest", team=Team.objects.get_or_create(slug="rest", defaults=dict(name="Rest"))[0]))
seats = []
for number in range({count} // 10):
    team = Team.objects.create(name=f"Bench {{number}}", slug=f"bench-{{number}}")
    queue = Queue.objects.create(name=team.name, slug=team.slug, team=team)
    site = Site.objects.create(key=team.slug, name=team.name, queue=queue)
    for place in range(10):
        user = User.objects.create_user(f"bench-{{number}}-{{place}}@example.com", name="Bench")
        team.members.add(user)
        opened = sessions.open(site, Visit(language="en"))
        said = sessions.say(opened.session, "Hello", origin_id=f"first-{{number}}-{{place}}")
        sessions.accept(said.session.pk, by=user)
        seats.append(dict(token=opened.keys.token, agent=AuthToken.objects.create(user)[1],
                          ticket=said.message.ticket_id))
json.dump(seats, sys.stdout)
"""


def centre(env: dict[str, str], count: int) -> list[Seat]:
    """Teams of ten with a queue, a site, their agents and a chat for each."""
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=HOME, env=env, check=True)
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", CENTRE.format(count=count)]
    made = subprocess.run(command, cwd=HOME, env=env, check=True, capture_output=True, text=True)
    return [Seat(**seat) for seat in json.loads(made.stdout)]


class _Resumed:
    """Listens until a line has brought what it was asked for; from then on `hear` does."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self.hear, self._then = self._first, hear
        self._heard = asyncio.Event()

    def _first(self, text: bytes) -> None:
        if b'"message.new"' in text or b'"gap"' in text:
            self._heard.set()

    async def resume(self, client: crowd.Client, ticket: int) -> None:
        """Say hello, and wait until the line is admitted and has told what was said so far."""
        client.say({"type": "hello", "after": {str(ticket): 0}})
        async with asyncio.timeout(RESUME_SECONDS):
            await self._heard.wait()
        client.hear = self._then


async def _open(seat: Seat, pair: Pair, ports: list[int], origin: str) -> None:
    """The visitor at the first process, his agent at the last."""
    visitor = f"ws://127.0.0.1:{ports[0]}/ws/visitor/?session={seat.token}"
    desk = f"ws://127.0.0.1:{ports[-1]}/ws/desk/"
    lines = [_Resumed(pair.hear_sender), _Resumed(pair.hear_hearer)]
    clients = await asyncio.gather(
        crowd.reach(visitor, lines[0].hear, Origin=origin),
        crowd.reach(desk, lines[1].hear, Authorization=f"Token {seat.agent}"),
    )
    pair.sender, pair.hearer = clients
    for client, line in zip(clients, lines, strict=True):
        await line.resume(client, seat.ticket)


async def _open_all(seats: list[Seat], ports: list[int], origin: str) -> list[Pair]:
    pairs = [Pair(number) for number in range(len(seats))]
    for start in range(0, len(seats), 20):
        await asyncio.gather(
            *(_open(seats[n], pairs[n], ports, origin) for n in range(start, min(start + 20, len(seats))))
        )
    await asyncio.sleep(2)
    return pairs


async def guichet(ports: list[int], pids: list[int], seats: list[Seat], origin: str) -> Result:
    result = Result()
    pairs = await _open_all(seats[:PAIRS], ports, origin)
    for pid in pids:
        await asyncio.to_thread(_until_it_rests, pid)
    await _speed(pairs, pids, result)
    for pair in pairs:
        pair.close()
    await asyncio.sleep(2)
    return result


async def guichet_crowd(port: int, pid: int, seats: list[Seat], origin: str, result: Result) -> None:
    """A thousand sockets: what they weigh, what they hear, and how they come back all at once."""
    before = crowd.memory(pid)
    pairs = await _open_all(seats, [port], origin)
    result.kib = (crowd.memory(pid) - before) / 1024 / (2 * len(seats))
    result.crowd_p99 = figures.quantile(await crowd.at_rate(pairs, CROWD_RATE, SECONDS), 0.99)
    result.lost += crowd.lost(pairs)
    for pair in pairs:
        pair.close()
    await asyncio.sleep(1)
    result.resumed_s, result.rest_ms = await _storm(port, seats, origin)


async def _storm(port: int, seats: list[Seat], origin: str) -> tuple[float, float]:
    """Everybody connects at once and asks for the first message; seconds until the last has it, and REST meanwhile."""
    began, resumed, all_resumed = time.perf_counter(), 0, asyncio.Event()
    slowest = 0.0

    async def come_back(url: str, ticket: int, **headers: str) -> None:
        nonlocal resumed
        line = _Resumed(lambda text: None)
        await line.resume(await crowd.reach(url, line.hear, **headers), ticket)
        resumed += 1
        if resumed == 2 * len(seats):
            all_resumed.set()

    async def ask() -> None:
        nonlocal slowest
        while not all_resumed.is_set():
            asked = time.perf_counter()
            await asyncio.to_thread(_get, f"http://127.0.0.1:{port}/api/v1/tickets/", seats[0].agent)
            slowest = max(slowest, time.perf_counter() - asked)
            await asyncio.sleep(0.5)

    asking = asyncio.create_task(ask())
    base = f"ws://127.0.0.1:{port}"
    await asyncio.gather(
        *(come_back(f"{base}/ws/visitor/?session={seat.token}", seat.ticket, Origin=origin) for seat in seats),
        *(come_back(f"{base}/ws/desk/", seat.ticket, Authorization=f"Token {seat.agent}") for seat in seats),
    )
    passed = time.perf_counter() - began
    await asking
    return passed, slowest * 1000


def _get(url: str, token: str) -> None:
    request = urllib.request.Request(url, headers={"Authorization": f"Token {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()


@contextlib.contextmanager
def _daphne(application: str, port: int, env: dict[str, str]) -> Iterator[int]:
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), application]
    process = subprocess.Popen(command, cwd=HOME, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not servers.answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{application} did not start")
            time.sleep(0.1)
        _until_it_rests(process.pid)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def _until_it_rests(pid: int) -> None:
    """A process that has just begun loads its models: that is no part of what a line costs."""
    for _ in range(60):
        before = crowd.cpu_seconds(pid)
        time.sleep(2)
        if crowd.cpu_seconds(pid) - before < 0.3:
            return


def main() -> None:
    port = servers.free_port()
    with _daphne("tests.bench.echo:application", port, dict(os.environ)) as pid:
        bare = asyncio.run(echo(port, pid))

    with tempfile.TemporaryDirectory() as var:
        ports = [servers.free_port(), servers.free_port()]
        url = f"http://127.0.0.1:{ports[0]}"
        env = product.environment(
            Path(var),
            DATABASE_URL=os.environ["DATABASE_URL"],
            REDIS_URL=os.environ["REDIS_URL"],
            PUBLIC_URL=url,
            RATE_PUBLIC_PER_MINUTE="100000",
            SOCKET_FRAMES_PER_10S="1000000",
        )
        seats = centre(env, CROWD)
        with _daphne("helpdesk.asgi:application", ports[0], env) as pid:
            ours = asyncio.run(guichet(ports[:1], [pid], seats, url))
            figures.tell(*_one_process(bare, ours))
            asyncio.run(guichet_crowd(ports[0], pid, seats, url, ours))
            figures.tell(*_crowd(bare, ours))
        with (
            _daphne("helpdesk.asgi:application", ports[0], env) as one,
            _daphne("helpdesk.asgi:application", ports[1], env) as two,
        ):
            both = asyncio.run(guichet(ports, [one, two], seats, url))
            figures.tell(*_two_processes(bare, ours, both))


def _figure(
    name: str, value: float, unit: str, anchor: float, anchor_name: str, goal: str, *, met: bool
) -> figures.Figure:
    return figures.Figure(name, value, unit, anchor, anchor_name, goal, met)


SMALL, LARGE = f"{2 * PAIRS} sockets", f"{2 * CROWD} sockets"


def _one_process(bare: Result, ours: Result) -> list[figures.Figure]:
    return [
        _figure(f"chat messages acknowledged, {SMALL}", ours.per_second, "/s", bare.per_second, "bare echo /s", "≥ 0.4 ×",
            met=ours.per_second >= 0.4 * bare.per_second),
        _figure("chat, web process for a message", ours.cpu_us, "µs", bare.cpu_us, "bare echo µs", "≤ 2.5 ×",
            met=ours.cpu_us <= 2.5 * bare.cpu_us),
        _figure(f"chat delivery p95 at {RATE}/s, {SMALL}", ours.p95, "ms", bare.p95, "bare echo ms", "≤ 2.5 ×",
            met=ours.p95 <= 2.5 * bare.p95),
    ]  # fmt: skip


def _crowd(bare: Result, ours: Result) -> list[figures.Figure]:
    return [
        _figure(f"chat delivery p99 at {CROWD_RATE}/s, {LARGE}", ours.crowd_p99, "ms", bare.crowd_p99, "bare echo ms",
            "≤ 4 ×", met=ours.crowd_p99 <= 4 * bare.crowd_p99),
        _figure("chat memory of an idle socket", ours.kib, "KiB", bare.kib, "bare echo KiB", "≤ 64 KiB", met=ours.kib <= 64),
        _figure(f"chat, {LARGE} back and resumed", ours.resumed_s, "s", 20.0, "seconds", "≤ 20 s",
            met=ours.resumed_s <= 20),
        _figure("chat, slowest REST answer meanwhile", ours.rest_ms, "ms", 2000.0, "ms", "≤ 2 s",
            met=ours.rest_ms <= 2000),
    ]  # fmt: skip


def _two_processes(bare: Result, ours: Result, both: Result) -> list[figures.Figure]:
    lost = ours.lost + both.lost
    return [
        _figure("chat messages not delivered", lost, "", bare.lost, "bare echo", "0", met=lost == 0),
        _figure("chat, two processes for a message", both.cpu_us / 2, "µs each", ours.cpu_us, "one process µs",
            "≤ 0.59 ×", met=both.cpu_us / 2 <= ours.cpu_us / 1.7),
        _figure("chat, two processes, acknowledged", both.per_second, "/s", ours.per_second, "one process /s", "told",
            met=True),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
