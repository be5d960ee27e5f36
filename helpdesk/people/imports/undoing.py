"""Taking the last import back: what it made goes, what it changed becomes as it was; what was used since stays."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors
from helpdesk.people.imports import mapping, running
from helpdesk.people.models import Customer, Identity, Import, ImportRow, Organization

State, Outcome = Import.State, ImportRow.Outcome


class Kept(Exception):
    """A row that cannot be taken back, and why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_last(one: Import) -> bool:
    """Whether it is the newest that stands, ended, and not too long ago."""
    if one.state not in (State.DONE, State.FAILED) or one.began_at is None:
        return False
    if one.began_at < clock.now() - timedelta(days=settings.IMPORT_UNDO_DAYS):
        return False
    newest = Import.objects.standing().values_list("pk", flat=True).first()
    return newest == one.pk


@transaction.atomic
def undo(one: Import) -> Import:
    """Begin to take an import back, last row first; raises Conflict when a later one stands on it."""
    row = Import.objects.select_for_update().get(pk=one.pk)
    if not is_last(row):
        raise errors.Conflict(_("Only the last import can be taken back, and only for some days."), code="not_last")
    last = row.rows.order_by("-number").values_list("number", flat=True).first() or 0
    row.state, row.problem, row.finished_at, row.done, row.kept, row.tries = State.UNDOING, "", None, 0, 0, 0
    row.cursor = last + 1
    row.save()
    _go_on(row)
    return row


def _go_on(one: Import) -> None:
    outbox.enqueue(step_back, priority=running.PRIORITY, import_id=one.pk, before=one.cursor)


@running.patient
@transaction.atomic
def step_back(import_id: int, before: int) -> None:
    """Job: take back the rows above row `before`, then those above them."""
    one = Import.objects.select_for_update().filter(pk=import_id, cursor=before, state=State.UNDOING).first()
    if one is None:
        return
    rows = list(one.rows.filter(number__lt=before).order_by("-number")[: running.CHUNK])
    if not rows:
        _end(one)
        return
    back = import_string(mapping.rows_of(one.kind).back)
    for row in rows:
        if row.undo is not None:
            _take_back(row, back)
    ImportRow.objects.bulk_update(rows, ["outcome", "faults", "undo"])
    one.kept += sum(row.outcome == Outcome.KEPT for row in rows)
    one.cursor, one.done, one.tries = rows[-1].number, one.done + len(rows), 0
    one.save()
    _go_on(one)


def _take_back(row: ImportRow, back: Callable[[dict[str, Any]], list[str]]) -> None:
    try:
        with transaction.atomic():
            changed = back(row.undo or {})
    except Kept as kept:
        row.outcome, row.faults = Outcome.KEPT, [_fault(kept.code)]
    else:
        row.outcome = Outcome.KEPT if changed else Outcome.UNDONE
        row.faults = [_fault("changed_since", name) for name in changed]
        row.undo = None


def _fault(code: str, name: str = "") -> dict[str, Any]:
    return {"code": code, "field": name, "value": "", "column": None}


def customer(saved: dict[str, Any]) -> list[str]:
    """Take a customer back; returns the fields that somebody has changed since and that stay so."""
    one = Customer.objects.select_for_update().filter(pk=saved["customer"]).first()
    if one is None:
        raise Kept("gone")
    if one.merged_into_id or Customer.objects.filter(merged_into=one).exists():
        raise Kept("merged")
    changed: list[str] = []
    if saved["made"]:
        remove(one, "in_use", ignoring={Identity})
    else:
        changed = restore(one, saved["was"])
        # One that was proved since is his, whoever said it first
        Identity.objects.filter(pk__in=saved["identities"], customer=one, verified_at__isnull=True).delete()
    if saved["organization"]:
        _remove_unused(saved["organization"])
    return changed


def organization(saved: dict[str, Any]) -> list[str]:
    """The same for an organisation."""
    one = Organization.objects.select_for_update().filter(pk=saved["organization"]).first()
    if one is None:
        raise Kept("gone")
    if saved["made"]:
        remove(one, "org_in_use", ignoring=set())
        return []
    return restore(one, saved["was"])


def restore(one: models.Model, was: dict[str, list[Any]]) -> list[str]:
    """Give fields their old values where they still have the imported ones; returns those that have not."""
    restored = []
    for name, (before, after) in was.items():
        attribute = f"{name}_id" if name == "organization" else name
        is_there = name != "organization" or not before or Organization.objects.filter(pk=before).exists()
        if is_there and getattr(one, attribute) == after:
            setattr(one, attribute, before)
            restored.append(name)
    if restored:
        try:
            with transaction.atomic():
                one.save(update_fields=restored)
        except IntegrityError as error:
            # Another organisation has the old name by now
            raise Kept("changed_since") from error
    return [name for name in was if name not in restored]


def remove(one: models.Model, code: str, *, ignoring: set[type[models.Model]]) -> None:
    """Delete what nothing points to; whatever room points to it, it is in use."""
    for relation in one._meta.related_objects:
        model: Any = relation.related_model
        if model not in ignoring and model._default_manager.filter(**{relation.field.name: one}).exists():
            raise Kept(code)
    try:
        with transaction.atomic():
            one.delete()
    except (ProtectedError, RestrictedError, IntegrityError) as error:
        raise Kept(code) from error


def _remove_unused(organization_id: int) -> None:
    found = Organization.objects.filter(pk=organization_id).first()
    if found is None:
        return
    try:
        remove(found, "org_in_use", ignoring=set())
    except Kept:
        return


def _end(one: Import) -> None:
    one.state, one.finished_at = State.UNDONE, clock.now()
    path, one.path = one.path, ""
    one.save(update_fields=["state", "finished_at", "path"])
    transaction.on_commit(lambda: running.forget(path), robust=True)
    record(names.IMPORT_UNDONE, one, by=running.actor_of(one), data={"kind": one.kind, "kept": one.kept})
