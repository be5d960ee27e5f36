"""Chats over HTTP: the visitor without a socket, and the agents' line."""

import json
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from rest_framework.test import APIClient

from chat import sessions
from chat.models import Session, Site
from chat.sessions import Opened
from helpdesk.jobs import outbox
from helpdesk.people import presence
from helpdesk.people.models import Customer, User
from tests import factories
from tests.chat.conftest import bearer
from tests.conftest import Api
from tickets import lifecycle
from tickets.models import Message, Survey, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(visitor: Opened) -> APIClient:
    return bearer(visitor.keys.token)


def begin(**body: Any) -> Any:
    return APIClient().post("/api/v1/chat/sessions/", {"site": "shop", **body})


def write(browser: APIClient, body: str = "My bike squeaks", **members: Any) -> Any:
    return browser.post("/api/v1/chat/session/messages/", {"body": body, "origin_id": str(uuid.uuid4()), **members})


# --- opening ---------------------------------------------------------------------------------------------------------
def test_opening_a_session_shows_its_secrets_once(shop: Site) -> None:
    answer = begin(language="fr-CH", page="https://shop.example/bikes")
    assert answer.status_code == 201
    body = answer.json()
    assert len(body.pop("session")) == len(body.pop("resume")) == 43
    (step,) = body.pop("trail")
    assert (step["page"], step["title"]) == ("https://shop.example/bikes", "")
    assert body == {
        "ticket": None, "number": None, "last_seq": 0, "available": False, "queue": None, "state": "opened",
        "agent": None, "late": False, "identified": None, "page": "https://shop.example/bikes", "page_shared": True,
    }  # fmt: skip
    session = Session.objects.get()
    assert (session.language, session.page) == ("fr", "https://shop.example/bikes")
    assert answer.cookies == {}


def test_a_page_that_is_no_web_page_is_not_kept(shop: Site) -> None:
    begin(page="javascript:alert(1)")
    assert Session.objects.get().page == ""


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"site": ""}, "site"),
        ({"email": "nobody"}, "email"),
        ({"name": "x" * 201}, "name"),
        ({"identity": "x" * 4001}, "identity"),
        ({"page": ["x"]}, "page"),
    ],
)
def test_a_field_that_is_wrong_is_named(shop: Site, body: dict[str, Any], field: str) -> None:
    answer = begin(**body)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert (Session.objects.count(), Customer.objects.count()) == (0, 0)


def test_an_unknown_or_closed_site_is_not_found(shop: Site) -> None:
    assert begin(site="elsewhere").status_code == 404
    shop.is_active = False
    shop.save(update_fields=["is_active"])
    assert begin().status_code == 404


def test_a_forged_identity_is_refused(shop: Site) -> None:
    answer = begin(identity="a.b.c")
    assert (answer.status_code, answer.json()["code"]) == (403, "identity")
    assert Session.objects.count() == 0


@pytest.mark.parametrize(
    ("origin", "status"), [("https://shop.example", 201), ("https://evil.example", 403), ("null", 403)]
)
def test_only_the_sites_own_pages_and_the_frame_open_sessions(shop: Site, origin: str, status: int) -> None:
    answer = APIClient().post("/api/v1/chat/sessions/", {"site": "shop"}, headers={"Origin": origin})
    assert answer.status_code == status
    ours = APIClient().post("/api/v1/chat/sessions/", {"site": "shop"}, headers={"Origin": settings.SOCKET_ORIGINS[0]})
    assert ours.status_code == 201


def test_strangers_who_open_too_many_wait(shop: Site, settings: Any) -> None:
    settings.RATE_PUBLIC_PER_MINUTE = 2
    assert [begin().status_code for _time in range(3)] == [201, 201, 429]
    assert Session.objects.count() == 2


