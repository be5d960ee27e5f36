"""One request goes on in another: what was said in it is written again there, later mail finds its way, and it can be undone.

The one that ends keeps its conversation: whoever could read it still can, and nobody reads more by it. It can be undone
while nobody has replied in the one that stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors
from helpdesk.people.models import Customer, User
from tickets import access, lifecycle, linking, said_again
from tickets.models import Attachment, Merge, Message, Participant, Tag, Ticket
from tickets.models.ticket import AWAITING_US, Status
from tickets.qualification.provenance import Source

_REOPENS = (Status.PENDING, Status.HOLD, Status.SOLVED)
_OF_SOURCE = ("status", "solved_at", "closed_at", "waiting_since", "snoozed_until")
_OF_TARGET = (
    "status", "solved_at", "waiting_since", "snoozed_until", "preview", "last_message_at", "first_replied_at",
)  # fmt: skip
_MOMENTS = ("solved_at", "closed_at", "waiting_since", "snoozed_until", "last_message_at", "first_replied_at")
# More than anybody reads; what was said before stays in the one that ends
MOST = 2_000

PROBLEMS = {
    "same": _("A request cannot be merged into itself."),
    "merged_already": _("This request was merged into another one already."),
    "target_merged": _("The request that shall stay was itself merged into another one."),
    "target_closed": _("The request that shall stay is closed. Choose the other direction, or open a new one."),
    "target_spam": _("The request that shall stay is marked as spam."),
    "held": _("A reply in this request is about to leave. Wait until it has left, or take it back."),
    "chat_open": _("A chat is going on in this request. End it first."),
    "too_long": _("This request is too long to be written again in another one."),
    "other_requester": _("These requests are of two people: each would read what the other wrote."),
    "not_merged": _("This request is not merged into another one."),
    "merged_on": _("The request that stayed was merged into another one since. Undo that first."),
    "replied": _("Somebody has replied since: it can no longer be undone."),
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do; `problem` is a code of `PROBLEMS`, '' when nothing stands in the way."""

    source: Ticket
    target: Ticket
    problem: str
    can_swap: bool
    is_other_requester: bool
    messages: int
    files: int
    tags: list[str] = field(default_factory=list)
    # Who would get copies of the answers
    people: list[Customer] = field(default_factory=list)
    reopens: bool = False


# --- beforehand ------------------------------------------------------------------------------------------------------
def preview(source: Ticket, target: Ticket) -> Preview:
    """What merging would do, in a fixed number of queries. Changes nothing."""
    said = _said(source)
    return Preview(
        source=source,
        target=target,
        problem=_problem(source, target),
        can_swap=not _problem(target, source),
        is_other_requester=_requester(source) != _requester(target),
        messages=said.count(),
        files=Attachment.objects.filter(message__in=said.values("pk")).count(),
        tags=_new_tags(source, target),
        people=[row.customer for row in _newcomers(source, target) if row.customer],
        reopens=_wakes(source, target),
    )


def _problem(source: Ticket, target: Ticket) -> str:
    """Why not, beside the consent that requests of two people need."""
    ways = {
        "same": source.pk == target.pk,
        "merged_already": source.merged_into_id is not None,
        "target_merged": target.merged_into_id is not None,
        "target_closed": target.status == Status.CLOSED,
        "target_spam": target.status == Status.SPAM,
        "held": source.messages.filter(held_until__gt=clock.now()).exists(),
        # `sessions` is the chat room's side of its own foreign key
        "chat_open": source.sessions.filter(state__in=["waiting", "live"]).exists(),
        "too_long": source.last_seq > MOST,
    }
    return next((code for code, is_so in ways.items() if is_so), "")


def _requester(ticket: Ticket) -> int:
    return ticket.requester.merged_into_id or ticket.requester_id


def _said(source: Ticket) -> Any:
    return source.messages.filter(unsent_at__isnull=True).order_by("seq")


def _new_tags(source: Ticket, target: Ticket) -> list[str]:
    fresh = Tag.objects.filter(tickets=source).exclude(tickets=target)
    return sorted(fresh.values_list("name", flat=True))


