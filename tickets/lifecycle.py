"""What may happen to a ticket beside words: assign, move, qualify, solve, reopen, close. Each verb is one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors, text
from helpdesk.lib.actor import SYSTEM, Actor
from helpdesk.lib.search import analyser
from helpdesk.people.models import User
from tickets import access, snoozing
from tickets.models import Queue, Tag, Ticket, TicketTag
from tickets.models.ticket import UNFINISHED, Kind, Priority, Status
from tickets.qualification import provenance, spam
from tickets.qualification.provenance import Source
from tickets.qualify import LANGUAGES

CHANGEABLE = ("queue", "assignee", "priority", "kind", "tags", "subject", "snoozed_until", "status")


@transaction.atomic
def change(ticket: Ticket, given: dict[str, Any], *, by: User, version: int | None) -> Ticket:
    """Apply several changes at once (the API's PATCH). Nothing is applied when one is refused.

    Raises Conflict when `version` is no longer the ticket's: somebody was faster, and nobody's change may be lost.
    """
    row = access.locked(ticket.pk)
    if version is not None and version != row.version:
        raise errors.Conflict(code="version", version=row.version)
    for name in CHANGEABLE:
        if name in given:
            _VERBS[name](row, given[name], Source.of(by.actor), None)
    return row


@dataclass(frozen=True, slots=True)
class Applied:
    """`done`: what was changed, field → value; `kept`: what was not, field → kind of the source that holds it."""

    done: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def apply(
    ticket: Ticket, values: dict[str, Any], *, source: Source, overwrite: bool = False, cause: int | None = None
) -> Applied:
    """Change fields for whoever `source` is: a rule, a model, an accepted suggestion.

    `values`: queue, assignee, priority, kind, language, status, tags (added), untag (taken away). What an agent chose is
    kept unless `overwrite`; `cause` is the event that this answers to.
    """
    row = access.locked(ticket.pk)
    applied = Applied()
    wanted = {name: value for name, value in values.items() if name in _APPLICABLE}
    words = [f"tag:{tag}" for name in ("tags", "untag") for tag in wanted.get(name, [])]
    held = provenance.held_by(row.pk, [*wanted, *words])
    for name, value in wanted.items():
        if name in ("tags", "untag"):
            _apply_tags(row, name, value, source, cause, held, overwrite, applied)
        elif not provenance.may_set(held.get(name), source, overwrite=overwrite):
            applied.kept[name] = held[name]
        elif getattr(row, name) != value:
            _VERBS[name](row, value, source, cause)
            applied.done[name] = value
    return applied


def _apply_tags(
    row: Ticket,
    name: str,
    tags: list[str],
    source: Source,
    cause: int | None,
    held: dict[str, str],
    overwrite: bool,
    applied: Applied,
) -> None:
    """Add or take away; a tag that an agent took away is not put back."""
    before = set(row.tags.values_list("name", flat=True))
    given = {clean for tag in tags if (clean := text.one_line(tag, 50).lower())}
    changing = given - before if name == "tags" else given & before
    for tag in sorted(changing):
        if not provenance.may_set(held.get(f"tag:{tag}"), source, overwrite=overwrite):
            applied.kept[f"tag:{tag}"] = held[f"tag:{tag}"]
            changing.discard(tag)
    if changing:
        _tag(row, sorted(before | changing if name == "tags" else before - changing), source, cause)
        applied.done[name] = sorted(changing)


def _touch(row: Ticket, *fields: str) -> None:
    row.version += 1
    row.set_place()
    row.save(update_fields=[*fields, "version", "place"])


@transaction.atomic
def assign(ticket: Ticket, user: User | None, *, by: Actor, source: Source | None = None, because: str = "") -> Ticket:
    """Give the ticket to an agent of its queue's team (or to nobody). `because`: why it goes back to the team."""
    row = access.locked(ticket.pk)
    _assign(row, user, source or Source.of(by), None, because=because)
    return row


def _assign(row: Ticket, user: User | None, source: Source, cause: int | None, *, because: str = "") -> None:
    if (user.pk if user else None) == row.assignee_id:
        return
    if user is not None and not (user.may("ticket.reply") and access.queues(user).filter(pk=row.queue_id).exists()):
        raise errors.Invalid(fields={"assignee": [_("This person does not serve this queue.")]})
    before = row.assignee_id
    row.assignee = user
    if user is not None and row.status == Status.NEW:
        row.status = Status.OPEN
    _touch(row, "assignee", "status")
    provenance.keep(row.pk, {"assignee": (row.assignee_id, source)})
    data = {"from": before, "to": row.assignee_id, "source": source.brief(), **({"reason": because} if because else {})}
    record(names.TICKET_ASSIGNED, row, by=source.actor, data=data, cause=cause)


def _move(row: Ticket, queue: Queue, source: Source, cause: int | None) -> None:
    """Another queue: an agent who does not serve it lets go of the ticket."""
    if queue.pk == row.queue_id:
        return
    before = row.queue.slug
    row.queue = queue
    said: dict[str, tuple[Any, Source]] = {"queue": (queue.slug, source)}
    if row.assignee and not access.queues(row.assignee).filter(pk=queue.pk).exists():
        row.assignee = None
        said["assignee"] = (None, Source.of(SYSTEM))
    _touch(row, "queue", "assignee")
    provenance.keep(row.pk, said)
    data = {"from": before, "to": queue.slug, "source": source.brief()}
    record(names.TICKET_ROUTED, row, by=source.actor, data=data, cause=cause)


def _qualify(field: str, allowed: list[Any]) -> "Verb":
    def apply(row: Ticket, value: Any, source: Source, cause: int | None) -> None:
        before = getattr(row, field)
        if value == before:
            return
        if value not in allowed:
            raise errors.Invalid(fields={field: [_("Unknown value.")]})
        setattr(row, field, value)
        _touch(row, field)
        provenance.keep(row.pk, {field: (value, source)})
        data = {field: [before, value], "source": source.brief()}
        record(names.TICKET_CHANGED, row, by=source.actor, data=data, cause=cause)

    return apply


def _tag(row: Ticket, wanted: list[str], source: Source, cause: int | None) -> None:
    """Tags are a set: what is named stays or comes, the rest goes."""
    clean = list(dict.fromkeys(text.one_line(name, 50).lower() for name in wanted))
    before = set(row.tags.values_list("name", flat=True))
    if set(clean) == before:
        return
    TicketTag.objects.filter(ticket=row).exclude(tag__name__in=clean).delete()
    for name in clean:
        if name and name not in before:
            tag, _made = Tag.objects.get_or_create(name=name)
            TicketTag.objects.get_or_create(ticket=row, tag=tag)
    _touch(row)
    changed = before ^ set(clean)
    provenance.keep(row.pk, {f"tag:{name}": (name in clean, source) for name in sorted(changed) if name})
    data = {"tags": [sorted(before), sorted(clean)], "source": source.brief()}
    record(names.TICKET_CHANGED, row, by=source.actor, data=data, cause=cause)


def _rename(row: Ticket, subject: str, source: Source, cause: int | None) -> None:
    line = text.one_line(subject)
    if not line:
        raise errors.Invalid(fields={"subject": [_("A ticket needs a subject.")]})
    if line != row.subject:
        row.subject, row.terms = line, analyser.analyse(line)
        _touch(row, "subject", "terms")
        record(names.TICKET_CHANGED, row, by=source.actor, data={"subject": True}, cause=cause)


def _snooze(row: Ticket, until: datetime | None, source: Source, cause: int | None) -> None:
    if until is not None and until <= clock.now():
        raise errors.Invalid(fields={"snoozed_until": [_("Choose a moment in the future.")]})
    row.snoozed_until = until
    _touch(row, "snoozed_until")
    if until is not None:
        outbox.enqueue(snoozing.wake, at=until, priority=3, ticket_id=row.pk)
    data = {"snoozed": until.isoformat() if until else None}
    record(names.TICKET_CHANGED, row, by=source.actor, data=data, cause=cause)


def _set_status(row: Ticket, status: str, source: Source, cause: int | None) -> None:
    if status not in Status.values or status == Status.NEW:
        raise errors.Invalid(fields={"status": [_("Unknown value.")]})
    if row.merged_into_id is not None:
        raise errors.Conflict(_("This request was merged into another one already."), code="merged")
    if status != row.status:
        spam.learn_from(row, status, source.actor)
        _STATUS.get(status, _put)(row, status, source, cause)


def _put(row: Ticket, status: str, source: Source, cause: int | None) -> None:
    """Open, pending, hold or spam: from a finished ticket this is a reopening."""
    before = row.status
    if before == Status.CLOSED:
        raise errors.Conflict(_("This ticket is closed. Open a new one that follows it."), code="closed")
    row.status = status
    row.snoozed_until = None
    row.solved_at = None
    if status not in (*UNFINISHED,):
        row.waiting_since = None
    _touch(row, "status", "snoozed_until", "solved_at", "waiting_since")
    name = names.TICKET_REOPENED if before == Status.SOLVED else names.TICKET_STATUS
    record(name, row, by=source.actor, data={"from": before, "to": status}, cause=cause)


def _solve(row: Ticket, status: str, source: Source, cause: int | None) -> None:
    before, by = row.status, source.actor
    row.status, row.solved_at = Status.SOLVED, clock.now()
    row.waiting_since = row.snoozed_until = None
    if row.assignee_id is None and by.kind == "user":
        row.assignee_id = by.id
        provenance.keep(row.pk, {"assignee": (by.id, source)})
    _touch(row, "status", "solved_at", "waiting_since", "snoozed_until", "assignee")
    # Frozen here: whoever the ticket goes to later, the survey speaks of those who solved it.
    data = {
        "from": before,
        "agent": row.assignee_id,
        "queue": row.queue_id,
        "team": row.queue.team_id,
        "channel": row.channel,
        "rule": _rule_name(row),
    }
    record(names.TICKET_SOLVED, row, by=by, data=data, cause=cause)


def _rule_name(row: Ticket) -> str:
    routing = getattr(row, "routing", None)
    return routing.rule.name if routing and routing.rule else ""


def _close(row: Ticket, status: str, source: Source, cause: int | None) -> None:
    if row.status != Status.SOLVED:
        _solve(row, Status.SOLVED, source, cause)
    row.status, row.closed_at = Status.CLOSED, clock.now()
    _touch(row, "status", "closed_at")
    record(names.TICKET_CLOSED, row, by=source.actor, cause=cause)


@transaction.atomic
def solve(ticket: Ticket, *, by: Actor) -> Ticket:
    """The request is answered. Solving twice is a no-op."""
    row = access.locked(ticket.pk)
    if row.status not in (Status.SOLVED, Status.CLOSED):
        _solve(row, Status.SOLVED, Source.of(by), None)
    return row


@transaction.atomic
def set_status(ticket: Ticket, status: str, *, by: Actor) -> Ticket:
    """Any status a person may choose; raises Conflict on a closed ticket."""
    row = access.locked(ticket.pk)
    _set_status(row, status, Source.of(by), None)
    return row


Verb = Callable[[Ticket, Any, Source, int | None], None]
_STATUS: dict[str, Verb] = {Status.SOLVED: _solve, Status.CLOSED: _close}
_APPLICABLE = ("queue", "assignee", "priority", "kind", "language", "status", "tags", "untag")
_VERBS: dict[str, Verb] = {
    "queue": _move,
    "assignee": _assign,
    "priority": _qualify("priority", list(Priority.values)),
    "kind": _qualify("kind", [None, *Kind.values]),
    "language": _qualify("language", list(LANGUAGES)),
    "tags": _tag,
    "subject": _rename,
    "snoozed_until": _snooze,
    "status": _set_status,
}
