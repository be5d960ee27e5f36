"""Naming a colleague: he gets our answers, reads once he has proved the address, and is out the moment he is removed."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from helpdesk.events.models import Event
from helpdesk.lib import clock
from helpdesk.people import customers, tokens
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, Identity, Organization, User
from tests.conftest import Api
from tests.factories import answer, make_ticket
from tests.tickets.portal.conftest import SignIn
from tickets import lifecycle, recipients, sharing
from tickets.models import Delivery, Message, Participant, Queue, Ticket


@pytest.fixture
def ticket(technical: Queue, billing: Queue, alice: User, dana: Customer) -> Ticket:
    """Asked by Dana, who belongs to no organisation."""
    made = make_ticket(dana, queue=billing, reply_address="dana@example.com")
    answer(made, alice, "I am looking into it.")
    return made


def names(ticket: Ticket) -> list[tuple[str, str, int | None]]:
    rows = Event.objects.filter(subject="ticket", subject_id=ticket.pk, name__startswith="ticket.").order_by("pk")
    people = rows.filter(name__in=["ticket.named", "ticket.unnamed"])
    return [(row.name, row.actor_kind, row.data["customer"]) for row in people]


def add(browser: Client, ticket: Ticket, email: str = "nora@acme.example") -> Any:
    return browser.post(f"/en/my/{ticket.pk}/colleagues/", {"email": email})


def link_in(address: str, customer: Customer) -> Client:
    browser = Client()
    assert browser.post(f"/en/my/login/{tokens.issue(tokens.LOGIN, customer, address)}/").status_code == 302
    return browser


def test_a_colleague_gets_copies_reads_and_answers_under_his_own_name(
    ticket: Ticket, dana: Customer, alice: User, sign_in: SignIn, api: Api
) -> None:
    browser = sign_in(dana)
    added = add(browser, ticket, " Nora@Acme.example ")
    assert (added.status_code, added["Location"]) == (302, f"/en/my/{ticket.pk}/#colleagues")
    html = browser.get(f"/en/my/{ticket.pk}/").content.decode()
    assert "nora@acme.example takes part now." in html
    assert "takes part now" not in browser.get(f"/en/my/{ticket.pk}/").content.decode()
    one = ticket.participants.get()
    assert (one.is_named, one.address, one.kind) == (True, "nora@acme.example", "cc")
    nora = one.customer
    assert nora is not None
    assert names(ticket) == [("ticket.named", "customer", nora.pk)]
    assert [person["address"] for person in recipients.of(ticket).cc] == ["nora@acme.example"]
    said = answer(ticket, alice, "And here it is.")
    assert sorted(said.deliveries.values_list("address", "kind")) == [
        ("dana@example.com", "to"),
        ("nora@acme.example", "cc"),
    ]
    # The address is only claimed: nothing is read until she proves it
    assert not Ticket.objects.named_to(nora).exists()
    hers = link_in("nora@acme.example", nora)
    page = hers.get(f"/en/my/{ticket.pk}/").content.decode()
    assert "Dana Dupont asked this. You take part" in page
    assert "dana@example.com" not in page
    assert "colleagues/" not in page
    assert hers.post(f"/en/my/{ticket.pk}/reply/", {"body": "Nora here."}).status_code == 302
    message = ticket.messages.get(body="Nora here.")
    assert (message.author_customer, message.channel, message.trust) == (nora, "web", "verified")
    seen = api(alice).get(f"/api/v1/tickets/{ticket.pk}/messages/").json()["results"][-1]
    assert (seen["author"]["kind"], seen["body"]) == ("customer", "Nora here.")
    assert api(alice).get(f"/api/v1/tickets/{ticket.pk}/recipients/").json()["cc"][0]["address"] == "nora@acme.example"
    ticket.refresh_from_db()
    assert (ticket.requester, ticket.reply_address) == (dana, "dana@example.com")


def test_named_twice_is_named_once(ticket: Ticket, dana: Customer, sign_in: SignIn) -> None:
    browser = sign_in(dana)
    for address in ("nora@acme.example", "NORA@acme.example"):
        assert add(browser, ticket, address).status_code == 302
    assert (ticket.participants.count(), len(names(ticket))) == (1, 1)


@pytest.mark.parametrize(
    "address", ["", "x", "dana@example.com", "desk@example.com", "a@b@c", "nora@acme.example\nBcc:x@y.z"]
)
def test_what_cannot_take_part_is_refused_and_nothing_happens(
    ticket: Ticket, dana: Customer, sign_in: SignIn, address: str, settings: Settings
) -> None:
    from tickets.models import Mailbox

    Mailbox.objects.create(address="desk@example.com", name="Desk", queue=ticket.queue)
    browser, before = sign_in(dana), Customer.objects.count()
    refused = add(browser, ticket, address)
    assert refused.status_code == 400
    assert 'aria-invalid="true"' in refused.content.decode()
    assert (ticket.participants.count(), names(ticket), Customer.objects.count()) == (0, [], before)


def test_there_are_limits(ticket: Ticket, dana: Customer, sign_in: SignIn, monkeypatch: Any) -> None:
    monkeypatch.setattr(sharing, "MOST", 2)
    monkeypatch.setattr("tickets.portal.views_colleagues._PER_HOUR", 4)
    browser = sign_in(dana)
    codes = [add(browser, ticket, f"n{number}@acme.example").status_code for number in range(5)]
    assert codes == [302, 302, 400, 400, 429]
    assert ticket.participants.count() == 2


def test_a_removed_colleague_is_out_at_once_and_undo_brings_him_back(
    ticket: Ticket, dana: Customer, alice: User, sign_in: SignIn, settings: Settings
) -> None:
    settings.UNSEND_SECONDS = 60
    browser = sign_in(dana)
    add(browser, ticket)
    one = ticket.participants.get()
    assert one.customer is not None
    hers = link_in("nora@acme.example", one.customer)
    assert hers.get(f"/en/my/{ticket.pk}/").status_code == 200
    held = answer(ticket, alice, "On its way to both.")
    assert held.deliveries.count() == 2
    removed = browser.post(f"/en/my/{ticket.pk}/colleagues/{one.pk}/remove/")
    assert removed["Location"] == f"/en/my/{ticket.pk}/#colleagues"
    assert list(held.deliveries.values_list("address", flat=True)) == ["dana@example.com"]
    before = Message.objects.count()
    assert hers.get(f"/en/my/{ticket.pk}/").status_code == 404
    assert hers.post(f"/en/my/{ticket.pk}/reply/", {"body": "Still here"}).status_code == 404
    assert (Message.objects.count(), ticket.participants.count()) == (before, 0)
    html = browser.get(f"/en/my/{ticket.pk}/").content.decode()
    assert "nora@acme.example no longer takes part." in html
    assert re.search(r'name="email" value="nora@acme.example"', html)
    add(browser, ticket)
    assert hers.get(f"/en/my/{ticket.pk}/").status_code == 200
    assert [name for name, _kind, _who in names(ticket)] == ["ticket.named", "ticket.unnamed", "ticket.named"]


def test_who_takes_part_may_leave_but_name_and_remove_nobody(ticket: Ticket, dana: Customer, sign_in: SignIn) -> None:
    browser = sign_in(dana)
    add(browser, ticket)
    add(browser, ticket, "other@acme.example")
    nora, other = ticket.participants.order_by("pk")
    assert nora.customer is not None
    hers = link_in("nora@acme.example", nora.customer)
    assert add(hers, ticket, "friend@acme.example").status_code == 404
    assert hers.post(f"/en/my/{ticket.pk}/colleagues/{other.pk}/remove/").status_code == 404
    assert hers.post(f"/en/my/{ticket.pk}/solve/").status_code == 404
    assert hers.post(f"/en/my/{ticket.pk}/join/").status_code == 404
    ticket.refresh_from_db()
    assert (ticket.participants.count(), ticket.status) == (2, "open")
    assert hers.post(f"/en/my/{ticket.pk}/leave/")["Location"] == "/en/my/"
    assert (list(ticket.participants.all()), hers.get(f"/en/my/{ticket.pk}/").status_code) == ([other], 404)


def test_whom_an_agent_put_in_copy_reads_nothing_here_until_the_requester_names_him(
    ticket: Ticket, dana: Customer, eric: Customer, sign_in: SignIn
) -> None:
    copied = Participant.objects.create(ticket=ticket, customer=eric, kind="cc")
    his, hers = sign_in(eric), sign_in(dana)
    assert his.get(f"/en/my/{ticket.pk}/").status_code == 404
    assert hers.post(f"/en/my/{ticket.pk}/colleagues/{copied.pk}/remove/").status_code == 404
    assert "eric@example.com" not in hers.get(f"/en/my/{ticket.pk}/").content.decode()
    add(hers, ticket, "eric@example.com")
    assert ticket.participants.get() == copied
    assert his.get(f"/en/my/{ticket.pk}/").status_code == 200


def test_in_an_organisation_that_shares_nothing_a_named_outsider_gets_copies_only(
    ticket: Ticket, dana: Customer, sign_in: SignIn
) -> None:
    acme = Organization.objects.create(name="Acme")
    Ticket.objects.filter(pk=ticket.pk).update(organization=acme)
    browser = sign_in(dana)
    html = browser.get(f"/en/my/{ticket.pk}/").content.decode()
    assert "go there in copy.</p>" in html
    add(browser, ticket)
    nora = ticket.participants.get().customer
    assert nora is not None
    hers = link_in("nora@acme.example", nora)
    assert hers.get(f"/en/my/{ticket.pk}/").status_code == 404
    Organization.objects.filter(pk=acme.pk).update(sharing="named")
    assert hers.get(f"/en/my/{ticket.pk}/").status_code == 200
    assert "reads the whole conversation here" in browser.get(f"/en/my/{ticket.pk}/").content.decode()


def test_the_address_that_was_named_must_be_the_one_that_is_proved(
    ticket: Ticket, dana: Customer, sign_in: SignIn
) -> None:
    """A record that claims a stranger's address beside its own proved one reads nothing that was meant for him."""
    thief = customers.create(Who(name="Thief", email="thief@evil.example", is_proved=True))
    customers.claim(thief, "email", "boss@acme.example")
    add(sign_in(dana), ticket, "boss@acme.example")
    one = ticket.participants.get()
    assert (one.customer, one.address) == (thief, "boss@acme.example")
    browser = link_in("thief@evil.example", thief)
    assert browser.get(f"/en/my/{ticket.pk}/").status_code == 404
    assert recipients.of(ticket).cc[0]["address"] == "boss@acme.example"


