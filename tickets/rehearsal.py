"""Explain and rehearse routing: the stored account of a ticket, a message nobody sent, the last requests again.

Rehearsal calls what production calls (`gathering.of_request`, `engine.choose`) and does nothing with the answer.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helpdesk.lib import errors, text
from helpdesk.people.models import Customer, Identity, User
from tickets.channels import email_parse
from tickets.facts import Facts
from tickets.models import Mailbox, Message, Provenance, Queue, Routing, RuleRun, Ticket
from tickets.models.rule import Trigger
from tickets.qualification import sensitive
from tickets.rules import engine, gathering, published
from tickets.rules.compiled import Compiled, Group
from tickets.rules.engine import Decision
from tickets.rules.gathering import Stated


@dataclass(frozen=True, slots=True)
class Typed:
    """A message that nobody sent."""

    subject: str = ""
    body: str = ""
    sender: str = ""
    channel: str = "email"
    mailbox: str = ""
    attachments: tuple[str, ...] = ()
    at: datetime | None = None


# --- a ticket: as it was decided then --------------------------------------------------------------------------------


def explain_ticket(ticket: Ticket) -> dict[str, Any]:
    """Why the ticket is where it is, as it was decided then. Raises NotFound for one that no door brought in."""
    stored = Routing.objects.filter(ticket=ticket).select_related("queue", "rule").first()
    if stored is None:
        raise errors.NotFound()
    trace = stored.trace
    first = ticket.messages.filter(seq=1).values_list("body", flat=True).first() or ""
    facts = Facts.of_kept(trace.get("facts", {}), trace["subject"], first)
    number = trace.get("number")
    steps = _steps(facts, number, "intake", trace["steps"])
    winner = next((step["rule"] for step in trace["steps"] if step["rule"]["id"] == stored.rule_id), None)
    return {
        "language": trace["language"],
        "kind": trace["kind"],
        "rule": winner,
        "queue": {"slug": stored.queue.slug, "name": stored.queue.label},
        "actions": trace.get("actions", {}),
        "matched": stored.matched,
        "steps": steps,
        "text": sensitive.mask_cards(facts.text),
        "attachments": list(facts.attachments),
        "number": number,
        "trigger": "intake",
        "at": stored.created_at,
        "overwritten": overwritten(ticket, stored),
    }


def explain_run(row: RuleRun) -> dict[str, Any]:
    """The full account of a run after the intake, as it was decided then."""
    ticket, trace = row.ticket, row.trace
    messages = dict(Message.objects.filter(ticket=ticket, seq__in=[1, trace.get("seq")]).values_list("seq", "body"))
    facts = Facts.of_kept(
        trace.get("facts", {}), trace["subject"], messages.get(1, ""), now_body=messages.get(trace.get("seq") or 1, "")
    )
    group = _group_of(row)
    steps = engine.account(facts, group, trace["steps"]) if group else trace["steps"]
    return {
        "language": trace["language"],
        "kind": trace["kind"],
        "rule": next((step["rule"] for step in trace["steps"] if step["effect"] == engine.WON), None),
        "queue": {"slug": ticket.queue.slug, "name": ticket.queue.label},
        "actions": trace["actions"],
        "matched": row.matched,
        "steps": steps,
        "text": sensitive.mask_cards(facts.text),
        "attachments": list(facts.attachments),
        "number": trace.get("number"),
        "trigger": row.trigger,
        "at": row.created_at,
        "applied": row.applied,
        "kept": row.kept,
        "stopped": row.stopped or None,
        "event": row.event_name or None,
    }


def _group_of(row: RuleRun) -> Group | None:
    """The rules that were tried; a time run tries those alone whose time had come."""
    then = published.at(row.trace["number"]) if row.trace.get("number") and not row.stopped else None
    if then is None:
        return None
    if row.trigger == Trigger.EVENT:
        return then.of_event(row.event_name)
    tried = set(row.trace.get("tried", []))
    return Group(tuple(entry for entry in then.group("time").entries if entry.pk in tried))


def _steps(facts: Facts, number: int | None, trigger: str, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every rule of the list in force then; an account from before lists were kept has them all already."""
    then = published.at(number) if number else None
    return engine.account(facts, then.group(trigger), told) if then else told


def overwritten(ticket: Ticket, stored: Routing) -> list[dict[str, Any]]:
    """What the rules had set and somebody changed since: field, both values, by whom and when."""
    set_then = stored.trace.get("actions", {})
    now = {"queue": ticket.queue.slug, "priority": ticket.priority, "kind": ticket.kind, "assignee": ticket.assignee_id}
    rows = {row.field: row for row in Provenance.objects.filter(ticket=ticket).select_related("user")}
    found = []
    for name, value in now.items():
        row = rows.get(name)
        if name in set_then and set_then[name] != value:
            found.append(
                {
                    "field": name,
                    "rule_value": set_then[name],
                    "value": value,
                    "by": {
                        "kind": {"agent": "user"}.get(row.kind, row.kind) if row else "",
                        "id": row.user_id or row.origin if row else None,
                        "name": (row.user.name if row.user else row.name) if row else "",
                    },
                    "at": row.set_at if row else None,
                }
            )
    return found


# --- a message: as it would be decided -------------------------------------------------------------------------------


