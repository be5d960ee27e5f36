"""A snoozed ticket is back at its time: in the lists, and in the line where nobody has it; not before, not twice."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from pytest_django.fixtures import Settings

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock
from helpdesk.people.models import User
from tests.conftest import Api
from tests.factories import make_ticket
from tests.tickets.assignment.conftest import Staff, settled
from tickets import lifecycle, snoozing
from tickets.models import Queue, Ticket

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("UTC"))


def snooze(ticket: Ticket, by: User, **ahead: int) -> None:
    until = clock.now() + timedelta(**ahead) if ahead else None
    lifecycle.change(ticket, {"snoozed_until": until}, by=by, version=None)


def listed(api: Api, user: User, view: str) -> list[str]:
    rows = api(user).get(f"/api/v1/tickets/?view={view}").json()["results"]
    return [str(row["number"]) for row in rows]


def test_it_is_back_among_ones_own_at_the_very_second(api: Api, billing: Queue, alice: User) -> None:
    with time_machine.travel(MONDAY, tick=False) as now:
        ticket = make_ticket(queue=billing)
        lifecycle.assign(ticket, alice, by=alice.actor)
        snooze(ticket, alice, hours=2)
        now.shift(7199)
        outbox.drain()
        assert (listed(api, alice, "mine"), listed(api, alice, "snoozed")) == ([], [ticket.number])
        now.shift(1)
        outbox.drain()
        assert (listed(api, alice, "mine"), listed(api, alice, "snoozed")) == ([ticket.number], [])
        told = Event.objects.filter(name="ticket.changed", subject_id=ticket.pk, data__has_key="snoozed")
        assert [(event.data["snoozed"] is None, event.actor_kind) for event in told.order_by("pk")] == [
            (False, "user"),
            (True, "system"),
        ]


def test_nobodys_is_given_out_at_the_very_second_without_a_sweep(
    least_busy: Queue, staff: Staff, bob: User, settings: Settings
) -> None:
    settings.PRESENCE_SECONDS = 100_000
    with time_machine.travel(MONDAY, tick=False) as now:
        ticket = make_ticket(queue=least_busy)
        outbox.drain()
        snooze(ticket, bob, hours=2)
        anna = staff("anna")
        assert settled(ticket).assignee is None
        now.shift(7200)
        assert settled(ticket).assignee == anna
        assert ticket.decisions.all()[0].cause == "woken"


def test_woken_by_hand_it_is_given_out_at_once(least_busy: Queue, staff: Staff, bob: User) -> None:
    ticket = make_ticket(queue=least_busy)
    outbox.drain()
    snooze(ticket, bob, hours=2)
    anna = staff("anna")
    assert settled(ticket).assignee is None
    snooze(ticket, bob)
    assert settled(ticket).assignee == anna


def test_prolonged_it_sleeps_on_and_a_lost_job_is_made_good_within_a_minute(billing: Queue, alice: User) -> None:
    with time_machine.travel(MONDAY, tick=False) as now:
        ticket = make_ticket(queue=billing)
        snooze(ticket, alice, hours=1)
        snooze(ticket, alice, hours=3)
        now.shift(3600)
        assert settled(ticket).snoozed_until == MONDAY + timedelta(hours=3)
        Job.objects.all().delete()
        now.shift(7200)
        snoozing.sweep()
        assert settled(ticket).snoozed_until is None
        snoozing.sweep()
        assert Event.objects.filter(name="ticket.changed", data__snoozed=None).count() == 1
