"""Finding one's requests again: by words of what was said to one, by number, by state."""

import re

import pytest
from django.test import Client

from helpdesk.people.models import Customer, User
from tests.factories import answer, make_ticket
from tests.tickets.portal.conftest import SignIn
from tickets import lifecycle
from tickets.models import Queue, Ticket


@pytest.fixture
def tickets(technical: Queue, billing: Queue, alice: User, dana: Customer) -> list[Ticket]:
    """A wrong invoice, answered; a squeaking bicycle, solved."""
    invoice = make_ticket(dana, queue=billing, subject="The invoice is wrong", body="Two lines too many.")
    answer(invoice, alice, "We send you a corrected one by letter.")
    answer(invoice, alice, "This customer is a nuisance", kind="note")
    bicycle = make_ticket(dana, queue=billing, subject="My bicycle squeaks", body="When it rains.")
    lifecycle.solve(bicycle, by=alice.actor)
    return [invoice, bicycle]


def found(browser: Client, **query: str) -> list[int]:
    html = browser.get("/en/my/", query).content.decode()
    return [int(number) for number in re.findall(r'<li><a href="/en/my/(\d+)/"', html)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("invoice", [0]),
        ("squeaks", [1]),
        ("corrected letter", [0]),
        ("invoice letter", [0]),
        ("rains invoice", []),
        ("nuisance", []),  # what colleagues noted is found by nobody outside
        ("elephant", []),
    ],
)
def test_words_are_looked_for_in_what_both_sides_said(
    tickets: list[Ticket], dana: Customer, sign_in: SignIn, query: str, expected: list[int]
) -> None:
    assert found(sign_in(dana), q=query) == [tickets[index].pk for index in expected]


def test_a_number_finds_its_request_and_no_other_persons(
    tickets: list[Ticket], dana: Customer, eric: Customer, sign_in: SignIn
) -> None:
    foreign, browser = make_ticket(eric), sign_in(dana)
    for query in (str(tickets[0].pk), f"#{tickets[0].pk}", f" {tickets[0].pk} "):
        assert found(browser, q=query) == [tickets[0].pk]
    assert found(browser, q=str(foreign.pk)) == []
    for strange in ("9" * 40, "²", "%", "' OR 1=1", "a\x00b", "*", '"', "#"):
        assert browser.get("/en/my/", {"q": strange}).status_code == 200, strange


def test_states(tickets: list[Ticket], dana: Customer, sign_in: SignIn) -> None:
    browser, (invoice, bicycle) = sign_in(dana), tickets
    assert found(browser) == found(browser, state="x") == [bicycle.pk, invoice.pk]
    assert found(browser, state="open") == [invoice.pk]
    assert found(browser, state="solved") == [bicycle.pk]
    assert found(browser, state="solved", q="invoice") == []


def test_an_empty_list_says_what_to_do(tickets: list[Ticket], dana: Customer, eric: Customer, sign_in: SignIn) -> None:
    nothing = sign_in(dana).get("/en/my/?q=elephant").content.decode()
    assert "Nothing found: try other words" in nothing
    assert 'value="elephant"' in nothing
    empty = sign_in(eric).get("/fr/my/").content.decode()
    assert "Vous nous avez écrit depuis une autre adresse" in empty
    assert 'role="search" method="get"' not in empty


def test_pages_keep_what_was_asked_for(tickets: list[Ticket], dana: Customer, sign_in: SignIn) -> None:
    for _ in range(25):
        make_ticket(dana, subject="Again a question")
    html = sign_in(dana).get("/en/my/", {"q": "question", "state": "open"}).content.decode()
    older = re.search(r'rel="next" href="([^"]+)"', html)
    assert older is not None
    assert re.fullmatch(r"\?q=question&amp;state=open&amp;before=\d+", older.group(1))
