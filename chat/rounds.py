"""Every few seconds one look for all open lines of a process: who may still be there, how far his tickets are.

A line alone would ask five questions; a thousand of them together ask seven. Whoever lost a right loses his line within
five seconds, and what news did not bring is found within as many.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from django.core.cache import cache

from chat import desk, entry, keys, visit
from chat.desk import Now
from chat.entry import Proof
from tickets import access
from tickets.models import Ticket

log = structlog.get_logger(__name__)
AT_ONCE = 500
PING_EVERY = 5
BEAT_EVERY = 2


# --- what is asked of the database -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Desk:
    """An agent's line: how he showed who he is, and the tickets it carries."""

    proof: Proof
    tickets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor's line: his token, and where it stood when this was asked."""

    token: str
    session_id: int
    ticket_id: int | None


def desks(asked: Sequence[Desk]) -> list[Now]:
    """For each whether its user is still who he was, and how far his tickets are."""
    users = entry.holders({one.proof for one in asked})
    people = {user.pk: user for user in users.values()}
    standings = desk.standings(list(people.values()))
    rows = Ticket.objects.filter(pk__in={ticket for one in asked for ticket in one.tickets})
    tickets = {row.pk: row for row in rows.only("queue", "assignee", "last_seq")}
    visible = access.seen_by(people.values(), tickets.values())
    found = []
    for one in asked:
        user = users.get(one.proof)
        if user is None:
            found.append(Now(None, {}))
            continue
        seen = [ticket for ticket in one.tickets if (user.pk, ticket) in visible]
        found.append(Now(standings[user.pk], {ticket: tickets[ticket].last_seq for ticket in seen}))
    return found


def visitors(tokens: Sequence[str]) -> list[visit.Stand | None]:
    """For each token where its holder stands; None once it was revoked or has run out."""
    stands = {token: visit.of(session) for token, session in keys.sessions_of(tokens).items()}
    return [stands.get(token) for token in tokens]


# --- the round -------------------------------------------------------------------------------------------------------
class Line(Protocol):
    """An open line as the round sees it. `look_all` is asked of a kind of line, for all of that kind."""

    @staticmethod
    def look_all(questions: Sequence[Any]) -> Sequence[Any]: ...

    def question(self) -> Any: ...

    async def answered(self, question: Any, answer: Any) -> None: ...

    def beat(self, number: int) -> None: ...

    def ping(self) -> None: ...


Run = Callable[..., Awaitable[Any]]


class Rounds:
    """All admitted lines of this process, looked after by one task while there are any."""

    def __init__(self, seconds: Callable[[], float], run: Run) -> None:
        self._seconds, self._run = seconds, run
        self._lines: set[Line] = set()
        self._task: asyncio.Task[None] | None = None
        self._number = 0

    def join(self, line: Line) -> None:
        self._lines.add(line)
        if self._task is None or self._task.done() or self._task.get_loop() is not asyncio.get_running_loop():
            self._task = asyncio.get_running_loop().create_task(self._go())

    def leave(self, line: Line) -> None:
        self._lines.discard(line)

    async def _go(self) -> None:
        while self._lines:
            await asyncio.sleep(self._seconds())
            self._number += 1
            try:
                await self._round(list(self._lines))
            except Exception as error:
                log.warning("rounds.failed", error=type(error).__name__)

    async def _round(self, lines: list[Line]) -> None:
        if self._number % PING_EVERY == 0:
            for line in lines:
                line.ping()
        for kind in {type(line) for line in lines}:
            of_kind = [line for line in lines if type(line) is kind]
            for start in range(0, len(of_kind), AT_ONCE):
                await self._look(kind, of_kind[start : start + AT_ONCE])
        if self._number % BEAT_EVERY == 0:
            await self._run(_beat, lines, self._number)

    async def _look(self, kind: type[Line], lines: list[Line]) -> None:
        questions = [line.question() for line in lines]
        answers = await self._run(kind.look_all, questions)
        await asyncio.gather(*map(_answer, lines, questions, answers))


async def _answer(line: Line, question: Any, answer: Any) -> None:
    try:
        await line.answered(question, answer)
    except Exception as error:
        log.warning("rounds.answer_failed", error=type(error).__name__)


def _beat(lines: Sequence[Line], number: int) -> None:
    if not _has_cache():
        return
    for line in lines:
        with contextlib.suppress(Exception):
            line.beat(number)


def _has_cache() -> bool:
    """Whether the cache answers: whoever is not found in one that is away has not left."""
    cache.set("beat", 1, timeout=60)
    return bool(cache.get("beat") == 1)
