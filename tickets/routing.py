"""Choose the queue by rules, and keep the account of how. The core is pure: rehearsal and production are the same code."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors, together
from helpdesk.people.models import User
from tickets.facts import Facts
from tickets.models import Routing, Rule, RuleTally, Ticket
from tickets.rules import accounts, engine, published, references
from tickets.rules import content as contents
from tickets.rules.compiled import Compiled, Entry
from tickets.rules.engine import Decision
from tickets.rules.published import Item

__all__ = ["Decision", "account", "active_rules", "choose", "keep"]


def active_rules() -> Compiled:
    """The rules in force, in their order."""
    return published.live()


def compiled(rules: Iterable[Rule]) -> Compiled:
    """Rules that are not published, ready to be tried."""
    entries = [
        Entry(rule.pk, rule.version, position, contents.of_row(rule)) for position, rule in enumerate(rules, start=1)
    ]
    return Compiled(None, tuple(entries))


def choose(facts: Facts, rules: Compiled | Iterable[Rule]) -> Decision:
    """What the rules for new requests say. The first that matches wins; see `engine.choose`."""
    ready = rules if isinstance(rules, Compiled) else compiled(rules)
    return engine.choose(facts, ready.group("intake"), number=ready.number)


def account(facts: Facts, rules: Compiled | Iterable[Rule], decision: Decision) -> list[dict[str, Any]]:
    """Every rule in order, matched or which condition failed."""
    ready = rules if isinstance(rules, Compiled) else compiled(rules)
    return engine.account(facts, ready.group("intake"), decision.steps)


def keep(ticket: Ticket, decision: Decision, facts: Facts) -> Routing:
    """Store why the ticket is where it is. The body is not copied: it is the ticket's first message.

    Rules that did not match are told again from the list, which is kept, and the facts, which are kept here.
    """
    if decision.tally:
        together.insert(RuleTally(matched=decision.tally, created_at=clock.now()))
    routing = Routing(
        ticket=ticket,
        rule_id=decision.rule.pk if decision.rule else None,
        queue=ticket.queue,
        trace=accounts.trace(decision, facts),
        matched=decision.matched,
        created_at=clock.now(),
    )
    together.insert(routing)
    return routing


# --- changing the list in force at once: each change is a published list of its own ----------------------------------


@transaction.atomic
def create_rule(*, by: User, note: str = "", **given: Any) -> Rule:
    """A new rule at the end of the list unless a position is given."""
    content = _read(given)
    items = published.current_items()
    position = given.get("position") or len(items) + 1
    items.insert(max(0, position - 1), Item(None, content))
    known = {item.rule_id for item in items}
    row = published.publish(items, by=by, note=note)
    rule = Rule.objects.get(pk=next(pk for pk, _version in row.entries if pk not in known))
    record(names.RULES_CHANGED, rule, by=by.actor, data={"change": "created", "number": row.number})
    return rule


@transaction.atomic
def update_rule(rule: Rule, *, by: User, note: str = "", **given: Any) -> Rule:
    """Change a rule; its version grows, so that stored accounts say which text was in force."""
    content = _read(given, contents.of_row(rule))
    items = [Item(each.rule_id, content) if each.rule_id == rule.pk else each for each in published.current_items()]
    if position := given.get("position"):
        moved = next(item for item in items if item.rule_id == rule.pk)
        items.remove(moved)
        items.insert(max(0, position - 1), moved)
    row = published.publish(items, by=by, note=note)
    rule.refresh_from_db()
    data = {"change": "updated", "version": rule.version, "number": row.number}
    record(names.RULES_CHANGED, rule, by=by.actor, data=data)
    return rule


@transaction.atomic
def delete_rule(rule: Rule, *, by: User, note: str = "") -> None:
    """Take a rule off the list; its row stays for the accounts that name it, and for going back."""
    items = [item for item in published.current_items() if item.rule_id != rule.pk]
    row = published.publish(items, by=by, note=note)
    data = {"change": "deleted", "name": rule.name, "number": row.number}
    record(names.RULES_CHANGED, rule, by=by.actor, data=data)


@transaction.atomic
def reorder(ids: list[int], *, by: User, note: str = "") -> None:
    """Put all rules into this order. Raises Invalid unless each is named exactly once."""
    items = {item.rule_id: item for item in published.current_items()}
    if sorted(ids) != sorted(pk for pk in items if pk is not None):
        raise errors.Invalid(fields={"ids": [_("Name every rule exactly once.")]})
    row = published.publish([items[rule_id] for rule_id in ids], by=by, note=note)
    if ids:
        data = {"change": "reordered", "number": row.number}
        record(names.RULES_CHANGED, Rule.objects.get(pk=ids[0]), by=by.actor, data=data)


def _read(given: dict[str, Any], base: dict[str, Any] | None = None) -> dict[str, Any]:
    """A content that may go into force at once: it points to nothing that is switched off."""
    named = {("active" if name == "is_active" else name): value for name, value in given.items()}
    content = contents.read(named, base)
    if "actions" in given:
        wrong = references.problems({**content, "conditions": {}}, references.known())
        if wrong:
            raise errors.Invalid(fields={"actions": [each["detail"] for each in wrong]})
    return content
