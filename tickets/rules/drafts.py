"""The one list being prepared: saved whole, checked, tried on the saved tests, and put in force by `publish`."""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import clock, errors
from helpdesk.people.models import User
from tickets.models import Rule, RuleDraft, RuleList
from tickets.rules import content as contents
from tickets.rules import news, published, references, trials
from tickets.rules.compiled import Compiled
from tickets.rules.published import Item

MOST_RULES = 5_000
# Before the first draft of all
_BEFORE = datetime(2025, 1, 1, tzinfo=UTC)
Rows = list[dict[str, Any]]


def current() -> RuleDraft | None:
    """The draft, when somebody has begun one."""
    return RuleDraft.objects.select_related("author").first()


def items_of(rows: Rows) -> list[Item]:
    """The places of a draft, or of a list somebody tries without saving it."""
    return [Item(row["id"], {name: row[name] for name in contents.DEFAULTS}, row["key"]) for row in rows]


def compiled(rows: Rows) -> Compiled:
    """A draft ready to be tried; its rules carry the version that they would have."""
    return published.compile_items(items_of(rows))


def read(given: Any) -> Rows:
    """A checked list. Raises Invalid with `rules=[{"index", "field", "detail"}]` for what is none."""
    if not isinstance(given, list) or len(given) > MOST_RULES:
        raise errors.Invalid(fields={"rules": [_("The rules are a list.")]})
    rows: Rows = []
    wrong: list[dict[str, Any]] = []
    for index, rule in enumerate(given):
        try:
            rows.append(_read_one(rule if isinstance(rule, dict) else {}))
        except errors.Invalid as invalid:
            for field, words in invalid.fields.items():
                wrong.append({"index": index, "field": field, "detail": str(words[0])})
    if wrong:
        raise _invalid(wrong)
    _check_identities(rows)
    return rows


def _invalid(wrong: list[dict[str, Any]]) -> errors.Invalid:
    words: list[errors.Text] = [f"{each['index'] + 1}: {each['detail']}" for each in wrong]
    return errors.Invalid(fields={"rules": words}, rules=wrong)


def _read_one(rule: dict[str, Any]) -> dict[str, Any]:
    rule_id = rule.get("id")
    if rule_id is not None and (not isinstance(rule_id, int) or isinstance(rule_id, bool)):
        raise errors.Invalid(fields={"id": [_("Unknown value.")]})
    key = str(rule.get("key") or (f"r{rule_id}" if rule_id else uuid.uuid4().hex[:12]))[:40]
    return {"id": rule_id, "key": key, **contents.read(rule)}


def _check_identities(rows: Rows) -> None:
    """Each known rule once, and none that never was; equal keys are told apart."""
    ids = [row["id"] for row in rows if row["id"] is not None]
    if len(set(ids)) != len(ids) or Rule.objects.filter(pk__in=ids).count() != len(ids):
        raise errors.Invalid(fields={"rules": [_("A rule may stand in the list only once.")]})
    seen: set[str] = set()
    for row in rows:
        if row["key"] in seen:
            row["key"] = uuid.uuid4().hex[:12]
        seen.add(row["key"])


def live_rows() -> Rows:
    """The list in force as a draft would hold it."""
    return [{"id": item.rule_id, "key": f"r{item.rule_id}", **item.content} for item in published.current_items()]


@transaction.atomic
def save(rules: Any, *, revision: int, by: User) -> RuleDraft:
    """Keep the whole list as the draft. Raises Conflict when somebody saved it since `revision`."""
    rows = read(rules)
    draft = RuleDraft.objects.select_for_update().first()
    if (draft.revision if draft else 0) != revision:
        raise errors.Conflict(
            _("Somebody else has saved this draft. Load it again."),
            code="revision",
            revision=draft.revision if draft else 0,
        )
    if draft is None:
        draft = RuleDraft(pk=1, revision=_first_revision(), base=published.last_number())
    draft.revision += 1
    draft.rules, draft.author, draft.updated_at = rows, by, clock.now()
    draft.save()
    news.drafted(draft, by=by)
    return draft


def _first_revision() -> int:
    """Above those of every draft before: what was typed over one that is gone does not pass for typed over this one."""
    return int((clock.now() - _BEFORE).total_seconds())


@transaction.atomic
def discard(*, by: User) -> None:
    """Forget the draft; the list in force stays."""
    RuleDraft.objects.all().delete()
    news.drafted(None, by=by)


@transaction.atomic
def publish(*, revision: int, note: str, reason: str = "", force: bool = False, by: User) -> RuleList:
    """Put the draft in force.

    Raises NotFound without a draft, Conflict when it or the list in force has moved on (`revision`, `stale`) or when
    saved tests fail and no reason is given (`tests_failed`), Invalid while a rule acts on what is switched off.
    """
    draft = RuleDraft.objects.select_for_update().first()
    if draft is None:
        raise errors.NotFound()
    if draft.revision != revision:
        raise errors.Conflict(
            _("Somebody else has saved this draft. Load it again."), code="revision", revision=draft.revision
        )
    if draft.base != published.last_number() and not force:
        raise errors.Conflict(_("The rules in force have changed since this draft was begun."), code="stale")
    if not force:
        _refuse_dangling(draft.rules)
    failed = _try(draft.rules, reason)
    row = published.publish(items_of(draft.rules), by=by, note=note, reason=reason, failed_tests=failed)
    draft.delete()
    return row


def _refuse_dangling(rows: Rows) -> None:
    there = references.known()
    wrong = [
        {"index": index, "field": each["where"], "detail": each["detail"]}
        for index, row in enumerate(rows)
        if row["active"]
        for each in references.problems({**row, "conditions": {}}, there)
    ]
    if wrong:
        raise _invalid(wrong)


def _try(rows: Rows, reason: str) -> int:
    """How many saved tests fail; that is refused unless a reason is typed."""
    result = trials.run(compiled(rows))
    if result["failed"] and not reason.strip():
        raise errors.Conflict(_("Saved tests fail with these rules."), code="tests_failed", tests=result)
    return int(result["failed"])


def changes(rows: Rows) -> tuple[list[str], list[dict[str, Any]]]:
    """Per row 'new', 'changed', 'moved' or 'same' against the list in force; and the rules that are gone."""
    items = published.current_items()
    before = {item.rule_id: item.content for item in items}
    kept = [row["id"] for row in rows if row["id"] in before]
    order = [item.rule_id for item in items if item.rule_id in set(kept)]
    moved = {rule_id for rule_id, other in zip(kept, order, strict=True) if rule_id != other}
    told = []
    for row in rows:
        if row["id"] not in before:
            told.append("new")
        elif before[row["id"]] != {name: row[name] for name in contents.DEFAULTS}:
            told.append("changed")
        else:
            told.append("moved" if row["id"] in moved else "same")
    gone = [{"id": item.rule_id, "name": item.content["name"]} for item in items if item.rule_id not in set(kept)]
    return told, gone