def _newcomers(source: Ticket, target: Ticket) -> list[Participant]:
    """Who takes part in the source and not yet in the target: its requester, and everybody in copy or following."""
    there = Participant.objects.filter(ticket=target)
    known = set(there.values_list("user_id", "customer_id")) | {(None, _requester(target)), (None, target.requester_id)}
    rows = list(Participant.objects.filter(ticket=source).select_related("customer", "user").order_by("pk"))
    if _requester(source) != _requester(target):
        rows.insert(0, Participant(customer=source.requester, kind=Participant.Role.CC))
    return [row for row in rows if (row.user_id, row.customer_id) not in known]


def _wakes(source: Ticket, target: Ticket) -> bool:
    return source.status in AWAITING_US and source.waiting_since is not None and target.status in _REOPENS


# --- merge -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def merge(source: Ticket, target: Ticket, *, by: User, is_agreed: bool = False) -> Merge:
    """Everything that was said in `source` is said again in `target`, and `source` ends there. Doing it twice is a no-op.

    `is_agreed`: somebody was told that the requests are of two people. Raises Conflict with a code of `PROBLEMS`.
    """
    rows = access.locked_all([source.pk, target.pk])
    source, target = rows[source.pk], rows[target.pk]
    if source.merged_into_id == target.pk and (done := standing(source)):
        return done
    code = _problem(source, target)
    if not code and not is_agreed and _requester(source) != _requester(target):
        code = "other_requester"
    if code:
        raise errors.Conflict(str(PROBLEMS[code]), code=code)
    return _merge(source, target, by)


def _merge(source: Ticket, target: Ticket, by: User) -> Merge:
    before: dict[str, Any] = {"source": _state(source, _OF_SOURCE), "target": _state(target, _OF_TARGET)}
    was, seen_all = target.status, target.customer_seen_seq >= target.last_public_seq
    said = list(_said(source))
    first = target.last_seq + 1
    copies = said_again.write(target, said)
    if seen_all:
        target.customer_seen_seq = _seen(source, said, copies) or target.customer_seen_seq
    _take_over(source, target)
    before["people"] = _take_part(source, target)
    before["links"] = linking.move(source, target)
    tags = _new_tags(source, target)
    target.version += 1
    target.set_place()
    target.save(update_fields=[*_OF_TARGET, "last_seq", "last_public_seq", "customer_seen_seq", "version", "place"])
    before["set"] = _state(target, _OF_TARGET)
    if tags:
        before["tags"] = lifecycle.apply(target, {"tags": tags}, source=Source.of(by.actor)).done.get("tags", [])
    _end(source, target)
    done = Merge.objects.create(
        source=source,
        target=target,
        first_seq=first,
        last_seq=target.last_seq,
        before=before,
        merged_by=by,
        merged_at=clock.now(),
    )
    if target.status != was:
        name = names.TICKET_REOPENED if was == Status.SOLVED else names.TICKET_STATUS
        record(name, target, by=by.actor, data={"from": was, "to": target.status})
    span = {"first": first, "last": target.last_seq, "merge": done.pk}
    record(names.TICKET_TOOK_IN, target, by=by.actor, data={"of": source.pk, **span})
    record(names.TICKET_MERGED, source, by=by.actor, data={"into": target.pk, "seq": target.last_seq, "merge": done.pk})
    return done


def _seen(source: Ticket, said: Iterable[Message], copies: Iterable[Message]) -> int:
    """How far the customer has seen what was written again, as he had where it was said first."""
    seen = 0
    for message, copy in zip(said, copies, strict=True):
        if message.is_public and message.seq > source.customer_seen_seq:
            break
        seen = copy.seq if message.is_public else seen
    return seen


def _take_over(source: Ticket, target: Ticket) -> None:
    """Who waits longest counts, what was said last is shown, and whoever waits for us is not left asleep."""
    if _wakes(source, target):
        target.status, target.solved_at = Status.OPEN, None
    if source.waiting_since is not None and source.status in AWAITING_US:
        target.waiting_since = min(source.waiting_since, target.waiting_since or source.waiting_since)
        target.snoozed_until = None
    if source.last_message_at > target.last_message_at:
        target.last_message_at, target.preview = source.last_message_at, source.preview
    target.first_replied_at = target.first_replied_at or source.first_replied_at


