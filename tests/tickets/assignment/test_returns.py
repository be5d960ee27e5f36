"""A customer writes to somebody who is not there."""

from datetime import timedelta

import pytest

from helpdesk.events.models import Event
from helpdesk.lib import clock
from helpdesk.people import schedule
from helpdesk.people.models import User
from tests.factories import make_ticket, write
from tests.tickets.assignment.conftest import Staff, settled
from tickets import intake, lifecycle
from tickets.channels.inbound import Inbound
from tickets.models import Queue, Ticket

pytestmark = pytest.mark.django_db


def given(queue: Queue, user: User) -> Ticket:
    ticket = make_ticket(queue=queue)
    lifecycle.assign(ticket, user, by=user.actor)
    return settled(ticket)


def put_away(user: User, how: str, by: User) -> None:
    now = clock.now()
    if how == "absent":
        schedule.add_absence(user, now - timedelta(hours=1), now + timedelta(days=1), by=by)
    elif how == "off_shift":
        other = (now.weekday() + 3) % 7
        schedule.change(user, {"shifts": [{"weekday": other, "starts": "09:00", "ends": "17:00"}]}, by=by)
    elif how == "deactivated":
        User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize(
    ("setting", "how", "returns"),
    [
        ("keep", "absent", False),
        ("keep", "off_shift", False),
        ("keep", "deactivated", True),
        ("absent", "absent", True),
        ("absent", "off_shift", False),
        ("absent", "deactivated", True),
        ("off_shift", "absent", True),
        ("off_shift", "off_shift", True),
        ("off_shift", "offline", False),
    ],
)
def test_a_reply_to_somebody_away_goes_back_to_the_team_as_the_queue_chooses(
    setting: str, how: str, returns: bool, billing: Queue, alice: User, bob: User
) -> None:
    billing.when_agent_away = setting
    billing.save()
    ticket = given(billing, alice)
    put_away(alice, how, bob)
    write(ticket)
    assert settled(ticket).assignee == (None if returns else alice)
    told = Event.objects.filter(name="ticket.assigned", data__reason=how).values_list("data__from", "data__to")
    assert list(told) == ([(alice.pk, None)] if returns else [])


def test_what_came_back_is_given_to_somebody_who_is_there(
    least_busy: Queue, staff: Staff, alice: User, bob: User
) -> None:
    anna = staff("anna")
    ticket = given(least_busy, alice)
    put_away(alice, "absent", bob)
    write(ticket)
    assert settled(ticket).assignee == anna
    decision = ticket.decisions.first()
    assert decision is not None
    assert decision.cause == "returned"


def test_a_machine_unassigns_nobody(billing: Queue, alice: User, bob: User) -> None:
    ticket = given(billing, alice)
    put_away(alice, "absent", bob)
    inbound = Inbound(
        channel="email", who=ticket.requester, body="I am out of office.", ticket=ticket, machine="auto_reply"
    )
    intake.receive(inbound)
    assert settled(ticket).assignee == alice
