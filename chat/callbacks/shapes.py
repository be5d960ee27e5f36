"""A call-back as the API and the frames show it: to the visitor with its links, to agents as a card."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, Q, Subquery

from chat.callbacks import links, numbers
from chat.models import Callback
from helpdesk.lib import clock
from helpdesk.people import customers


def of(callback: Callback) -> dict[str, Any]:
    """As its visitor sees it."""
    return of_all([callback])[0]


def of_all(callbacks: Sequence[Callback]) -> list[dict[str, Any]]:
    """As their visitor sees them; one query for their places, however many they are."""
    ahead = _ahead([callback.pk for callback in callbacks if callback.state == Callback.State.WAITING])
    return [
        {
            **_common(callback),
            "position": ahead.get(callback.pk),
            "calendar_url": links.calendar(callback),
            "manage_url": links.manage(callback),
        }
        for callback in callbacks
    ]


def _common(callback: Callback) -> dict[str, Any]:
    due_in = round((callback.due_at - clock.now()).total_seconds())
    return {
        "id": callback.pk,
        "ticket": callback.ticket_id,
        "number": callback.ticket.number,
        "state": callback.state,
        "asap": callback.is_asap,
        "due_at": callback.due_at.isoformat(),
        "due_in_s": due_in,
        "zone": callback.zone,
        "phone": numbers.of(callback.number).shape,
        "topic": callback.topic,
        "attempts": callback.attempts,
        "max_attempts": settings.CALLBACK_ATTEMPTS,
        "can_change": callback.state == Callback.State.WAITING,
        "recording": callback.may_record,
        "version": callback.version,
        "created_at": callback.created_at.isoformat(),
    }


def _ahead(waiting: Sequence[int]) -> Mapping[int, int]:
    """How many calls come before each of these. Uses index: callback_due."""
    if not waiting:
        return {}
    sooner = Q(due_at__lt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), pk__lt=OuterRef("pk"))
    before = Callback.objects.open().filter(sooner, queue=OuterRef("queue")).order_by().values("queue")
    rows = Callback.objects.filter(pk__in=waiting).annotate(n=Subquery(before.annotate(n=Count("pk")).values("n")))
    return {pk: n or 0 for pk, n in rows.values_list("pk", "n")}


def card(callback: Callback) -> dict[str, Any]:
    """As agents see it. Expects `CallbackQuerySet.with_people`."""
    return {
        **_common(callback),
        "customer": {
            "id": callback.customer.pk,
            "name": callback.customer.name,
            "trust": customers.trust(callback.customer),
        },
        "queue": {"slug": callback.queue.slug, "name": callback.queue.label},
        "site": callback.site.key,
        "language": callback.language,
        "subject": callback.ticket.subject,
        "last_line": callback.ticket.preview,
        "agent": {"id": callback.agent.pk, "name": callback.agent.name} if callback.agent else None,
        "taken_at": callback.taken_at.isoformat() if callback.taken_at else None,
        "tries": [
            {"at": one.created_at.isoformat(), "by": {"id": one.user.pk, "name": one.user.name}, "outcome": one.outcome}
            for one in callback.tries.all()
        ],
    }


def cards(rows: Iterable[Callback]) -> list[dict[str, Any]]:
    return [card(row) for row in rows]