def _take_part(source: Ticket, target: Ticket) -> list[int]:
    """Who was let into the conversation answers in it from now on."""
    fresh = [
        Participant(ticket=target, user_id=row.user_id, customer_id=row.customer_id, kind=row.kind)
        for row in _newcomers(source, target)
    ]
    return [row.pk for row in Participant.objects.bulk_create(fresh)]


def _end(source: Ticket, target: Ticket) -> None:
    """Closed without having been solved: nobody is asked how it went."""
    moment = clock.now()
    source.status, source.merged_into = Status.CLOSED, target
    source.solved_at, source.closed_at = source.solved_at or moment, moment
    source.waiting_since = source.snoozed_until = None
    _keep(source, _OF_SOURCE, "merged_into")


def _keep(row: Ticket, names_: Iterable[str], *more: str) -> None:
    row.version += 1
    row.set_place()
    row.save(update_fields=[*names_, *more, "version", "place"])


# --- afterwards ------------------------------------------------------------------------------------------------------
def standing(source: Ticket) -> Merge | None:
    """The merge by which this request ended, if it was not undone."""
    return Merge.objects.standing().select_related("target", "merged_by").filter(source=source).first()


def copy_of(message: Message, done: Merge) -> Message:
    """Where a message of the source stands now."""
    root = message.copied_from_id or message.pk
    return Message.objects.get(ticket=done.target_id, copied_from=root, seq__gte=done.first_seq, seq__lte=done.last_seq)


def why_not_undo(done: Merge) -> str:
    """A code of `PROBLEMS`, or '' while it can be undone: nobody has replied in the request that stayed."""
    if done.target.merged_into_id is not None:
        return "merged_on"
    later = Message.objects.filter(ticket=done.target_id, seq__gt=done.last_seq, kind=Message.Kind.PUBLIC)
    return "replied" if later.exists() else ""


@transaction.atomic
def undo(source: Ticket, *, by: User) -> Ticket:
    """Both requests are as they were before; what somebody changed since by hand stays. Returns the source.

    Raises Conflict `not_merged`, `merged_on` or `replied`.
    """
    known = standing(source)
    rows = access.locked_all([source.pk, known.target_id] if known else [source.pk])
    done = standing(source) if known else None
    code = why_not_undo(done) if done else "not_merged"
    if done is None or code:
        raise errors.Conflict(str(PROBLEMS[code]), code=code)
    source, target = rows[done.source_id], rows[done.target_id]
    _give_back(target, done, by)
    linking.move_back(done.before.get("links", []))
    _begin_again(source, done)
    done.undone_by, done.undone_at = by, clock.now()
    done.save(update_fields=["undone_by", "undone_at"])
    record(names.TICKET_GAVE_BACK, target, by=by.actor, data={"of": source.pk, "merge": done.pk})
    record(names.TICKET_UNMERGED, source, by=by.actor, data={"from": target.pk, "merge": done.pk})
    return source


def _give_back(target: Ticket, done: Merge, by: User) -> None:
    said_again.take_out(target, done.first_seq, done.last_seq)
    before, made = _restored(done.before["target"]), _restored(done.before["set"])
    is_untouched = target.status == made["status"] and target.solved_at == made["solved_at"]
    for name in _OF_TARGET:
        if is_untouched if name in ("status", "solved_at") else getattr(target, name) == made[name]:
            setattr(target, name, before[name])
    if target.is_finished:
        target.waiting_since = None
    _keep(target, _OF_TARGET, "last_public_seq", "customer_seen_seq")
    Participant.objects.filter(pk__in=done.before["people"]).delete()
    if tags := done.before.get("tags"):
        lifecycle.apply(target, {"untag": tags}, source=Source.of(by.actor))
        target.refresh_from_db(fields=["version"])


def _begin_again(source: Ticket, done: Merge) -> None:
    for name, value in _restored(done.before["source"]).items():
        setattr(source, name, value)
    if source.snoozed_until is not None and source.snoozed_until <= clock.now():
        source.snoozed_until = None
    source.merged_into = None
    _keep(source, _OF_SOURCE, "merged_into")


def _state(row: Ticket, names_: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names_}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _restored(state: dict[str, Any]) -> dict[str, Any]:
    return {name: parse_datetime(value) if name in _MOMENTS and value else value for name, value in state.items()}
