"""A thousand who come at once, or leave and come back: looked up together, told once, nobody taken for another."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from chat import departures, entry, knocks, missed, sessions
from chat.departures import Departures
from chat.entry import Proof
from chat.gathered import Gathered
from chat.missed import Behind
from chat.sessions import Opened
from chat.sockets import in_thread
from helpdesk.lib import clock
from helpdesk.people import presence
from helpdesk.people.models import User
from tests import factories
from tests.chat.conftest import Desk, token_of
from tests.chat.saying import chat_of
from tickets.models import Message, Queue, Ticket


async def _in_place(call: Callable[..., Any], *args: Any) -> Any:
    return call(*args)


async def _until(holds: Callable[[], bool]) -> None:
    for _time in range(2_000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


# --- together --------------------------------------------------------------------------------------------------------
async def test_who_comes_while_others_are_looked_up_is_looked_up_with_the_next() -> None:
    asked: list[list[int]] = []
    holds = threading.Event()

    def look(questions: Sequence[int]) -> list[int]:
        asked.append(list(questions))
        holds.wait(20)
        return [10 * question for question in questions]

    gathered = Gathered(look, asyncio.to_thread)
    first = asyncio.create_task(gathered.ask(1))
    await _until(lambda: bool(asked))
    others = [asyncio.create_task(gathered.ask(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    assert gathered.is_busy
    holds.set()
    assert await asyncio.gather(first, *others) == [10, 20, 30, 40]
    assert asked == [[1], [2, 3, 4]]
    await asyncio.sleep(0)
    assert not gathered.is_busy


async def test_a_question_that_breaks_the_look_costs_the_others_nothing() -> None:
    def look(questions: Sequence[int]) -> list[float]:
        return [1 / question for question in questions]

    gathered = Gathered(look, _in_place)
    answers = await asyncio.gather(*(gathered.ask(number) for number in (1, 0, 2)), return_exceptions=True)
    assert (answers[0], type(answers[1]), answers[2]) == (1.0, ZeroDivisionError, 0.5)


async def test_whoever_gave_up_waiting_does_not_break_the_round() -> None:
    holds = asyncio.Event()

    async def later(call: Callable[..., Any], *args: Any) -> Any:
        await holds.wait()
        return call(*args)

    gathered: Gathered[str, str] = Gathered(list, later)
    impatient, patient = asyncio.create_task(gathered.ask("a")), asyncio.create_task(gathered.ask("b"))
    await asyncio.sleep(0)
    impatient.cancel()
    holds.set()
    assert await patient == "b"


# --- at the door -----------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_hundred_agents_are_looked_up_by_as_many_queries_as_one(
    charlie: User, alice: User, bob: User, ada: User
) -> None:
    users = [charlie, alice, bob, ada]
    shown = [entry.proofs({"headers": [(b"authorization", f"Token {token_of(user)}".encode())]}) for user in users]
    with CaptureQueriesContext(connection) as one:
        knocks.staff(shown[:1])
    with CaptureQueriesContext(connection) as many:
        found = knocks.staff([*shown, (Proof(token_digest="unknown"),), (), shown[0]])
    assert [staff.user if staff else None for staff in found] == [*users, None, None, charlie]
    assert (len(one), len(many)) == (2, 3), "one more, for the queues of an administrator"
    standings = [staff.standing for staff in found if staff]
    served = [tuple(Queue.objects.served_by(user).order_by("pk").values_list("pk", flat=True)) for user in users]
    assert [standing.queues for standing in standings[:4]] == served
    first, again = found[0], found[6]
    assert first is not None
    assert again is not None
    assert first.user is not again.user, "two windows do not share what each of them changes"


@pytest.mark.django_db
def test_the_first_proof_that_holds_counts(charlie: User, alice: User) -> None:
    gone, good = (
        entry.proofs({"headers": [(b"authorization", f"Token {token_of(u)}".encode())]}) for u in (charlie, alice)
    )
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    found = knocks.staff([(*gone, *good), gone])
    assert [staff.user if staff else None for staff in found] == [alice, None]


@pytest.mark.django_db
def test_visitors_are_looked_up_together(visitor: Opened) -> None:
    other = sessions.open(visitor.session.site, sessions.Visit(language="fr"))
    asked = [[visitor.keys.token], ["nobody"], ["nobody", other.keys.token], []]
    with CaptureQueriesContext(connection) as queries:
        found = knocks.visitors(asked)
    stood = [(one[0].session_id, one[1]) if one else None for one in found]
    assert stood == [(visitor.session.pk, visitor.keys.token), None, (other.session.pk, other.keys.token), None]
    assert len(queries) == 1


@pytest.mark.django_db
def test_what_lines_missed_is_what_each_would_have_read_alone(billing: Queue, alice: User) -> None:
    tickets = [factories.make_ticket(queue=billing) for _number in range(3)]
    for number, ticket in enumerate(tickets):
        for line in range(number + 1):
            factories.answer(ticket, alice, f"{number}.{line}")
    Message.objects.filter(ticket=tickets[2], seq=4).update(held_until=clock.now() + timedelta(seconds=60))
    asked = [Behind(tickets[0].pk, 1), Behind(tickets[1].pk, 3), Behind(tickets[2].pk, 2), Behind(tickets[2].pk, 0)]
    with CaptureQueriesContext(connection) as queries:
        desks = missed.of_desks(asked)
    assert _read(desks) == [[(2, 1)], [], [(3, 2), (4, 3)], [(1, 0), (2, 1), (3, 2), (4, 3)]]
    assert len(queries) == 3
    assert _read(missed.of_visitors(asked)) == [[(2, 1)], [], [(3, 2)], [(1, 0), (2, 1), (3, 2)]]
    assert missed.of_desks([Behind(0, 5)]) == [[]]


@pytest.mark.django_db
def test_more_than_a_line_repeats_is_fetched_and_the_others_get_theirs(billing: Queue, alice: User) -> None:
    long, short = factories.make_ticket(queue=billing), factories.make_ticket(queue=billing)
    factories.answer(short, alice, "Hello")
    Ticket.objects.filter(pk=long.pk).update(last_seq=300, last_public_seq=300)
    found = missed.of_desks([Behind(long.pk, 1), Behind(short.pk, 1)])
    assert (found[0], _read(found[1:])) == (300, [[(2, 1)]])


def _read(found: Sequence[missed.Missed]) -> list[list[tuple[int, int]]]:
    return [[(frame["seq"], frame["prev"]) for frame in frames] for frames in found if isinstance(frames, list)]


# --- leaving ---------------------------------------------------------------------------------------------------------
async def test_whoever_is_back_in_time_never_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departures, "LOOK_SECONDS", 0.01)
    went: list[tuple[str, bool]] = []
    busy = True
    waiting = Departures(lambda: 0.05, lambda: busy, _in_place)
    await waiting.leave("alice", lambda counts: went.append(("alice", counts)))
    await waiting.leave("bob", lambda counts: went.append(("bob", counts)))
    await asyncio.sleep(0.2)
    assert went == [], "while people come in, nobody is sent away"
    assert (waiting.is_back("alice"), waiting.is_back("alice"), waiting.is_back("carol")) == (True, False, False)
    busy = False
    await _until(lambda: len(went) == 2)
    assert went == [("alice", False), ("bob", True)]


async def test_a_process_that_ends_waits_for_nobody() -> None:
    went: list[bool] = []
    waiting = Departures(lambda: 60, lambda: False, _in_place)
    await waiting.leave("alice", went.append)
    waiting.hurry()
    await waiting.leave("bob", went.append)
    await _until(lambda: len(went) == 2)
    assert went == [True, True]


@pytest.mark.django_db(transaction=True)
async def test_a_page_that_changes_is_no_news_to_anybody(
    desk: Desk, widget: Desk, visitor: Opened, charlie: User, settings: Settings
) -> None:
    settings.LEAVING_SECONDS = 1
    ticket = await chat_of(visitor)
    browser, agent = await widget(visitor.keys.token), await desk(charlie)
    await agent.say("subscribe", ticket=ticket.pk)
    await agent.everything()
    await browser.close()
    again = await widget(visitor.keys.token)
    await asyncio.sleep(2)
    assert [frame for frame in await agent.everything() if frame["type"] == "chat.visitor"] == []
    assert await in_thread(presence.is_watching, ticket.pk)
    await again.close()
    assert (await agent.hear("chat.visitor"))["here"] is False
    assert not await in_thread(presence.is_watching, ticket.pk)
