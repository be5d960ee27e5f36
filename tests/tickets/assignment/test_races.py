"""Several workers at once on real transactions: one winner a ticket, no place filled twice, nothing left waiting."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.people.models import User
from tests.factories import make_ticket
from tests.tickets.assignment.conftest import Staff, at_desk
from tickets import lifecycle
from tickets.assignment import give, offers, waking
from tickets.models import AssignmentDecision, Offer, Queue, Ticket

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time"),
]
THREADS = 8


def at_once(*calls: Callable[[], object]) -> list[BaseException]:
    """Run the calls in threads that start together; returns what they raised."""
    gate, raised = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            call()
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def test_one_ticket_has_one_winner(least_busy: Queue, staff: Staff) -> None:
    for number in range(THREADS):
        staff(f"agent{number}")
    ticket = make_ticket(queue=least_busy)
    assert at_once(*[lambda: give(ticket.pk, cause="opened")] * THREADS) == []
    assert Event.objects.filter(name="ticket.assigned", subject_id=ticket.pk).count() == 1
    assert AssignmentDecision.objects.filter(outcome="assigned").count() == 1
    winner = AssignmentDecision.objects.get(outcome="assigned").user
    assert Ticket.objects.filter(pk=ticket.pk, assignee=winner).exists()


def test_one_ticket_is_offered_once(least_busy: Queue, staff: Staff) -> None:
    least_busy.offer_seconds = 60
    least_busy.save()
    for number in range(THREADS):
        staff(f"agent{number}")
    ticket = make_ticket(queue=least_busy)
    assert at_once(*[lambda: give(ticket.pk, cause="opened")] * THREADS) == []
    assert Offer.objects.count() == 1


def test_turns_are_fair_when_all_come_at_once(billing: Queue, staff: Staff) -> None:
    billing.strategy = Queue.Strategy.ROUND_ROBIN
    billing.save()
    agents = [staff(f"agent{number}") for number in range(4)]
    tickets = [make_ticket(queue=billing, subject=f"No {number}") for number in range(8)]
    assert at_once(*[lambda pk=ticket.pk: give(pk, cause="opened") for ticket in tickets]) == []
    assert sorted(Ticket.objects.values_list("assignee", flat=True)) == sorted([agent.pk for agent in agents] * 2)


def test_two_queues_never_fill_the_last_place_twice(
    least_busy: Queue, technical: Queue, staff: Staff, django_user_model: type[User]
) -> None:
    technical.strategy = Queue.Strategy.ROUND_ROBIN
    technical.save()
    anna = staff("anna", ticket_capacity=3)
    anna.teams.add(technical.team)
    tickets = [
        make_ticket(queue=queue, subject=f"No {number}") for number in range(4) for queue in (least_busy, technical)
    ]
    assert at_once(*[lambda pk=ticket.pk: give(pk, cause="opened") for ticket in tickets]) == []
    assert Ticket.objects.filter(assignee=anna).count() == 3
    assert AssignmentDecision.objects.filter(outcome="nobody").count() == 5


def test_accepting_races_with_the_end_of_the_offer(least_busy: Queue, staff: Staff) -> None:
    """Either he has it, or it went on: never both, never neither."""
    least_busy.offer_seconds = 60
    least_busy.save()
    anna = staff("anna")
    for number in range(5):
        ticket = make_ticket(queue=least_busy, subject=f"No {number}")
        outbox.drain()
        offer = Offer.objects.get(ticket=ticket)
        at_once(lambda t=ticket: offers.accept(t, by=anna), lambda o=offer: offers.expire(o.pk))  # type: ignore[misc]
        state = Offer.objects.get(pk=offer.pk).state
        has_it = Ticket.objects.filter(pk=ticket.pk, assignee=anna).exists()
        assert (state, has_it) in {("accepted", True), ("expired", False)}


def test_agents_come_and_go_while_work_comes_in_and_nothing_is_left_waiting(least_busy: Queue, staff: Staff) -> None:
    agents = [staff(f"agent{number}", ticket_capacity=2, there=False) for number in range(4)]
    tickets = [make_ticket(queue=least_busy, subject=f"No {number}") for number in range(8)]

    def work() -> None:
        for _round in range(6):
            outbox.drain()

    raised = at_once(work, work, *[lambda user=user: at_desk(user) for user in agents])
    assert raised == []
    outbox.drain()
    assert Ticket.objects.filter(assignee__isnull=True).count() == 0
    assert sorted(Ticket.objects.values_list("assignee", flat=True)) == sorted([agent.pk for agent in agents] * 2)
    for ticket in tickets[:4]:
        lifecycle.solve(ticket, by=agents[0].actor)
    late = [make_ticket(queue=least_busy, subject=f"Late {number}") for number in range(4)]
    at_once(work, work, waking.sweep)
    outbox.drain()
    assert Ticket.objects.filter(pk__in=[ticket.pk for ticket in late], assignee__isnull=True).count() == 0
