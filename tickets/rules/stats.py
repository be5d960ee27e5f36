"""How often rules matched: runs insert tallies, the clock folds them into one row per rule and day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Sum

from helpdesk.jobs import engine as jobs
from helpdesk.lib import clock
from tickets.models import Rule, RuleStat, RuleTally
from tickets.rules.compiled import Entry

WEEK = timedelta(days=7)
_BATCH = 5_000


@dataclass
class Count:
    """One rule's numbers."""

    hits: int = 0
    week: int = 0
    shadow: int = 0
    behind: int = 0
    behind_rule: int | None = None
    last_at: datetime | None = None


@jobs.every(60)
def fold() -> None:
    """Job: fold what has been tallied since; a row is counted and deleted in one transaction."""
    while _fold():
        pass


@transaction.atomic
def _fold() -> bool:
    rows = list(RuleTally.objects.select_for_update().order_by("id")[:_BATCH])
    days: dict[tuple[int, date], Count] = {}
    for row in rows:
        for rule_id, kind, stopper in row.matched:
            _count(days.setdefault((rule_id, row.created_at.date()), Count()), kind, stopper, row.created_at)
    for (rule_id, day), count in days.items():
        _add(rule_id, day, count)
    RuleTally.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows) == _BATCH


def _count(count: Count, kind: str, stopper: int | None, moment: datetime) -> None:
    if kind == "hit":
        count.hits += 1
    elif kind == "shadow":
        count.shadow += 1
    else:
        count.behind += 1
        count.behind_rule = stopper
    count.last_at = max(count.last_at or moment, moment)


def _add(rule_id: int, day: date, count: Count) -> None:
    if not Rule.objects.filter(pk=rule_id).exists():
        return
    last_at = count.last_at or clock.now()
    row, _made = RuleStat.objects.get_or_create(rule_id=rule_id, day=day, defaults={"last_at": last_at})
    row.hits += count.hits
    row.shadow += count.shadow
    row.behind += count.behind
    row.behind_rule = count.behind_rule or row.behind_rule
    row.last_at = max(row.last_at, last_at)
    row.save(update_fields=["hits", "shadow", "behind", "behind_rule", "last_at"])


def of_all() -> dict[int, Count]:
    """Rule id → its numbers, with what is not folded yet."""
    today = clock.now().date()
    found: dict[int, Count] = {}
    sums = RuleStat.objects.values("rule_id").annotate(
        hits=Sum("hits"), shadow=Sum("shadow"), behind=Sum("behind"), last_at=Max("last_at")
    )
    for one in sums:
        found[one["rule_id"]] = Count(one["hits"], 0, one["shadow"], one["behind"], None, one["last_at"])
    recent = RuleStat.objects.filter(day__gt=today - WEEK).values_list("rule_id").annotate(Sum("hits"))
    for rule_id, hits in recent:
        found[rule_id].week = hits
    for rule_id, stopper in RuleStat.objects.filter(behind__gt=0).order_by("day").values_list("rule_id", "behind_rule"):
        found[rule_id].behind_rule = stopper
    for row in RuleTally.objects.order_by("id")[:_BATCH]:
        for rule_id, kind, stopper in row.matched:
            count = found.setdefault(rule_id, Count())
            _count(count, kind, stopper, row.created_at)
            count.week += kind == "hit"
    return found


def warnings(entries: Iterable[Entry], counts: dict[int, Count], created: dict[int, datetime]) -> dict[int, list[str]]:
    """Rule id → 'never_hit' (in force for a week without matching) or 'always_shadowed' (only ever behind another)."""
    found: dict[int, list[str]] = {}
    moment = clock.now()
    for entry in entries:
        if entry.pk is None or not entry.is_active:
            continue
        count = counts.get(entry.pk, Count())
        is_old = moment - created.get(entry.pk, moment) > WEEK
        has_acted = count.hits or count.shadow
        if count.behind and not has_acted:
            found[entry.pk] = ["always_shadowed"]
        elif is_old and not has_acted and not count.behind:
            found[entry.pk] = ["never_hit"]
    return found
