"""Lists of rules: the draft never routes, publishing and going back are whole, versions and tests are kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.apps import apps
from rest_framework.test import APIClient

from helpdesk.events.models import Event
from helpdesk.lib import clock
from helpdesk.people.models import User
from tests.factories import make_ticket
from tickets import routing
from tickets.models import Queue, Routing, Rule, RuleList, RuleVersion
from tickets.rules import published, stats

Api = Callable[[User | None], APIClient]
URL = "/api/v1/rules"


def has(*terms: str) -> dict[str, Any]:
    return {"any": [{"field": "text", "op": "words", "value": list(terms)}]}


def a_rule(name: str, *terms: str, queue: str = "billing", **more: Any) -> dict[str, Any]:
    return {"name": name, "conditions": has(*terms), "actions": {"queue": queue}, **more}


def test_a_draft_never_routes_until_it_is_published_and_rolled_back_it_routes_as_before(
    api: Api, bob: User, billing: Queue, technical: Queue
) -> None:
    desk = api(bob)
    begun = desk.get(f"{URL}/draft/").json()
    assert (begun["exists"], begun["revision"], begun["rules"]) == (False, 0, [])
    saved = desk.put(f"{URL}/draft/", {"revision": 0, "rules": [a_rule("Invoices", "invoice")]}).json()
    assert [rule["change"] for rule in saved["rules"]] == ["new"]
    assert make_ticket().queue == technical
    first = desk.post(f"{URL}/publish/", {"revision": saved["revision"], "note": "Invoices go to billing"})
    assert first.status_code == 201
    assert (first.json()["number"], first.json()["note"]) == (1, "Invoices go to billing")
    assert first.json()["changes"] == {"added": ["Invoices"], "changed": [], "removed": [], "moved": 0}
    ticket = make_ticket()
    assert ticket.queue == billing
    live = desk.get(f"{URL}/draft/").json()
    assert (live["exists"], len(live["rules"])) == (False, 1)
    rules = [{**live["rules"][0], "conditions": has("bill")}]
    again = desk.put(f"{URL}/draft/", {"revision": 0, "rules": rules}).json()
    assert again["rules"][0]["change"] == "changed"
    assert desk.post(f"{URL}/publish/", {"revision": again["revision"]}).json()["changes"]["changed"] == ["Invoices"]
    assert make_ticket().queue == technical
    told = api(bob).get(f"/api/v1/tickets/{ticket.pk}/routing/").json()
    assert (told["number"], told["rule"]["version"], told["steps"][0]["conditions"][0]["expected"]) == (
        1,
        1,
        ["invoice"],
    )
    back = desk.post(f"{URL}/versions/1/restore/", {"note": "No good"}).json()
    assert (back["number"], back["restored_from"], back["is_live"]) == (3, 1, True)
    assert make_ticket().queue == billing
    versions = desk.get(f"{URL}/versions/").json()["results"]
    assert [(row["number"], row["author"]["name"], row["is_live"]) for row in versions] == [
        (3, bob.name, True),
        (2, bob.name, False),
        (1, bob.name, False),
    ]
    assert desk.get(f"{URL}/versions/2/").json()["rules"][0]["conditions"] == has("bill")
    assert Rule.objects.get().version == 1
    assert RuleVersion.objects.count() == 2


def test_two_supervisors_do_not_overwrite_each_other(api: Api, bob: User, billing: Queue, technical: Queue) -> None:
    desk = api(bob)
    revision = desk.put(f"{URL}/draft/", {"revision": 0, "rules": [a_rule("A", "a")]}).json()["revision"]
    late = desk.put(f"{URL}/draft/", {"revision": 0, "rules": []})
    assert (late.status_code, late.json()["code"], late.json()["revision"]) == (409, "revision", revision)
    routing.create_rule(by=bob, **a_rule("B", "b"))
    stale = desk.post(f"{URL}/publish/", {"revision": revision})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert RuleList.objects.count() == 1
    assert desk.get(f"{URL}/").json()["draft"]["is_stale"] is True
    assert desk.post(f"{URL}/publish/", {"revision": revision, "force": True}).json()["changes"]["removed"] == ["B"]
    assert [rule["name"] for rule in desk.get(f"{URL}/").json()["results"]] == ["A"]
    # What was taken off the list is still there for going back.
    assert desk.post(f"{URL}/versions/1/restore/", {}).status_code == 201
    assert [rule["name"] for rule in desk.get(f"{URL}/").json()["results"]] == ["B"]


def test_what_was_typed_over_a_draft_that_is_gone_does_not_overwrite_the_next_one(
    api: Api, bob: User, billing: Queue
) -> None:
    desk = api(bob)
    old = desk.put(f"{URL}/draft/", {"revision": 0, "rules": [a_rule("Old", "old")]}).json()
    assert desk.delete(f"{URL}/draft/").status_code == 204
    with clock.pretend(clock.now() + timedelta(seconds=5)):
        new = desk.put(f"{URL}/draft/", {"revision": 0, "rules": [a_rule("New", "new")]}).json()
    late = desk.put(f"{URL}/draft/", {"revision": old["revision"], "rules": old["rules"]})
    assert (late.status_code, late.json()["revision"]) == (409, new["revision"])
    assert [rule["name"] for rule in desk.get(f"{URL}/draft/").json()["rules"]] == ["New"]


def test_a_list_that_is_none_is_refused_rule_by_rule(api: Api, bob: User, billing: Queue) -> None:
    wrong = [a_rule("A", "a"), {"name": "", "actions": {"queue": "billing"}}, a_rule("C", "")]
    answered = api(bob).put(f"{URL}/draft/", {"revision": 0, "rules": wrong})
    assert answered.status_code == 400
    assert [(each["index"], each["field"]) for each in answered.json()["rules"]] == [(1, "name"), (2, "conditions")]
    assert api(bob).get(f"{URL}/draft/").json()["exists"] is False


def test_saved_tests_run_on_every_edit_and_hold_up_publishing(
    api: Api, bob: User, billing: Queue, technical: Queue
) -> None:
    desk = api(bob)
    message = {"subject": "Refund", "body": "I want my money back", "from": "dana@example.com"}
    made = desk.post(
        f"{URL}/tests/", {"name": "Refund", "message": message, "expect": {"queue": "billing", "tags": ["a"]}}
    )
    assert made.status_code == 201
    rules = [a_rule("Refunds", '"money back"'), a_rule("All", queue="technical", conditions={})]
    draft = desk.put(f"{URL}/draft/", {"revision": 0, "rules": rules}).json()
    revision, run = draft["revision"], draft["tests"]
    assert (run["passed"], run["failed"]) == (0, 1)
    assert run["results"][0]["differences"] == [{"field": "tags", "expected": ["a"], "actual": []}]
    refused = desk.post(f"{URL}/publish/", {"revision": revision})
    assert (refused.status_code, refused.json()["code"], refused.json()["tests"]["failed"]) == (409, "tests_failed", 1)
    assert RuleList.objects.count() == 0
    published_ = desk.post(f"{URL}/publish/", {"revision": revision, "reason": "The test is old"}).json()
    assert (published_["failed_tests"], published_["reason"]) == (1, "The test is old")
    desk.patch(f"{URL}/tests/{made.json()['id']}/", {"expect": {"queue": "billing", "rule": "Refunds"}})
    assert desk.post(f"{URL}/tests/run/", {}).json()["passed"] == 1
    past = desk.post(f"{URL}/tests/", {"name": "Past", "ticket": make_ticket().pk, "expect": {"queue": "technical"}})
    assert past.json()["message"]["subject"] == "The invoice is wrong"
    assert desk.delete(f"{URL}/tests/{past.json()['id']}/").status_code == 204


def test_a_rule_that_points_to_what_is_switched_off_is_flagged_whichever_side_changes(
    api: Api, bob: User, alice: User, billing: Queue, technical: Queue
) -> None:
    routing.create_rule(by=bob, name="A", conditions=has("a"), actions={"queue": "billing", "assignee": alice.pk})
    assert api(bob).get(f"{URL}/").json()["results"][0]["problems"] == []
    billing.is_active = alice.is_active = False
    billing.save()
    alice.save()
    problems = api(bob).get(f"{URL}/").json()["results"][0]["problems"]
    assert [(each["code"], each["where"]) for each in problems] == [
        ("queue_disabled", "actions.queue"),
        ("user_disabled", "actions.assignee"),
    ]
    draft = api(bob).get(f"{URL}/draft/").json()
    assert draft["problems"] == 2
    revision = api(bob).put(f"{URL}/draft/", {"revision": 0, "rules": draft["rules"]}).json()["revision"]
    refused = api(bob).post(f"{URL}/publish/", {"revision": revision})
    assert (refused.status_code, refused.json()["rules"][0]["field"]) == (400, "actions.queue")
    assert RuleList.objects.count() == 1


def test_hits_and_rules_that_stand_always_behind_another_are_shown(
    api: Api, bob: User, billing: Queue, technical: Queue
) -> None:
    first = routing.create_rule(by=bob, **a_rule("First", "invoice"))
    routing.create_rule(by=bob, **a_rule("Behind", "invoice", queue="technical"))
    routing.create_rule(by=bob, **a_rule("Shadow", "invoice", shadow=True, position=1))
    make_ticket()
    make_ticket()
    for _round in ("not folded yet", "folded"):
        rows = {row["name"]: row for row in api(bob).get(f"{URL}/").json()["results"]}
        assert (rows["First"]["hits"], rows["First"]["hits_week"], rows["First"]["warnings"]) == (2, 2, [])
        assert (rows["Behind"]["hits"], rows["Behind"]["warnings"]) == (0, ["always_shadowed"])
        assert rows["Behind"]["shadowed_by"] == {"id": first.pk, "name": "First"}
        assert (rows["Shadow"]["hits"], rows["Shadow"]["hits_shadow"]) == (0, 2)
        stats.fold()


def test_rehearsal_in_every_form_writes_nothing_at_all(api: Api, bob: User, billing: Queue, technical: Queue) -> None:
    """Row counts of every table and the contents of the changing ones, before and after."""
    routing.create_rule(
        by=bob,
        name="Invoices",
        conditions=has("invoice"),
        actions={"queue": "billing", "tags": ["x"], "hold": True, "notify": {"users": [bob.pk], "note": "look"}},
    )
    ticket = make_ticket()
    desk = api(bob)
    desk.post(f"{URL}/tests/", {"name": "T", "ticket": ticket.pk, "expect": {"queue": "billing"}})
    desk.put(f"{URL}/draft/", {"revision": 0, "rules": desk.get(f"{URL}/draft/").json()["rules"]})
    before = _everything()
    raw = "From: dana@example.com\nTo: help@example.com\nSubject: invoice\n\nMy invoice is wrong\n"
    asked = [
        ("test/", {"subject": "invoice", "body": "wrong", "from": "new@example.com", "attachments": ["a.pdf"]}),
        ("test/", {"raw": raw, "against": "draft"}),
        ("test/", {"ticket": ticket.pk, "rules": [a_rule("Else", "invoice")]}),
        ("tests/run/", {"against": "draft"}),
        ("backtest/", {"limit": 10}),
        ("backtest/", {"limit": 10, "against": "live", "versus": "then"}),
    ]
    queues = []
    for path, body in asked:
        answered = desk.post(f"{URL}/{path}", body)
        assert answered.status_code == 200, answered.json()
        queues.append(answered.json().get("queue", {}).get("slug"))
    assert queues == ["billing", "billing", "billing", None, None, None]
    for path in ("", "draft/", "fields/", "runs/", "unrouted/", "versions/"):
        assert desk.get(f"{URL}/{path}").status_code == 200
    assert _everything() == before


def _everything() -> dict[str, list[Any]]:
    """Every row of every table but the sessions of those who ask."""
    skipped = {"Session", "UserSession", "AuthToken"}
    models = [model for model in apps.get_models() if model.__name__ not in skipped]
    return {model._meta.label: sorted(map(str, model._default_manager.values_list())) for model in models}


def test_the_list_in_force_is_compiled_once_per_process_and_version(bob: User, billing: Queue) -> None:
    routing.create_rule(by=bob, **a_rule("A", "a"))
    assert published.live() is published.live()
    before = published.live()
    routing.create_rule(by=bob, **a_rule("B", "b"))
    assert published.live() is not before
    assert [entry.name for entry in published.live().entries] == ["A", "B"]
    assert Event.objects.filter(name="rules.published").count() == 2


def test_unplaced_tickets_raise_an_alarm(api: Api, bob: User, billing: Queue, technical: Queue, settings: Any) -> None:
    settings.UNROUTED_ALARM = 2
    make_ticket()
    told = api(bob).get(f"{URL}/unrouted/").json()
    assert (told["queue"]["slug"], told["open"], told["waiting"], told["unplaced"], told["alarm"]) == (
        "technical", 1, 1, 1, False,
    )  # fmt: skip
    make_ticket()
    told = api(bob).get(f"{URL}/unrouted/").json()
    assert (told["unplaced"], told["alarm"]) == (2, True)


def test_the_editor_learns_what_there_is(api: Api, bob: User, alice: User, billing: Queue) -> None:
    told = api(bob).get(f"{URL}/fields/").json()
    assert {"text", "tags", "hours", "waiting"} <= {field["name"] for field in told["fields"]}
    assert {"value": "billing", "label": "Billing"} in next(a for a in told["actions"] if a["name"] == "queue")[
        "choices"
    ]
    assert api(alice).get(f"{URL}/fields/").status_code == 403
    assert api(alice).put(f"{URL}/draft/", {"revision": 0, "rules": []}).status_code == 403
    assert api(alice).post(f"{URL}/publish/", {"revision": 0}).status_code == 403


def test_an_account_from_before_lists_were_kept_is_told_as_it_stands(
    bob: User, api: Api, billing: Queue, technical: Queue
) -> None:
    ticket = make_ticket()
    row = Routing.objects.get(ticket=ticket)
    row.trace = {"subject": "S", "language": "en", "kind": None, "actions": {}, "steps": []}
    row.save()
    assert api(bob).get(f"/api/v1/tickets/{ticket.pk}/routing/").json()["steps"] == []
