"""Skills, shifts, absences and places: who may see and set them, and what is refused."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helpdesk.events.models import Event
from helpdesk.lib import clock
from helpdesk.people import presence
from helpdesk.people.models import Absence, Shift, Skill, TeamMember, User
from tests.conftest import Api
from tickets.models import Queue

pytestmark = pytest.mark.django_db

WEEK = [{"weekday": day, "starts": "09:00", "ends": "17:30"} for day in range(5)]


@pytest.fixture
def french(db: None) -> Skill:
    return Skill.objects.create(slug="fr", name="French", name_fr="français", kind="language")


def names(answer: Any) -> list[str]:
    return [person["name"] for person in answer.json()["results"]]


def test_an_agent_sees_himself_a_lead_his_teams_an_administrator_everybody_and_readers_do_no_work(
    api: Api, alice: User, charlie: User, bob: User, ada: User, rita: User, technical: Queue
) -> None:
    TeamMember.objects.filter(user=bob, team=technical.team).delete()
    assert names(api(alice).get("/api/v1/team/")) == ["Alice Martin"]
    assert names(api(bob).get("/api/v1/team/")) == ["Alice Martin", "Bob Durand"]
    assert names(api(ada).get("/api/v1/team/")) == ["Ada Admin", "Alice Martin", "Bob Durand", "Charlie Petit"]
    assert names(api(ada).get("/api/v1/team/?team=technical")) == ["Charlie Petit"]
    assert api(rita).get("/api/v1/team/").status_code == 403
    assert api(bob).get(f"/api/v1/team/{charlie.pk}/").status_code == 404


def test_a_lead_sets_skills_shifts_places_and_zone(api: Api, alice: User, bob: User, french: Skill) -> None:
    given = {
        "skills": ["fr"],
        "shifts": WEEK,
        "chat_capacity": 2,
        "ticket_capacity": 12,
        "timezone": "Europe/London",
    }
    answer = api(bob).patch(f"/api/v1/team/{alice.pk}/", given)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in given} == given
    assert api(alice).get(f"/api/v1/team/{alice.pk}/").json()["shifts"] == WEEK
    event = Event.objects.get(name="agent.schedule")
    assert (event.subject_id, event.actor_id, event.data) == (alice.pk, bob.pk, {"what": sorted(given)})
    emptied = api(bob).patch(f"/api/v1/team/{alice.pk}/", {"skills": [], "shifts": [], "ticket_capacity": None}).json()
    assert (emptied["skills"], emptied["shifts"], emptied["ticket_capacity"]) == ([], [], None)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"skills": ["fr", "no-such"]}, "skills"),
        ({"shifts": [{"weekday": 0, "starts": "09:00", "ends": "09:00"}]}, "shifts"),
        ({"shifts": [{"weekday": 0, "starts": "9am", "ends": "17:00"}]}, "shifts"),
        ({"shifts": [*WEEK, {"weekday": 0, "starts": "12:00", "ends": "13:00"}]}, "shifts"),
        ({"shifts": [{"weekday": 8, "starts": "09:00", "ends": "17:00"}]}, "shifts"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"chat_capacity": 7}, "chat_capacity"),
        ({"ticket_capacity": -1}, "ticket_capacity"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(
    given: dict[str, object], field: str, api: Api, alice: User, bob: User, french: Skill
) -> None:
    api(bob).patch(f"/api/v1/team/{alice.pk}/", {"skills": ["fr"], "shifts": WEEK})
    before = api(bob).get(f"/api/v1/team/{alice.pk}/").json()
    answer = api(bob).patch(f"/api/v1/team/{alice.pk}/", {"chat_capacity": 1, **given})
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert api(bob).get(f"/api/v1/team/{alice.pk}/").json() == before
    assert Event.objects.filter(name="agent.schedule").count() == 1


def test_nobody_below_a_lead_sets_anything(api: Api, alice: User, rita: User, charlie: User, french: Skill) -> None:
    for caller, expected in ((alice, 403), (rita, 403), (charlie, 403), (None, 401)):
        client = api(caller)
        absence = {"starts_at": "2030-01-01T08:00Z", "ends_at": "2030-01-02T08:00Z"}
        assert client.patch(f"/api/v1/team/{alice.pk}/", {"skills": ["fr"]}).status_code == expected
        assert client.post(f"/api/v1/team/{alice.pk}/absences/", absence).status_code == expected
        assert client.post("/api/v1/skills/", {"name": "Bikes", "kind": "topic"}).status_code == expected
        assert client.delete("/api/v1/skills/fr/").status_code == expected
    assert (Skill.objects.count(), Shift.objects.count(), Absence.objects.count()) == (1, 0, 0)
    assert not alice.skills.exists()


def test_an_absence_is_made_moved_and_taken_back(api: Api, alice: User, bob: User) -> None:
    now = clock.now()
    given = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(days=2), "reason": "Leave"}
    made = api(bob).post(f"/api/v1/team/{alice.pk}/absences/", given)
    assert made.status_code == 201
    shown = api(alice).get(f"/api/v1/team/{alice.pk}/").json()
    assert [entry["reason"] for entry in shown["absences"]] == ["Leave"]
    assert (shown["working"]["now"], shown["working"]["code"]) == (False, "absent")
    one = f"/api/v1/team/{alice.pk}/absences/{made.json()['id']}/"
    assert api(bob).patch(one, {"ends_at": now - timedelta(hours=2)}).status_code == 400
    assert api(bob).patch(one, {"starts_at": now + timedelta(days=1)}).status_code == 200
    assert api(alice).get(f"/api/v1/team/{alice.pk}/").json()["working"]["now"] is True
    assert api(bob).delete(one).status_code == 204
    assert not Absence.objects.exists()
    assert api(bob).delete(one).status_code == 404


@pytest.mark.parametrize(("starts", "ends"), [(2, 1), (-3, -2), (1, 1)])
def test_an_absence_has_a_length_and_is_not_over(starts: int, ends: int, api: Api, alice: User, bob: User) -> None:
    now = clock.now()
    given = {"starts_at": now + timedelta(days=starts), "ends_at": now + timedelta(days=ends)}
    answer = api(bob).post(f"/api/v1/team/{alice.pk}/absences/", given)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["ends_at"])
    assert not Absence.objects.exists()


def test_off_shift_is_told_by_the_clock_of_whom_it_concerns(api: Api, alice: User, bob: User) -> None:
    given = {"timezone": "America/Montreal", "shifts": [{"weekday": 0, "starts": "14:00", "ends": "18:00"}]}
    api(bob).patch(f"/api/v1/team/{alice.pk}/", given)
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("America/Montreal")), tick=False):
        english = api(bob).get(f"/api/v1/team/{alice.pk}/").json()["working"]
        french = api(bob).get(f"/api/v1/team/{alice.pk}/", headers={"accept-language": "fr"}).json()["working"]
    assert english == {
        "now": False,
        "code": "off_shift",
        "until": "2026-11-23T19:00:00Z",
        "text": "off shift until 14:00",
    }
    assert french["text"] == "hors horaires (reprise\xa0: 14:00)"


def test_skills_are_made_listed_in_the_readers_language_and_not_lost_by_accident(
    api: Api, alice: User, bob: User, billing: Queue, french: Skill
) -> None:
    made = api(bob).post("/api/v1/skills/", {"name": "Bikes & trailers", "name_fr": "Vélos", "kind": "topic"})
    assert (made.status_code, made.json()["slug"]) == (201, "bikes-trailers")
    again = api(bob).post("/api/v1/skills/", {"name": "Bikes & trailers", "kind": "topic"})
    assert (again.status_code, again.json()["code"]) == (409, "exists")
    api(bob).patch(f"/api/v1/team/{alice.pk}/", {"skills": ["fr"]})
    listed = api(alice).get("/api/v1/skills/", headers={"accept-language": "fr"}).json()
    assert [(skill["label"], skill["people"]) for skill in listed] == [("français", 1), ("Vélos", 0)]
    refused = api(bob).delete("/api/v1/skills/fr/")
    assert (refused.status_code, refused.json()["code"], refused.json()["people"]) == (409, "in_use", 1)
    assert api(bob).delete("/api/v1/skills/bikes-trailers/").status_code == 204
    assert api(bob).delete("/api/v1/skills/fr/?force=true").status_code == 204
    assert not alice.skills.exists()


@pytest.mark.parametrize("how_many", [2, 40])
def test_the_list_costs_the_same_for_few_and_many(
    how_many: int, api: Api, ada: User, billing: Queue, french: Skill
) -> None:
    now = clock.now()
    for number in range(how_many):
        user = User.objects.create_user(f"a{number}@example.com", "x", name=f"Agent {number}")
        TeamMember.objects.create(team=billing.team, user=user)
        french.people.add(user)
        Shift.objects.create(user=user, weekday=0, starts=540, ends=1050)
        Absence.objects.create(user=user, starts_at=now, ends_at=now + timedelta(days=1), created_at=now)
        presence.beat(user.pk)
    client = api(ada)
    with CaptureQueriesContext(connection) as spent:
        assert len(client.get("/api/v1/team/").json()["results"]) == how_many + 1
    assert len(spent) == 7


def test_me_tells_and_takes_the_zone(api: Api, alice: User) -> None:
    assert api(alice).patch("/api/v1/me/", {"timezone": "Europe/London", "ticket_capacity": 99}).status_code == 200
    me = api(alice).get("/api/v1/me/").json()
    assert (me["timezone"], me["ticket_capacity"]) == ("Europe/London", None)
    assert api(alice).patch("/api/v1/me/", {"timezone": "nowhere"}).status_code == 400
