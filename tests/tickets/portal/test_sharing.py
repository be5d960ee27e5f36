"""What the people of an organisation read of each other: their own, where they were named, or everything."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from helpdesk.jobs import outbox
from helpdesk.people import customers, sharing
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, Organization, User
from tests.factories import answer, make_ticket
from tests.tickets.portal.conftest import SignIn
from tickets import access, attachments, conversation, lifecycle
from tickets.conversation import Line
from tickets.models import Message, Queue, Ticket
from tickets.sharing import name


@pytest.fixture
def acme(db: None) -> Organization:
    return Organization.objects.create(name="Acme")


def person(who: str, organization: Organization | None) -> Customer:
    made = customers.create(Who(name=who.title(), email=f"{who}@acme.example", is_proved=True))
    made.organization = organization
    made.save(update_fields=["organization"])
    return made


@pytest.fixture
def paul(acme: Organization) -> Customer:
    return person("paul", acme)


@pytest.fixture
def nora(acme: Organization) -> Customer:
    return person("nora", acme)


@pytest.fixture
def ticket(technical: Queue, billing: Queue, alice: User, paul: Customer) -> Ticket:
    """Asked by Paul of Acme, noted on and answered by Alice."""
    made = make_ticket(paul, queue=billing)
    answer(made, alice, "CANARY-NOTE between us", kind="note")
    answer(made, alice, "I am looking into it.")
    return made


def numbers(browser: Client, **query: str) -> list[int]:
    html = browser.get("/en/my/", query).content.decode()
    return [int(number) for number in re.findall(r'<li><a href="/en/my/(\d+)/"', html)]


def names_her(ticket: Ticket, nora: Customer) -> None:
    asker = ticket.requester
    name(access.of_customer(asker, ticket.pk), nora.identities.get().value, by=asker)


@pytest.mark.parametrize(
    ("level", "of_hers", "is_named", "reads"),
    [
        ("own", "", False, ""),
        ("own", "", True, ""),
        ("named", "", False, ""),
        ("named", "", True, "named"),
        ("all", "", False, "organization"),
        ("all", "", True, "named"),
        ("all", "own", True, ""),
        ("all", "named", False, ""),
        ("own", "named", True, "named"),
        ("own", "all", False, "organization"),
    ],
)
def test_who_reads_what(
    ticket: Ticket,
    acme: Organization,
    nora: Customer,
    bob: User,
    sign_in: SignIn,
    level: str,
    of_hers: str,
    is_named: bool,
    reads: str,
) -> None:
    sharing.set_for_all(acme, level, by=bob)
    sharing.set_for_one(nora, of_hers, by=bob)
    if is_named:
        names_her(ticket, nora)
    browser = sign_in(nora)
    page = browser.get(f"/en/my/{ticket.pk}/")
    assert page.status_code == (200 if reads else 404)
    html = page.content.decode()
    assert "CANARY-NOTE" not in html
    assert (f"/en/my/{ticket.pk}/reply/" in html, f"/en/my/{ticket.pk}/join/" in html) == (
        reads == "named",
        reads == "organization",
    )
    assert f"/en/my/{ticket.pk}/solve/" not in html
    assert numbers(browser) == []
    kind = {"named": "shared", "organization": "organization"}.get(reads, "mine")
    assert numbers(browser, whose=kind) == ([ticket.pk] if reads else [])
    # the other kinds are not told of, and asking for them by hand gives one's own
    tabs = re.findall(r'href="\?whose=(\w+)"', browser.get("/en/my/").content.decode())
    expected = [*(["shared"] if reads == "named" else []), *(["organization"] if "all" in (of_hers or level,) else [])]
    assert tabs == (["mine", *expected] if expected else [])


def test_another_organisation_reads_nothing_whatever_its_level(
    ticket: Ticket, acme: Organization, bob: User, sign_in: SignIn
) -> None:
    other = Organization.objects.create(name="Umbrella", sharing="all")
    sharing.set_for_all(acme, "all", by=bob)
    for stranger in (person("ulla", other), person("olga", None)):
        browser, before = sign_in(stranger), Message.objects.count()
        for path, given in (("", None), ("reply/", {"body": "x"}), ("solve/", {}), ("join/", {}), ("leave/", {})):
            address = f"/en/my/{ticket.pk}/{path}"
            found = browser.get(address) if given is None else browser.post(address, given)
            assert found.status_code == 404, path
        assert browser.post(f"/en/my/{ticket.pk}/colleagues/", {"email": "ulla@acme.example"}).status_code == 404
        assert numbers(browser, whose="organization") == numbers(browser, whose="shared") == []
        ticket.refresh_from_db()
        assert (ticket.status, Message.objects.count(), ticket.participants.count()) == ("open", before, 0)


def test_an_address_that_is_only_claimed_shares_nothing(ticket: Ticket, acme: Organization, bob: User) -> None:
    """Her record stands in the organisation, but nothing proves that she is she."""
    sharing.set_for_all(acme, "all", by=bob)
    typed = customers.create(Who(name="Typed", email="typed@acme.example"))
    typed.organization = Organization.objects.get(pk=acme.pk)
    typed.save(update_fields=["organization"])
    names_her(ticket, typed)
    assert not access.reads(typed, ticket.pk)
    assert list(Ticket.objects.of_organization_of(typed)) == list(Ticket.objects.named_to(typed)) == []
    customers.prove(typed, "typed@acme.example", by=typed.actor)
    assert access.of_customer(typed, ticket.pk).why == "named"


def test_a_level_that_is_taken_back_holds_from_the_next_page(
    ticket: Ticket, acme: Organization, nora: Customer, alice: User, bob: User, sign_in: SignIn
) -> None:
    public = attachments.store(b"public", "b.txt", uploader=f"user:{alice.pk}")
    conversation.reply(ticket, Line("Here", attachments=[public]), by=alice)
    sharing.set_for_all(acme, "all", by=bob)
    browser = sign_in(nora)
    link = browser.get(f"/en/my/{ticket.pk}/files/{public.pk}/")["Location"]
    assert browser.get(link).content == b"public"
    sharing.set_for_all(acme, "own", by=bob)
    assert browser.get(link).status_code == 404
    for path in ("", f"files/{public.pk}/"):
        assert browser.get(f"/en/my/{ticket.pk}/{path}").status_code == 404
    assert numbers(browser, whose="organization") == []


def test_who_only_reads_writes_nothing(
    ticket: Ticket, acme: Organization, nora: Customer, bob: User, sign_in: SignIn
) -> None:
    sharing.set_for_all(acme, "all", by=bob)
    browser, before = sign_in(nora), Message.objects.count()
    html = browser.get(f"/en/my/{ticket.pk}/").content.decode()
    assert "Paul asked this. You read it because Acme shares its requests with you." in html
    for path in ("reply/", "solve/", "leave/"):
        assert browser.post(f"/en/my/{ticket.pk}/{path}", {"body": "Let me in"}).status_code == 404
    ticket.refresh_from_db()
    assert (ticket.status, Message.objects.count(), ticket.customer_seen_seq) == ("open", before, 1)


def test_who_reads_all_may_take_part_answer_and_leave_again(
    ticket: Ticket, acme: Organization, nora: Customer, bob: User, sign_in: SignIn
) -> None:
    sharing.set_for_all(acme, "all", by=bob)
    browser, address = sign_in(nora), f"/en/my/{ticket.pk}/"
    assert browser.post(f"{address}join/")["Location"] == address
    assert [(one.customer, one.address) for one in ticket.participants.all()] == [(nora, "nora@acme.example")]
    sent = browser.post(f"{address}reply/", {"body": "Nora speaking."})
    assert sent["Location"] == f"{address}?sent=4#m4"
    assert browser.post(f"{address}leave/")["Location"] == address
    assert ticket.participants.count() == 0
    assert browser.get(address).status_code == 200
    assert browser.post(f"{address}reply/", {"body": "Again"}).status_code == 404


def test_looking_by_others_leaves_what_is_new_to_the_requester(
    ticket: Ticket, acme: Organization, nora: Customer, paul: Customer, bob: User, sign_in: SignIn
) -> None:
    sharing.set_for_all(acme, "named", by=bob)
    names_her(ticket, nora)
    hers = sign_in(nora)
    assert "data-unread" not in hers.get(f"/en/my/{ticket.pk}/").content.decode()
    hers.post(f"/en/my/{ticket.pk}/reply/", {"body": "One word more."})
    ticket.refresh_from_db()
    assert ticket.customer_seen_seq == 1
    his = sign_in(paul)
    assert "2 new" in his.get("/en/my/").content.decode()
    html = his.get(f"/en/my/{ticket.pk}/").content.decode()
    assert re.findall(r'data-seq="(\d+)" data-author="(\w+)"', html) == [
        ("1", "customer"),
        ("3", "agent"),
        ("4", "other"),
    ]
    assert "<strong>Nora</strong>" in html
    assert "new</b>" not in his.get("/en/my/").content.decode()


def test_the_survey_is_the_requesters(
    ticket: Ticket, acme: Organization, nora: Customer, alice: User, bob: User, sign_in: SignIn, settings: Settings
) -> None:
    settings.SURVEY_DELAY_SECONDS = 0
    sharing.set_for_all(acme, "named", by=bob)
    names_her(ticket, nora)
    lifecycle.solve(ticket, by=alice.actor)
    outbox.drain()
    assert 'href="/s/' in sign_in(ticket.requester).get(f"/en/my/{ticket.pk}/").content.decode()
    assert 'href="/s/' not in sign_in(nora).get(f"/en/my/{ticket.pk}/").content.decode()


def test_spam_and_other_people_are_on_no_list(
    ticket: Ticket, acme: Organization, nora: Customer, bob: User, dana: Customer, sign_in: SignIn
) -> None:
    sharing.set_for_all(acme, "all", by=bob)
    make_ticket(dana)
    lifecycle.set_status(make_ticket(ticket.requester), "spam", by=bob.actor)
    assert numbers(sign_in(nora), whose="organization") == [ticket.pk]


def test_each_list_costs_the_same_however_long(
    ticket: Ticket,
    acme: Organization,
    nora: Customer,
    paul: Customer,
    bob: User,
    sign_in: SignIn,
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    sharing.set_for_all(acme, "all", by=bob)
    names_her(ticket, nora)
    browser = sign_in(nora)
    for _ in range(2):
        for kind in ("mine", "shared", "organization"):
            with django_assert_num_queries(4):  # session, customer, whether anything is shared, list
                browser.get("/en/my/", {"whose": kind})
        for _ in range(12):
            names_her(make_ticket(paul), nora)
    first = numbers(browser, whose="organization")
    assert len(first) == 20
    assert numbers(browser, whose="organization", before=str(first[-1])) == sorted(
        Ticket.objects.filter(pk__lt=first[-1]).values_list("pk", flat=True), reverse=True
    )


def test_a_shared_page_costs_the_same_however_long(
    ticket: Ticket,
    acme: Organization,
    nora: Customer,
    alice: User,
    bob: User,
    sign_in: SignIn,
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    sharing.set_for_all(acme, "all", by=bob)
    browser = sign_in(nora)
    for _ in range(2):
        with django_assert_num_queries(8):
            browser.get(f"/en/my/{ticket.pk}/")
        for _ in range(5):
            answer(ticket, alice)