def test_an_address_set_apart_opens_what_it_was_named_in_and_no_more(
    ticket: Ticket, dana: Customer, sign_in: SignIn
) -> None:
    whole = customers.create(Who(name="Whole", email="whole@acme.example", is_proved=True))
    customers.claim(whole, "email", "side@acme.example")
    Identity.objects.filter(value="side@acme.example").update(is_apart=True)
    theirs = make_ticket(dana, subject="For the whole one", reply_address="dana@example.com")
    for row, address in ((ticket, "side@acme.example"), (theirs, "whole@acme.example")):
        Participant.objects.create(ticket=row, customer=whole, kind="cc", is_named=True, address=address)
    side, main = link_in("side@acme.example", whole), link_in("whole@acme.example", whole)
    assert [side.get(f"/en/my/{row.pk}/").status_code for row in (ticket, theirs)] == [200, 404]
    assert [main.get(f"/en/my/{row.pk}/").status_code for row in (ticket, theirs)] == [404, 200]


def test_what_a_colleague_writes_on_a_closed_request_is_his_own_and_answered_to_him(
    ticket: Ticket, dana: Customer, alice: User, sign_in: SignIn
) -> None:
    add(sign_in(dana), ticket)
    nora = ticket.participants.get().customer
    assert nora is not None
    lifecycle.solve(ticket, by=alice.actor)
    lifecycle.set_status(ticket, "closed", by=alice.actor)
    hers = link_in("nora@acme.example", nora)
    assert "a new one of your own" in hers.get(f"/en/my/{ticket.pk}/").content.decode()
    assert hers.post(f"/en/my/{ticket.pk}/reply/", {"body": "It broke again."}).status_code == 302
    follower = Ticket.objects.get(follows=ticket)
    assert (follower.requester, follower.reply_address) == (nora, "nora@acme.example")
    assert sign_in(dana).get(f"/en/my/{follower.pk}/").status_code == 404


