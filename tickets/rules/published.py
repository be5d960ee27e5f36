"""The list of rules in force and its history: every change of it is a new published list, whole, with author and note."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors, together
from helpdesk.lib.actor import SYSTEM
from helpdesk.people.models import User
from tickets.models import Rule, RuleList, RuleVersion
from tickets.rules import content as contents
from tickets.rules.compiled import Compiled, Entry

EMPTY = Compiled(0, ())


@dataclass(frozen=True, slots=True)
class Item:
    """One place of a list to be published: a rule that is known, or a new one; `key` is a draft's name for it."""

    rule_id: int | None
    content: dict[str, Any]
    key: str = ""


def live() -> Compiled:
    """The rules in force: one small query, then what this process has compiled of that list already."""
    row = together.remember("rules in force", _newest)
    return _compiled(*row) if row else EMPTY


def _newest() -> tuple[int, int, Any] | None:
    return RuleList.objects.order_by("-number").values_list("id", "number", "published_at").first()


def at(number: int) -> Compiled | None:
    """The list as it was published under a number."""
    row = RuleList.objects.filter(number=number).values_list("id", "number", "published_at").first()
    return _compiled(*row) if row else None


@lru_cache(maxsize=8)
def _compiled(list_id: int, number: int, published_at: object) -> Compiled:
    """`published_at` tells lists of one number apart where a database was put back."""
    return compile_items(items_of(RuleList.objects.get(pk=list_id)), number=number)


def compile_items(items: Iterable["Item | tuple[Item, int]"], *, number: int | None = None) -> Compiled:
    """Items in their order, ready to be tried."""
    entries = []
    for position, given in enumerate(items, start=1):
        item, version = given if isinstance(given, tuple) else (given, 0)
        entries.append(Entry(item.rule_id, version, position, item.content, item.key))
    return Compiled(number, tuple(entries))


def items_of(published: RuleList) -> list[tuple[Item, int]]:
    """The places of a list with the version of each rule: the texts are read in one query."""
    ids = {rule_id for rule_id, _version in published.entries}
    rows = RuleVersion.objects.filter(rule__in=ids).values_list("rule_id", "version", "content")
    texts = {(rule_id, version): content for rule_id, version, content in rows}
    return [
        (Item(rule_id, {**contents.DEFAULTS, **texts[rule_id, version]}), version)
        for rule_id, version in published.entries
    ]


def latest() -> RuleList | None:
    """The list in force as a row."""
    return RuleList.objects.order_by("-number").select_related("author").first()


def current_items() -> list[Item]:
    """The places of the list in force."""
    published = latest()
    return [item for item, _version in items_of(published)] if published else []


@transaction.atomic
def publish(
    items: Sequence[Item],
    *,
    by: User | None,
    note: str = "",
    reason: str = "",
    failed_tests: int = 0,
    restored_from: int | None = None,
) -> RuleList:
    """Put a whole list in force. Raises Conflict when another one is being published at the same moment."""
    last = RuleList.objects.select_for_update().order_by("-number").first()
    before = items_of(last) if last else []
    moment = clock.now()
    rows = _rows(items, moment)
    versions = _versions(items, rows, before, moment)
    _store(items, rows, versions, moment)
    entries = [[row.pk, version] for row, version in zip(rows, versions, strict=True)]
    try:
        published = RuleList.objects.create(
            number=(last.number if last else 0) + 1,
            entries=entries,
            author=by,
            note=note[:500],
            reason=reason[:500],
            failed_tests=failed_tests,
            restored_from=restored_from,
            changes=_changes(before, rows, versions),
            published_at=moment,
        )
    except IntegrityError:
        raise errors.Conflict(_("Somebody published the rules at the same moment."), code="stale") from None
    data = {"number": published.number, "count": len(entries), "restored_from": restored_from}
    record(names.RULES_PUBLISHED, published, by=by.actor if by else SYSTEM, data=data)
    return published


