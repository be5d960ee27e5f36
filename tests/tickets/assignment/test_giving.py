"""Which agent a ticket goes to, and that races, limits and strangers change nothing about it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helpdesk.lib import clock
from helpdesk.people import presence, schedule
from helpdesk.people.models import User
from tests.factories import answer, make_ticket
from tests.tickets.assignment.conftest import Staff, settled
from tickets import lifecycle, skills
from tickets.assignment import desk, give
from tickets.models import AssignmentDecision, Queue

pytestmark = pytest.mark.django_db


def test_by_hand_nobody_is_given_anything_and_nothing_is_written(billing: Queue, staff: Staff) -> None:
    staff("anna")
    assert settled(make_ticket(queue=billing)).assignee is None
    assert not AssignmentDecision.objects.exists()


def test_in_turn(billing: Queue, staff: Staff) -> None:
    anna, ben = staff("anna"), staff("ben")
    billing.strategy = Queue.Strategy.ROUND_ROBIN
    billing.save()
    given = [settled(make_ticket(queue=billing, subject=f"No {number}")).assignee for number in range(4)]
    assert given == [anna, ben, anna, ben]


def test_the_least_busy_is_who_has_fewest_that_wait_for_us(least_busy: Queue, staff: Staff) -> None:
    anna, ben = staff("anna"), staff("ben")
    for _ticket in range(2):
        lifecycle.assign(make_ticket(queue=least_busy), anna, by=anna.actor)
    done = make_ticket(queue=least_busy)
    lifecycle.assign(done, ben, by=ben.actor)
    lifecycle.set_status(done, "pending", by=ben.actor)
    assert settled(make_ticket(queue=least_busy)).assignee == ben


def test_a_rule_or_person_who_named_an_agent_is_obeyed(least_busy: Queue, staff: Staff, alice: User) -> None:
    staff("anna")
    ticket = make_ticket(queue=least_busy)
    lifecycle.assign(ticket, alice, by=alice.actor)
    assert settled(ticket).assignee == alice
    assert not AssignmentDecision.objects.exists()


@pytest.mark.parametrize("how", ["offline", "away", "inactive", "full", "absent", "off_shift", "other_team", "reader"])
def test_nobody_who_should_not_gets_work(
    how: str, least_busy: Queue, staff: Staff, technical: Queue, bob: User
) -> None:
    there = how != "offline"
    queue = technical if how == "other_team" else least_busy
    capacity = 0 if how == "full" else None
    role = "reader" if how == "reader" else "agent"
    anna = staff("anna", there=there, queue=queue, ticket_capacity=capacity, role=role)
    now = clock.now()
    if how == "away":
        presence.choose(anna, "away")
    if how == "inactive":
        User.objects.filter(pk=anna.pk).update(is_active=False)
    if how == "absent":
        schedule.add_absence(anna, now - timedelta(hours=1), now + timedelta(days=1), "Leave", by=bob)
    if how == "off_shift":
        other = (now.weekday() + 3) % 7
        schedule.change(anna, {"shifts": [{"weekday": other, "starts": "09:00", "ends": "17:00"}]}, by=bob)
    ticket = settled(make_ticket(queue=least_busy))
    assert ticket.assignee is None
    assert ticket.status == "new"
    decision = ticket.decisions.get()
    assert (decision.outcome, decision.cause, decision.user) == ("nobody", "opened", None)


def test_skills_come_from_queue_rule_and_language(least_busy: Queue, staff: Staff) -> None:
    staff("anna", "fr"), staff("ben", "refunds")
    both = staff("cleo", "fr", "refunds")
    least_busy.skills.set(both.skills.filter(slug="refunds"))
    least_busy.match_language = True
    least_busy.save()
    ticket = make_ticket(queue=least_busy, subject="Facture", body="Bonjour, le montant de ma facture est faux.")
    assert ticket.language == "fr"
    assert settled(ticket).assignee == both
    assert {(asked.slug, asked.origin) for asked in skills.asked_by(settled(ticket))} == {
        ("refunds", "queue"),
        ("fr", "language"),
    }


def test_a_rule_asks_for_a_skill_and_unknown_ones_are_ignored(least_busy: Queue, staff: Staff) -> None:
    staff("anna")
    ben = staff("ben", "bikes")
    ticket = make_ticket(queue=least_busy)
    skills.require(ticket, ["bikes", "no-such-skill"])
    assert settled(ticket).assignee == ben


def test_a_language_that_nobody_is_known_to_speak_is_not_asked(least_busy: Queue, staff: Staff) -> None:
    anna = staff("anna")
    least_busy.match_language = True
    least_busy.save()
    assert settled(make_ticket(queue=least_busy, language="fr")).assignee == anna


def test_given_twice_it_is_given_once(least_busy: Queue, staff: Staff) -> None:
    staff("anna"), staff("ben")
    ticket = make_ticket(queue=least_busy)
    first = settled(ticket).assignee
    assert give(ticket.pk, cause="opened") is None
    assert settled(ticket).assignee == first
    assert ticket.decisions.count() == 1


def test_whoever_answers_first_keeps_it(least_busy: Queue, staff: Staff, alice: User) -> None:
    staff("anna")
    ticket = make_ticket(queue=least_busy)
    answer(ticket, alice)
    assert settled(ticket).assignee == alice


def test_the_last_place_is_not_filled_twice_by_two_queues(least_busy: Queue, staff: Staff) -> None:
    """The list that was read says there is a place; under the person's lock there is none any more."""
    anna = staff("anna", ticket_capacity=1)
    ben = staff("ben")

    stale = desk.people(least_busy, clock.now())
    lifecycle.assign(make_ticket(queue=least_busy), anna, by=anna.actor)
    choice = give(make_ticket(queue=least_busy).pk, cause="opened", people=stale)
    assert choice is not None
    assert choice.winner is not None
    assert choice.winner.id == ben.pk


def test_the_number_of_queries_does_not_grow_with_the_team(least_busy: Queue, staff: Staff) -> None:
    """Five agents or two hundred: the same queries, and few enough for a job that runs for every ticket."""
    spent, made = {}, 0
    for how_many in (5, 200):
        for number in range(made, how_many):
            staff(f"agent{number}", "fr", ticket_capacity=5, there=number > 1)
        made = how_many
        ticket = make_ticket(queue=least_busy)
        with CaptureQueriesContext(connection) as queries:
            assert give(ticket.pk, cause="opened") is not None
        spent[how_many] = len([query for query in queries if "SAVEPOINT" not in query["sql"]])
    assert spent[5] == spent[200]
    assert spent[5] <= 30
