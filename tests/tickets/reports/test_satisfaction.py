"""Satisfaction figures, counted by hand and by the report."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from helpdesk.lib import clock, errors
from helpdesk.people.models import Customer, User
from tests.conftest import Api
from tests.factories import make_ticket
from tickets.models import Queue, Survey
from tickets.reports import satisfaction
from tickets.reports.period import Period

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = Period.parse("2026-03-01", "2026-03-31")


def survey(
    queue: Queue, agent: User | None, customer: Customer, *, sent: datetime | None = NOON, score: int | None = None
) -> Survey:
    """A survey as the product keeps it, answered two hours after it was sent."""
    ticket = make_ticket(customer, queue=queue)
    return Survey.objects.create(
        ticket=ticket,
        customer=customer,
        agent=agent,
        team=queue.team,
        queue=queue,
        channel="web",
        solved_at=(sent or NOON) - timedelta(days=1),
        sent_at=sent,
        score=score,
        answered_at=(sent or NOON) + timedelta(hours=2) if score else None,
    )


@pytest.fixture
def answers(technical: Queue, billing: Queue, alice: User, charlie: User, dana: Customer) -> None:
    for score in (5, 4, 2, None):
        survey(billing, alice, dana, score=score)
    survey(technical, charlie, dana, score=5, sent=NOON + timedelta(days=1))
    survey(technical, charlie, dana, score=1, sent=NOON - timedelta(days=60))  # another period
    survey(technical, None, dana, score=3, sent=None)  # rated in the chat, never sent


def test_the_figures_are_those_counted_by_hand(answers: None, bob: User) -> None:
    assert satisfaction.report(bob, MARCH) == {
        "n": 5,
        "sent": 5,
        "response_rate": 0.8,
        "mean": 3.8,
        "csat": 0.6,
        "margin": 0.3258,
        "groups": [],
    }


def test_groups_by_agent_queue_and_day(answers: None, bob: User, alice: User, charlie: User) -> None:
    def groups(name: str) -> list[tuple[object, ...]]:
        return [tuple(row.values()) for row in satisfaction.report(bob, MARCH, name)["groups"]]

    assert sorted(groups("agent"), key=str) == sorted(
        [
            (str(alice.pk), "Alice Martin", 3, 3.67, 0.6667),
            (str(charlie.pk), "Charlie Petit", 1, 5.0, 1.0),
            ("", "Nobody", 1, 3.0, 0.0),
        ],
        key=str,
    )
    assert groups("queue") == [("billing", "Billing", 3, 3.67, 0.6667), ("technical", "Technical", 2, 4.0, 0.5)]
    assert groups("day") == [
        ("2026-03-10", "2026-03-10", 4, 3.5, 0.5),
        ("2026-03-11", "2026-03-11", 1, 5.0, 1.0),
    ]


def test_no_answers_make_no_figures(db: None, bob: User) -> None:
    empty: dict[str, object] = {
        "n": 0,
        "sent": 0,
        "response_rate": None,
        "mean": None,
        "csat": None,
        "margin": None,
        "groups": [],
    }
    assert satisfaction.report(bob, MARCH, "day") == empty


@pytest.mark.parametrize(
    ("satisfied", "n", "half"), [(0, 1, 0.3967), (1, 1, 0.3967), (8, 10, 0.2266), (80, 100, 0.0777), (0, 0, None)]
)
def test_the_margin_is_half_of_wilsons_interval(satisfied: int, n: int, half: float | None) -> None:
    assert satisfaction.margin(satisfied, n) == half


def test_a_supervisor_of_one_team_sees_only_its_answers(answers: None, ada: User, bob: User, alice: User) -> None:
    bob.teams.remove(bob.teams.get(slug="technical"))
    assert satisfaction.report(bob, MARCH)["n"] == 3
    assert satisfaction.report(ada, MARCH)["n"] == 5
    assert satisfaction.report(alice, MARCH)["n"] == 0


def test_a_day_begins_at_midnight_of_the_installation() -> None:
    period = Period.parse("2026-03-10", "2026-03-10")
    assert (timezone.localtime(period.start).hour, period.end - period.start) == (0, timedelta(days=1))
    with clock.pretend(NOON):
        assert Period.parse("", "") == Period.parse("2026-02-09", "2026-03-10")


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("yesterday", "", "from"),
        ("2026-02-30", "", "from"),
        ("", "0001-01-01", "to"),
        ("2026-03-02", "2026-03-01", "from"),
    ],
)
def test_days_that_are_none_are_refused_by_name(first: str, last: str, field: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        Period.parse(first, last)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize("group", ["", "agent", "queue", "day"])
def test_the_report_costs_two_queries_however_many_answers(
    answers: None, bob: User, group: str, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(2 if group else 1):  # type: ignore[operator]
        satisfaction.report(bob, MARCH, group)


def test_the_api_gives_the_report_and_names_what_is_wrong(answers: None, api: Api, bob: User) -> None:
    client = api(bob)
    found = client.get("/api/v1/reports/satisfaction/?from=2026-03-01&to=2026-03-31&group=queue")
    assert found.status_code == 200
    assert found.json()["groups"][0] == {"key": "billing", "name": "Billing", "n": 3, "mean": 3.67, "csat": 0.6667}
    for query, field in (("from=x", "from"), ("to=x", "to"), ("group=tag", "group")):
        refused = client.get(f"/api/v1/reports/satisfaction/?{query}")
        assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])


def test_reports_and_answers_are_for_supervisors(answers: None, api: Api, alice: User, rita: User) -> None:
    for path in ("/api/v1/reports/satisfaction/", "/api/v1/surveys/"):
        assert [api(user).get(path).status_code for user in (None, rita, alice)] == [401, 403, 403]
