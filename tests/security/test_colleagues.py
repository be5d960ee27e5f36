"""What people of one organisation, and whoever was named once, try to learn or do beyond what was shared with them."""

import re

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from chat import sessions
from chat.models import Site
from chat.sessions import Visit
from helpdesk.lib import clock
from helpdesk.people import customers, sharing, tokens
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, Organization, User
from tests import factories
from tests.chat.conftest import bearer
from tests.chat.test_identity import token
from tickets import attachments, conversation
from tickets.conversation import Line
from tickets.models import Attachment, Draft, Message, Queue, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(dana: Customer) -> Organization:
    """Dana's organisation, which shares everything."""
    made = Organization.objects.create(name="Acme", sharing="all")
    Customer.objects.filter(pk=dana.pk).update(organization=made)
    dana.refresh_from_db()
    return made


@pytest.fixture
def nora(acme: Organization) -> Customer:
    made = customers.create(Who(name="Nora", email="nora@acme.example", is_proved=True))
    Customer.objects.filter(pk=made.pk).update(organization=acme)
    made.refresh_from_db()
    return made


@pytest.fixture
def ticket(technical: Queue, billing: Queue, alice: User, dana: Customer, acme: Organization) -> Ticket:
    return factories.make_ticket(dana, queue=billing, reply_address="dana@example.com")


def browser_of(customer: Customer, address: str) -> Client:
    browser = Client()
    assert browser.post(f"/en/my/login/{tokens.issue(tokens.LOGIN, customer, address)}/").status_code == 302
    return browser


def test_nothing_that_is_the_desks_own_is_shared(
    ticket: Ticket, nora: Customer, alice: User, settings: Settings
) -> None:
    secret = attachments.store(b"CANARY", "canary.txt", uploader=f"user:{alice.pk}")
    conversation.reply(ticket, Line("CANARY note", kind="note", attachments=[secret]), by=alice)
    Draft.objects.create(ticket=ticket, user=alice, reply="CANARY draft", note="CANARY", updated_at=clock.now())
    settings.UNSEND_SECONDS = 60
    file = attachments.store(b"CANARY", "held.txt", uploader=f"user:{alice.pk}")
    conversation.reply(ticket, Line("CANARY may be taken back", attachments=[file]), by=alice)
    browser = browser_of(nora, "nora@acme.example")
    for path in (f"/en/my/{ticket.pk}/", "/en/my/?whose=organization", "/en/my/?whose=organization&q=invoice"):
        page = browser.get(path)
        assert (page.status_code, "CANARY" in page.content.decode(), "held.txt" in page.content.decode()) == (
            200,
            False,
            False,
        )
    for key in (secret.pk, file.pk):
        assert browser.get(f"/en/my/{ticket.pk}/files/{key}/").status_code == 404
        assert browser.get(attachments.url(Attachment(pk=key, name="x"), f"customer:{nora.pk}")).status_code == 404
    found = browser.get("/en/my/?whose=organization&q=CANARY").content.decode()
    assert re.findall(r'<li><a href="/en/my/\d+/"', found) == []


def test_a_colleagues_address_is_shown_to_nobody_by_the_request_itself(ticket: Ticket, nora: Customer) -> None:
    html = browser_of(nora, "nora@acme.example").get(f"/en/my/{ticket.pk}/").content.decode()
    assert ("Dana Dupont" in html, "dana@example.com" in html) == (True, False)


def test_what_a_colleague_may_take_out_belongs_to_that_request(ticket: Ticket, dana: Customer, eric: Customer) -> None:
    """The number of somebody who takes part elsewhere, tried below one's own request."""
    foreign = factories.make_ticket(eric, reply_address="eric@example.com")
    browser = browser_of(eric, "eric@example.com")
    browser.post(f"/en/my/{foreign.pk}/colleagues/", {"email": "friend@example.com"})
    one = foreign.participants.get()
    hers = browser_of(dana, "dana@example.com")
    for number in (ticket.pk, foreign.pk):
        assert hers.post(f"/en/my/{number}/colleagues/{one.pk}/remove/").status_code == 404
    assert list(foreign.participants.all()) == [one]


def test_no_page_changes_anything_by_being_opened(ticket: Ticket, dana: Customer, nora: Customer) -> None:
    browser = browser_of(nora, "nora@acme.example")
    for path in ("colleagues/", "colleagues/1/remove/", "join/", "leave/", "solve/"):
        assert browser.get(f"/en/my/{ticket.pk}/{path}").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    for path in ("colleagues/", "join/"):
        assert strict.post(f"/en/my/{ticket.pk}/{path}", {"email": "x@acme.example"}).status_code == 403
    assert ticket.participants.count() == 0


def test_a_name_typed_with_markup_is_text(ticket: Ticket, dana: Customer, nora: Customer) -> None:
    Customer.objects.filter(pk=dana.pk).update(name="<script>alert(1)</script>")
    Organization.objects.update(name='"><img src=x onerror=alert(1)>')
    browser = browser_of(nora, "nora@acme.example")
    for path in (f"/en/my/{ticket.pk}/", "/en/my/?whose=organization"):
        html = browser.get(path).content.decode()
        assert ("<script>alert" in html, "<img src=x" in html) == (False, False)


def test_an_organisation_is_left_the_moment_staff_says_so(ticket: Ticket, nora: Customer) -> None:
    browser = browser_of(nora, "nora@acme.example")
    assert browser.get(f"/en/my/{ticket.pk}/").status_code == 200
    Customer.objects.filter(pk=nora.pk).update(organization=None)
    assert browser.get(f"/en/my/{ticket.pk}/").status_code == 404


def test_a_chat_opens_nothing_that_is_shared(
    shop: Site, ticket: Ticket, nora: Customer, dana: Customer, bob: User
) -> None:
    """The widget shows whoever his website says is Dana her own requests only: those of colleagues are for the portal."""
    theirs = factories.make_ticket(nora, subject="CANARY of Nora", reply_address="nora@acme.example")
    sharing.set_for_one(dana, "all", by=bob)
    opened = sessions.open(shop, Visit(identity=token()))
    browser, before = bearer(opened.keys.token), Message.objects.count()
    assert "CANARY" not in browser.get("/api/v1/chat/session/requests/").content.decode()
    assert browser.post(f"/api/v1/chat/session/requests/{theirs.pk}/open/").status_code == 404
    assert Message.objects.count() == before
