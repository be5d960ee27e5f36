"""Everything that a chat stands on is hurt at random while a hundred of them go on; then the books are compared.

Two web processes and a worker on a PostgreSQL and a Redis of their own. Faults come in bursts of ten and overlap; after
each burst all is healed, and it is told how long it took until a line of every side had come through to the other. At
the end every ledger must equal the database, and what must always hold must hold.

`python -m tests.bench faults 600 100 100`: seconds, faults, chats.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests import servers
from tests.bench import figures
from tests.bench.chat import centre
from tests.bench.ledger import Row, Side, Verdict, compare
from tests.e2e import product
from tests.e2e.product import HOME
from tests.servers import Server

BURST = 10
LINE_SECONDS = 3.0
# Of a burst's time so much is left quiet at its end
QUIET = 0.35
START_SECONDS = 120
RECOVERY_SECONDS = 60


# --- the house and what may happen to it -----------------------------------------------------------------------------
@dataclass
class House:
    """Everything that runs, each with a lock: it is hurt by one fault at a time."""

    env: dict[str, str]
    ports: list[int]
    webs: list[Server]
    worker: Server
    database: Server
    cache: Server
    locks: dict[int, threading.Lock] = field(default_factory=dict)
    # What was hurt, from when until when (monotonic)
    hurt: list[tuple[Server, float, float]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    def lock(self, *parts: Server) -> ExitStack | None:
        """All of these for one fault; None when one of them is being hurt already."""
        held = ExitStack()
        for part in parts:
            lock = self.locks.setdefault(id(part), threading.Lock())
            if not lock.acquire(blocking=False):
                held.close()
                return None
            held.callback(lock.release)
        return held


@contextmanager
def house(chats: int) -> Iterator[tuple[House, list[Side]]]:
    with ExitStack() as stack:
        address, database = stack.enter_context(servers.database_server())
        redis, cache = stack.enter_context(servers.cache_server())
        var = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ports = [servers.free_port(), servers.free_port()]
        env = product.environment(
            var,
            DATABASE_URL=address,
            REDIS_URL=redis,
            PUBLIC_URL=f"http://127.0.0.1:{ports[0]}",
            RATE_PUBLIC_PER_MINUTE="100000",
        )
        seats = centre(env, chats)
        webs = [stack.enter_context(_web(env, var, port)) for port in ports]
        command = [sys.executable, "manage.py", "worker"]
        worker = Server(command, var, None, lambda: True, name="worker", env=env, cwd=HOME)
        stack.callback(worker.end)
        worker.start()
        built = House(env, ports, webs, worker, database, cache)
        yield built, [side for number, seat in enumerate(seats) for side in _sides(number, seat, built.url)]
        if keep := os.environ.get("FAULTS_LOGS"):
            for log in var.glob("*.log"):
                Path(keep, log.name).write_bytes(log.read_bytes())


@contextmanager
def _web(env: dict[str, str], var: Path, port: int) -> Iterator[Server]:
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "helpdesk.asgi:application"]
    web = Server(command, var, None, lambda: servers.answers(port), name=f"web-{port}", env=env, cwd=HOME)
    try:
        web.start(START_SECONDS)
        yield web
    finally:
        web.end(signal.SIGKILL)


def _sides(number: int, seat: object, origin: str) -> list[Side]:
    token, agent, ticket = (getattr(seat, name) for name in ("token", "agent", "ticket"))
    queue = f"bench-{number // 10}"
    visitor = Side(number, ticket, f"/ws/visitor/?session={token}", {"Origin": origin}, False, queue, LINE_SECONDS)
    desk = {"Authorization": f"Token {agent}"}
    return [visitor, Side(number, ticket, "/ws/desk/", desk, True, queue, LINE_SECONDS)]


Hurt = Callable[[House, Sequence[Server]], None]


@dataclass(frozen=True)
class Fault:
    name: str
    weight: int
    parts: Callable[[House], Sequence[Server]]
    hurt: Hurt


def _restarted(how: int, away: float) -> Hurt:
    """Ended like that, and begun again up to so many seconds later."""

    def hurt(_house: House, parts: Sequence[Server]) -> None:
        for part in parts:
            part.end(how)
        time.sleep(random.uniform(0, away))
        for part in parts:
            part.start(START_SECONDS)

    return hurt


def _frozen(least: float, most: float) -> Hurt:
    def hurt(_house: House, parts: Sequence[Server]) -> None:
        for part in parts:
            part.freeze()
        time.sleep(random.uniform(least, most))
        for part in parts:
            part.thaw()

    return hurt


FAULTS = (
    Fault("kill -9 of a web process", 24, lambda house: [random.choice(house.webs)], _restarted(signal.SIGKILL, 0.5)),
    Fault("kill -9 of both web processes", 6, lambda house: house.webs, _restarted(signal.SIGKILL, 0.5)),
    Fault("kill -9 of the worker", 14, lambda house: [house.worker], _restarted(signal.SIGKILL, 1)),
    Fault("restart of Redis", 14, lambda house: [house.cache], _restarted(signal.SIGKILL, 3)),
    Fault("Redis frozen", 14, lambda house: [house.cache], _frozen(1, 8)),
    Fault("restart of PostgreSQL", 10, lambda house: [house.database], _restarted(signal.SIGINT, 2)),
    Fault("crash of PostgreSQL", 8, lambda house: [house.database], _restarted(signal.SIGQUIT, 2)),
    Fault("PostgreSQL frozen", 10, lambda house: [house.database], _frozen(1, 5)),
)


# --- the run ---------------------------------------------------------------------------------------------------------
@dataclass
class Account:
    counts: Counter[str] = field(default_factory=Counter)
    recoveries: list[float] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    rest_errors: list[str] = field(default_factory=list)
    rest_asked: int = 0
    seconds: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)
    messages: int = 0
    ended: int = 0
    violations: str = ""


async def run(built: House, sides: list[Side], seconds: float, faults: int) -> Account:
    account = Account()
    with ThreadPoolExecutor(max_workers=32) as threads:
        clients = [asyncio.create_task(side.live(built.ports)) for side in sides]
        await _until_through(sides, account, 180)
        account.recoveries.clear()
        asking = asyncio.create_task(_ask_rest(built, sides, account, threads))
        began = time.monotonic()
        bursts = max(1, round(faults / BURST))
        for number in range(bursts):
            of_burst = faults // bursts + (number < faults % bursts)
            await _burst(built, account, of_burst, seconds / bursts * (1 - QUIET), threads)
            await _until_through(sides, account, RECOVERY_SECONDS)
            said = sum(len(side.said) for side in sides)
            _note(f"burst {number + 1} of {bursts}: through after {account.recoveries[-1]:.1f} s; {said} lines said")
            account.seconds = time.monotonic() - began
            if number < bursts - 1:
                await asyncio.sleep(max(0.0, began + seconds / bursts * (number + 1) - time.monotonic()))
        asking.cancel()
        await _settle(built, sides)
        for side in sides:
            side.is_done = True
        await asyncio.gather(*clients)
        # Here: what a thread has begun ends with it
        await asyncio.to_thread(_compare, built, sides, account)
    return account


async def _burst(built: House, account: Account, faults: int, seconds: float, threads: ThreadPoolExecutor) -> None:
    """So many faults at random moments, each healed by itself; returns when all are."""
    loop = asyncio.get_running_loop()
    began, doing = time.monotonic(), []
    for at in sorted(random.uniform(0, seconds) for _ in range(faults)):
        await asyncio.sleep(max(0.0, began + at - time.monotonic()))
        fault, parts, held = await _choose(built)
        account.counts[fault.name] += 1
        doing.append(loop.run_in_executor(threads, _do, built, fault, parts, held))
    await asyncio.gather(*doing)


async def _choose(built: House) -> tuple[Fault, Sequence[Server], ExitStack]:
    while True:
        fault = random.choices(FAULTS, [fault.weight for fault in FAULTS])[0]
        parts = fault.parts(built)
        if (held := built.lock(*parts)) is not None:
            return fault, parts, held
        await asyncio.sleep(0.05)


def _do(built: House, fault: Fault, parts: Sequence[Server], held: ExitStack) -> None:
    began = time.monotonic()
    with held:
        fault.hurt(built, parts)
    built.hurt += [(part, began, time.monotonic()) for part in parts]


async def _until_through(sides: list[Side], account: Account, seconds: float) -> None:
    """Until a line of every side, acknowledged from now on, was heard by the other one."""
    began = time.monotonic()
    for side in sides:
        side.ask()
    pairs = [*zip(sides[::2], sides[1::2], strict=True), *zip(sides[1::2], sides[::2], strict=True)]
    while waiting := [side for side, other in pairs if not side.has_come_through(other)]:
        if time.monotonic() - began > seconds:
            account.stuck += [f"{side.name}: {side.owed} {dict(side.refusals)}" for side in waiting]
            break
        await asyncio.sleep(0.05)
    account.recoveries.append(time.monotonic() - began)


async def _settle(built: House, sides: list[Side]) -> None:
    """Nobody says anything new; what is owed is sent, what was missed is heard."""
    for side in sides:
        side.every = 0
    deadline = time.monotonic() + RECOVERY_SECONDS
    while time.monotonic() < deadline:
        rows = await asyncio.to_thread(_rows, built)
        last = {ticket: found[-1][0] for ticket, found in rows.items()}
        public = {ticket: max(row[0] for row in found if row[1] == "public") for ticket, found in rows.items()}
        if all(not side.owed and side.last == (last if side.is_agent else public)[side.ticket] for side in sides):
            return
        await asyncio.sleep(1)


async def _ask_rest(built: House, sides: list[Side], account: Account, threads: ThreadPoolExecutor) -> None:
    """The API has to answer while nothing but Redis or the worker is away."""
    token = sides[1].headers["Authorization"]
    loop = asyncio.get_running_loop()
    while True:
        asked = random.randrange(len(built.ports))
        url = f"http://127.0.0.1:{built.ports[asked]}/api/v1/tickets/"
        began = time.monotonic()
        answer = await loop.run_in_executor(threads, _status, url, token)
        if not _was_hurt(built, (built.webs[asked], built.database), began):
            account.rest_asked += 1
            if answer != "200":
                account.rest_errors.append(f"{answer} after {time.monotonic() - began:.1f} s")
        await asyncio.sleep(0.3)


def _was_hurt(built: House, parts: Sequence[Server], since: float) -> bool:
    """Whether one of these is being hurt, or was a moment ago."""
    is_now = any(built.locks[id(part)].locked() for part in parts if id(part) in built.locks)
    return is_now or any(part in parts and end > since - 2 for part, _start, end in built.hurt)


def _status(url: str, authorization: str) -> str:
    request = urllib.request.Request(url, headers={"Authorization": authorization})
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return str(answer.status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError as error:
        return type(error).__name__


# --- the books -------------------------------------------------------------------------------------------------------
def _rows(built: House) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    with psycopg.connect(built.env["DATABASE_URL"]) as connection:
        query = "SELECT ticket_id, seq, kind, origin_id, body FROM tickets_message ORDER BY ticket_id, seq"
        for ticket, *row in connection.execute(query):
            found.setdefault(ticket, []).append((row[0], row[1], row[2], row[3]))
    return found


def _compare(built: House, sides: list[Side], account: Account) -> None:
    rows = _rows(built)
    account.messages = sum(map(len, rows.values()))
    for pair in zip(sides[::2], sides[1::2], strict=True):
        one = compare(pair, rows[pair[0].ticket])
        for name in ("lost", "doubled", "disordered", "wrong"):
            getattr(account.verdict, name).extend(getattr(one, name))
    with psycopg.connect(built.env["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT count(*) FROM chat_session WHERE state <> 'live'").fetchone()
        account.ended = int(found[0]) if found else 0
    command = [sys.executable, "manage.py", "check_invariants", "--json"]
    done = subprocess.run(command, cwd=HOME, env=built.env, capture_output=True, text=True)
    told = json.loads(done.stdout or "{}")
    account.violations = "" if told.get("ok") else str(told.get("violations") or done.stderr[-2000:])


def _note(text: str) -> None:
    sys.stderr.write(f"faults: {text}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str]) -> None:
    seconds, faults, chats = (int(given) for given in (*arguments, *("600", "100", "100")[len(arguments) :]))
    seed = int(os.environ.get("FAULTS_SEED", random.randrange(10**6)))
    random.seed(seed)
    _note(f"{faults} faults in {seconds} s under {chats} chats, seed {seed}")
    with house(chats) as (built, sides):
        account = asyncio.run(run(built, sides, seconds, faults))
    _note(", ".join(f"{count} × {name}" for name, count in account.counts.most_common()))
    lines = sum(side.lines for side in sides)
    again, gaps = sum(side.repeated for side in sides), sum(side.gaps for side in sides)
    refusals: Counter[str] = sum((side.refusals for side in sides), Counter())
    _note(
        f"{account.messages} messages, {lines} connections, {again} heard again, {gaps} gaps, refusals {dict(refusals)}"
    )
    verdict = account.verdict
    for found in (verdict.lost, verdict.doubled, verdict.disordered, verdict.wrong, account.stuck, account.rest_errors):
        for one in found[:10]:
            _note(one)
    if account.violations:
        _note(f"check_invariants: {account.violations}")
    figures.tell(*told(account))


def told(account: Account) -> list[figures.Figure]:
    def none(name: str, count: int, anchor: float, anchor_name: str) -> figures.Figure:
        return figures.Figure(name, count, "", anchor, anchor_name, "0", not count)

    verdict, faults = account.verdict, account.counts.total()
    worst = max(account.recoveries)
    leaked = sum("leaked" in one for one in verdict.wrong)
    return [
        none("faults: messages lost", len(verdict.lost), account.messages, "messages"),
        none("faults: messages doubled", len(verdict.doubled), account.messages, "messages"),
        none("faults: out of order", len(verdict.disordered), account.messages, "messages"),
        none("faults: frames of another's chat", leaked, account.messages, "messages"),
        none("faults: other things wrong", len(verdict.wrong) - leaked, account.messages, "messages"),
        none("faults: chats ended or taken away", account.ended, faults, "faults"),
        none("faults: REST failed without Redis or worker", len(account.rest_errors), account.rest_asked, "calls"),
        none("faults: invariants broken", int(bool(account.violations)), faults, "faults"),
        figures.Figure(
            "faults: until all came through", worst, "s", 15.0, "seconds", "≤ 15 s", worst <= 15 and not account.stuck
        ),
        figures.Figure(
            "faults in ten minutes", faults / account.seconds * 600, "", faults, "faults", "≥ 100",
            faults / account.seconds * 600 >= 100,
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
