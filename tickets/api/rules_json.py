"""How rules, lists and runs look over the API."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from helpdesk.people.models import User
from tickets.models import Routing, Rule, RuleDraft, RuleList, RuleRun, RuleTest
from tickets.rules import content as contents
from tickets.rules import drafts, published, references, stats, trials
from tickets.rules.compiled import Compiled


def named(user: User | None) -> dict[str, Any] | None:
    return {"id": user.pk, "name": user.name} if user else None


def rules_json(compiled: Compiled) -> list[dict[str, Any]]:
    """Every rule of a list with its numbers, warnings and problems; in a fixed number of queries."""
    counts, there = stats.of_all(), references.known()
    created: dict[int, datetime] = dict(Rule.objects.values_list("id", "created_at"))
    warned = stats.warnings(compiled.entries, counts, created)
    names = {entry.pk: entry.name for entry in compiled.entries if entry.pk is not None}
    return [_rule(entry, counts, there, warned, names) for entry in compiled.entries]


def _rule(
    entry: Any,
    counts: Mapping[int, stats.Count],
    there: references.Known,
    warned: Mapping[int, list[str]],
    names: Mapping[int, str],
) -> dict[str, Any]:
    count = counts.get(entry.pk, stats.Count())
    warnings = warned.get(entry.pk, [])
    by = count.behind_rule if "always_shadowed" in warnings else None
    return {
        "id": entry.pk,
        "position": entry.position,
        **{name: entry.content[name] for name in contents.DEFAULTS},
        "version": entry.version,
        "hits": count.hits,
        "hits_week": count.week,
        "hits_shadow": count.shadow,
        "last_hit_at": count.last_at,
        "warnings": warnings,
        "shadowed_by": {"id": by, "name": names[by]} if by is not None and by in names else None,
        "problems": references.problems(entry.content, there),
    }


def rule_json(rule_id: int) -> dict[str, Any]:
    """One rule of the list in force."""
    return next(row for row in rules_json(published.live()) if row["id"] == rule_id)


def version_json(row: RuleList, live: int) -> dict[str, Any]:
    return {
        "number": row.number,
        "author": named(row.author),
        "note": row.note,
        "reason": row.reason,
        "failed_tests": row.failed_tests,
        "published_at": row.published_at,
        "restored_from": row.restored_from,
        "is_live": row.number == live,
        "count": len(row.entries),
        "changes": {"added": [], "changed": [], "removed": [], "moved": 0, **row.changes},
    }


def draft_ref(draft: RuleDraft | None, live: int) -> dict[str, Any] | None:
    if draft is None:
        return None
    return {
        "revision": draft.revision,
        "base": draft.base,
        "author": named(draft.author),
        "updated_at": draft.updated_at,
        "is_stale": draft.base != live,
    }


def draft_json() -> dict[str, Any]:
    """The draft with its tests; without one, the list in force as the beginning of one."""
    draft, live = drafts.current(), published.last_number()
    rows = draft.rules if draft else drafts.live_rows()
    compiled = drafts.compiled(rows)
    told, gone = drafts.changes(rows)
    known = {entry.pk: entry.version for entry in published.live().entries}
    rules = rules_json(compiled)
    for row, rule, change in zip(rows, rules, told, strict=True):
        rule |= {"key": row["key"], "change": change, "version": known.get(row["id"], 0)}
    ref = draft_ref(draft, live) or {
        "revision": 0, "base": live, "is_stale": False, "author": None, "updated_at": None,
    }  # fmt: skip
    return {
        "exists": draft is not None,
        **ref,
        "live": live,
        "rules": rules,
        "removed": gone,
        "problems": sum(len(rule["problems"]) for rule in rules if rule["active"]),
        "tests": trials.run(compiled),
    }


def saved_test(test: RuleTest) -> dict[str, Any]:
    return {
        "id": test.pk,
        "name": test.name,
        "message": test.message,
        "expect": test.expect,
        "active": test.is_active,
    }


def runs_json(rows: Iterable[RuleRun], *, with_ticket: bool = False) -> list[dict[str, Any]]:
    return [run_json(row, with_ticket=with_ticket) for row in rows]


def run_json(row: RuleRun, *, with_ticket: bool = False) -> dict[str, Any]:
    won = next((step["rule"] for step in row.trace["steps"] if step.get("effect") == "won"), None)
    told = {
        "id": row.pk,
        "at": row.created_at,
        "trigger": row.trigger,
        "event": row.event_name or None,
        "rule": won,
        "effect": row.has_effect,
        "applied": row.applied,
        "kept": row.kept,
        "stopped": row.stopped or None,
        "number": row.trace.get("number"),
    }
    return told | ({"ticket": ticket_ref(row.ticket)} if with_ticket else {})


def ticket_ref(ticket: Any) -> dict[str, Any]:
    return {"id": ticket.pk, "number": ticket.number, "subject": ticket.subject}


def intake_json(row: Routing) -> dict[str, Any]:
    """The run of an intake, as a row of the run log."""
    won = next((step["rule"] for step in row.trace["steps"] if step["rule"]["id"] == row.rule_id), None)
    actions = row.trace.get("actions", {})
    return {
        "id": None,
        "at": row.created_at,
        "trigger": "intake",
        "event": None,
        "rule": won,
        "effect": bool(actions),
        "applied": [{"field": name, "from": None, "to": value} for name, value in actions.items()],
        "kept": [],
        "stopped": None,
        "number": row.trace.get("number"),
        "ticket": ticket_ref(row.ticket),
    }
