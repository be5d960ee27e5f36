"""Routing: order, stopping, merging, the account that is kept, and a rehearsal that writes nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.apps import apps
from rest_framework.test import APIClient

from helpdesk.lib import clock
from helpdesk.people.models import User
from tests.factories import make_ticket
from tickets import routing
from tickets.facts import Facts
from tickets.models import Queue, Rule, Ticket

Api = Callable[[User | None], APIClient]


def has(*terms: str) -> dict[str, Any]:
    return {"any": [{"field": "text", "op": "words", "value": list(terms)}]}


def rule(name: str, conditions: dict[str, Any], actions: dict[str, Any], *, stops: bool = True, pk: int = 0) -> Rule:
    return Rule(pk=pk or len(name), name=name, position=1, stops=stops, conditions=conditions, actions=actions)


def test_the_first_rule_that_matches_wins_and_later_ones_are_told_as_skipped() -> None:
    facts = Facts(subject="refund", body="my parcel")
    rules = [
        rule("vip", has("gold"), {"queue": "vip"}),
        rule("refunds", has("refund"), {"queue": "billing"}),
        rule("parcels", has("parcel"), {"queue": "orders"}),
    ]
    decision = routing.choose(facts, rules)
    assert decision.rule is not None
    assert (decision.rule.name, decision.actions) == ("refunds", {"queue": "billing"})
    told = [
        (step["rule"]["name"], step["matched"], step["skipped"]) for step in routing.account(facts, rules, decision)
    ]
    assert told == [("vip", False, None), ("refunds", True, None), ("parcels", True, "refunds")]


def test_a_rule_that_does_not_stop_lets_later_ones_add_but_not_overwrite() -> None:
    decision = routing.choose(
        Facts(subject="refund", body="angry"),
        [
            rule("mood", has("angry"), {"kind": "complaint", "tags": ["angry"], "priority": 3}, stops=False),
            rule("refunds", has("refund"), {"queue": "billing", "tags": ["refund"], "priority": 1}),
        ],
    )
    assert decision.actions == {
        "kind": "complaint",
        "tags": ["angry", "refund"],
        "priority": 3,
        "queue": "billing",
    }
    assert decision.rule is not None
    assert decision.rule.name == "refunds"


def test_a_ticket_says_which_words_of_which_rule_put_it_there(
    api: Api, bob: User, alice: User, billing: Queue, technical: Queue
) -> None:
    routing.create_rule(
        by=bob, name="Refunds", conditions=has("rembours*"), actions={"queue": "billing", "tags": ["refund"]}
    )
    ticket = make_ticket(subject="Bonjour", body="J'attends mon Remboursement")
    assert ticket.queue == billing
    assert list(ticket.tags.values_list("name", flat=True)) == ["refund"]
    told = api(alice).get(f"/api/v1/tickets/{ticket.pk}/").json()["routing"]
    assert told["rule"] == "Refunds"
    assert told["matched"] == [
        {"term": "rembours*", "text": "Remboursement", "start": 22, "end": 35, "how": "wildcard"}
    ]
    account = api(alice).get(f"/api/v1/tickets/{ticket.pk}/routing/").json()
    assert account["rule"]["name"] == "Refunds"
    assert account["queue"]["slug"] == "billing"
    assert account["text"][22:35] == "Remboursement"


def test_what_no_rule_places_goes_to_the_default_queue(technical: Queue, billing: Queue) -> None:
    assert make_ticket().queue == technical


def test_a_rule_that_points_to_a_switched_off_queue_leaves_the_ticket_in_the_default_one(
    bob: User, billing: Queue, technical: Queue
) -> None:
    routing.create_rule(by=bob, name="Refunds", conditions=has("invoice"), actions={"queue": "billing"})
    billing.is_active = False
    billing.save()
    assert make_ticket().queue == technical


def test_rehearsing_writes_nothing_and_says_the_same_as_the_real_thing(
    api: Api, bob: User, billing: Queue, technical: Queue
) -> None:
    routing.create_rule(by=bob, name="Refunds", conditions=has("invoice"), actions={"queue": "billing", "priority": 3})
    rows = {model: model._default_manager.count() for model in apps.get_models()}
    message = {"subject": "The invoice is wrong", "body": "Hello, the amount on my last invoice is wrong."}
    told = api(bob).post("/api/v1/rules/test/", {**message, "from": "dana@example.com", "channel": "web"}).json()
    after = {model: model._default_manager.count() for model in apps.get_models()}
    changed = {model.__name__ for model in rows if rows[model] != after[model]}
    assert changed <= {"Session", "UserSession"}  # signing in to ask
    ticket = make_ticket()
    assert (told["queue"]["slug"], told["priority"], told["kind"]) == ("billing", ticket.priority, ticket.kind)
    assert told["steps"] == ticket.routing.trace["steps"]


def test_a_backtest_names_what_todays_rules_would_move(api: Api, bob: User, billing: Queue, technical: Queue) -> None:
    ticket = make_ticket()
    routing.create_rule(by=bob, name="Invoices", conditions=has("invoice"), actions={"queue": "billing"})
    told = api(bob).post("/api/v1/rules/backtest/", {"limit": 50}).json()
    assert (told["tried"], told["changed"]) == (1, 1)
    assert told["changes"][0]["ticket"]["id"] == ticket.pk
    assert (told["changes"][0]["from"]["slug"], told["changes"][0]["to"]["slug"]) == ("technical", "billing")
    ticket.refresh_from_db()
    assert ticket.queue == technical


def test_a_backtest_goes_through_the_past_in_slices_and_no_further_than_the_days_asked_for(
    api: Api, bob: User, billing: Queue, technical: Queue
) -> None:
    first, second, third = (make_ticket(subject=f"Invoice {number}") for number in range(3))
    Ticket.objects.filter(pk=first.pk).update(created_at=clock.now() - timedelta(days=8))
    routing.create_rule(by=bob, name="Invoices", conditions=has("invoice"), actions={"queue": "billing"})
    ask = api(bob).post
    newest = ask("/api/v1/rules/backtest/", {"limit": 1, "days": 7}).json()
    assert ([row["ticket"]["id"] for row in newest["changes"]], newest["next"]) == ([third.pk], third.pk)
    older = ask("/api/v1/rules/backtest/", {"limit": 2, "days": 7, "before": newest["next"]}).json()
    assert ([row["ticket"]["id"] for row in older["changes"]], older["next"]) == ([second.pk], None)


def test_rules_are_made_changed_moved_and_deleted_by_supervisors_only(
    api: Api, alice: User, bob: User, billing: Queue, technical: Queue
) -> None:
    new = {"name": "A", "conditions": has("a"), "actions": {"queue": "billing"}}
    assert api(alice).post("/api/v1/rules/", new).status_code == 403
    assert api(alice).get("/api/v1/rules/").status_code == 403
    first = api(bob).post("/api/v1/rules/", new).json()
    second = api(bob).post("/api/v1/rules/", {**new, "name": "B"}).json()
    assert (first["position"], second["position"]) == (1, 2)
    reordered = api(bob).post("/api/v1/rules/reorder/", {"ids": [second["id"], first["id"]]}).json()
    assert [row["name"] for row in reordered] == ["B", "A"]
    assert api(bob).post("/api/v1/rules/reorder/", {"ids": [second["id"]]}).status_code == 400
    changed = api(bob).patch(f"/api/v1/rules/{first['id']}/", {"active": False}).json()
    assert (changed["active"], changed["version"]) == (False, 2)
    assert api(bob).delete(f"/api/v1/rules/{first['id']}/").status_code == 204
    assert [row["name"] for row in api(bob).get("/api/v1/rules/").json()["results"]] == ["B"]


def test_a_rule_with_a_bad_action_is_refused_by_name(api: Api, bob: User, billing: Queue) -> None:
    for actions in ({}, {"queue": "nowhere"}, {"priority": 7}, {"explode": True}, {"tags": "x"}, {"assignee": "x"}):
        answered = api(bob).post("/api/v1/rules/", {"name": "A", "conditions": {}, "actions": actions})
        assert (answered.status_code, list(answered.json()["fields"])) == (400, ["actions"]), actions
    assert Rule.objects.count() == 0
