"""What is known of a ticket and from whom, as screens show it: chips, spam, suggestions, and the history of changes."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.people.models import User
from tickets.models import Macro, Provenance, Queue, SpamMark, Suggestion, Ticket
from tickets.models.ticket import Kind, Priority, Status
from tickets.qualification import policy, provenance, spam_signs


def of(ticket: Ticket) -> dict[str, Any]:
    """The member `qualification` of a ticket."""
    rows = provenance.of(ticket)
    labels = _Labels(rows, ticket)
    return {
        "fields": [_field(row, labels) for row in rows if row.field != "spam"],
        "spam": _spam(ticket, next((row for row in rows if row.field == "spam"), None)),
        "suggestions": [_suggestion(row, labels) for row in labels.suggestions],
    }


class _Labels:
    """Names for values, fetched once however many chips there are."""

    def __init__(self, rows: Iterable[Provenance], ticket: Ticket) -> None:
        self.suggestions = list(Suggestion.objects.filter(ticket=ticket).select_related("model").order_by("field"))
        slugs = [row.value for row in rows if row.field == "queue"]
        slugs += [row.value for row in self.suggestions if row.field == "queue"]
        self.queues = {queue.slug: queue.label for queue in Queue.objects.filter(slug__in=slugs)} if slugs else {}
        people = [row.value for row in rows if row.field == "assignee" and row.value]
        self.users = dict(User.objects.filter(pk__in=people).values_list("pk", "name")) if people else {}
        macros = [row.value for row in self.suggestions if row.field == "macro"]
        self.macros = {str(macro.pk): macro.name for macro in Macro.objects.filter(pk__in=macros)} if macros else {}

    def of(self, field: str, value: Any) -> str:
        """What people call the value of a field."""
        if value is None:
            return ""
        if field == "queue":
            return str(self.queues.get(value, value))
        if field == "assignee":
            return str(self.users.get(value, ""))
        if field == "macro":
            return str(self.macros.get(value, ""))
        if field.startswith("tag:"):
            return field[4:]
        return _plain(field, value)


def _plain(field: str, value: Any) -> str:
    if field == "kind" and value in Kind.values:
        return str(Kind(value).label)
    if field == "priority" and value in Priority.values:
        return str(Priority(value).label)
    if field == "language":
        return {"en": _("English"), "fr": _("French")}.get(str(value), str(value))
    if field == "standing":
        words = {
            "new": _("New customer"),
            "known": _("Known customer"),
            "regular": _("Regular customer"),
            "vip": _("VIP"),
        }
        return words.get(str(value), str(value))
    return str(value)


def _field(row: Provenance, labels: _Labels) -> dict[str, Any]:
    return {
        "field": row.field,
        "value": row.value,
        "label": labels.of(row.field, row.value),
        "by": _by(row),
        "at": row.set_at,
        "words": row.words,
        "confidence": row.confidence,
    }


def _by(row: Provenance) -> dict[str, Any]:
    is_rule = row.kind == Provenance.Kind.RULE
    return {
        "kind": row.kind,
        "name": row.user.name if row.user else row.name,
        "rule": row.origin if is_rule else None,
        "version": row.version,
        "user": row.user_id,
    }


def _spam(ticket: Ticket, row: Provenance | None) -> dict[str, Any] | None:
    mark = SpamMark.objects.filter(ticket=ticket).values_list("is_spam", flat=True).first()
    if row is None and mark is None:
        return None
    value: dict[str, Any] = row.value if row and isinstance(row.value, dict) else {}
    signs = value.get("signs", [])
    return {
        "score": value.get("score", 0.0),
        "limit": policy.settings().spam_limit,
        "held": ticket.status == Status.SPAM,
        "mark": None if mark is None else ("spam" if mark else "not_spam"),
        "by": row.kind if row else "agent",
        "signs": [{**sign, "label": str(spam_signs.LABELS.get(sign["code"], sign["code"]))} for sign in signs],
        "words": row.words if row else [],
    }


def _suggestion(row: Suggestion, labels: _Labels) -> dict[str, Any]:
    return {
        "id": row.pk,
        "field": row.field,
        "value": row.value,
        "label": labels.of(row.field, row.value),
        "confidence": row.confidence,
        "accuracy": row.model.report.get("accuracy") if row.model else None,
        "state": row.state,
        "model": row.model_id,
        "words": row.words,
    }


_TELLING = (names.TICKET_CHANGED, names.TICKET_ROUTED, names.TICKET_ASSIGNED, names.TICKET_STATUS)


def history(ticket: Ticket) -> list[dict[str, Any]]:
    """Every change of a qualified field, newest first: field, from, to, by whom, when."""
    events = list(Event.objects.of("ticket", ticket.pk).filter(name__in=_TELLING).order_by("-id")[:200])
    ids = [event.actor_id for event in events if event.actor_kind == "user" and event.actor_id]
    people = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [change for event in events for change in _changes(event, people)]


def _changes(event: Event, people: dict[int, str]) -> Iterable[dict[str, Any]]:
    source = event.data.get("source") or {}
    kind = source.get("kind") or {"user": "agent", "customer": "customer"}.get(event.actor_kind, "default")
    by = {
        "kind": kind,
        "name": people.get(event.actor_id or 0, ""),
        "rule": source.get("origin") if kind == "rule" else None,
        "version": source.get("version"),
        "user": event.actor_id if event.actor_kind == "user" else None,
    }
    single = {names.TICKET_ROUTED: "queue", names.TICKET_ASSIGNED: "assignee", names.TICKET_STATUS: "status"}
    if field := single.get(event.name):
        pairs = {field: [event.data.get("from"), event.data.get("to")]}
    else:
        pairs = {name: value for name, value in event.data.items() if isinstance(value, list) and len(value) == 2}
    for name, (before, after) in pairs.items():
        yield {"field": name, "from": before, "to": after, "by": by, "at": event.created_at}
