"""Somebody works here no more: what he had not finished goes to others at once, bounded, and nothing else moves."""

from typing import Any

import pytest
from django.test import Client

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.people import presence
from helpdesk.people import staff as leaving
from helpdesk.people.models import User
from tests.factories import make_ticket
from tests.tickets.assignment.conftest import Staff, settled
from tickets import lifecycle
from tickets.assignment import returns
from tickets.models import Offer, Queue, Ticket

pytestmark = pytest.mark.django_db


def of(user: User, queue: Queue, status: str = "open") -> Ticket:
    ticket = make_ticket(queue=queue)
    lifecycle.assign(ticket, user, by=user.actor)
    if status != "open":
        lifecycle.set_status(ticket, status, by=user.actor)
    return ticket


def test_his_unfinished_tickets_are_the_teams_at_once(billing: Queue, alice: User, bob: User) -> None:
    tickets = [of(alice, billing, status) for status in ("open", "pending", "hold", "solved")]
    others = of(bob, billing)
    outbox.drain()
    leaving.deactivate(alice, by=bob)
    assert [settled(ticket).assignee for ticket in tickets] == [None, None, None, alice]
    assert settled(others).assignee == bob
    told = Event.objects.filter(name="ticket.assigned", data__reason="deactivated")
    assert [(event.data["from"], event.data["to"], event.actor_kind) for event in told] == [
        (alice.pk, None, "system")
    ] * 3


def test_where_the_queue_gives_work_out_a_colleague_has_them_then(least_busy: Queue, staff: Staff, bob: User) -> None:
    anna = staff("anna")
    tickets = [make_ticket(queue=least_busy) for _number in range(3)]
    assert [settled(ticket).assignee for ticket in tickets] == [anna] * 3
    ben = staff("ben")
    leaving.deactivate(anna, by=bob)
    assert [settled(ticket).assignee for ticket in tickets] == [ben] * 3


def test_what_was_held_out_to_him_is_held_out_to_the_next(least_busy: Queue, staff: Staff, bob: User) -> None:
    least_busy.offer_seconds = 600
    least_busy.save()
    anna, ben = staff("anna"), staff("ben")
    ticket = make_ticket(queue=least_busy)
    outbox.drain()
    assert Offer.objects.open().get(ticket=ticket).user == anna
    leaving.deactivate(anna, by=bob)
    outbox.drain()
    assert Offer.objects.open().get(ticket=ticket).user == ben
    assert Offer.objects.get(user=anna).state == "withdrawn"
    assert [decision.cause for decision in ticket.decisions.all()] == ["withdrawn", "opened"]


def test_many_are_given_back_in_several_jobs(
    billing: Queue, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returns, "BATCH", 2)
    for _number in range(5):
        of(alice, billing)
    outbox.drain()
    User.objects.filter(pk=alice.pk).update(is_active=False)
    returns.hand_back(alice.pk)
    assert Ticket.objects.filter(assignee=alice).count() == 3
    outbox.drain()
    assert Ticket.objects.filter(assignee=alice).count() == 0


def test_whoever_is_back_before_the_job_runs_keeps_what_he_has(billing: Queue, alice: User, bob: User) -> None:
    ticket = of(alice, billing)
    outbox.drain()
    leaving.deactivate(alice, by=bob)
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert settled(ticket).assignee == alice


def test_an_administrator_who_takes_the_tick_away_sets_it_going(billing: Queue, alice: User, ada: User) -> None:
    ticket = of(alice, billing)
    outbox.drain()
    presence.sit_down(alice)
    client = Client()
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    form: dict[str, Any] = {
        "email": alice.email, "name": alice.name, "role": "agent", "locale": "en", "timezone": "", "chat_capacity": 3,
        "ticket_capacity": "", "signature": "", "new_password": "", "teammember_set-TOTAL_FORMS": 0,
        "teammember_set-INITIAL_FORMS": 0,
    }  # fmt: skip
    for tick, count in (({"is_active": "on"}, 0), ({}, 1), ({}, 1)):
        answer = client.post(f"/admin/people/user/{alice.pk}/change/", {**form, **tick})
        assert answer.status_code == 302, answer.content.decode()[:2000]
        assert Event.objects.filter(name="agent.deactivated", subject_id=alice.pk).count() == count
    assert settled(ticket).assignee is None
    assert presence.present([alice.pk]) == set()
