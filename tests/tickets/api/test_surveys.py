"""The list of answers."""

from collections.abc import Callable
from typing import Any

import pytest

from helpdesk.people.models import Customer, User
from tests.conftest import Api
from tests.tickets.reports.test_satisfaction import survey
from tickets.models import Queue, Survey


@pytest.fixture
def answers(technical: Queue, billing: Queue, alice: User, charlie: User, dana: Customer) -> list[Survey]:
    return [
        survey(billing, alice, dana, score=5),
        survey(billing, alice, dana, score=1),
        survey(technical, charlie, dana, score=1),
        survey(billing, alice, dana),
    ]


def ids(response: Any) -> list[int]:
    return sorted(row["id"] for row in response.json()["results"])


def test_an_answer_is_shown_with_its_ticket_agent_queue_and_customer(
    answers: list[Survey], api: Api, bob: User, alice: User, dana: Customer
) -> None:
    first = answers[0]
    rows = api(bob).get("/api/v1/surveys/?score=5").json()["results"]
    assert rows == [
        {
            "id": first.pk,
            "ticket": {"id": first.ticket_id, "number": str(first.ticket_id), "subject": "The invoice is wrong"},
            "agent": {"id": alice.pk, "name": "Alice Martin"},
            "queue": {"slug": "billing", "name": "Billing"},
            "customer": {"id": dana.pk, "name": "Dana Dupont"},
            "score": 5,
            "comment": "",
            "may_contact": False,
            "answered_at": "2026-03-10T15:00:00+01:00",
        }
    ]


def test_filters_narrow_the_list(answers: list[Survey], api: Api, bob: User, charlie: User) -> None:
    client = api(bob)
    assert ids(client.get("/api/v1/surveys/")) == [answers[0].pk, answers[1].pk, answers[2].pk]
    assert ids(client.get("/api/v1/surveys/?score=1,2")) == [answers[1].pk, answers[2].pk]
    assert ids(client.get("/api/v1/surveys/?score=1&queue=billing")) == [answers[1].pk]
    assert ids(client.get(f"/api/v1/surveys/?agent={charlie.pk}")) == [answers[2].pk]
    assert ids(client.get("/api/v1/surveys/?queue=%00billing%ff")) == []


def test_what_is_no_number_is_refused_by_name(answers: list[Survey], api: Api, bob: User) -> None:
    for query, field in (("score=good", "score"), ("score=1,", "score"), ("agent=²", "agent"), ("agent=-1", "agent")):
        refused = api(bob).get(f"/api/v1/surveys/?{query}")
        assert (refused.status_code, list(refused.json()["fields"])) == (400, [field]), query


def test_answers_about_other_teams_are_not_there(answers: list[Survey], api: Api, bob: User) -> None:
    bob.teams.remove(bob.teams.get(slug="billing"))
    assert ids(api(bob).get("/api/v1/surveys/")) == [answers[2].pk]


def test_a_page_costs_the_same_however_long(
    answers: list[Survey], api: Api, bob: User, django_assert_num_queries: Callable[[int], Any]
) -> None:
    client = api(bob)
    with django_assert_num_queries(3):
        client.get("/api/v1/surveys/")
