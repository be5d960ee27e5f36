"""What a visitor takes along and leaves; a mailed word never says more than its reader has proved to be owed."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.mail import EmailMessage
from rest_framework.test import APIClient

from chat import claims, leaving, sessions
from chat.models import Key, Session, Site, Transcript
from chat.sessions import Opened, Visit
from helpdesk.jobs import outbox
from helpdesk.lib import clock
from helpdesk.people import customers, tokens
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, Identity, User
from tests import factories
from tests.chat.conftest import bearer
from tests.chat.test_identity import token
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
URL = "/api/v1/chat/session/"
WORDS = "CANARY My bike squeaks"


@pytest.fixture
def browser(visitor: Opened) -> APIClient:
    return bearer(visitor.keys.token)


def write(browser: APIClient, body: str = WORDS) -> Any:
    return browser.post(f"{URL}messages/", {"body": body, "origin_id": str(uuid.uuid4())}).json()


def prove(session: Session, address: str) -> None:
    """He opens the link that was mailed to the address he typed."""
    tokens.use(tokens.PROVE, tokens.issue(tokens.PROVE, Session.objects.get(pk=session.pk).customer, address))
    outbox.drain()


# --- a copy by mail --------------------------------------------------------------------------------------------------
def test_a_copy_goes_to_a_proved_address_at_once(
    browser: APIClient, visitor: Opened, charlie: User, mailoutbox: list[EmailMessage]
) -> None:
    write(browser)
    factories.answer(Ticket.objects.get(), charlie, "Oil the chain")
    factories.answer(Ticket.objects.get(), charlie, "SECRET", kind="note")
    claims.make(visitor.session, name="", email="dana@example.com")
    prove(visitor.session, "dana@example.com")
    mailoutbox.clear()
    answer = browser.post(f"{URL}transcript/", {})
    assert (answer.status_code, answer.json()) == (202, {"sent_to": "d•••@example.com", "state": "sent"})
    outbox.drain()
    (mail,) = mailoutbox
    words = str(mail.body)
    assert mail.to == ["dana@example.com"]
    assert (WORDS in words, "Oil the chain" in words, "SECRET" in words) == (True, True, False)
    assert Transcript.objects.get().sent_at is not None


def test_a_typed_address_gets_no_word_of_it_before_it_is_proved(
    browser: APIClient, visitor: Opened, mailoutbox: list[EmailMessage]
) -> None:
    write(browser)
    answer = browser.post(f"{URL}transcript/", {"email": "dana@example.com"})
    assert answer.json() == {"sent_to": "d•••@example.com", "state": "confirm"}
    outbox.drain()
    (mail,) = mailoutbox
    assert ("CANARY" in mail.message().as_string(), "/my/prove/" in str(mail.body)) == (False, True)
    prove(visitor.session, "dana@example.com")
    assert [WORDS in str(sent.body) for sent in mailoutbox] == [False, True]
    outbox.drain()
    assert len(mailoutbox) == 2


def test_a_copy_follows_a_proof_that_joins_him_to_who_he_was(
    browser: APIClient, visitor: Opened, dana: Customer, mailoutbox: list[EmailMessage]
) -> None:
    write(browser)
    browser.post(f"{URL}transcript/", {"email": "dana@example.com"})
    outbox.drain()
    prove(visitor.session, "dana@example.com")
    assert [WORDS in str(sent.body) for sent in mailoutbox] == [False, True]
    assert Transcript.objects.get().customer == dana


def test_somebody_elses_proof_brings_nobody_a_copy(
    browser: APIClient, shop: Site, mailoutbox: list[EmailMessage]
) -> None:
    """Dana proves her address in her own chat: the copy that a stranger asked to be sent to her stays where it is."""
    write(browser)
    browser.post(f"{URL}transcript/", {"email": "dana@example.com"})
    other = sessions.open(shop, Visit())
    prove(other.session, "dana@example.com")
    outbox.drain()
    assert [WORDS in str(sent.body) for sent in mailoutbox] == [False]


@pytest.mark.parametrize("path", ["transcript/", "continue/"])
def test_without_an_address_or_a_conversation_nothing_is_mailed(
    browser: APIClient, path: str, mailoutbox: list[EmailMessage]
) -> None:
    none = browser.post(f"{URL}{path}", {"email": "dana@example.com"})
    assert (none.status_code, none.json()["code"]) == (409, "no_ticket")
    write(browser)
    nowhere = browser.post(f"{URL}{path}", {})
    assert (nowhere.status_code, nowhere.json()["code"]) == (409, "no_address")
    wrong = browser.post(f"{URL}{path}", {"email": "nobody"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["email"])
    outbox.drain()
    assert (len(mailoutbox), Transcript.objects.count(), Identity.objects.count()) == (0, 0, 0)


# --- another device --------------------------------------------------------------------------------------------------
def link(browser: APIClient, mailoutbox: list[EmailMessage]) -> str:
    assert browser.post(f"{URL}continue/", {"email": "dana@example.com"}).status_code == 202
    outbox.drain()
    assert "CANARY" not in mailoutbox[-1].message().as_string()
    found = re.search(r"/w/shop/#continue=([\w-]{43})", str(mailoutbox[-1].body))
    assert found is not None
    return found[1]


def move(code: str, site: str = "shop") -> Any:
    return APIClient().post("/api/v1/chat/continue/", {"site": site, "code": code})


def test_a_mailed_link_opens_the_conversation_once_elsewhere(
    browser: APIClient, mailoutbox: list[EmailMessage]
) -> None:
    said = write(browser)
    code = link(browser, mailoutbox)
    answer = move(code)
    assert (answer.status_code, answer.json()["ticket"]) == (201, said["ticket"])
    phone = bearer(answer.json()["session"])
    assert [row["body"] for row in phone.get(f"{URL}messages/").json()["results"]] == [WORDS]
    again = move(code)
    assert (again.status_code, again.json()["code"]) == (404, "expired")
    assert browser.get(URL).status_code == 200
    # Whoever opened it has proved nothing by it.
    assert Session.objects.get().customer.is_visitor is True


def test_a_link_is_soon_worth_nothing_nor_on_another_site(
    browser: APIClient, shop: Site, mailoutbox: list[EmailMessage]
) -> None:
    write(browser)
    Site.objects.create(key="blog", name="Blog", queue=shop.queue)
    first, second = link(browser, mailoutbox), link(browser, mailoutbox)
    assert [move(first, "blog").status_code, move("").status_code, move("x" * 43).status_code] == [404, 400, 404]
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=False):
        assert move(second).status_code == 404
    # the refused attempt on another site used nothing up
    assert move(first).status_code == 201


def test_a_link_dies_with_the_browser_that_was_forgotten(browser: APIClient, mailoutbox: list[EmailMessage]) -> None:
    write(browser)
    code = link(browser, mailoutbox)
    browser.post(f"{URL}forget/")
    assert move(code).status_code == 404


def test_strangers_write_to_nobody_through_us(shop: Site, mailoutbox: list[EmailMessage]) -> None:
    for _visitor in range(5):
        browser = bearer(sessions.open(shop, Visit()).keys.token)
        write(browser)
        browser.post(f"{URL}continue/", {"email": "dana@example.com"})
        browser.post(f"{URL}transcript/", {"email": "dana@example.com"})
    outbox.drain()
    assert len(mailoutbox) == claims.PER_ADDRESS_AND_DAY
    assert "CANARY" not in "".join(mail.message().as_string() for mail in mailoutbox)


# --- out of this browser ---------------------------------------------------------------------------------------------
def test_logging_out_leaves_the_other_devices_alone(shop: Site) -> None:
    here, there = (sessions.open(shop, Visit(identity=token())) for _device in range(2))
    write(bearer(here.keys.token))
    assert bearer(here.keys.token).post(f"{URL}logout/", {"resume": here.keys.resume}).status_code == 204
    assert bearer(here.keys.token).get(URL).status_code == 401
    assert sessions.open(shop, Visit(resume=here.keys.resume)).session.ticket is None
    assert bearer(there.keys.token).get(URL).status_code == 200


def test_logging_out_drops_no_key_of_another_session(shop: Site, visitor: Opened) -> None:
    other = sessions.open(shop, Visit())
    bearer(visitor.keys.token).post(f"{URL}logout/", {"resume": other.keys.resume})
    assert Key.objects.filter(session=other.session).count() == 2
    assert Key.objects.filter(session=visitor.session, purpose="token").count() == 0


def test_being_forgotten_erases_what_was_typed_and_says_what_stays(browser: APIClient, visitor: Opened) -> None:
    number = write(browser)["number"]
    browser.post(f"{URL}page/", {"consent": True, "page": "https://shop.example/"})
    browser.post(f"{URL}identify/", {"name": "Léa", "email": "lea@example.com"})
    answer = browser.post(f"{URL}forget/")
    assert answer.json() == {"stays": {"requests": [number], "callbacks": 0, "proved": False}}
    session = Session.objects.get()
    assert (session.state, session.page, session.trail, session.page_consent_at) == ("ended", "", None, None)
    assert (session.customer.name, session.customer.identities.count(), Key.objects.count()) == ("", 0, 0)
    assert browser.get(URL).status_code == 401


# --- his requests ----------------------------------------------------------------------------------------------------
def test_a_person_the_site_vouches_for_sees_all_of_his_requests(shop: Site, dana: Customer, charlie: User) -> None:
    other = factories.make_ticket(dana, subject="My invoice")
    browser = bearer(sessions.open(shop, Visit(identity=token())).keys.token)
    said = write(browser)
    factories.answer(Ticket.objects.get(pk=other.pk), charlie)
    body = browser.get(f"{URL}requests/").json()
    assert body["identified"] is True
    assert [(row["number"], row["unread"], row["current"]) for row in body["results"]] == [
        (said["number"], 0, True),
        (other.number, 1, False),
    ]


def test_a_proved_address_opens_no_history_in_a_browser_that_only_typed_it(
    browser: APIClient, visitor: Opened, dana: Customer
) -> None:
    """Whoever talks Dana into pressing the button of a mail must not read what else she wrote to us."""
    other = factories.make_ticket(dana, subject="My invoice")
    said = write(browser)
    claims.make(visitor.session, name="", email="dana@example.com")
    prove(visitor.session, "dana@example.com")
    body = browser.get(f"{URL}requests/").json()
    assert (body["identified"], [row["number"] for row in body["results"]]) == (False, [said["number"]])
    assert browser.post(f"{URL}requests/{other.pk}/open/").status_code == 404
    assert Session.objects.get().customer == dana


def test_the_site_s_word_never_opens_a_session_whose_keys_a_stranger_may_hold(
    shop: Site, browser: APIClient, visitor: Opened, dana: Customer
) -> None:
    write(browser)
    claims.make(visitor.session, name="", email="dana@example.com")
    prove(visitor.session, "dana@example.com")
    hers = sessions.open(shop, Visit(identity=token(), resume=visitor.keys.resume))
    assert (hers.session.pk == visitor.session.pk, hers.session.customer) == (False, dana)
    assert hers.session.ticket is None


def test_who_goes_on_with_another_request_reads_and_writes_there(shop: Site, dana: Customer, charlie: User) -> None:
    other = factories.make_ticket(dana, subject="My invoice")
    browser = bearer(sessions.open(shop, Visit(identity=token())).keys.token)
    state = browser.post(f"{URL}requests/{other.pk}/open/").json()
    assert (state["ticket"], state["state"]) == (other.pk, "opened")
    assert write(browser, "One more thing")["ticket"] == other.pk
    busy = browser.post(f"{URL}requests/{factories.make_ticket(dana, subject='Third').pk}/open/")
    assert (busy.status_code, busy.json()["code"]) == (409, "chat_open")


def test_the_list_costs_the_same_for_one_as_for_many(
    shop: Site, dana: Customer, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        factories.make_ticket(dana, subject=f"No. {number}")
    browser = bearer(sessions.open(shop, Visit(identity=token())).keys.token)
    with django_assert_max_num_queries(2):
        assert len(browser.get(f"{URL}requests/").json()["results"]) == 4


# --- who he is -------------------------------------------------------------------------------------------------------
def test_another_address_typed_in_a_known_browser_is_refused(shop: Site, mailoutbox: list[EmailMessage]) -> None:
    opened = sessions.open(shop, Visit(identity=token()))
    browser = bearer(opened.keys.token)
    answer = browser.post(f"{URL}identify/", {"email": "other@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (409, "identified")
    assert browser.post(f"{URL}identify/", {"email": "dana@example.com"}).status_code == 204
    outbox.drain()
    assert (len(mailoutbox), Identity.objects.filter(value="other@example.com").count()) == (0, 0)


def test_what_else_a_visitor_typed_does_not_become_his_with_a_proof(visitor: Opened) -> None:
    """Mallory types Victor's address and then her own, and proves hers: Victor's mail must not become hers."""
    session = visitor.session
    claims.make(session, name="", email="victor@example.com")
    claims.make(session, name="", email="mallory@example.com")
    prove(session, "mallory@example.com")
    mallory = Session.objects.get().customer
    assert customers.proved_email(mallory) == "mallory@example.com"
    assert mallory.identities.filter(value="victor@example.com").count() == 0
    assert customers.resolve(Who(email="victor@example.com")) != mallory


def test_what_else_a_visitor_typed_does_not_follow_him_to_who_he_was(visitor: Opened, dana: Customer) -> None:
    claims.make(visitor.session, name="", email="victor@example.com")
    claims.make(visitor.session, name="", email="dana@example.com")
    prove(visitor.session, "dana@example.com")
    assert Session.objects.get().customer == dana
    assert customers.resolve(Who(email="victor@example.com")) != dana


def test_a_masked_address_says_little() -> None:
    assert [leaving.masked("dana@example.com"), leaving.masked("d@x.fr")] == ["d•••@example.com", "d•••@x.fr"]
    assert settings.PUBLIC_URL.startswith("http")
