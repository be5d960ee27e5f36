"""Likely duplicates: the same person's open tickets first, never one that the asker may not see."""

from helpdesk.people.models import Customer, User
from tests.conftest import Api
from tests.factories import make_ticket
from tickets import lifecycle
from tickets.models import Queue

URL = "/api/v1/tickets/duplicates/"


def test_the_same_persons_request_comes_first(
    api: Api, alice: User, billing: Queue, technical: Queue, dana: Customer, eric: Customer
) -> None:
    own = make_ticket(dana, queue=billing, subject="Battery does not charge", body="The battery of my bike is dead.")
    other = make_ticket(eric, queue=billing, subject="Battery will not charge", body="My bike battery does not charge.")
    make_ticket(dana, queue=billing, subject="Wrong address on invoice", body="Please change the street.")
    given = {
        "subject": "bike battery not charging",
        "body": "The battery does not charge.",
        "email": "dana@example.com",
    }
    found = api(alice).get(URL, given).json()["results"]
    assert [(one["id"], one["same_requester"]) for one in found] == [(own.pk, True), (other.pk, False)]
    assert "battery" in found[0]["words"]
    by_number = api(alice).get(URL, {**given, "email": "", "requester": str(dana.pk)}).json()["results"]
    assert by_number == found


def test_closed_ones_and_those_of_other_teams_are_not_shown(
    api: Api, alice: User, charlie: User, billing: Queue, technical: Queue, dana: Customer
) -> None:
    hidden = make_ticket(dana, queue=technical, subject="Battery does not charge", body="The battery is dead.")
    solved = make_ticket(dana, queue=billing, subject="Battery does not charge", body="The battery is dead.")
    lifecycle.solve(solved, by=alice.actor)
    given = {"subject": "Battery does not charge", "email": "dana@example.com"}
    assert api(alice).get(URL, given).json()["results"] == []
    assert [one["id"] for one in api(charlie).get(URL, given).json()["results"]] == [hidden.pk]


def test_on_a_ticket_it_names_the_others(
    api: Api, alice: User, billing: Queue, technical: Queue, dana: Customer
) -> None:
    first = make_ticket(dana, queue=billing, subject="Invoice is wrong", body="The amount of the invoice is wrong.")
    second = make_ticket(dana, queue=billing, subject="Invoice is wrong", body="The amount on my invoice is wrong!")
    found = api(alice).get(f"/api/v1/tickets/{second.pk}/duplicates/").json()["results"]
    assert [one["id"] for one in found] == [first.pk]


def test_it_asks_the_database_a_fixed_number_of_times(
    api: Api, alice: User, billing: Queue, technical: Queue, dana: Customer, django_assert_max_num_queries: object
) -> None:
    for number in range(12):
        make_ticket(dana, queue=billing, subject=f"Battery {number}", body="The battery does not charge.")
    client = api(alice)
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        assert len(client.get(URL, {"subject": "Battery charge", "email": "dana@example.com"}).json()["results"]) == 5


def test_nothing_asked_finds_nothing(api: Api, alice: User, billing: Queue, technical: Queue) -> None:
    make_ticket(queue=billing)
    assert api(alice).get(URL).json() == {"results": []}
