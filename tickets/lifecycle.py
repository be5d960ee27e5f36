"""What may happen to a ticket beside words: assign, move, qualify, solve, reopen, close. Each verb is one transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors, text
from helpdesk.lib.actor import Actor
from helpdesk.lib.search import analyser
from helpdesk.people.models import User
from tickets import access
from tickets.models import Queue, Tag, Ticket, TicketTag
from tickets.models.ticket import UNFINISHED, Kind, Priority, Status

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
            _VERBS[name](row, given[name], by.actor)
    return row


def _touch(row: Ticket, *fields: str) -> None:
    row.version += 1
    row.set_place()
    row.save(update_fields=[*fields, "version", "place"])


@transaction.atomic
def assign(ticket: Ticket, user: User | None, *, by: Actor) -> Ticket:
    """Give the ticket to an agent of its queue's team (or to nobody)."""
    row = access.locked(ticket.pk)
    _assign(row, user, by)
    return row


def _assign(row: Ticket, user: User | None, by: Actor) -> None:
    if (user.pk if user else None) == row.assignee_id:
        return
    if user is not None and not (user.may("ticket.reply") and access.queues(user).filter(pk=row.queue_id).exists()):
        raise errors.Invalid(fields={"assignee": [_("This person does not serve this queue.")]})
    before = row.assignee_id
    row.assignee = user
    if user is not None and row.status == Status.NEW:
        row.status = Status.OPEN
    _touch(row, "assignee", "status")
    record(names.TICKET_ASSIGNED, row, by=by, data={"from": before, "to": row.assignee_id})


def _move(row: Ticket, queue: Queue, by: Actor) -> None:
    """Another queue: an agent who does not serve it lets go of the ticket."""
    if queue.pk == row.queue_id:
        return
    before = row.queue.slug
    row.queue = queue
    if row.assignee and not access.queues(row.assignee).filter(pk=queue.pk).exists():
        row.assignee = None
    _touch(row, "queue", "assignee")
    record(names.TICKET_ROUTED, row, by=by, data={"from": before, "to": queue.slug})


def _qualify(field: str, allowed: list[Any]) -> Callable[[Ticket, Any, Actor], None]:
    def apply(row: Ticket, value: Any, by: Actor) -> None:
        before = getattr(row, field)
        if value == before:
            return
        if value not in allowed:
            raise errors.Invalid(fields={field: [_("Unknown value.")]})
        setattr(row, field, value)
        _touch(row, field)
        record(names.TICKET_CHANGED, row, by=by, data={field: [before, value]})

    return apply


def _tag(row: Ticket, wanted: list[str], by: Actor) -> None:
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
    record(names.TICKET_CHANGED, row, by=by, data={"tags": [sorted(before), sorted(clean)]})


def _rename(row: Ticket, subject: str, by: Actor) -> None:
    line = text.one_line(subject)
    if not line:
        raise errors.Invalid(fields={"subject": [_("A ticket needs a subject.")]})
    if line != row.subject:
        row.subject, row.terms = line, analyser.analyse(line)
        _touch(row, "subject", "terms")
        record(names.TICKET_CHANGED, row, by=by, data={"subject": True})


def _snooze(row: Ticket, until: datetime | None, by: Actor) -> None:
    if until is not None and until <= clock.now():
        raise errors.Invalid(fields={"snoozed_until": [_("Choose a moment in the future.")]})
    row.snoozed_until = until
    _touch(row, "snoozed_until")
    record(names.TICKET_CHANGED, row, by=by, data={"snoozed": until.isoformat() if until else None})


def _set_status(row: Ticket, status: str, by: Actor) -> None:
    if status not in Status.values or status == Status.NEW:
        raise errors.Invalid(fields={"status": [_("Unknown value.")]})
    if status != row.status:
        _STATUS.get(status, _put)(row, status, by)


def _put(row: Ticket, status: str, by: Actor) -> None:
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
    record(name, row, by=by, data={"from": before, "to": status})


def _solve(row: Ticket, status: str, by: Actor) -> None:
    before = row.status
    row.status, row.solved_at = Status.SOLVED, clock.now()
    row.waiting_since = row.snoozed_until = None
    if row.assignee_id is None and by.kind == "user":
        row.assignee_id = by.id
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
    record(names.TICKET_SOLVED, row, by=by, data=data)


def _rule_name(row: Ticket) -> str:
    routing = getattr(row, "routing", None)
    return routing.rule.name if routing and routing.rule else ""


def _close(row: Ticket, status: str, by: Actor) -> None:
    if row.status != Status.SOLVED:
        _solve(row, Status.SOLVED, by)
    row.status, row.closed_at = Status.CLOSED, clock.now()
    _touch(row, "status", "closed_at")
    record(names.TICKET_CLOSED, row, by=by)


@transaction.atomic
def solve(ticket: Ticket, *, by: Actor) -> Ticket:
    """The request is answered. Solving twice is a no-op."""
    row = access.locked(ticket.pk)
    if row.status not in (Status.SOLVED, Status.CLOSED):
        _solve(row, Status.SOLVED, by)
    return row


@transaction.atomic
def set_status(ticket: Ticket, status: str, *, by: Actor) -> Ticket:
    """Any status a person may choose; raises Conflict on a closed ticket."""
    row = access.locked(ticket.pk)
    _set_status(row, status, by)
    return row


_STATUS: dict[str, Callable[[Ticket, str, Actor], None]] = {Status.SOLVED: _solve, Status.CLOSED: _close}
_VERBS: dict[str, Callable[[Ticket, Any, Actor], None]] = {
    "queue": _move,
    "assignee": _assign,
    "priority": _qualify("priority", list(Priority.values)),
    "kind": _qualify("kind", [None, *Kind.values]),
    "tags": _tag,
    "subject": _rename,
    "snoozed_until": _snooze,
    "status": _set_status,
}
