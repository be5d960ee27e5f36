"""Offers: accepted, declined, run out, settled otherwise; one at a time, to one after the other."""

from datetime import timedelta

import pytest
import time_machine

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors
from helpdesk.people import presence
from helpdesk.people.models import User
from tests.conftest import Api
from tests.factories import answer, make_ticket
from tests.tickets.assignment.conftest import Staff, settled
from tickets import lifecycle
from tickets.assignment import desk, offers
from tickets.models import Offer, Queue, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def offering(least_busy: Queue) -> Queue:
    least_busy.offer_seconds = 60
    least_busy.save()
    return least_busy


def held_out_to(ticket: Ticket) -> User | None:
    outbox.drain()
    offer = Offer.objects.open().filter(ticket=ticket).select_related("user").first()
    return offer.user if offer else None


def test_an_offer_is_not_yet_an_assignment_but_counts_as_load(offering: Queue, staff: Staff) -> None:
    anna, ben = staff("anna"), staff("ben")
    first, second = make_ticket(queue=offering), make_ticket(queue=offering)
    assert [held_out_to(first), held_out_to(second)] == [anna, ben]
    assert [settled(first).assignee, settled(first).status] == [None, "new"]
    assert desk.loads([anna.pk, ben.pk]) == {anna.pk: 1, ben.pk: 1}


def test_accepted_it_is_his(offering: Queue, staff: Staff, api: Api) -> None:
    anna = staff("anna")
    ticket = make_ticket(queue=offering)
    outbox.drain()
    listed = api(anna).get("/api/v1/offers/").json()
    assert [entry["ticket"]["id"] for entry in listed] == [ticket.pk]
    answered = api(anna).post(f"/api/v1/tickets/{ticket.pk}/assignment/accept/")
    assert (answered.status_code, answered.json()["assignee"]["id"]) == (200, anna.pk)
    assert settled(ticket).assignee == anna
    assert list(Offer.objects.values_list("state", flat=True)) == ["accepted"]
    assert api(anna).get("/api/v1/offers/").json() == []


def let_run_out(queue: Queue, user: User, count: int) -> None:
    """So many tickets in a row are held out to the only one there, and he answers none of them."""
    for _number in range(count):
        ticket = make_ticket(queue=queue)
        assert held_out_to(ticket) == user
        offers.expire(Offer.objects.open().get(ticket=ticket).pk)
        lifecycle.solve(ticket, by=user.actor)
        outbox.drain()


def test_two_missed_in_a_row_and_no_more_come_until_he_says_so(offering: Queue, staff: Staff) -> None:
    anna = staff("anna")
    let_run_out(offering, anna, 2)
    anna.refresh_from_db()
    assert anna.availability == "finishing"
    told = Event.objects.filter(name="agent.status", subject_id=anna.pk).latest("pk")
    assert told.data == {"status": "finishing", "reason": "missed"}
    ticket = make_ticket(queue=offering)
    assert held_out_to(ticket) is None
    presence.choose(anna, "available")
    assert held_out_to(ticket) == anna


@pytest.mark.parametrize("answered", ["accepted", "declined"])
def test_one_that_is_answered_between_counts_anew(offering: Queue, staff: Staff, answered: str) -> None:
    anna = staff("anna")
    let_run_out(offering, anna, 1)
    ticket = make_ticket(queue=offering)
    assert held_out_to(ticket) == anna
    (offers.accept if answered == "accepted" else offers.decline)(ticket, by=anna)
    lifecycle.solve(ticket, by=anna.actor)
    let_run_out(offering, anna, 1)
    anna.refresh_from_db()
    assert anna.availability == "available"


def test_declined_it_goes_to_the_next_and_says_so(offering: Queue, staff: Staff, api: Api) -> None:
    anna, ben = staff("anna"), staff("ben")
    ticket = make_ticket(queue=offering)
    assert held_out_to(ticket) == anna
    assert api(anna).post(f"/api/v1/tickets/{ticket.pk}/assignment/decline/").status_code == 204
    assert held_out_to(ticket) == ben
    latest = api(ben).get(f"/api/v1/tickets/{ticket.pk}/assignment/").json()
    assert latest["decisions"][0]["cause"] == "declined"
    reasons = {each["agent"]["name"]: each["reasons"] for each in latest["decisions"][0]["considered"]}
    assert reasons["Anna"] == [{"code": "declined", "text": "just declined"}]
    assert (latest["offer"]["agent"]["name"], latest["offer"]["mine"]) == ("Ben", True)


