"""Choose the queue by rules, and keep the account of how. The core is pure: rehearsal and production are the same code."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors
from helpdesk.people.models import User
from tickets.facts import Facts
from tickets.models import Routing, Rule, Ticket
from tickets.rules import actions as rule_actions
from tickets.rules import conditions


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules decided: the rule that placed the request, the merged actions, and every step tried in order."""

    rule: Rule | None
    actions: dict[str, Any]
    steps: list[dict[str, Any]] = field(default_factory=list)
    matched: list[dict[str, Any]] = field(default_factory=list)


def choose(facts: Facts, rules: Iterable[Rule]) -> Decision:
    """Try the rules in order: the first that matches wins; one that does not stop lets later ones add what is unset.

    Every rule is tried, also behind the one that stopped, so that the account can say what would have matched.
    """
    winner: Rule | None = None
    stopped: Rule | None = None
    merged: dict[str, Any] = {}
    steps: list[dict[str, Any]] = []
    matched: list[dict[str, Any]] = []
    for rule in rules:
        holds, findings = conditions.match(rule.conditions, facts)
        steps.append(_step(rule, holds, findings, stopped))
        if not holds or stopped is not None:
            continue
        _merge(merged, rule.actions)
        if winner is None or ("queue" in rule.actions and "queue" not in winner.actions):
            winner = rule
            matched = [term.as_json() for finding in findings if finding.group != "none" for term in finding.terms]
        if rule.stops:
            stopped = rule
    return Decision(winner, merged, steps, matched)


def _merge(merged: dict[str, Any], actions: dict[str, Any]) -> None:
    for name, value in actions.items():
        if name == "tags":
            merged["tags"] = list(dict.fromkeys([*merged.get("tags", []), *value]))
        else:
            merged.setdefault(name, value)


def _step(rule: Rule, holds: bool, findings: list[conditions.Finding], stopped: Rule | None) -> dict[str, Any]:
    return {
        "rule": {"id": rule.pk, "name": rule.name, "position": rule.position, "version": rule.version},
        "matched": holds,
        "skipped": stopped.name if stopped is not None else None,
        "actions": rule.actions,
        "conditions": [finding.as_json() for finding in findings],
    }


def active_rules() -> list[Rule]:
    """The rules in force, in their order."""
    return list(Rule.objects.filter(is_active=True).order_by("position", "id"))


def keep(ticket: Ticket, decision: Decision, facts: Facts) -> Routing:
    """Store why the ticket is where it is. The body is not copied: it is the ticket's first message."""
    trace = {
        "subject": facts.subject,
        "language": facts.language,
        "kind": facts.kind,
        "actions": decision.actions,
        "steps": decision.steps,
    }
    return Routing.objects.create(
        ticket=ticket,
        rule=decision.rule,
        queue=ticket.queue,
        trace=trace,
        matched=decision.matched,
        created_at=clock.now(),
    )


@transaction.atomic
def create_rule(*, by: User, **given: Any) -> Rule:
    """A new rule at the end of the list unless a position is given."""
    _check(given)
    position = given.pop("position", None)
    last = Rule.objects.aggregate(last=Max("position"))["last"] or 0
    rule = Rule.objects.create(**given, position=last + 1, created_at=clock.now())
    if position is not None:
        _move(rule, position)
    record(names.RULES_CHANGED, rule, by=by.actor, data={"change": "created"})
    return rule


@transaction.atomic
def update_rule(rule: Rule, *, by: User, **given: Any) -> Rule:
    """Change a rule; its version grows, so that stored accounts say which text was in force."""
    _check(given)
    position = given.pop("position", None)
    for name, value in given.items():
        setattr(rule, name, value)
    rule.version += 1
    rule.save(update_fields=[*given, "version"])
    if position is not None:
        _move(rule, position)
    record(names.RULES_CHANGED, rule, by=by.actor, data={"change": "updated", "version": rule.version})
    return rule


@transaction.atomic
def delete_rule(rule: Rule, *, by: User) -> None:
    """Remove a rule; the accounts that name it keep its name and version."""
    record(names.RULES_CHANGED, rule, by=by.actor, data={"change": "deleted", "name": rule.name})
    rule.delete()


@transaction.atomic
def reorder(ids: list[int], *, by: User) -> None:
    """Put all rules into this order. Raises Invalid unless each is named exactly once."""
    rules = {rule.pk: rule for rule in Rule.objects.all()}
    if sorted(ids) != sorted(rules):
        raise errors.Invalid(fields={"ids": [_("Name every rule exactly once.")]})
    for position, rule_id in enumerate(ids, start=1):
        Rule.objects.filter(pk=rule_id).update(position=position)
    if ids:
        record(names.RULES_CHANGED, rules[ids[0]], by=by.actor, data={"change": "reordered"})


def _move(rule: Rule, position: int) -> None:
    others = list(Rule.objects.exclude(pk=rule.pk).order_by("position", "id"))
    others.insert(max(0, position - 1), rule)
    for number, other in enumerate(others, start=1):
        if other.position != number:
            other.position = number
            other.save(update_fields=["position"])


def _check(given: dict[str, Any]) -> None:
    if "conditions" in given:
        conditions.check(given["conditions"])
    if "actions" in given:
        rule_actions.check(given["actions"])
