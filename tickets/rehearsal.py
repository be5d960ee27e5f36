"""Explain and rehearse routing: the stored account of a ticket, a message nobody sent, the last requests again."""

from typing import Any

from helpdesk.lib import errors, text
from helpdesk.people.models import User
from tickets import routing
from tickets.facts import Facts
from tickets.models import Message, Queue, Routing, Ticket
from tickets.qualify import qualify


def explain_ticket(ticket: Ticket) -> dict[str, Any]:
    """Why the ticket is where it is, as it was decided then. Raises NotFound for one that no door brought in."""
    stored = Routing.objects.filter(ticket=ticket).select_related("queue", "rule").first()
    if stored is None:
        raise errors.NotFound()
    first = ticket.messages.filter(seq=1).values_list("body", flat=True).first() or ""
    winner = next((step["rule"] for step in stored.trace["steps"] if step["rule"]["id"] == stored.rule_id), None)
    return {
        "language": stored.trace["language"],
        "kind": stored.trace["kind"],
        "rule": winner,
        "queue": {"slug": stored.queue.slug, "name": stored.queue.label},
        "matched": stored.matched,
        "steps": stored.trace["steps"],
        "text": f"{stored.trace['subject']}\n{first}",
        "at": stored.created_at,
    }


def explain_message(*, subject: str, body: str, sender: str, channel: str, mailbox: str) -> dict[str, Any]:
    """The same account for a message that nobody sent; nothing is written."""
    subject, body = text.one_line(subject), text.clean(body)
    guessed = qualify(subject, body)
    facts = Facts(subject, body, channel, sender.lower(), mailbox.lower(), guessed.language, guessed.kind)
    decision = routing.choose(facts, routing.active_rules())
    queue = _queue(decision.actions.get("queue"))
    return {
        "language": guessed.language,
        "kind": decision.actions.get("kind") or guessed.kind,
        "priority": decision.actions.get("priority") or guessed.priority,
        "tags": decision.actions.get("tags", []),
        "rule": _rule(decision),
        "queue": {"slug": queue.slug, "name": queue.label},
        "matched": decision.matched,
        "steps": decision.steps,
        "text": facts.text,
        "at": None,
    }


def _rule(decision: routing.Decision) -> dict[str, Any] | None:
    rule = decision.rule
    return {"id": rule.pk, "name": rule.name, "position": rule.position, "version": rule.version} if rule else None


def _queue(slug: str | None) -> Queue:
    found = Queue.objects.filter(slug=slug, is_active=True).first() if slug else None
    return found or Queue.objects.get(is_default=True)


def backtest(user: User, limit: int) -> dict[str, Any]:
    """Run today's rules over the last requests the user may see; says what would go elsewhere. Nothing is written."""
    rows = Routing.objects.filter(ticket__in=Ticket.objects.visible_to(user)).select_related("ticket", "queue")
    recent = list(rows.order_by("-ticket_id")[:limit])
    first = Message.objects.filter(ticket__in=[row.ticket_id for row in recent], seq=1)
    bodies = dict(first.values_list("ticket_id", "body"))
    rules = routing.active_rules()
    names = {queue.slug: queue.label for queue in Queue.objects.all()}
    default = Queue.objects.get(is_default=True).slug
    changes = []
    for row in recent:
        now = _placed(row, bodies.get(row.ticket_id, ""), rules) or default
        if now != row.queue.slug:
            changes.append(_change(row, now, names))
    return {"tried": len(recent), "changed": len(changes), "changes": changes}


def _placed(row: Routing, body: str, rules: list[Any]) -> str | None:
    trace = row.trace
    facts = Facts(
        trace["subject"], body, row.ticket.channel, row.ticket.reply_address, "", trace["language"], trace["kind"]
    )
    slug: str | None = routing.choose(facts, rules).actions.get("queue")
    return slug


def _change(row: Routing, now: str, names: dict[str, str]) -> dict[str, Any]:
    return {
        "ticket": {"id": row.ticket_id, "number": row.ticket.number, "subject": row.ticket.subject},
        "from": {"slug": row.queue.slug, "name": row.queue.label},
        "to": {"slug": now, "name": names.get(now, now)},
    }