def test_not_accepted_in_time_it_goes_to_the_next(offering: Queue, staff: Staff) -> None:
    anna, ben = staff("anna"), staff("ben")
    ticket = make_ticket(queue=offering)
    assert held_out_to(ticket) == anna
    with time_machine.travel(clock.now() + timedelta(seconds=59), tick=False):
        assert held_out_to(ticket) == anna
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
        presence.beat(anna.pk)
        presence.beat(ben.pk)
        assert held_out_to(ticket) == ben
    assert list(Offer.objects.order_by("id").values_list("state", flat=True)) == ["expired", "open"]
    assert list(Event.objects.filter(name="ticket.offer_ended").values_list("data", flat=True)) == [
        {"agent": anna.pk, "how": "expired"}
    ]


def test_too_late_is_too_late_and_changes_nothing(offering: Queue, staff: Staff, api: Api) -> None:
    anna, ben = staff("anna"), staff("ben")
    ticket = make_ticket(queue=offering)
    assert held_out_to(ticket) == anna
    refused = api(ben).post(f"/api/v1/tickets/{ticket.pk}/assignment/accept/")
    assert (refused.status_code, refused.json()["code"]) == (409, "offer_gone")
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False), pytest.raises(errors.Conflict):
        offers.accept(ticket, by=anna)
    assert settled(ticket).assignee is None
    assert list(Offer.objects.values_list("user", "state")) == [(anna.pk, "open")]


@pytest.mark.parametrize("how", ["taken", "answered", "solved", "moved"])
def test_settled_otherwise_the_offer_is_taken_back(
    how: str, offering: Queue, staff: Staff, technical: Queue, bob: User
) -> None:
    anna, ben = staff("anna"), staff("ben")
    ticket = make_ticket(queue=offering)
    assert held_out_to(ticket) == anna
    if how == "taken":
        lifecycle.assign(ticket, ben, by=ben.actor)
    elif how == "answered":
        answer(ticket, ben)
    elif how == "solved":
        lifecycle.solve(ticket, by=bob.actor)
    else:
        lifecycle.change(ticket, {"queue": technical}, by=bob, version=None)
    outbox.drain()
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
        outbox.drain()
    assert list(Offer.objects.values_list("state", flat=True)) == ["withdrawn"]
    assert desk.loads([anna.pk]) == {}


def test_the_one_asked_who_just_takes_it_has_accepted(offering: Queue, staff: Staff) -> None:
    anna = staff("anna")
    ticket = make_ticket(queue=offering)
    outbox.drain()
    lifecycle.assign(ticket, anna, by=anna.actor)
    outbox.drain()
    assert list(Offer.objects.values_list("state", flat=True)) == ["accepted"]


def test_expiring_twice_offers_once(offering: Queue, staff: Staff) -> None:
    anna, ben = staff("anna"), staff("ben")
    ticket = make_ticket(queue=offering)
    assert held_out_to(ticket) == anna
    offer = Offer.objects.get()
    offers.expire(offer.pk)
    offers.expire(offer.pk)
    assert held_out_to(ticket) == ben
    assert Offer.objects.count() == 2


def test_strangers_neither_accept_nor_decline(
    offering: Queue, staff: Staff, api: Api, rita: User, charlie: User
) -> None:
    anna = staff("anna")
    ticket = make_ticket(queue=offering)
    assert held_out_to(ticket) == anna
    for verb in ("accept", "decline"):
        assert api(charlie).post(f"/api/v1/tickets/{ticket.pk}/assignment/{verb}/").status_code == 404
        assert api(rita).post(f"/api/v1/tickets/{ticket.pk}/assignment/{verb}/").status_code == 403
        assert api(None).post(f"/api/v1/tickets/{ticket.pk}/assignment/{verb}/").status_code == 401
    assert held_out_to(ticket) == anna
