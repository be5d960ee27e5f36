"""The last real requests again, through other rules: what would go elsewhere. Nothing is written."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from helpdesk.lib import clock
from helpdesk.people.models import User
from tickets import rehearsal
from tickets.facts import Facts
from tickets.models import Mailbox, Message, Queue, Routing, Ticket
from tickets.rules import gathering
from tickets.rules.compiled import Compiled

Versus = Literal["live", "then"]
_COMPARED = ("priority", "kind", "tags", "assignee")


@dataclass(frozen=True, slots=True)
class Span:
    """Which past requests: at most `limit` of the last `days`, older than the ticket `before`, newest first."""

    limit: int
    days: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Where a request goes and what is said of it."""

    queue: str
    rule: str | None
    actions: dict[str, Any]


def run(user: User, span: Span, rules: Compiled, *, against: str, versus: Versus, live: Compiled) -> dict[str, Any]:
    """Try `rules` on the last requests that the user may see, against the list in force or what was decided then."""
    began = time.perf_counter()
    recent = _recent(user, span)
    places = _Places()
    changes, hits = [], Counter[int]()
    for row, facts in recent:
        decision = rehearsal.decide(facts, rules)
        now = _Outcome(places.of(decision.actions.get("queue"), row), _name(decision), decision.actions)
        hits.update(step["rule"]["position"] for step in decision.steps if step["effect"] in ("won", "added"))
        if change := _change(row, _before(row, facts, versus, live, places), now, places.names):
            changes.append(change)
    spent = (time.perf_counter() - began) * 1000
    return {
        "tried": len(recent),
        "changed": len(changes),
        "share": round(len(changes) / len(recent), 4) if recent else 0.0,
        "ms": round(spent, 1),
        "against": against,
        "versus": versus,
        "changes": changes,
        "moves": _moves(changes),
        "rules": [
            {"id": entry.pk, "key": entry.key, "name": entry.name, "hits": hits[entry.position]}
            for entry in rules.group("intake").entries
        ],
        # Where the next slice begins, for a screen that shows its progress
        "next": recent[-1][0].ticket_id if len(recent) == span.limit else None,
    }


def _recent(user: User, span: Span) -> list[tuple[Routing, Facts]]:
    """The newest requests with their facts as they came in; four queries."""
    rows = Routing.objects.filter(ticket__in=Ticket.objects.visible_to(user))
    if span.days is not None:
        rows = rows.filter(ticket__created_at__gte=clock.now() - timedelta(days=span.days))
    if span.before is not None:
        rows = rows.filter(ticket_id__lt=span.before)
    found = list(rows.select_related("ticket__requester", "queue").order_by("-ticket_id")[: span.limit])
    first = Message.objects.filter(ticket__in=[row.ticket_id for row in found], seq=1)
    bodies = dict(first.values_list("ticket_id", "body"))
    addresses = dict(Mailbox.objects.values_list("id", "address"))
    return [(row, _facts(row, bodies.get(row.ticket_id, ""), addresses)) for row in found]


def _facts(row: Routing, body: str, addresses: dict[int, str]) -> Facts:
    trace, ticket = row.trace, row.ticket
    kept = trace.get("facts") or {
        "channel": ticket.channel,
        "sender": ticket.reply_address,
        "mailbox": addresses.get(ticket.mailbox_id or 0, ""),
        "language": trace["language"],
        "kind": trace["kind"],
    }
    facts = Facts.of_kept(kept, trace["subject"], body)
    return gathering.complete(facts, ticket)


class _Places:
    """Queues as intake finds them, read once."""

    def __init__(self) -> None:
        queues = list(Queue.objects.all())
        self.names = {queue.slug: queue.label for queue in queues}
        self.active = {queue.slug for queue in queues if queue.is_active}
        self.default = next((queue.slug for queue in queues if queue.is_default), "")
        self.of_mailbox = dict(Mailbox.objects.filter(queue__is_active=True).values_list("id", "queue__slug"))

    def of(self, slug: str | None, row: Routing) -> str:
        if slug in self.active and slug:
            return slug
        if "queue" not in row.trace.get("actions", {}):
            # No rule placed it then: where it was put for another reason, it would be put again
            return row.queue.slug
        return self.of_mailbox.get(row.ticket.mailbox_id or 0, self.default)


def _before(row: Routing, facts: Facts, versus: Versus, live: Compiled, places: _Places) -> _Outcome:
    if versus == "live":
        decision = rehearsal.decide(facts, live)
        return _Outcome(places.of(decision.actions.get("queue"), row), _name(decision), decision.actions)
    return _Outcome(row.queue.slug, None, row.trace.get("actions", {}))


def _name(decision: Any) -> str | None:
    return decision.rule.name if decision.rule else None


def _change(row: Routing, before: _Outcome, now: _Outcome, names: dict[str, str]) -> dict[str, Any] | None:
    fields = {
        name: [before.actions.get(name), now.actions.get(name)]
        for name in _COMPARED
        if _value(before, name) != _value(now, name)
    }
    if before.queue == now.queue and not fields:
        return None
    return {
        "ticket": {"id": row.ticket_id, "number": row.ticket.number, "subject": row.ticket.subject},
        "from": {"slug": before.queue, "name": names.get(before.queue, before.queue)},
        "to": {"slug": now.queue, "name": names.get(now.queue, now.queue)},
        "rule": now.rule,
        "fields": fields,
    }


def _value(outcome: _Outcome, name: str) -> Any:
    value = outcome.actions.get(name)
    return sorted(value) if isinstance(value, list) else value or None


def _moves(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many go from where to where, most first."""
    counted: dict[tuple[str, str], dict[str, Any]] = {}
    for change in changes:
        key = change["from"]["slug"], change["to"]["slug"]
        if key[0] != key[1]:
            counted.setdefault(key, {"from": change["from"], "to": change["to"], "count": 0})["count"] += 1
    return sorted(counted.values(), key=lambda move: -move["count"])
