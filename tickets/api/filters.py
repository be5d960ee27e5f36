"""The list's filters and counts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from helpdesk.lib import errors
from helpdesk.people.models import User
from tickets import access, search
from tickets.models import Ticket
from tickets.models.ticket import AWAITING_US, Status

_ORDERINGS = {
    "waiting": ("place", "id"),
    "-created": ("-id",),
    "created": ("id",),
    "-updated": ("-last_message_at", "-id"),
}


def ordering(params: Mapping[str, str]) -> tuple[str, ...]:
    """The order asked for; the line's own order unless something is searched or finished tickets are listed."""
    asked = params.get("ordering", "")
    if asked:
        if asked not in _ORDERINGS:
            raise errors.Invalid(fields={"ordering": [_("Unknown value.")]})
        return _ORDERINGS[asked]
    return _ORDERINGS["-created" if params.get("q") or params.get("requester") else "waiting"]


def tickets(rows: QuerySet[Ticket], params: Mapping[str, str], user: User) -> QuerySet[Ticket]:
    """Apply the query's filters. Without any that says otherwise, only unfinished tickets are listed."""
    for name, narrow in _FILTERS.items():
        if value := params.get(name, ""):
            rows = narrow(rows, value, user)
    says_otherwise = any(params.get(name) for name in ("status", "q", "requester", "ids"))
    return rows if says_otherwise else rows.filter(status__in=_UNFINISHED)


_UNFINISHED = [str(status) for status in (Status.NEW, Status.OPEN, Status.PENDING, Status.HOLD)]


def _by_view(rows: QuerySet[Ticket], value: str, user: User) -> QuerySet[Ticket]:
    views: dict[str, Q] = {
        "all": Q(),
        "mine": Q(assignee=user),
        "unassigned": Q(assignee__isnull=True, status__in=AWAITING_US),
        "waiting": Q(status=Status.PENDING),
        "snoozed": Q(snoozed_until__isnull=False),
    }
    if value not in views:
        raise errors.Invalid(fields={"view": [_("Unknown value.")]})
    if value != "snoozed":
        rows = rows.filter(snoozed_until__isnull=True) if value in ("mine", "unassigned") else rows
    return rows.filter(views[value])


def _by_status(rows: QuerySet[Ticket], value: str, user: User) -> QuerySet[Ticket]:
    wanted = _UNFINISHED if value == "unfinished" else [part.strip() for part in value.split(",")]
    if set(wanted) - set(Status.values):
        raise errors.Invalid(fields={"status": [_("Unknown value.")]})
    return rows.filter(status__in=wanted)


def _by_assignee(rows: QuerySet[Ticket], value: str, user: User) -> QuerySet[Ticket]:
    if value == "none":
        return rows.filter(assignee__isnull=True)
    return rows.filter(assignee=user if value == "me" else _number("assignee", value))


def _by_ids(rows: QuerySet[Ticket], value: str, user: User) -> QuerySet[Ticket]:
    return rows.filter(pk__in=[_number("ids", part) for part in value.split(",")[:200]])


def _number(name: str, value: str) -> int:
    if not value.isdigit() or len(value) > 18:
        raise errors.Invalid(fields={name: [_("Expected a number.")]})
    return int(value)


_FILTERS: dict[str, Any] = {
    "view": _by_view,
    "queue": lambda rows, value, user: rows.filter(queue__slug=value),
    "status": _by_status,
    "assignee": _by_assignee,
    "requester": lambda rows, value, user: rows.filter(requester=_number("requester", value)),
    "tag": lambda rows, value, user: rows.filter(tags__name=value),
    "ids": _by_ids,
    "q": lambda rows, value, user: search.find(rows, value),
}


def counts(user: User, moment: datetime) -> dict[str, Any]:
    """What waits for the caller: a few counts over the partial indexes of unfinished tickets and waiting chats."""
    unfinished = Ticket.objects.visible_to(user).unfinished()
    awake = Q(snoozed_until__isnull=True)
    totals = unfinished.aggregate(
        mine=Count("pk", filter=awake & Q(assignee=user)),
        unassigned=Count("pk", filter=awake & Q(assignee__isnull=True, status__in=AWAITING_US)),
        waiting=Count("pk", filter=Q(status=Status.PENDING)),
        snoozed=Count("pk", filter=~awake),
    )
    totals["chats"] = unfinished.filter(sessions__state="waiting").count()
    per_queue = dict(unfinished.values_list("queue").annotate(n=Count("pk")).order_by())
    totals["queues"] = [
        {"slug": row.slug, "name": row.label, "open": per_queue.get(row.pk, 0)} for row in access.queues(user)
    ]
    return totals