def test_a_reply_of_a_colleague_reopens_what_was_solved(
    ticket: Ticket, dana: Customer, alice: User, sign_in: SignIn
) -> None:
    add(sign_in(dana), ticket)
    nora = ticket.participants.get().customer
    assert nora is not None
    lifecycle.solve(ticket, by=alice.actor)
    Ticket.objects.filter(pk=ticket.pk).update(solved_at=clock.now() - timedelta(days=1))
    link_in("nora@acme.example", nora).post(f"/en/my/{ticket.pk}/reply/", {"body": "Not yet."})
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waiting_since is not None) == ("open", True)


def test_the_page_speaks_french(ticket: Ticket, dana: Customer, sign_in: SignIn) -> None:
    browser = sign_in(dana)
    add(browser, ticket)
    html = browser.get(f"/fr/my/{ticket.pk}/").content.decode()
    for words in ("Autres participants", "nora@acme.example participe désormais.", "Ajouter un collègue", "Retirer"):
        assert words in html


def test_strangers_name_nobody(ticket: Ticket, client: Client, eric: Customer, sign_in: SignIn) -> None:
    for browser, code in ((client, 302), (sign_in(eric), 404)):
        assert add(browser, ticket).status_code == code
        assert browser.post(f"/en/my/{ticket.pk}/join/").status_code == code
    assert (ticket.participants.count(), names(ticket), Delivery.objects.filter(kind="cc").count()) == (0, [], 0)
