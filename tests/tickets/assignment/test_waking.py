"""What waits is tried again as soon as something changes, told by events and by the clock, not found by polling."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings

from chat import sessions
from chat.models import Site
from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock
from helpdesk.people import presence, schedule
from helpdesk.people.models import TeamMember, User
from tests.factories import make_ticket, write
from tests.tickets.assignment.conftest import Staff, at_desk, settled
from tickets import lifecycle
from tickets.assignment import waking
from tickets.models import Queue, Ticket

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=ZoneInfo("Europe/Paris"))


def assignee(ticket: Ticket) -> User | None:
    return settled(ticket).assignee


def test_whoever_comes_to_his_desk_gets_what_waits(least_busy: Queue, staff: Staff) -> None:
    anna = staff("anna", there=False)
    ticket = make_ticket(queue=least_busy)
    assert assignee(ticket) is None
    at_desk(anna)
    assert assignee(ticket) == anna
    assert [decision.cause for decision in ticket.decisions.all()] == ["somebody_free", "opened"]


def test_whoever_says_that_he_is_available_gets_what_waits(least_busy: Queue, staff: Staff) -> None:
    anna = staff("anna")
    presence.choose(anna, "away")
    ticket = make_ticket(queue=least_busy)
    assert assignee(ticket) is None
    presence.choose(anna, "available")
    assert assignee(ticket) == anna


def test_a_place_that_gets_free_goes_to_the_most_urgent_and_then_the_longest_waiting(
    least_busy: Queue, staff: Staff
) -> None:
    anna = staff("anna", ticket_capacity=1)
    first, second = make_ticket(queue=least_busy), make_ticket(queue=least_busy)
    urgent = make_ticket(queue=least_busy, priority=4)
    assert [assignee(ticket) for ticket in (first, second, urgent)] == [anna, None, None]
    lifecycle.solve(first, by=anna.actor)
    assert [assignee(ticket) for ticket in (second, urgent)] == [None, anna]
    lifecycle.set_status(urgent, "pending", by=anna.actor)
    assert assignee(second) == anna


def test_a_skill_learned_capacity_raised_or_an_absence_ended_wakes_the_line(
    least_busy: Queue, staff: Staff, bob: User
) -> None:
    anna = staff("anna", ticket_capacity=0)
    ticket = make_ticket(queue=least_busy)
    assert assignee(ticket) is None
    schedule.change(anna, {"ticket_capacity": 5}, by=bob)
    assert assignee(ticket) == anna

    absence = schedule.add_absence(anna, clock.now(), clock.now() + timedelta(days=2), "Leave", by=bob)
    other = make_ticket(queue=least_busy)
    assert assignee(other) is None
    schedule.remove_absence(absence, by=bob)
    assert assignee(other) == anna


def test_work_waits_for_the_shift_and_comes_with_it(least_busy: Queue, staff: Staff, bob: User) -> None:
    with time_machine.travel(MONDAY, tick=False):
        anna = staff("anna", timezone="Europe/Paris")
        schedule.change(anna, {"shifts": [{"weekday": 0, "starts": "09:00", "ends": "17:00"}]}, by=bob)
        ticket = make_ticket(queue=least_busy)
        assert assignee(ticket) is None
        job = Job.objects.get(task="tickets.assignment.waking.drain", run_at__gt=clock.now())
        assert job.run_at == MONDAY + timedelta(hours=1, seconds=1)
    with time_machine.travel(MONDAY + timedelta(minutes=59), tick=False):
        presence.beat(anna.pk)
        assert assignee(ticket) is None
    with time_machine.travel(MONDAY + timedelta(hours=1, seconds=2), tick=False):
        presence.beat(anna.pk)
        assert assignee(ticket) == anna


def test_skills_relax_by_the_clock(least_busy: Queue, staff: Staff) -> None:
    anna, ben = staff("anna", "bikes", there=False), staff("ben")
    least_busy.skills.set(anna.skills.all())
    least_busy.skill_relax_seconds = 600
    least_busy.save()
    ticket = make_ticket(queue=least_busy)
    assert assignee(ticket) is None
    with time_machine.travel(clock.now() + timedelta(seconds=598), tick=False):
        presence.beat(ben.pk)
        assert assignee(ticket) is None
    with time_machine.travel(clock.now() + timedelta(seconds=602), tick=False):
        presence.beat(ben.pk)
        assert assignee(ticket) == ben
    decision = ticket.decisions.first()
    assert decision is not None
    assert (decision.cause, decision.data["relaxed"]) == ("time", True)


def test_who_waits_for_a_skill_holds_nobody_up(least_busy: Queue, staff: Staff) -> None:
    from tickets import skills

    expert = staff("expert", "bikes", there=False)
    anna = staff("anna", there=False)
    stuck = make_ticket(queue=least_busy)
    skills.require(stuck, ["bikes"])
    plain = make_ticket(queue=least_busy)
    outbox.drain()
    at_desk(anna)
    assert [assignee(stuck), assignee(plain)] == [None, anna]
    at_desk(expert)
    assert assignee(stuck) == expert


def test_a_ticket_from_another_queue_is_given_there(billing: Queue, technical: Queue, staff: Staff, bob: User) -> None:
    technical.strategy = Queue.Strategy.LEAST_BUSY
    technical.save()
    carl = staff("carl", queue=technical)
    ticket = make_ticket(queue=billing)
    outbox.drain()
    lifecycle.change(ticket, {"queue": technical}, by=bob, version=None)
    assert assignee(ticket) == carl


def test_who_puts_a_ticket_back_is_not_given_it_again_at_once(least_busy: Queue, staff: Staff) -> None:
    anna = staff("anna")
    ticket = make_ticket(queue=least_busy)
    assert assignee(ticket) == anna
    ben = staff("ben")
    lifecycle.assign(ticket, None, by=anna.actor)
    assert assignee(ticket) == ben
    lifecycle.assign(ticket, None, by=ben.actor)
    assert assignee(ticket) is None, "both let it go"
    with time_machine.travel(clock.now() + timedelta(seconds=settings.OFFER_PAUSE_SECONDS + 2), tick=False):
        presence.beat(anna.pk)
        assert assignee(ticket) == anna


def test_a_snoozed_a_held_and_a_chatting_ticket_is_nobodys(
    least_busy: Queue, staff: Staff, bob: User, shop: Site
) -> None:
    sleeping, held = make_ticket(queue=least_busy), make_ticket(queue=least_busy)
    lifecycle.change(sleeping, {"snoozed_until": clock.now() + timedelta(days=1)}, by=bob, version=None)
    lifecycle.set_status(held, "hold", by=bob.actor)
    session = sessions.say(sessions.open(shop, sessions.Visit()).session, "Hello", origin_id="0" * 32).session
    assert session.ticket is not None
    anna = staff("anna")
    assert [assignee(ticket) for ticket in (sleeping, held, session.ticket)] == [None, None, None]
    sessions.end(session, by=session.customer.actor)
    assert assignee(session.ticket) == anna, "the chat ended, the question did not"


def test_changing_a_queue_from_by_hand_gives_out_what_waits(billing: Queue, staff: Staff, bob: User) -> None:
    from tickets import desk_settings

    anna = staff("anna")
    ticket = make_ticket(queue=billing)
    assert assignee(ticket) is None
    desk_settings.change_queue(billing, {"strategy": "round_robin"}, by=bob)
    assert assignee(ticket) == anna


def test_whoever_asks_while_a_look_is_under_way_gets_a_look_of_his_own(least_busy: Queue) -> None:
    waking.ask_for(least_busy.pk)
    waking.ask_for(least_busy.pk)
    assert Job.objects.filter(task="tickets.assignment.waking.drain").count() == 1
    waking.drain(least_busy.pk)  # has begun: what it read may be older than what the next one tells of
    waking.ask_for(least_busy.pk)
    assert Job.objects.filter(task="tickets.assignment.waking.drain").count() == 2


def test_the_sweep_repairs_what_no_event_told(least_busy: Queue, staff: Staff) -> None:
    anna = staff("anna", there=False)
    ticket = make_ticket(queue=least_busy)
    assert assignee(ticket) is None
    User.objects.filter(pk=anna.pk).update(availability="available")
    presence.beat(anna.pk)
    assert assignee(ticket) is None
    waking.sweep()
    assert assignee(ticket) == anna


def test_more_than_one_batch_is_given_out_in_order(
    least_busy: Queue, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waking, "BATCH", 2)
    anna = staff("anna", there=False)
    tickets = [make_ticket(queue=least_busy, subject=f"No {number}") for number in range(5)]
    outbox.drain()
    at_desk(anna)
    assert [assignee(ticket) for ticket in tickets] == [anna] * 5


def test_a_line_of_many_costs_a_waking_few_queries_while_nobody_can(
    least_busy: Queue, staff: Staff, django_assert_num_queries: object
) -> None:
    staff("anna", there=False)
    for number in range(30):
        make_ticket(queue=least_busy, subject=f"No {number}")
    outbox.drain()
    with django_assert_num_queries(11):  # type: ignore[operator]
        waking.drain(least_busy.pk)


@pytest.fixture
def shop(least_busy: Queue) -> Site:
    return Site.objects.create(key="shop", name="Shop", queue=least_busy)


def test_a_member_of_no_team_wakes_nothing(least_busy: Queue, staff: Staff) -> None:
    anna = staff("anna", there=False)
    TeamMember.objects.filter(user=anna).delete()
    ticket = make_ticket(queue=least_busy)
    outbox.drain()
    at_desk(anna)
    assert assignee(ticket) is None


def test_the_customer_writing_again_changes_nothing_of_who_has_it(least_busy: Queue, staff: Staff) -> None:
    anna = staff("anna")
    ticket = make_ticket(queue=least_busy)
    assert assignee(ticket) == anna
    write(ticket)
    assert assignee(ticket) == anna
