"""Rules after the intake: tried when something happens to a ticket, or when time has passed. Never on their own effects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.events.record import record
from helpdesk.jobs import engine as jobs
from helpdesk.lib import causes, clock
from helpdesk.lib.actor import SYSTEM
from tickets import access
from tickets.facts import Facts
from tickets.models import Message, RuleFiring, RuleRun, RuleTally, Ticket
from tickets.models.rule import Trigger
from tickets.rules import accounts, effects, engine, gathering, published
from tickets.rules import content as contents
from tickets.rules.compiled import Compiled, Entry, Group
from tickets.rules.effects import Done
from tickets.rules.engine import Decision

_LONGEST_CHAIN = 50
_SINCE = {"created": "created_at", "last_message": "last_message_at", "waiting": "waiting_since"}
_BATCH = 500
# A whole pass of time rules so often; others look so far behind the last one, for what was committed late
_WHOLLY = timedelta(hours=1)
_LATE = timedelta(minutes=2)


# --- something happened ----------------------------------------------------------------------------------------------


def listens(event: Event) -> bool:
    """Whether a rule in force waits for this event: nobody writes a job that nobody needs."""
    return event.subject == "ticket" and event.name in contents.EVENTS and event.name in published.live().heard


def on_event(event_id: int) -> None:
    """Job: try the rules that wait for this event. A second try after a crash finds the first one's account."""
    event = Event.objects.get(pk=event_id)
    rules = published.live()
    group = rules.of_event(event.name)
    if group.entries:
        _on_event(event, group, rules.number)


@transaction.atomic
def _on_event(event: Event, group: Group, number: int | None) -> None:
    ticket = access.locked(event.subject_id)
    if RuleRun.objects.filter(event=event.pk).exists():
        return
    newest = _spoken(Message.objects.filter(ticket=ticket, seq=event.data.get("seq")).first())
    newest = newest or gathering.newest(ticket)
    facts = gathering.of_ticket(ticket, clock.now(), author=_author(event), newest=newest)
    chain = _chain(event)
    if stopped := _cap(ticket, chain):
        _stop(ticket, event, stopped, number)
        return
    decision = engine.choose(facts, group, skip=_acted(chain), number=number)
    with causes.answering(event.pk):
        done = effects.apply(ticket, decision, cause=event.pk)
    _keep(ticket, Trigger.EVENT, decision, facts, done, event=event, seq=newest.seq if newest else None)


def _spoken(message: Message | None) -> Message | None:
    """The words that the event tells of, where they are a customer's; a rule does not read notes."""
    return message if message is not None and message.is_public and message.author_customer_id else None


def _author(event: Event) -> str:
    return {"user": "agent", "customer": "customer"}.get(event.actor_kind, "system")


def _chain(event: Event) -> list[Event]:
    """The event and those it came from, newest first."""
    found = [event]
    while found[-1].cause is not None and len(found) < _LONGEST_CHAIN:
        above = Event.objects.filter(pk=found[-1].cause).first()
        if above is None:
            break
        found.append(above)
    return found


def _acted(chain: list[Event]) -> set[int]:
    """The rules whose effect this is, directly or through others: they do not act again."""
    return {event.actor_id for event in chain if event.actor_kind == "rule" and event.actor_id is not None}


def _cap(ticket: Ticket, chain: list[Event]) -> str:
    """Which cap holds: too many rules in a row, or too many runs with effect on this ticket within the hour."""
    if chain[0].depth >= settings.RULES_MAX_DEPTH:
        return str(RuleRun.Stopped.DEPTH)
    since = clock.now() - timedelta(hours=1)
    recent = RuleRun.objects.filter(ticket=ticket, has_effect=True, created_at__gt=since).count()
    return str(RuleRun.Stopped.COUNT) if recent >= settings.RULES_MAX_RUNS_PER_HOUR else ""


def _stop(ticket: Ticket, event: Event | None, cap: str, number: int | None) -> None:
    """Tell that rules were not tried, and why."""
    trace = {"number": number, "subject": ticket.subject, "language": ticket.language, "kind": ticket.kind}
    RuleRun.objects.create(
        ticket=ticket,
        trigger=Trigger.EVENT if event else Trigger.TIME,
        event=event.pk if event else None,
        event_name=event.name if event else "",
        trace={**trace, "actions": {}, "steps": [], "facts": {}},
        stopped=cap,
        created_at=clock.now(),
    )
    data = {"cap": cap, "event": event.pk if event else None}
    record(names.RULE_STOPPED, ticket, by=SYSTEM, data=data, cause=event.pk if event else None)


def _keep(
    ticket: Ticket,
    trigger: str,
    decision: Decision,
    facts: Facts,
    done: Done,
    *,
    event: Event | None = None,
    **more: Any,
) -> RuleRun:
    """`more`: the `seq` of the words that were read as the current ones; the rules `tried` by the clock."""
    if decision.tally:
        RuleTally.objects.create(matched=decision.tally, created_at=clock.now())
    return RuleRun.objects.create(
        ticket=ticket,
        trigger=trigger,
        event=event.pk if event else None,
        event_name=event.name if event else "",
        rule_id=decision.rule.pk if decision.rule else None,
        trace=accounts.trace(decision, facts) | more,
        matched=decision.matched,
        applied=done.applied,
        kept=done.kept,
        has_effect=bool(done.applied),
        created_at=clock.now(),
    )