def _rows(items: Sequence[Item], moment: Any) -> list[Rule]:
    """The rows of the items: those known, and new ones made."""
    known = Rule.objects.in_bulk([item.rule_id for item in items if item.rule_id is not None])
    rows = []
    for item in items:
        row = known.get(item.rule_id) if item.rule_id is not None else None
        if row is None:
            row = contents.into_row(Rule(position=0, version=0, created_at=moment), item.content)
            row.save()
        rows.append(row)
    if len({row.pk for row in rows}) != len(rows):
        raise errors.Invalid(fields={"rules": [_("A rule may stand in the list only once.")]})
    return rows


def _versions(
    items: Sequence[Item], rows: Sequence[Rule], before: Sequence[tuple[Item, int]], moment: Any
) -> list[int]:
    """The version of each: the one whose text it is, or a new one."""
    kept = {item.rule_id: (item.content, version) for item, version in before}
    changed = [
        (row, item) for row, item in zip(rows, items, strict=True) if kept.get(row.pk, (None,))[0] != item.content
    ]
    texts: dict[int, dict[int, dict[str, Any]]] = {}
    for rule_id, version, text in RuleVersion.objects.filter(rule__in=[row.pk for row, _item in changed]).values_list(
        "rule_id", "version", "content"
    ):
        texts.setdefault(rule_id, {})[version] = {**contents.DEFAULTS, **text}
    chosen: dict[int, int] = {}
    new = []
    for row, item in changed:
        known = texts.get(row.pk, {})
        same = next((version for version, text in sorted(known.items(), reverse=True) if text == item.content), None)
        chosen[row.pk] = same if same is not None else max(known, default=0) + 1
        if same is None:
            new.append(RuleVersion(rule=row, version=chosen[row.pk], content=item.content, created_at=moment))
    RuleVersion.objects.bulk_create(new, batch_size=500)
    return [chosen[row.pk] if row.pk in chosen else kept[row.pk][1] for row in rows]


def _store(items: Sequence[Item], rows: Sequence[Rule], versions: Sequence[int], moment: Any) -> None:
    """Let the rows say what the list says."""
    changed = []
    for position, (item, row, version) in enumerate(zip(items, rows, versions, strict=True), start=1):
        if (row.position, row.version, row.removed_at) != (position, version, None):
            row.position, row.version, row.removed_at = position, version, None
            changed.append(contents.into_row(row, item.content))
    Rule.objects.bulk_update(changed, [*contents.COLUMNS, "position", "version", "removed_at"], batch_size=200)
    Rule.objects.current().exclude(pk__in=[row.pk for row in rows]).update(removed_at=moment)


def _changes(
    before: Sequence[tuple[Item, int]], rows: Sequence[Rule], versions: Sequence[int]
) -> dict[str, list[str] | int]:
    was = {item.rule_id: (item.content["name"], version) for item, version in before}
    now = {row.pk: (row.name, version) for row, version in zip(rows, versions, strict=True)}
    order = [item.rule_id for item, _version in before if item.rule_id in now]
    stayed = [row.pk for row in rows if row.pk in was]
    return {
        "added": [name for pk, (name, _v) in now.items() if pk not in was],
        "changed": [name for pk, (name, version) in now.items() if pk in was and was[pk][1] != version],
        "removed": [name for pk, (name, _v) in was.items() if pk not in now],
        "moved": sum(a != b for a, b in zip(order, stayed, strict=True)),
    }


def restore(number: int, *, by: User, note: str = "") -> RuleList:
    """Roll back: publish the content of an old list as a new one. Raises NotFound for a list that never was."""
    old = RuleList.objects.filter(number=number).first()
    if old is None:
        raise errors.NotFound()
    items = [item for item, _version in items_of(old)]
    return publish(items, by=by, note=note, restored_from=number)


def history() -> Any:
    """All published lists, newest first."""
    return RuleList.objects.select_related("author").order_by("-number")


def last_number() -> int:
    """The number of the list in force; 0 before the first."""
    return int(RuleList.objects.aggregate(last=Max("number", filter=Q(number__gt=0)))["last"] or 0)
