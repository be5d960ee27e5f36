"""What customers said: counts, means and the share of satisfied answers, with the margin that few answers leave."""

import math
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from helpdesk.people.models import User
from tickets.models import Survey
from tickets.reports.period import Period

SATISFIED = (4, 5)
GROUPS = ("agent", "queue", "day")
_Z = 1.959964  # 95 %


def report(user: User, period: Period, group: str = "") -> dict[str, Any]:
    """The figures of what `user` may see. Answers count on the day they came, askings on the day they left.

    The response rate is of the surveys that left in the period, so it never exceeds 1.
    """
    surveys = Survey.objects.visible_to(user)
    answers = surveys.filter(answered_at__gte=period.start, answered_at__lt=period.end)
    return {**_totals(surveys, period), "groups": _groups(answers, group) if group else []}


def _totals(surveys: QuerySet[Survey], period: Period) -> dict[str, Any]:
    answered = Q(answered_at__gte=period.start, answered_at__lt=period.end)
    sent = Q(sent_at__gte=period.start, sent_at__lt=period.end)
    found = surveys.filter(answered | sent).aggregate(
        n=Count("id", filter=answered),
        sent=Count("id", filter=sent),
        returned=Count("id", filter=sent & Q(answered_at__isnull=False)),
        mean=Avg("score", filter=answered),
        satisfied=Count("id", filter=answered & Q(score__in=SATISFIED)),
    )
    return {
        "n": found["n"],
        "sent": found["sent"],
        "response_rate": _share(found["returned"], found["sent"]),
        "mean": _mean(found["mean"]),
        "csat": _share(found["satisfied"], found["n"]),
        "margin": margin(found["satisfied"], found["n"]),
    }


def _groups(answers: QuerySet[Survey], group: str) -> list[dict[str, Any]]:
    key, name = _keys(group)
    found = (
        answers.annotate(key=key, label=name)
        .values("key", "label")
        .annotate(n=Count("id"), mean=Avg("score"), satisfied=Count("id", filter=Q(score__in=SATISFIED)))
        .order_by("key")
    )
    return [
        {
            "key": str(row["key"] or ""),
            "name": str(row["label"] or _("Nobody")),
            "n": row["n"],
            "mean": _mean(row["mean"]),
            "csat": _share(row["satisfied"], row["n"]),
        }
        for row in found
    ]


def _keys(group: str) -> tuple[Any, Any]:
    if group == "day":
        return TruncDate("answered_at"), TruncDate("answered_at")
    return (F("agent_id"), F("agent__name")) if group == "agent" else (F("queue__slug"), F("queue__name"))


def margin(satisfied: int, n: int) -> float | None:
    """Half the width of the 95 % Wilson interval of the satisfied share; None without answers."""
    if not n:
        return None
    share = satisfied / n
    spread = math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return round(_Z * spread / (1 + _Z**2 / n), 4)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _mean(value: float | None) -> float | None:
    return round(float(value), 2) if value is not None else None