# --- time has passed -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Passed:
    """How far this process has come: with which list, when it looked at everything, and up to when it has looked."""

    rules: Compiled
    wholly: datetime
    upto: datetime

    def is_enough(self, rules: Compiled, moment: datetime) -> bool:
        """Whether looking at what came due since then leaves nothing out that cannot wait for the next whole pass."""
        return rules is self.rules and self.upto <= moment < self.wholly + _WHOLLY


_passed: _Passed | None = None


@jobs.every(settings.RULES_TIME_SECONDS)
def on_time() -> None:
    """Job: try each time rule once on every unfinished ticket for which its time has come.

    A pass touches what came due since the one before. A new list, a new process and each hour begin with a whole pass,
    which finds what such a look cannot: tickets that were finished when their time came, or came in with an old date.
    """
    global _passed
    rules, moment, before = published.live(), clock.now(), _passed
    entries = rules.group("time").entries
    if not entries:
        return
    if before is not None and before.is_enough(rules, moment):
        due, is_all = _due_since(entries, before.upto - _LATE, moment)
        wholly = before.wholly
    else:
        due, is_all = _due(entries, moment)
        wholly = moment
    for ticket_id, now_due in due.items():
        _on_time(ticket_id, Group(tuple(now_due)), rules.number)
    # What was too much for this pass is left to a whole one, which passes over what was tried
    _passed = _Passed(rules, wholly, moment) if is_all else None


_Due = dict[int, list[Entry]]


def _due(entries: Sequence[Entry], moment: datetime) -> tuple[_Due, bool]:
    """Every unfinished ticket whose moment lies far enough back and was not counted yet, the longest first; and whether
    these are all. One query per rule. Uses index: ticket_line, which holds only what is unfinished."""
    due: _Due = {}
    is_all = True
    for entry in entries:
        column = _SINCE[entry.content["after"]["since"]]
        fired = RuleFiring.objects.filter(rule=entry.pk, ticket=OuterRef("pk"), since=OuterRef(column))
        rows = Ticket.objects.unfinished().filter(~Exists(fired), **{f"{column}__lte": _latest(entry, moment)})
        found = list(rows.order_by(F(column).asc(), "id").values_list("id", flat=True)[:_BATCH])
        is_all = is_all and len(found) < _BATCH
        for ticket_id in found:
            due.setdefault(ticket_id, []).append(entry)
    return due, is_all


def _due_since(entries: Sequence[Entry], before: datetime, moment: datetime) -> tuple[_Due, bool]:
    """The same of what came due after `before`: two queries, however many rules and however many tickets wait."""
    spans = [(entry, _SINCE[entry.content["after"]["since"]]) for entry in entries]
    came = Q()
    for entry, column in spans:
        came |= Q(**{f"{column}__gt": _latest(entry, before), f"{column}__lte": _latest(entry, moment)})
    rows = list(Ticket.objects.unfinished().filter(came).order_by("id").values("id", *_SINCE.values())[:_BATCH])
    firings = RuleFiring.objects.filter(ticket__in=[row["id"] for row in rows])
    fired = set(firings.values_list("rule_id", "ticket_id", "since"))
    due: _Due = {}
    for row in rows:
        for entry, column in spans:
            since = row[column]
            if since is not None and since <= _latest(entry, moment) and (entry.pk, row["id"], since) not in fired:
                due.setdefault(row["id"], []).append(entry)
    return due, len(rows) < _BATCH


def _latest(entry: Entry, moment: datetime) -> datetime:
    """From when on time must have been counted for the rule to be due at a moment."""
    minutes: int = entry.content["after"]["minutes"]
    return moment - timedelta(minutes=minutes)


@transaction.atomic
def _on_time(ticket_id: int, group: Group, number: int | None) -> None:
    ticket = access.locked(ticket_id)
    moment = clock.now()
    new = [_fire(entry, ticket, moment) for entry in group.entries]
    group = Group(tuple(entry for entry, is_new in zip(group.entries, new, strict=True) if is_new))
    if not group.entries:
        return
    since = moment - timedelta(hours=1)
    recent = RuleRun.objects.filter(ticket=ticket, has_effect=True, created_at__gt=since).count()
    if recent >= settings.RULES_MAX_RUNS_PER_HOUR:
        _stop(ticket, None, str(RuleRun.Stopped.COUNT), number)
        return
    newest = gathering.newest(ticket)
    facts = gathering.of_ticket(ticket, moment, newest=newest)
    decision = engine.choose(facts, group, number=number)
    done = effects.apply(ticket, decision)
    tried = [entry.pk for entry in group.entries]
    _keep(ticket, Trigger.TIME, decision, facts, done, seq=newest.seq if newest else None, tried=tried)


def _fire(entry: Entry, ticket: Ticket, moment: datetime) -> bool:
    """Whether this rule is tried now for this wait of the ticket: once, whoever asks first."""
    after = entry.content["after"]
    since = getattr(ticket, _SINCE[after["since"]])
    if since is None or ticket.is_finished or since > _latest(entry, moment):
        return False
    _row, is_new = RuleFiring.objects.get_or_create(rule_id=entry.pk or 0, ticket=ticket, since=since)
    return is_new


# --- upkeep ----------------------------------------------------------------------------------------------------------


@jobs.every(3600)
def sweep() -> None:
    """Job: forget runs without effect and waits that are long over."""
    moment = clock.now()
    idle = RuleRun.objects.filter(has_effect=False, created_at__lt=moment - timedelta(days=settings.RULES_IDLE_DAYS))
    idle.filter(pk__in=list(idle.values_list("pk", flat=True)[:10_000])).delete()
    over = RuleFiring.objects.filter(ticket__status="closed")
    RuleFiring.objects.filter(pk__in=list(over.values_list("pk", flat=True)[:10_000])).delete()
