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
from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.models import Session as Cookie
from django.core.cache import cache
from django.utils.crypto import constant_time_compare
from knox.models import AuthToken

from chat import entry, keys, visit
from chat.desk import Now, Standing
from chat.entry import Proof
from helpdesk.lib import clock
from helpdesk.people.models import User
from tickets import access
from tickets.models import Queue, Ticket

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
    users = _users({one.proof for one in asked})
    people = {user.pk: user for user in users.values()}
    standings = _standings(list(people.values()))
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


def _users(proofs: set[Proof]) -> dict[Proof, User]:
    """Who is still who he showed to be: `entry.still` for many."""
    found: dict[Proof, User] = {}
    tokens = {proof.token_digest: proof for proof in proofs if proof.token_digest}
    for row in AuthToken.objects.filter(digest__in=tokens).select_related("user"):
        if (row.expiry is None or row.expiry > clock.now()) and row.user.is_active:
            found[tokens[row.digest]] = row.user
    return found | _by_cookie({proof.cookie: proof for proof in proofs if not proof.token_digest})


def _by_cookie(cookies: dict[str, Proof]) -> dict[Proof, User]:
    if not cookies:
        return {}
    if settings.SESSION_ENGINE != "django.contrib.sessions.backends.db":
        return {proof: user for proof in cookies.values() if (user := entry.still(proof))}
    rows = Cookie.objects.filter(session_key__in=cookies, expire_date__gt=clock.now())
    held = {cookies[row.session_key]: row.get_decoded() for row in rows}
    users = User.objects.in_bulk({int(data[auth.SESSION_KEY]) for data in held.values() if auth.SESSION_KEY in data})
    found: dict[Proof, User] = {}
    for proof, data in held.items():
        user = users.get(int(data.get(auth.SESSION_KEY, 0)))
        if user is None or not user.is_active:
            continue
        is_same = constant_time_compare(data.get(auth.HASH_SESSION_KEY, ""), user.get_session_auth_hash())
        # Another hash may be that of a former secret key: Django knows
        if is_same or (user := entry.still(proof)) is not None:
            found[proof] = user
    return found


def _standings(users: Sequence[User]) -> dict[int, Standing]:
    """`desk.standing` for many."""
    active = Queue.objects.filter(is_active=True)
    members = [user.pk for user in users if user.role != User.Role.ADMIN]
    serves = set(active.filter(team__members__in=members).values_list("team__members", "pk")) if members else set()
    every = set(active.values_list("pk", flat=True)) if len(members) < len(users) else set()
    of = {user.pk: {queue for owner, queue in serves if owner == user.pk} for user in users}
    return {
        user.pk: Standing(user.pk, user.role, tuple(sorted(every if user.role == User.Role.ADMIN else of[user.pk])))
        for user in users
    }


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
