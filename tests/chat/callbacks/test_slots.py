"""Which times are offered: never one that nobody could keep."""

from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
import time_machine

from chat import sessions
from chat.callbacks import slots
from chat.models import Site
from chat.sessions import Opened, Visit
from helpdesk.lib import clock
from helpdesk.people.models import Absence, Shift, User
from tests.chat.callbacks.conftest import MONDAY, ask, at_desk, paris
from tickets.models import Calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday", "hours")]


def plan(site: Site) -> slots.Plan:
    return slots.Plan.of(site, site.queue, clock.now())


def starts(site: Site, count: int = 100) -> list[Any]:
    return [slot.starts_at for slot in islice(plan(site).free(), count)]


def test_slots_lie_in_the_opening_hours_after_a_lead(shop: Site, charlie: User) -> None:
    found = starts(shop, 200)
    assert found[:2] == [paris(9, 30), paris(10)]
    assert found[14:16] == [paris(16, 30), paris(9, days=1)]
    # the rest of Monday, four days, and next Monday's up to this hour
    assert len(found) == 15 + 4 * 16 + 1


def test_nobody_on_shift_means_no_slot(shop: Site) -> None:
    assert starts(shop) == []


def test_a_slot_needs_somebody_for_its_whole_length(shop: Site, charlie: User) -> None:
    Shift.objects.create(user=charlie, weekday=0, starts=10 * 60, ends=11 * 60 + 15)
    assert starts(shop, 3) == [paris(10), paris(10, 30)]


def test_an_absence_takes_its_slots_away(shop: Site, charlie: User) -> None:
    Absence.objects.create(user=charlie, starts_at=paris(9), ends_at=paris(11, 40), reason="", created_at=clock.now())
    assert starts(shop, 1) == [paris(12)]


def test_a_holiday_has_none(shop: Site, charlie: User, hours: Calendar) -> None:
    hours.holidays = ["2026-03-02"]
    hours.save(update_fields=["holidays"])
    assert starts(shop, 1) == [paris(9, days=1)]


def test_as_many_calls_as_agents_and_no_more_than_the_site_wants(
    shop: Site, charlie: User, bob: User, visitor: Opened
) -> None:
    ask(visitor.session, "06 12 34 56 01", starts_at=paris(10))
    assert paris(10) in starts(shop)
    ask(visitor.session, "06 12 34 56 02", starts_at=paris(10))
    assert paris(10) not in starts(shop)
    shop.callbacks_per_slot = 1
    ask(visitor.session, "06 12 34 56 03", starts_at=paris(11))
    assert paris(11) not in starts(shop)


def test_a_desk_without_hours_calls_nobody_at_night(shop: Site, charlie: User, hours: Calendar) -> None:
    hours.delete()
    found = starts(shop, 20)
    assert found[16:18] == [paris(17, 30), paris(9, days=1)]


def test_hours_stay_the_same_by_the_clock_when_the_clocks_change(shop: Site, charlie: User) -> None:
    with time_machine.travel(MONDAY + timedelta(days=25), tick=False):  # Friday before the last Sunday of March
        found = starts(shop, 200)
    monday = [moment for moment in found if moment.weekday() == 0]
    assert monday[0] == MONDAY + timedelta(days=28) - timedelta(hours=1)


# --- as soon as possible ---------------------------------------------------------------------------------------------
def test_soon_is_said_only_while_somebody_is_there(shop: Site, charlie: User) -> None:
    assert plan(shop).soonest() is None
    at_desk(charlie)
    assert plan(shop).soonest() == slots.Soonest(MONDAY + timedelta(minutes=10), 600, 0)


def test_each_call_before_makes_it_later(shop: Site, charlie: User, bob: User) -> None:
    at_desk(charlie)
    at_desk(bob)
    for number in range(2):
        ask(sessions.open(shop, Visit()).session, f"06 12 34 56 0{number}", starts_at=None)
    later = plan(shop).soonest()
    # both places of this half hour are taken: the next one begins at half past
    assert later == slots.Soonest(paris(9, 30), 1800, 2)


def test_soon_is_not_after_closing(shop: Site, charlie: User) -> None:
    at_desk(charlie)
    with time_machine.travel(paris(16, 55), tick=False):
        at_desk(charlie)
        assert plan(shop).soonest() is None


def test_the_plan_costs_the_same_however_much_is_booked(
    shop: Site, charlie: User, visitor: Opened, django_assert_num_queries: Any
) -> None:
    for number in range(4):
        ask(visitor.session, f"06 12 34 56 0{number}", starts_at=paris(10 + number))
    with django_assert_num_queries(7):
        starts(shop)
