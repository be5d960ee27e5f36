"""What is kept of a decision, and the log of runs, filtered."""

from typing import Any

from django.db.models import QuerySet

from tickets.facts import Facts
from tickets.models import Routing, RuleRun, Ticket
from tickets.rules.engine import Decision


def trace(decision: Decision, facts: Facts) -> dict[str, Any]:
    """All it takes to tell later why: with the list of that number, what did not match is found again."""
    return {
        "number": decision.number,
        "subject": facts.subject,
        "language": facts.language,
        "kind": facts.kind,
        "facts": facts.kept(),
        "actions": decision.actions,
        "steps": decision.steps,
    }


def runs(
    visible: QuerySet[Ticket], *, rule: int | None, effect: bool | None, trigger: str
) -> QuerySet[RuleRun, RuleRun]:
    """Runs after the intake on these tickets. Uses index: rule_run_rule."""
    asked: dict[str, Any] = {"rule": rule, "has_effect": effect, "trigger": trigger or None}
    given = {name: value for name, value in asked.items() if value is not None}
    return RuleRun.objects.filter(ticket__in=visible, **given).select_related("ticket")


def intakes(visible: QuerySet[Ticket], *, rule: int | None) -> QuerySet[Routing, Routing]:
    """The runs of the intake."""
    rows = Routing.objects.filter(ticket__in=visible).select_related("ticket")
    return rows.filter(rule=rule) if rule is not None else rows
