"""What the widget may offer: nothing that nobody would keep; and what becomes of who waits too long."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from chat import live as chat_live
from chat import sessions, sites
from chat.models import Session, Site
from chat.sessions import Opened, Visit
from helpdesk.jobs import outbox
from helpdesk.lib import clock, live
from helpdesk.people import presence
from helpdesk.people.models import User
from tests import factories
from tests.chat.conftest import bearer
from tests.conftest import Api
from tickets.models import Calendar, Message, Queue, Ticket

pytestmark = pytest.mark.django_db
URL = "/api/v1/chat/"
SUNDAY = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def ways() -> Any:
    answer = APIClient().get(f"{URL}channels/?site=shop")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return answer.json()


def at_desk(user: User) -> None:
    presence.choose(user, "available")
    presence.beat(user.pk)


def waiting(site: Site) -> Session:
    return sessions.say(sessions.open(site, Visit()).session, "Hello", origin_id=str(uuid.uuid4())).session


@pytest.fixture
def office(db: None) -> Calendar:
    spans = [{"weekday": day, "starts": "09:00", "ends": "17:00"} for day in range(5)]
    return Calendar.objects.create(slug="desk", name="Desk", timezone="Europe/Paris", hours=spans, is_default=True)


@pytest.fixture
def browser(visitor: Opened) -> APIClient:
    return bearer(visitor.keys.token)


# --- what is offered -------------------------------------------------------------------------------------------------
def test_closed_means_hours_as_moments_and_a_written_request(shop: Site, charlie: User, office: Calendar) -> None:
    with time_machine.travel(SUNDAY, tick=False):
        found = ways()
    assert (found["open"], found["opens_at"], found["closes_at"]) == (False, MONDAY.isoformat(), None)
    assert (len(found["hours"]), found["hours"][0]["closes_at"]) == (7, (MONDAY + timedelta(hours=8)).isoformat())
    assert found["chat"] == {
        "available": False, "reason": "closed", "agents": 0, "position": None, "wait_s": None, "limit_s": 300,
    }  # fmt: skip
    assert found["callback"] == {
        "available": True, "asap": None, "minutes": 30,
        "first": {"starts_at": MONDAY.isoformat(), "ends_at": (MONDAY + timedelta(minutes=30)).isoformat()},
    }  # fmt: skip
    assert found["writing"] == {"available": True, "answer_s": None}
    assert (found["files"]["max_count"], found["files"]["max_bytes"]) == (10, 20 * 1024 * 1024)


def test_a_chat_is_offered_while_somebody_is_free(shop: Site, charlie: User) -> None:
    assert ways()["chat"]["reason"] == "nobody"
    at_desk(charlie)
    chat = ways()["chat"]
    assert (chat["available"], chat["reason"], chat["agents"], chat["position"]) == (True, None, 1, 1)
    presence.leave(charlie.pk)
    assert ways()["chat"]["available"] is False


def test_a_chat_is_offered_below_the_sites_limit_and_not_above(shop: Site, charlie: User) -> None:
    at_desk(charlie)
    waiting(shop)
    there = ways()["chat"]
    assert (there["available"], there["position"], there["wait_s"]) == (True, 2, None), "he has places left for both"
    charlie.chat_capacity = 1
    charlie.save(update_fields=["chat_capacity"])
    sessions.accept(Session.objects.waiting().get().pk, by=charlie)
    waiting(shop)
    shop.wait_limit_s = 600
    shop.save(update_fields=["wait_limit_s"])
    near = ways()["chat"]
    assert (near["available"], near["position"], near["wait_s"]) == (True, 2, 600)
    shop.wait_limit_s = 599
    shop.save(update_fields=["wait_limit_s"])
    far = ways()["chat"]
    assert (far["available"], far["reason"], far["position"], far["wait_s"]) == (False, "long", None, None)


def test_how_long_an_answer_takes_is_what_the_last_ones_took(shop: Site, charlie: User, technical: Queue) -> None:
    for minutes in (10, 20, 30, 40, 50):
        moment = clock.now()
        ticket = factories.make_ticket(queue=technical)
        with time_machine.travel(moment + timedelta(minutes=minutes), tick=False):
            factories.answer(ticket, charlie)
    assert ways()["writing"]["answer_s"] // 60 in (29, 30)


def test_the_offer_costs_the_same_however_many_there_are(
    shop: Site, charlie: User, bob: User, django_assert_max_num_queries: Any
) -> None:
    at_desk(charlie)
    for _visitor in range(4):
        waiting(shop)
    with django_assert_max_num_queries(14):
        ways()


def test_an_unknown_site_offers_nothing(db: None) -> None:
    assert APIClient().get(f"{URL}channels/?site=elsewhere").status_code == 404
    assert APIClient().get(f"{URL}channels/").status_code == 404


# --- waiting too long ------------------------------------------------------------------------------------------------
def test_who_waits_longer_than_the_limit_is_offered_the_other_ways_once(
    shop: Site, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = waiting(shop)
    told: list[Any] = []
    send = live.send

    def hear(group: str, frame: live.Frame) -> None:
        told.append((group, frame))
        send(group, frame)

    monkeypatch.setattr(live, "send", hear)
    outbox.drain()
    with time_machine.travel(clock.now() + timedelta(seconds=301), tick=False):
        outbox.drain()
        outbox.drain()
    late = [frame for group, frame in told if group == chat_live.visitor(session.pk) and frame.get("late")]
    assert late == [
        {
            "type": "chat.waiting", "session": session.pk, "position": None, "wait_s": None, "late": True,
            "others": ["callback", "writing"],
        }
    ]  # fmt: skip


def test_who_was_taken_in_time_is_told_nothing(shop: Site, charlie: User, monkeypatch: pytest.MonkeyPatch) -> None:
    session = waiting(shop)
    outbox.drain()
    sessions.accept(session.pk, by=charlie)
    told: list[Any] = []
    monkeypatch.setattr(live, "send", lambda group, frame: told.append(frame))
    with time_machine.travel(clock.now() + timedelta(seconds=301), tick=False):
        outbox.drain()
    assert [frame for frame in told if frame.get("late")] == []


def test_who_waits_already_is_told_by_the_limit_that_the_site_has_now(
    shop: Site, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = clock.now()
    with time_machine.travel(moment, tick=False):
        session = waiting(shop)
        outbox.drain()
        sites.change(shop, {"wait_limit_s": 60}, by=charlie.actor)
        sites.change(shop, {"name": "The shop"}, by=charlie.actor)
        outbox.drain()
    told: list[Any] = []
    monkeypatch.setattr(live, "send", lambda group, frame: told.append((group, frame.get("late"))))

    def told_after(seconds: int) -> list[Any]:
        told.clear()
        with time_machine.travel(moment + timedelta(seconds=seconds), tick=False):
            outbox.drain()
        return [late for group, late in told if group == chat_live.visitor(session.pk)]

    assert told_after(59) == []
    assert told_after(61) == [True]
    with time_machine.travel(moment + timedelta(seconds=62), tick=False):
        sites.change(shop, {"wait_limit_s": 900}, by=charlie.actor)
    assert told_after(301) == [], "the first limit is no more"
    assert told_after(901) == [True]


def test_the_state_says_that_it_is_late(browser: APIClient, visitor: Opened) -> None:
    body = browser.post(f"{URL}session/messages/", {"body": "Hello", "origin_id": "1"}).json()
    assert body["late"] is False
    with time_machine.travel(clock.now() + timedelta(seconds=301), tick=False):
        assert browser.get(f"{URL}session/").json()["late"] is True


# --- in writing ------------------------------------------------------------------------------------------------------
def test_what_was_typed_becomes_a_request_with_a_reference_and_rings_nobody(browser: APIClient) -> None:
    given = {"body": "My bike squeaks", "origin_id": "1", "email": "lea@example.com", "name": "Léa"}
    first, again = (browser.post(f"{URL}session/write/", given) for _time in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    ticket = Ticket.objects.get()
    assert (first.json()["number"], first.json()["state"], first.json()["answer_s"]) == (ticket.number, "ended", None)
    assert (Session.objects.get().state, Message.objects.count(), ticket.reply_address) == ("ended", 1, "")
    assert Session.objects.waiting().count() == 0


def test_who_waits_and_writes_keeps_his_words_and_leaves_the_line(browser: APIClient, visitor: Opened) -> None:
    said = browser.post(f"{URL}session/messages/", {"body": "My bike squeaks", "origin_id": "1"}).json()
    left = browser.post(f"{URL}session/write/", {})
    assert (left.status_code, left.json()["number"], left.json()["state"]) == (200, said["number"], "ended")
    assert (Message.objects.count(), Session.objects.get().state) == (1, "ended")


def test_a_request_left_in_writing_goes_to_an_agent_like_any_other(
    shop: Site, browser: APIClient, charlie: User, technical: Queue
) -> None:
    technical.strategy = Queue.Strategy.LEAST_BUSY
    technical.save(update_fields=["strategy"])
    at_desk(charlie)
    browser.post(f"{URL}session/write/", {"body": "My bike squeaks", "origin_id": "1"})
    outbox.drain()
    assert Ticket.objects.get().assignee == charlie


def test_nothing_at_all_is_no_request_and_who_talks_goes_on_talking(
    browser: APIClient, visitor: Opened, charlie: User
) -> None:
    assert browser.post(f"{URL}session/write/", {"origin_id": "1"}).status_code == 400
    assert Ticket.objects.count() == 0
    browser.post(f"{URL}session/messages/", {"body": "Hello", "origin_id": "2"})
    sessions.accept(Session.objects.get().pk, by=charlie)
    answer = browser.post(f"{URL}session/write/", {"body": "In writing", "origin_id": "3"})
    assert (answer.status_code, answer.json()["code"]) == (409, "live")
    assert (Message.objects.count(), Session.objects.get().state) == (1, "live")


# --- the page he shares ----------------------------------------------------------------------------------------------
def test_pages_are_kept_by_consent_shown_and_erased_when_it_is_taken_back(browser: APIClient, charlie: User) -> None:
    for number in range(12):
        shared = browser.post(
            f"{URL}session/page/", {"consent": True, "page": f"https://shop.example/{number}", "title": f"T {number}"}
        )
    body = shared.json()
    assert (body["page"], body["page_shared"], len(body["trail"])) == ("https://shop.example/11", True, 10)
    assert browser.get(f"{URL}session/").json()["trail"] == body["trail"]
    gone = browser.post(f"{URL}session/page/", {"consent": False}).json()
    assert gone == {"page": "", "trail": [], "page_shared": False}
    session = Session.objects.get()
    assert (session.page, session.trail, session.page_consent_at) == ("", None, None)


def test_what_is_no_page_is_not_kept(browser: APIClient) -> None:
    body = browser.post(f"{URL}session/page/", {"consent": True, "page": "javascript:alert(1)"}).json()
    assert body == {"page": "", "trail": [], "page_shared": False}


def test_the_agent_sees_where_he_is(
    browser: APIClient, charlie: User, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.post(f"{URL}session/messages/", {"body": "Hello", "origin_id": "1"})
    session = sessions.accept(Session.objects.get().pk, by=charlie)
    told: list[Any] = []
    monkeypatch.setattr(live, "publish", lambda group, frame: told.append((group, frame)))
    browser.post(f"{URL}session/page/", {"consent": True, "page": "https://shop.example/a", "title": "A"})
    assert told == [
        (
            f"user.{charlie.pk}",
            {"type": "chat.page", "session": session.pk, "page": "https://shop.example/a", "title": "A"},
        )
    ]
    assert api(charlie).get(f"{URL}line/").json()["mine"][0]["page"] == "https://shop.example/a"