def test_availability_follows_the_agents_desk(shop: Site, charlie: User) -> None:
    url = "/api/v1/chat/availability/?site=shop"
    assert APIClient().get(url).json() == {"available": False, "wait_s": None}
    presence.choose(charlie, "available")
    presence.beat(charlie.pk)
    assert APIClient().get(url).json() == {"available": True, "wait_s": None}
    presence.leave(charlie.pk)
    assert APIClient().get(url).json()["available"] is False


# --- talking ---------------------------------------------------------------------------------------------------------
def test_the_first_line_makes_the_ticket_and_the_same_again_is_200(browser: APIClient) -> None:
    origin = str(uuid.uuid4())
    first = write(browser, origin_id=origin)
    again = write(browser, origin_id=origin)
    assert (first.status_code, again.status_code) == (201, 200)
    body = first.json()
    ticket = Ticket.objects.get()
    assert (body["ticket"], body["number"], body["seq"], body["origin_id"]) == (ticket.pk, ticket.number, 1, origin)
    assert (body["state"], body["available"], body["queue"]) == ("waiting", False, None)
    assert again.json()["seq"] == 1
    assert Message.objects.count() == 1


def test_the_same_id_with_other_words_is_409(browser: APIClient) -> None:
    origin = str(uuid.uuid4())
    write(browser, origin_id=origin)
    assert write(browser, "Other words", origin_id=origin).status_code == 409
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {"body": ""},
        {"body": "x" * 100_001},
        {},
        {"body": "x", "origin_id": "a b"},
        {"body": "x", "attachments": ["x"]},
        {"body": "x", "attachments": [str(uuid.uuid4())]},
        {"attachments": [str(uuid.uuid4()) for _file in range(11)]},
    ],
)
def test_a_line_that_cannot_be_taken_changes_nothing(browser: APIClient, body: dict[str, Any]) -> None:
    assert browser.post("/api/v1/chat/session/messages/", body).status_code == 400
    assert (Ticket.objects.count(), Message.objects.count()) == (0, 0)


@pytest.mark.parametrize("raw", [b"{", b"\xff\xfe", b"[1]", b'"x"', b"null"])
def test_a_body_that_is_no_object_is_400(browser: APIClient, raw: bytes) -> None:
    answer = browser.post("/api/v1/chat/session/messages/", raw, content_type="application/json")
    assert answer.status_code == 400
    assert Ticket.objects.count() == 0


