"""What one visitor tries to learn or do of another, or of himself once he was forgotten."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import EmailMessage
from rest_framework.test import APIClient

from chat import claims, keys, sessions, visit
from chat.callbacks import booking
from chat.callbacks.booking import Wish
from chat.models import Callback, Key, Session, Site, Transcript
from chat.sessions import Opened, Visit
from helpdesk.jobs import outbox
from helpdesk.lib import clock
from helpdesk.people import presence, tokens
from helpdesk.people.models import Customer, Identity, LoginToken, User
from tests import factories
from tests.chat.conftest import bearer
from tests.chat.test_identity import token
from tickets import attachments, conversation, sending
from tickets.conversation import Line
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db
URL = "/api/v1/chat/"


def prove(session: Session, address: str) -> None:
    """Whoever reads the mails of that address presses the button."""
    customer = Session.objects.select_related("customer").get(pk=session.pk).customer
    tokens.use(tokens.PROVE, tokens.issue(tokens.PROVE, customer, address))
    outbox.drain()


def say(opened: Opened, body: str = "My bike squeaks") -> sessions.Said:
    return sessions.say(Session.objects.get(pk=opened.session.pk), body, origin_id=str(uuid.uuid4()))


def asks(opened: Opened, charlie: User, number: str) -> Callback:
    presence.choose(charlie, "available")
    presence.beat(charlie.pk)
    wish = Wish(number=number, zone="Europe/Paris", topic="CANARY my operation")
    return booking.ask(opened.session, wish, origin_id=str(uuid.uuid4()))[0]


# --- call-backs ------------------------------------------------------------------------------------------------------
def test_an_address_proved_in_another_window_opens_no_call_back_of_its_owner(
    shop: Site, dana: Customer, charlie: User
) -> None:
    """A stranger names Dana's address; she presses the button of the mail. Her calls, and her number, stay hers."""
    hers = asks(sessions.open(shop, Visit(identity=token())), charlie, "06 12 34 56 78")
    assert hers.customer == dana
    stranger = sessions.open(shop, Visit())
    say(stranger)
    prove(stranger.session, "dana@example.com")
    assert Session.objects.get(pk=stranger.session.pk).customer == dana
    browser, one = bearer(stranger.keys.token), f"{URL}callbacks/{hers.pk}/"
    assert browser.get(f"{URL}callbacks/").json() == {"results": []}
    tried = [
        browser.get(one),
        browser.patch(one, {"phone": "06 98 76 54 32", "version": hers.version}, format="json"),
        browser.delete(one),
    ]
    assert [answer.status_code for answer in tried] == [404, 404, 404]
    hers.refresh_from_db()
    assert (hers.state, hers.number) == ("waiting", "+33612345678")


def test_his_own_call_back_stays_his_and_his_website_shows_him_all(shop: Site, charlie: User, dana: Customer) -> None:
    nameless = sessions.open(shop, Visit())
    his = asks(nameless, charlie, "06 12 34 56 78")
    assert [row["id"] for row in bearer(nameless.keys.token).get(f"{URL}callbacks/").json()["results"]] == [his.pk]
    first = sessions.open(shop, Visit(identity=token()))
    hers = asks(first, charlie, "06 12 34 56 79")
    elsewhere = sessions.open(shop, Visit(identity=token()))
    assert [row["id"] for row in bearer(elsewhere.keys.token).get(f"{URL}callbacks/").json()["results"]] == [hers.pk]


def test_a_list_of_calls_costs_the_same_however_long_it_is(
    shop: Site, charlie: User, django_assert_max_num_queries: Any
) -> None:
    opened = sessions.open(shop, Visit())
    for n in range(4):
        asks(opened, charlie, f"06 12 34 56 7{n}")
    browser = bearer(opened.keys.token)
    with django_assert_max_num_queries(5):
        found = browser.get(f"{URL}callbacks/").json()["results"]
    assert sorted(row["position"] for row in found) == [0, 1, 2, 3]


