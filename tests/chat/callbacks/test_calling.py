"""The agents' side: one caller, what came of it, and what is not reached goes on in writing."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection

from chat import sessions
from chat.callbacks import calling
from chat.models import Callback, CallbackTry, Site
from chat.sessions import Opened, Visit
from helpdesk.lib import errors
from helpdesk.people.models import User
from tests.chat.callbacks.conftest import MONDAY, ask, at_desk, paris
from tests.conftest import Api
from tickets.models import Message, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday", "hours")]
URL = "/api/v1/callbacks/"


@pytest.fixture
def due(visitor: Opened, charlie: User) -> Callback:
    """Asked for as soon as possible."""
    at_desk(charlie)
    return ask(visitor.session, starts_at=None)


def said() -> list[str]:
    return list(Message.objects.order_by("seq").values_list("body", flat=True))[2:]


def outcome(api: Api, user: User, callback: Callback, what: str, **members: Any) -> Any:
    given = {"outcome": what, "origin_id": str(uuid.uuid4()), **members}
    return api(user).post(f"{URL}{callback.pk}/outcome/", given)


def test_the_list_is_what_is_due_and_later_what_is_upcoming(
    shop: Site, due: Callback, charlie: User, bob: User, api: Api
) -> None:
    later = ask(sessions.open(shop, Visit()).session, "0612345601", starts_at=paris(15))
    client = api(charlie)
    assert [row["id"] for row in client.get(URL).json()["results"]] == [due.pk]
    assert [row["id"] for row in client.get(f"{URL}?scope=upcoming").json()["results"]] == [later.pk]
    assert [row["id"] for row in client.get(f"{URL}?ticket={later.ticket_id}").json()["results"]] == [later.pk]
    (card,) = client.get(URL).json()["results"]
    assert (card["queue"]["slug"], card["due_in_s"], card["agent"], card["tries"]) == ("technical", 600, None, [])
    assert (card["customer"]["trust"], card["subject"]) == ("anonymous", "Please call me back.")
    assert "manage_url" not in card


def test_the_list_costs_the_same_for_one_as_for_many(
    shop: Site, due: Callback, charlie: User, bob: User, api: Api, django_assert_max_num_queries: Any
) -> None:
    at_desk(bob)
    for number in range(3):
        ask(sessions.open(shop, Visit()).session, f"061234560{number}", starts_at=paris(10 + number))
    client = api(charlie)
    with django_assert_max_num_queries(6):
        assert len(client.get(f"{URL}?scope=all").json()["results"]) == 4


def test_the_first_who_takes_it_calls(due: Callback, charlie: User, bob: User, api: Api) -> None:
    taken = api(charlie).post(f"{URL}{due.pk}/take/")
    assert (taken.status_code, taken.json()["state"], taken.json()["agent"]["id"]) == (200, "taken", charlie.pk)
    assert api(charlie).post(f"{URL}{due.pk}/take/").status_code == 200
    late = api(bob).post(f"{URL}{due.pk}/take/")
    assert (late.status_code, late.json()["code"]) == (409, "already_taken")
    assert (Callback.objects.get().agent, Ticket.objects.get().assignee) == (charlie, charlie)
    assert [row["id"] for row in api(charlie).get(f"{URL}?scope=mine").json()["results"]] == [due.pk]


def test_nobody_calls_long_before_the_time_that_was_promised(visitor: Opened, charlie: User, api: Api) -> None:
    callback = ask(visitor.session, starts_at=paris(15))
    early = api(charlie).post(f"{URL}{callback.pk}/take/")
    assert (early.status_code, early.json()["code"]) == (409, "too_early")
    assert Callback.objects.get().state == "waiting"
    with time_machine.travel(paris(14, 46), tick=False):
        assert api(charlie).post(f"{URL}{callback.pk}/take/").status_code == 200


def test_a_call_that_reached_him_answers_his_request(due: Callback, charlie: User, api: Api) -> None:
    answer = outcome(api, charlie, due, "reached", note="Wants a refund")
    body = answer.json()
    assert (answer.status_code, body["state"], body["attempts"], len(body["tries"])) == (200, "reached", 1, 1)
    ticket = Ticket.objects.get()
    assert (ticket.waiting_since, ticket.status, ticket.assignee) == (None, "open", charlie)
    notes = Message.objects.filter(kind="note").values_list("body", "channel")
    assert list(notes) == [("Wants a refund", "phone")]
    assert said() == ["Wants a refund", "We have spoken on the phone."]


def test_who_does_not_answer_is_called_once_more_and_then_written_to(due: Callback, charlie: User, api: Api) -> None:
    first = outcome(api, charlie, due, "no_answer").json()
    assert (first["state"], first["attempts"], first["agent"], first["due_at"]) == (
        "waiting", 1, None, paris(9, 30).isoformat(),
    )  # fmt: skip
    at_desk(charlie)
    with time_machine.travel(paris(9, 31), tick=False):
        second = outcome(api, charlie, due, "no_answer").json()
    assert (second["state"], second["attempts"], len(second["tries"])) == ("missed", 2, 2)
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.waiting_since is not None) == ("open", True)
    assert said() == [
        "We tried to call you and did not reach you. We will try once more: Monday 2 March, 09:30 (Europe/Paris).",
        "We tried to call you and did not reach you. You will get our answer in writing.",
    ]


def test_a_wrong_number_goes_on_in_writing_at_once(due: Callback, charlie: User, api: Api) -> None:
    body = outcome(api, charlie, due, "wrong_number").json()
    assert (body["state"], Ticket.objects.get().waiting_since is not None) == ("wrong_number", True)
    assert said() == ["The number 06 12 34 56 78 does not reach you. You will get our answer in writing."]


def test_the_same_outcome_again_counts_once(due: Callback, charlie: User, api: Api) -> None:
    origin = str(uuid.uuid4())
    first = outcome(api, charlie, due, "no_answer", origin_id=origin)
    again = outcome(api, charlie, due, "no_answer", origin_id=origin)
    assert first.json()["attempts"] == again.json()["attempts"] == 1
    other = outcome(api, charlie, due, "reached", origin_id=origin)
    assert (other.status_code, other.json()["code"]) == (409, "origin_reused")
    assert (CallbackTry.objects.count(), Callback.objects.get().state) == (1, "waiting")


@pytest.mark.parametrize("what", ["", "busy", None])
def test_an_unknown_outcome_changes_nothing(due: Callback, charlie: User, api: Api, what: Any) -> None:
    assert outcome(api, charlie, due, what).status_code == 400
    assert (Callback.objects.get().state, CallbackTry.objects.count()) == ("waiting", 0)


def test_what_was_taken_is_given_back(due: Callback, charlie: User, api: Api) -> None:
    api(charlie).post(f"{URL}{due.pk}/take/")
    back = api(charlie).post(f"{URL}{due.pk}/release/").json()
    assert (back["state"], back["agent"]) == ("waiting", None)


def test_what_was_forgotten_goes_back_and_what_nobody_called_is_written_to(due: Callback, charlie: User) -> None:
    calling.take(due.pk, by=charlie)
    with time_machine.travel(MONDAY + timedelta(hours=2), tick=False):
        calling.sweep()
        assert Callback.objects.get().state == "waiting"
    with time_machine.travel(MONDAY + timedelta(hours=26), tick=False):
        calling.sweep()
        calling.sweep()
    assert Callback.objects.get().state == "missed"
    assert said()[-1].startswith("We did not manage to call you as promised")
    assert len(said()) == 1


def test_other_teams_readers_and_strangers_reach_no_call(due: Callback, alice: User, rita: User, api: Api) -> None:
    expected = {alice: (200, 404), rita: (403, 403), None: (401, 401)}
    for user, (reading, acting) in expected.items():
        client = api(user)
        found = client.get(f"{URL}?scope=all")
        assert (found.status_code, found.json().get("results", [])) == (reading, [])
        answers = [
            client.get(f"{URL}{due.pk}/"), client.post(f"{URL}{due.pk}/take/"), client.post(f"{URL}{due.pk}/release/"),
            client.patch(f"{URL}{due.pk}/", {"version": 1, "starts_at": paris(11).isoformat()}),
            client.delete(f"{URL}{due.pk}/"),
            client.post(f"{URL}{due.pk}/outcome/", {"outcome": "reached", "origin_id": "1"}),
        ]  # fmt: skip
        assert {answer.status_code for answer in answers} == {acting}
    due.refresh_from_db()
    assert (due.state, due.version, CallbackTry.objects.count()) == ("waiting", 1, 0)


def test_an_agent_moves_and_calls_off(due: Callback, charlie: User, api: Api) -> None:
    moved = api(charlie).patch(f"{URL}{due.pk}/", {"version": 1, "starts_at": paris(11).isoformat()})
    assert (moved.status_code, moved.json()["due_at"], moved.json()["asap"]) == (200, paris(11).isoformat(), False)
    assert api(charlie).delete(f"{URL}{due.pk}/").json()["state"] == "cancelled"


@pytest.mark.django_db(transaction=True)
def test_of_many_who_take_it_at_once_exactly_one_has_it(due: Callback, charlie: User, bob: User) -> None:
    start = Barrier(6)

    def take(user: User) -> str:
        with time_machine.travel(MONDAY, tick=False):
            start.wait(timeout=30)
            try:
                calling.take(due.pk, by=user)
            except errors.Conflict as refusal:
                return refusal.code
            finally:
                connection.close()
            return user.name

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(take, [charlie, bob] * 3))
    winner = Callback.objects.get().agent
    assert winner is not None
    assert sorted(results) == sorted([winner.name] * 3 + ["already_taken"] * 3)