def test_the_visitor_reads_what_is_public_by_pages(
    browser: APIClient, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(browser)
    ticket = Ticket.objects.get()
    factories.answer(ticket, charlie, "CANARY", kind="note")
    factories.answer(ticket, charlie, "Oil the chain")
    body = browser.get("/api/v1/chat/session/messages/").json()
    assert [(row["seq"], row["body"]) for row in body["results"]] == [(1, "My bike squeaks"), (3, "Oil the chain")]
    assert "CANARY" not in json.dumps(body)
    after = browser.get("/api/v1/chat/session/messages/?after=1").json()
    assert [row["seq"] for row in after["results"]] == [3]
    monkeypatch.setattr("chat.api.visitor.PAGE", 1)
    page = browser.get("/api/v1/chat/session/messages/").json()
    assert ([row["seq"] for row in page["results"]], page["next"]) == ([1], "?after=1")


@pytest.mark.parametrize("after", ["x", "-1", "1e9", "9" * 50, "²", ""])
def test_a_strange_position_is_the_beginning(browser: APIClient, after: str) -> None:
    write(browser)
    answer = browser.get("/api/v1/chat/session/messages/", {"after": after})
    assert [row["seq"] for row in answer.json()["results"]] == [1]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "session/"), ("delete", "session/"), ("get", "session/messages/"), ("post", "session/messages/"),
        ("post", "session/seen/"), ("post", "session/identify/"), ("post", "session/end/"), ("post", "session/rating/"),
        ("post", "session/write/"), ("post", "session/page/"), ("get", "session/requests/"),
        ("post", "session/requests/1/open/"), ("post", "session/transcript/"), ("post", "session/continue/"),
        ("post", "session/logout/"), ("post", "session/forget/"), ("get", "callbacks/"), ("post", "callbacks/"),
        ("get", "callbacks/1/"), ("patch", "callbacks/1/"), ("delete", "callbacks/1/"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("header", ["", "Session", "Session nonsense", "Session {resume}", "Token {token}"])
def test_without_a_session_there_is_nothing(visitor: Opened, method: str, path: str, header: str) -> None:
    client = APIClient()
    filled = header.format(resume=visitor.keys.resume, token=visitor.keys.token)
    client.credentials(**({"HTTP_AUTHORIZATION": filled} if filled else {}))
    answer = getattr(client, method)(f"/api/v1/chat/{path}", {"body": "x", "seq": 1, "score": 5})
    assert answer.status_code == 401
    assert (Ticket.objects.count(), Session.objects.get().state) == (0, "opened")


def test_coming_back_shows_the_conversation_unless_it_is_closed(
    shop: Site, browser: APIClient, visitor: Opened, charlie: User
) -> None:
    write(browser)
    ticket = Ticket.objects.get()
    back = begin(resume=visitor.keys.resume).json()
    assert (back["ticket"], back["last_seq"], back["state"]) == (ticket.pk, 1, "waiting")
    lifecycle.set_status(ticket, "closed", by=charlie.actor)
    assert begin(resume=back["resume"]).json()["ticket"] is None


def test_seen_is_kept(browser: APIClient, charlie: User) -> None:
    write(browser)
    factories.answer(Ticket.objects.get(), charlie)
    assert browser.post("/api/v1/chat/session/seen/", {"seq": 2}).status_code == 204
    assert Ticket.objects.get().customer_seen_seq == 2


# --- who he is -------------------------------------------------------------------------------------------------------
def test_a_claimed_address_gets_a_link_without_any_word_of_the_stranger(
    browser: APIClient, visitor: Opened, mailoutbox: list[EmailMessage]
) -> None:
    write(browser, "CANARY body")
    answer = browser.post("/api/v1/chat/session/identify/", {"name": "CANARY name", "email": "dana@example.com"})
    assert answer.status_code == 204
    outbox.drain()
    (mail,) = mailoutbox
    words = mail.message().as_string()
    assert mail.to == ["dana@example.com"]
    assert "CANARY" not in words
    assert f"{settings.PUBLIC_URL}/en/my/prove/" in str(mail.body)
    visitor.session.customer.refresh_from_db()
    assert visitor.session.customer.name == "CANARY name"
    assert Ticket.objects.get().reply_address == ""


def test_one_address_gets_few_such_mails(shop: Site, mailoutbox: list[EmailMessage]) -> None:
    for _visitor in range(5):
        browser = bearer(begin().json()["session"])
        browser.post("/api/v1/chat/session/identify/", {"email": "dana@example.com"})
    outbox.drain()
    assert len(mailoutbox) == 3


def test_an_address_that_is_none_is_named(browser: APIClient, mailoutbox: list[EmailMessage]) -> None:
    answer = browser.post("/api/v1/chat/session/identify/", {"email": "nobody"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["email"])


# --- the end ---------------------------------------------------------------------------------------------------------
def test_a_visitor_ends_rates_and_is_forgotten(browser: APIClient, charlie: User) -> None:
    write(browser)
    sessions.accept(Session.objects.get().pk, by=charlie)
    assert browser.post("/api/v1/chat/session/end/").json()["state"] == "ended"
    rated = browser.post("/api/v1/chat/session/rating/", {"score": 5, "comment": "Quick"})
    assert rated.status_code == 204
    survey = Survey.objects.get()
    assert (survey.score, survey.comment, survey.agent) == (5, "Quick", charlie)
    assert browser.delete("/api/v1/chat/session/").status_code == 204
    assert browser.get("/api/v1/chat/session/").status_code == 401


@pytest.mark.parametrize("score", [0, 6, "x", None, 2.5])
def test_a_score_outside_the_scale_is_refused(browser: APIClient, score: Any) -> None:
    write(browser)
    assert browser.post("/api/v1/chat/session/rating/", {"score": score}).status_code == 400
    assert Survey.objects.count() == 0


def test_nothing_is_rated_before_a_word_was_said(browser: APIClient) -> None:
    assert browser.post("/api/v1/chat/session/rating/", {"score": 5}).json()["code"] == "no_ticket"


# --- agents ----------------------------------------------------------------------------------------------------------
def test_the_line_shows_who_waits_and_what_is_mine(browser: APIClient, charlie: User, api: Api) -> None:
    write(browser)
    session = Session.objects.get()
    line = api(charlie).get("/api/v1/chat/line/").json()
    assert line["mine"] == []
    (card,) = line["waiting"]
    assert (card["id"], card["ticket"], card["queue"]["slug"]) == (session.pk, session.ticket_id, "technical")
    assert (card["state"], card["waits_on"], card["last_line"]) == ("waiting", "agent", "My bike squeaks")
    assert card["customer"]["trust"] == "anonymous"
    taken = api(charlie).post(f"/api/v1/chat/sessions/{session.pk}/accept/")
    assert (taken.status_code, taken.json()["agent"]) == (200, {"id": charlie.pk, "name": "Charlie Petit"})
    line = api(charlie).get("/api/v1/chat/line/").json()
    assert (line["waiting"], [card["id"] for card in line["mine"]]) == ([], [session.pk])
    ended = api(charlie).post(f"/api/v1/chat/sessions/{session.pk}/end/")
    assert ended.json()["state"] == "ended"


def test_a_ticket_says_that_it_is_a_chat_and_the_counts_how_many_wait(
    browser: APIClient, charlie: User, alice: User, api: Api
) -> None:
    write(browser)
    session = Session.objects.get()
    assert api(charlie).get("/api/v1/counts/").json()["chats"] == 1
    assert api(alice).get("/api/v1/counts/").json()["chats"] == 0
    path = f"/api/v1/tickets/{session.ticket_id}/"
    assert api(charlie).get(path).json()["session"] == {"id": session.pk, "state": "waiting", "agent": None}
    sessions.end(session, by=charlie.actor)
    assert api(charlie).get(path).json()["session"] is None
    assert api(charlie).get("/api/v1/counts/").json()["chats"] == 0


def test_a_chat_that_was_taken_is_409(browser: APIClient, charlie: User, bob: User, api: Api) -> None:
    write(browser)
    session = Session.objects.get()
    api(charlie).post(f"/api/v1/chat/sessions/{session.pk}/accept/")
    answer = api(bob).post(f"/api/v1/chat/sessions/{session.pk}/accept/")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_taken")
    assert Session.objects.get().agent == charlie


def test_other_teams_readers_and_strangers_reach_no_chat(browser: APIClient, alice: User, rita: User, api: Api) -> None:
    write(browser)
    session = Session.objects.get()
    expected = {alice: (200, 404), rita: (403, 403), None: (401, 401)}
    for user, (reading, taking) in expected.items():
        line = api(user).get("/api/v1/chat/line/")
        assert line.status_code == reading
        assert line.json().get("waiting", []) == []
        for verb in ("accept", "end"):
            assert api(user).post(f"/api/v1/chat/sessions/{session.pk}/{verb}/").status_code == taking
    assert Session.objects.get().state == "waiting"


def test_the_line_costs_the_same_for_one_chat_as_for_many(
    shop: Site, charlie: User, api: Api, django_assert_max_num_queries: Any
) -> None:
    for _visitor in range(5):
        write(bearer(begin().json()["session"]))
    client = api(charlie)
    with django_assert_max_num_queries(8):
        assert len(client.get("/api/v1/chat/line/").json()["waiting"]) == 5