# --- being forgotten -------------------------------------------------------------------------------------------------
def test_nothing_that_is_on_its_way_knows_him_again_after_he_was_forgotten(
    visitor: Opened, mailoutbox: list[EmailMessage]
) -> None:
    browser = bearer(visitor.keys.token)
    say(visitor)
    for path in ("transcript/", "continue/"):
        assert browser.post(f"{URL}session/{path}", {"email": "dana@example.com"}).status_code == 202
    proof = tokens.issue(tokens.PROVE, visitor.session.customer, "dana@example.com")
    assert browser.post(f"{URL}session/forget/").status_code == 200
    outbox.drain()
    assert mailoutbox == [], "the link that opens the conversation was asked for before, and is not mailed after"
    assert (Transcript.objects.count(), Key.objects.count(), Identity.objects.count()) == (0, 0, 0)
    assert tokens.use(tokens.PROVE, proof) is None
    assert (LoginToken.objects.count(), Identity.objects.count()) == (0, 0)


# --- one conversation is not another's -------------------------------------------------------------------------------
def test_a_code_for_one_site_is_not_used_up_by_another(
    visitor: Opened, shop: Site, mailoutbox: list[EmailMessage]
) -> None:
    say(visitor)
    code = keys.lend(visitor.session)
    other = Site.objects.create(key="other", name="Other", queue=shop.queue)
    client = APIClient()
    assert client.post(f"{URL}continue/", {"site": other.key, "code": code}).status_code == 404
    assert client.post(f"{URL}continue/", {"site": shop.key, "code": code}).status_code == 201
    assert client.post(f"{URL}continue/", {"site": shop.key, "code": code}).status_code == 404


@pytest.mark.parametrize("purpose", ["token", "resume", "move"])
def test_a_secret_of_one_purpose_opens_nothing_of_another(visitor: Opened, shop: Site, purpose: str) -> None:
    say(visitor)
    secret = {"token": visitor.keys.token, "resume": visitor.keys.resume, "move": keys.lend(visitor.session)}[purpose]
    opened = {
        "token": keys.session_of(secret),
        "resume": keys.redeem(secret),
        "move": keys.use(secret),
    }
    assert [name for name, session in opened.items() if session] == [purpose]
    assert [keys.session_of(""), keys.redeem(""), keys.use("")] == [None, None, None]


# --- what may still be taken back ------------------------------------------------------------------------------------
def _mailed_request(shop: Site, dana: Customer, charlie: User) -> tuple[Opened, Ticket]:
    """Dana reads her mailed request in the widget of a site that says who she is."""
    ticket = factories.make_ticket(dana, queue=shop.queue, channel="email", reply_address="dana@example.com")
    opened = sessions.open(shop, Visit(identity=token()))
    assert bearer(opened.keys.token).post(f"{URL}session/requests/{ticket.pk}/open/").status_code == 200
    return opened, ticket


def test_an_answer_that_may_be_taken_back_is_not_shown_before_it_leaves_and_is_not_lost_then(
    shop: Site, dana: Customer, charlie: User, settings: Any
) -> None:
    settings.UNSEND_SECONDS = 10
    opened, ticket = _mailed_request(shop, dana, charlie)
    browser = bearer(opened.keys.token)
    file = attachments.store(b"CANARY", "canary.txt", uploader=f"user:{charlie.pk}")
    line = Line(body="CANARY wrong customer", channel="web", attachments=[file])
    held = conversation.reply(ticket, line, by=charlie)[0]
    conversation.announce(Ticket.objects.get(pk=ticket.pk), "And one word more", by=charlie.actor)
    assert held.is_held
    assert [row["seq"] for row in browser.get(f"{URL}session/messages/?after=1").json()["results"]] == []
    assert visit.missed(ticket.pk, 1, 200) == []
    assert browser.get(f"{URL}session/files/{file.pk}/").status_code == 404
    Message.objects.filter(pk=held.pk).update(held_until=clock.now() - timedelta(seconds=1))
    frames = visit.missed(ticket.pk, 1, 200)
    assert isinstance(frames, list)
    assert [(frame["seq"], frame["prev"]) for frame in frames] == [(2, 1), (3, 2)]
    assert browser.get(f"{URL}session/files/{file.pk}/").status_code == 200