def explain_message(typed: Typed, rules: Compiled | None = None) -> dict[str, Any]:
    """The same account for a message that nobody sent; nothing is written."""
    return explain(seen_of(typed), rules or published.live(), typed.mailbox)


def read_raw(raw: str) -> Typed:
    """A pasted mail as the door for mail would hand it on."""
    mail = email_parse.parse(raw.encode("utf-8", "surrogateescape"))
    addressed = [address for address in Mailbox.objects.values_list("address", flat=True) if address in raw.lower()]
    return Typed(
        subject=mail.subject,
        body=mail.newest_text or mail.subject,
        sender=mail.from_address,
        channel="email",
        mailbox=addressed[0] if addressed else "",
        attachments=tuple(file.name for file in mail.attachments),
    )


def read_ticket(ticket: Ticket) -> Typed:
    """A past request as if it came in again."""
    first = Message.objects.filter(ticket=ticket, seq=1).first()
    routing = Routing.objects.filter(ticket=ticket).first()
    return Typed(
        subject=routing.trace["subject"] if routing else ticket.subject,
        body=first.body if first else "",
        sender=ticket.reply_address,
        channel=ticket.channel,
        mailbox=ticket.mailbox.address if ticket.mailbox else "",
        attachments=tuple(first.attachments.values_list("name", flat=True)) if first else (),
        at=ticket.created_at,
    )


def seen_of(typed: Typed) -> gathering.Seen:
    """Qualified and gathered as at the door."""
    sender = typed.sender.strip().lower()
    return gathering.of_request(
        text.one_line(typed.subject) or text.excerpt(typed.body, 80),
        text.clean(typed.body),
        _customer(sender),
        channel=typed.channel,
        sender=sender,
        mailbox=typed.mailbox.strip().lower(),
        attachments=typed.attachments,
        stated=Stated(),
        moment=typed.at,
    )


def _customer(address: str) -> Customer | None:
    """The customer who proved this address, else nobody: what is only claimed tells nothing."""
    proved = Identity.objects.filter(kind=Identity.Kind.EMAIL, value=address, verified_at__isnull=False)
    found = proved.select_related("customer").first() if address else None
    return found.customer if found else None


def explain(seen: gathering.Seen, rules: Compiled, mailbox: str = "") -> dict[str, Any]:
    """Decide and give the full account, with what would be done."""
    began = time.perf_counter()
    group = rules.group("intake")
    decision = engine.choose(seen.facts, group, number=rules.number)
    steps = engine.account(seen.facts, group, decision.steps)
    spent = (time.perf_counter() - began) * 1000
    queue = _queue(decision.actions.get("queue"), mailbox)
    actions = decision.actions
    return {
        "language": seen.facts.language,
        "language_score": seen.guessed.language_score,
        "kind": actions.get("kind") or seen.guessed.kind,
        "priority": actions.get("priority") or seen.guessed.priority,
        "tags": actions.get("tags", []),
        "spam": seen.facts.spam,
        "rule": decision.rule.ref() if decision.rule else None,
        "queue": {"slug": queue.slug, "name": queue.label},
        "assignee": _person(actions.get("assignee")),
        "actions": actions,
        "would": _would(actions),
        "matched": decision.matched,
        "steps": steps,
        "text": seen.facts.text,
        "attachments": list(seen.facts.attachments),
        "number": rules.number,
        "ms": round(spent, 2),
        "trigger": "intake",
        "at": None,
    }


def _would(actions: dict[str, Any]) -> dict[str, Any]:
    holds = bool(actions.get("hold"))
    return {
        "hold": holds,
        "acknowledge": actions.get("acknowledge", True) is not False and not holds,
        "macro": actions.get("macro"),
        "notify": actions.get("notify"),
        "skills": actions.get("skills", []),
    }


def _person(user_id: int | None) -> dict[str, Any] | None:
    found = User.objects.filter(pk=user_id, is_active=True).first() if user_id else None
    return {"id": found.pk, "name": found.name} if found else None


def _queue(slug: str | None, mailbox: str = "") -> Queue:
    """Where intake would put it (`intake.queue_for`), for one without a site."""
    found = Queue.objects.filter(slug=slug, is_active=True).first() if slug else None
    if found is None and mailbox:
        found = Queue.objects.filter(mailboxes__address__iexact=mailbox, is_active=True).first()
    return found or Queue.objects.get(is_default=True)


def outcome(typed: Typed, rules: Compiled) -> dict[str, Any]:
    """What would come out, without the account: queue, priority, kind, tags, rule, hold, assignee."""
    seen = seen_of(typed)
    decision = decide(seen.facts, rules)
    actions = decision.actions
    return {
        "queue": _queue(actions.get("queue"), typed.mailbox).slug,
        "priority": actions.get("priority") or seen.guessed.priority,
        "kind": actions.get("kind") or seen.guessed.kind,
        "tags": actions.get("tags", []),
        "rule": decision.rule.name if decision.rule else None,
        "hold": bool(actions.get("hold")),
        "assignee": actions.get("assignee"),
    }


def decide(facts: Facts, rules: Compiled) -> Decision:
    """Only the decision, without the account."""
    return engine.choose(facts, rules.group("intake"), number=rules.number)
