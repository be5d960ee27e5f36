"""Rules after the intake: by events and by the clock, never on their own effects, capped, explained."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from rest_framework.test import APIClient

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock
from helpdesk.people.models import User
from tests.factories import make_ticket, write
from tickets import lifecycle, routing
from tickets.models import Message, Queue, Receipt, RuleRun, Ticket
from tickets.rules import runs

Api = Callable[[User | None], APIClient]


def rule(by: User, name: str, actions: dict[str, Any], **more: Any) -> Any:
    given = {"trigger": "event", "events": ["ticket.changed"], "conditions": {}, "stops": False, **more}
    return routing.create_rule(by=by, name=name, actions=actions, **given)


def fresh(ticket: Ticket) -> Ticket:
    ticket.refresh_from_db()
    return ticket


def test_a_new_message_tries_the_rules_that_wait_for_one_on_its_own_words(
    api: Api, bob: User, billing: Queue, technical: Queue
) -> None:
    words = {"field": "body", "op": "words", "value": ["lawyer"], "of": "current"}
    author = {"field": "author", "op": "is", "value": "customer"}
    rule(
        bob,
        "Lawyers",
        {"priority": 4, "tags": ["legal"]},
        events=["message.posted"],
        conditions={"all": [words, author]},
    )
    ticket = make_ticket()
    outbox.drain()
    assert fresh(ticket).priority == 2
    write(ticket, "I have called my lawyer.")
    outbox.drain()
    assert fresh(ticket).priority == 4
    assert [tag.name for tag in ticket.tags.all()] == ["legal"]
    rows = api(bob).get(f"/api/v1/tickets/{ticket.pk}/routing/").json()["runs"]
    assert [(row["event"], row["effect"], row["rule"] and row["rule"]["name"]) for row in rows] == [
        ("message.posted", True, "Lawyers"),
        ("message.posted", False, None),
    ]
    assert rows[0]["applied"] == [
        {"field": "priority", "from": 2, "to": 4},
        {"field": "tags", "from": None, "to": "legal"},
    ]
    detail = api(bob).get(f"/api/v1/rules/runs/{rows[0]['id']}/").json()
    assert [(each["field"], each["actual"]) for each in detail["steps"][0]["conditions"]] == [
        ("body", "lawyer"),
        ("author", "customer"),
    ]
    missed = api(bob).get(f"/api/v1/rules/runs/{rows[1]['id']}/").json()["steps"][0]
    assert (missed["matched"], missed["conditions"][0]["expected"], missed["conditions"][0]["actual"]) == (
        False,
        ["lawyer"],
        "",
    )


def test_two_rules_that_would_answer_each_other_for_ever_act_once_each(
    bob: User, billing: Queue, technical: Queue
) -> None:
    for name, there, back in (("Ping", "technical", "billing"), ("Pong", "billing", "technical")):
        at = {"field": "queue", "op": "is", "value": there}
        rule(bob, name, {"queue": back}, events=["ticket.routed"], conditions={"all": [at]}, overwrite=True)
    ticket = make_ticket()
    lifecycle.change(ticket, {"queue": billing}, by=bob, version=None)
    assert outbox.drain() < 30
    routed = Event.objects.filter(name="ticket.routed", subject_id=ticket.pk).order_by("id")
    assert [(event.data["to"], event.actor_kind, event.depth) for event in routed] == [
        ("billing", "user", 0),
        ("technical", "rule", 1),
        ("billing", "rule", 2),
    ]
    assert [event.cause for event in routed] == [None, routed[0].pk, routed[1].pk]
    last = RuleRun.objects.get(event=routed[2].pk)
    assert [(step["rule"]["name"], step["effect"]) for step in last.trace["steps"]] == [("Pong", "own_effect")]
    assert (fresh(ticket).queue, last.has_effect) == (billing, False)


def test_a_rule_never_fires_on_what_it_did_itself(bob: User, billing: Queue, technical: Queue) -> None:
    """It raises the priority by one whenever something changed: without a guard it would go to the top."""
    for low in (1, 2, 3):
        at = {"field": "priority", "op": "is", "value": low, "of": "current"}
        rule(bob, f"Up from {low}", {"priority": low + 1}, conditions={"all": [at]}, overwrite=True)
    note = rule(bob, "Tell", {"notify": {"users": [bob.pk], "note": "look"}}, events=["message.posted"])
    ticket = make_ticket()
    outbox.drain()
    notes = Message.objects.filter(ticket=ticket, kind="note")
    assert [message.body for message in notes] == [f"@{bob.name} look"]
    told = RuleRun.objects.filter(ticket=ticket, event_name="message.posted").order_by("id")
    assert [(run.has_effect, run.trace["steps"][0]["effect"]) for run in told] == [(True, "won"), (False, "own_effect")]
    assert told[0].rule_id == note.pk


def test_a_chain_of_rules_ends_at_the_depth_cap_and_says_so(
    bob: User, settings: Any, billing: Queue, technical: Queue
) -> None:
    settings.RULES_MAX_DEPTH = 2
    for number in range(1, 6):
        at = {"field": "tags", "op": "any", "value": [f"t{number}"]}
        rule(bob, f"R{number}", {"tags": [f"t{number + 1}"]}, conditions={"all": [at]})
    ticket = make_ticket()
    lifecycle.change(ticket, {"tags": ["t1"]}, by=bob, version=None)
    outbox.drain()
    assert sorted(tag.name for tag in ticket.tags.all()) == ["t1", "t2", "t3"]
    stopped = RuleRun.objects.get(ticket=ticket, stopped="depth")
    assert stopped.event is not None
    event = Event.objects.get(pk=stopped.event)
    assert event.cause is not None
    assert (event.depth, event.actor_kind) == (2, "rule")
    assert Event.objects.get(pk=event.cause).depth == 1
    assert Event.objects.filter(name="rule.stopped", subject_id=ticket.pk).count() == 1


def test_so_many_runs_an_hour_and_no_more(bob: User, settings: Any, billing: Queue, technical: Queue) -> None:
    settings.RULES_MAX_RUNS_PER_HOUR = 3
    rule(bob, "Tell", {"notify": {"note": "again"}}, events=["ticket.changed"])
    ticket = make_ticket()
    for priority in (1, 3, 1, 3, 1):
        lifecycle.change(fresh(ticket), {"priority": priority}, by=bob, version=None)
        outbox.drain()
    assert Message.objects.filter(ticket=ticket, kind="note").count() == 3
    assert RuleRun.objects.filter(ticket=ticket, stopped="count").count() == 2
    with clock.pretend(clock.now() + timedelta(minutes=61)):
        lifecycle.change(fresh(ticket), {"priority": 3}, by=bob, version=None)
        outbox.drain()
    assert Message.objects.filter(ticket=ticket, kind="note").count() == 4


def test_what_an_agent_chose_stays_unless_the_rule_says_otherwise(
    api: Api, bob: User, billing: Queue, technical: Queue
) -> None:
    rule(bob, "Low", {"priority": 1, "tags": ["seen"]}, events=["ticket.routed"])
    ticket = make_ticket()
    lifecycle.change(ticket, {"priority": 3}, by=bob, version=None)
    lifecycle.change(fresh(ticket), {"queue": billing}, by=bob, version=None)
    outbox.drain()
    assert fresh(ticket).priority == 3
    run = api(bob).get(f"/api/v1/tickets/{ticket.pk}/routing/").json()["runs"][0]
    assert run["kept"] == [{"field": "priority", "value": 1, "reason": "agent"}]
    assert [each["field"] for each in run["applied"]] == ["tags"]
    rule(bob, "Low at any rate", {"priority": 1}, events=["ticket.routed"], overwrite=True, position=1)
    lifecycle.change(fresh(ticket), {"queue": technical}, by=bob, version=None)
    outbox.drain()
    assert fresh(ticket).priority == 1


def test_what_a_later_change_overwrote_is_told(api: Api, bob: User, billing: Queue, technical: Queue) -> None:
    words = {"any": [{"field": "text", "op": "words", "value": ["invoice"]}]}
    routing.create_rule(by=bob, name="Invoices", conditions=words, actions={"queue": "billing", "priority": 3})
    ticket = make_ticket()
    lifecycle.change(ticket, {"queue": technical}, by=bob, version=None)
    told = api(bob).get(f"/api/v1/tickets/{ticket.pk}/routing/").json()["overwritten"]
    assert [(each["field"], each["rule_value"], each["value"], each["by"]["name"]) for each in told] == [
        ("queue", "billing", "technical", bob.name)
    ]


def test_time_rules_fire_once_per_wait(bob: User, billing: Queue, technical: Queue) -> None:
    after = {"since": "waiting", "minutes": 60}
    rule(bob, "Waits", {"tags": ["late"], "notify": {"note": "late"}}, trigger="time", events=[], after=after)
    ticket = make_ticket()
    notes = Message.objects.filter(ticket=ticket, kind="note")
    start = clock.now()
    for minutes, count in ((30, 0), (61, 1), (62, 1), (200, 1)):
        with clock.pretend(start + timedelta(minutes=minutes)):
            runs.on_time()
            assert notes.count() == count, minutes
    run = RuleRun.objects.get(ticket=ticket)
    assert (run.trigger, run.has_effect, run.trace["facts"]["now"]["waiting"]) == ("time", True, 61.0)
    lifecycle.set_status(ticket, "solved", by=bob.actor)
    with clock.pretend(start + timedelta(minutes=300)):
        runs.on_time()
    assert notes.count() == 1


def test_a_pass_touches_what_came_due_since_the_last_in_as_many_queries(
    bob: User, billing: Queue, technical: Queue, django_assert_num_queries: Any
) -> None:
    for name, since in (("Waits", "waiting"), ("Old", "created"), ("Quiet", "last_message")):
        after = {"since": since, "minutes": 60}
        rule(bob, name, {"tags": [name.lower()]}, trigger="time", events=[], after=after)
    early = [make_ticket() for _number in range(3)]
    start = clock.now()
    with clock.pretend(start + timedelta(minutes=61)):
        runs.on_time()
    assert {tag.name for tag in early[0].tags.all()} == {"waits", "old", "quiet"}
    with clock.pretend(start + timedelta(minutes=30)):
        late = make_ticket()
    with clock.pretend(start + timedelta(minutes=62)), django_assert_num_queries(3):
        # The number of the list in force, the tickets, what was tried on them
        runs.on_time()
    with clock.pretend(start + timedelta(minutes=91)):
        runs.on_time()
    assert {tag.name for tag in late.tags.all()} == {"waits", "old", "quiet"}
    assert RuleRun.objects.filter(trigger="time").count() == 4


def test_a_ticket_that_was_finished_when_its_time_came_is_found_within_the_hour(
    bob: User, billing: Queue, technical: Queue
) -> None:
    after = {"since": "created", "minutes": 60}
    rule(bob, "Old", {"tags": ["old"]}, trigger="time", events=[], after=after)
    ticket, start = make_ticket(), clock.now()
    lifecycle.solve(ticket, by=bob.actor)
    for minutes in (0, 61, 62):
        with clock.pretend(start + timedelta(minutes=minutes)):
            runs.on_time()
    with clock.pretend(start + timedelta(minutes=70)):
        lifecycle.set_status(fresh(ticket), "open", by=bob.actor)
        runs.on_time()
        assert ticket.tags.count() == 0
    with clock.pretend(start + timedelta(minutes=122)):
        runs.on_time()
    assert [tag.name for tag in ticket.tags.all()] == ["old"]


def test_a_held_request_is_seen_but_neither_answered_nor_given_out(bob: User, billing: Queue, technical: Queue) -> None:
    words = {"any": [{"field": "text", "op": "words", "value": ["invoice"]}]}
    routing.create_rule(by=bob, name="Hold", conditions=words, actions={"hold": True, "queue": "billing"})
    ticket = fresh(make_ticket(reply_address="dana@example.com"))
    outbox.drain()
    assert (fresh(ticket).status, ticket.queue, ticket.assignee) == ("hold", billing, None)
    assert [tag.name for tag in ticket.tags.all()] == ["review"]
    assert Receipt.objects.count() == 0


def test_runs_without_effect_are_forgotten_after_some_days(
    bob: User, settings: Any, billing: Queue, technical: Queue
) -> None:
    rule(bob, "Never", {"priority": 4}, conditions={"all": [{"field": "text", "op": "words", "value": ["nowhere"]}]})
    ticket = make_ticket()
    lifecycle.change(ticket, {"priority": 3}, by=bob, version=None)
    outbox.drain()
    assert RuleRun.objects.filter(has_effect=False).count() == 1
    with clock.pretend(clock.now() + timedelta(days=settings.RULES_IDLE_DAYS + 1)):
        runs.sweep()
    assert RuleRun.objects.count() == 0


def test_no_job_is_written_while_no_rule_waits_for_the_event(bob: User, billing: Queue, technical: Queue) -> None:
    ticket = make_ticket()
    lifecycle.change(ticket, {"priority": 3}, by=bob, version=None)
    assert Job.objects.filter(task__contains="on_event").count() == 0