def test_what_was_taken_back_was_never_seen(shop: Site, dana: Customer, charlie: User, settings: Any) -> None:
    settings.UNSEND_SECONDS = 10
    opened, ticket = _mailed_request(shop, dana, charlie)
    held = conversation.reply(ticket, Line(body="CANARY wrong customer", channel="web"), by=charlie)[0]
    sending.unsend(ticket, held.seq, by=charlie)
    outbox.drain()
    browser = bearer(opened.keys.token)
    assert "CANARY" not in browser.get(f"{URL}session/messages/").content.decode()
    assert browser.get(f"{URL}session/").json()["last_seq"] == 1


# --- files -----------------------------------------------------------------------------------------------------------
def test_a_file_of_another_browser_is_neither_read_nor_sent_nor_removed(visitor: Opened, shop: Site) -> None:
    owner, thief = bearer(visitor.keys.token), bearer(sessions.open(shop, Visit()).keys.token)
    sent = owner.post(
        f"{URL}session/files/", {"file": SimpleUploadedFile("passport.txt", b"CANARY")}, format="multipart"
    )
    key = sent.json()["id"]
    assert sent.status_code == 201
    address = f"{URL}session/files/{key}/"
    assert [thief.get(address).status_code, thief.delete(address).status_code] == [404, 404]
    stolen = thief.post(f"{URL}session/messages/", {"body": "look", "attachments": [key]}, format="json")
    assert (stolen.status_code, Ticket.objects.count()) == (400, 0)
    assert owner.get(f"{URL}session/files/{key}/").content == b"CANARY"


# --- mail to strangers -----------------------------------------------------------------------------------------------
def test_one_network_has_few_strangers_written_to_and_one_mailbox_gets_few(
    shop: Site, settings: Any, mailoutbox: list[EmailMessage]
) -> None:
    settings.RECEIPTS_PER_SOURCE = 5
    for n in range(8):
        opened = sessions.open(shop, Visit())
        say(opened)
        path = ["identify/", "transcript/", "continue/", "write/"][n % 4]
        answer = bearer(opened.keys.token).post(f"{URL}session/{path}", {"email": f"victim{n}@example.com"})
        assert answer.status_code in (200, 201, 202, 204)
    outbox.drain()
    assert len(mailoutbox) == 5


def test_all_addresses_with_a_plus_sign_are_one_mailbox(
    shop: Site, settings: Any, mailoutbox: list[EmailMessage]
) -> None:
    for n in range(claims.PER_ADDRESS_AND_DAY + 3):
        opened = sessions.open(shop, Visit())
        bearer(opened.keys.token).post(f"{URL}session/identify/", {"email": f"victim+{n}@example.com"})
    outbox.drain()
    assert len(mailoutbox) == claims.PER_ADDRESS_AND_DAY


def test_nobody_books_all_times_from_one_network(shop: Site, charlie: User, settings: Any) -> None:
    settings.CALLBACKS_PER_SOURCE = 2
    presence.choose(charlie, "available")
    presence.beat(charlie.pk)
    answers = []
    for n in range(4):
        browser = bearer(sessions.open(shop, Visit()).keys.token)
        wish = {"number": f"06 12 34 56 7{n}", "zone": "Europe/Paris", "consent": True, "origin_id": str(uuid.uuid4())}
        answers.append(browser.post(f"{URL}callbacks/", wish, format="json").status_code)
    assert (answers, Callback.objects.count()) == ([201, 201, 429, 429], 2)


# --- what an answer tells --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["identify/", "transcript/", "continue/", "write/"])
def test_an_address_that_somebody_has_is_answered_like_one_that_nobody_has(
    shop: Site, dana: Customer, path: str
) -> None:
    told = []
    for address in ("dana@example.com", "nobody@example.com"):
        opened = sessions.open(shop, Visit())
        say(opened)
        answer = bearer(opened.keys.token).post(f"{URL}session/{path}", {"email": address})
        body = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+|[dn]•••", "#", answer.content.decode())
        told.append((answer.status_code, body))
    assert told[0] == told[1]
