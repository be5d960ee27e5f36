"""How a queue gives its work out, and opening hours: who may see and set them, and what is refused."""

from datetime import UTC, datetime

import pytest
import time_machine

from helpdesk.events.models import Event
from helpdesk.people.models import Skill, TeamMember, User
from tests.conftest import Api
from tickets import calendars
from tickets.models import Calendar, Queue

pytestmark = pytest.mark.django_db

OFFICE = {
    "name": "Office",
    "timezone": "Europe/Paris",
    "hours": [{"weekday": day, "starts": "09:00", "ends": "17:00"} for day in range(5)],
    "holidays": ["2026-12-25"],
    "is_default": True,
}


def test_a_lead_sets_his_own_queues(api: Api, bob: User, billing: Queue) -> None:
    Skill.objects.create(slug="refunds", name="Refunds")
    given = {
        "strategy": "least_busy",
        "skills": ["refunds"],
        "match_language": True,
        "skill_relax_seconds": None,
        "offer_seconds": 120,
        "when_agent_away": "keep",
    }
    answer = api(bob).patch("/api/v1/queues/billing/", given)
    assert answer.status_code == 200
    assert answer.json() == {
        "slug": "billing", "name": "Billing", "team": "billing", "calendar": None, "waiting": 0, **given,
    }  # fmt: skip
    assert Event.objects.get(name="queue.changed").data == {"what": sorted(given)}


@pytest.mark.parametrize(
    "given",
    [
        {"strategy": "favourites"},
        {"skills": ["no-such"]},
        {"offer_seconds": 5},
        {"skill_relax_seconds": -1},
        {"when_agent_away": "shout"},
        {"calendar": "no-such"},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(
    given: dict[str, object], api: Api, bob: User, billing: Queue
) -> None:
    before = api(bob).get("/api/v1/queues/billing/").json()
    answer = api(bob).patch("/api/v1/queues/billing/", {"match_language": True, **given})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, list(given))
    assert api(bob).get("/api/v1/queues/billing/").json() == before
    assert not Event.objects.filter(name="queue.changed").exists()


def test_queues_of_others_do_not_exist_and_agents_only_look(
    api: Api, alice: User, charlie: User, bob: User, ada: User, technical: Queue
) -> None:
    TeamMember.objects.filter(user=bob, team=technical.team).delete()
    assert api(bob).patch("/api/v1/queues/technical/", {"match_language": True}).status_code == 404
    assert api(charlie).patch("/api/v1/queues/technical/", {"match_language": True}).status_code == 403
    assert api(charlie).get("/api/v1/queues/technical/").status_code == 200
    assert api(alice).get("/api/v1/queues/technical/").status_code == 404
    assert api(ada).patch("/api/v1/queues/technical/", {"match_language": True}).status_code == 200


def test_opening_hours_are_made_changed_and_used(api: Api, bob: User, alice: User, billing: Queue) -> None:
    assert calendars.is_open(), "without any calendar the desk never closes"
    made = api(bob).post("/api/v1/calendars/", OFFICE)
    assert (made.status_code, made.json()["slug"]) == (201, "office")
    assert api(bob).post("/api/v1/calendars/", OFFICE).json()["code"] == "exists"
    with time_machine.travel(datetime(2026, 11, 23, 8, 0, tzinfo=UTC), tick=False):
        [shown] = api(alice).get("/api/v1/calendars/").json()
        assert (shown["is_open"], shown["next_change"]) == (True, "2026-11-23T16:00:00+00:00")
        assert calendars.is_open()
        assert calendars.is_open("office")
    with time_machine.travel(datetime(2026, 12, 25, 10, 0, tzinfo=UTC), tick=False):
        assert not calendars.is_open()
    api(bob).patch("/api/v1/queues/billing/", {"calendar": "office"})
    assert api(bob).delete("/api/v1/calendars/office/").json()["code"] == "in_use"
    api(bob).patch("/api/v1/queues/billing/", {"calendar": None})
    assert api(bob).patch("/api/v1/calendars/office/", {"hours": []}).json()["is_open"] is False
    assert api(bob).delete("/api/v1/calendars/office/").status_code == 204


def test_there_is_one_default(api: Api, bob: User) -> None:
    api(bob).post("/api/v1/calendars/", OFFICE)
    api(bob).post("/api/v1/calendars/", {**OFFICE, "name": "Night"})
    assert list(Calendar.objects.filter(is_default=True).values_list("slug", flat=True)) == ["night"]


@pytest.mark.parametrize(
    "change",
    [
        {"timezone": "Mars/Olympus"},
        {"hours": [{"weekday": 0, "starts": "09:00", "ends": "09:00"}]},
        {"hours": [{"weekday": 0, "starts": "25:00", "ends": "26:00"}]},
        {"holidays": ["Christmas"]},
        {"name": ""},
    ],
)
def test_hours_that_are_none_are_refused(change: dict[str, object], api: Api, bob: User) -> None:
    assert api(bob).post("/api/v1/calendars/", {**OFFICE, **change}).status_code == 400
    assert not Calendar.objects.exists()


def test_agents_and_strangers_set_no_hours(api: Api, alice: User, rita: User) -> None:
    assert api(alice).post("/api/v1/calendars/", OFFICE).status_code == 403
    assert api(rita).post("/api/v1/calendars/", OFFICE).status_code == 403
    assert api(None).get("/api/v1/calendars/").status_code == 401
    assert not Calendar.objects.exists()
