"""An import's way: sent, checked, run. What takes long is done in pieces by jobs, so that a crash costs one piece."""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import engine, outbox
from helpdesk.lib import clock, errors
from helpdesk.lib import text as texts
from helpdesk.lib.actor import SYSTEM, Actor
from helpdesk.people.imports import files, mapping, words
from helpdesk.people.models import Import, ImportRow, User

if TYPE_CHECKING:
    from helpdesk.people.imports.resources import Taken

log = structlog.get_logger(__name__)
State, Outcome = Import.State, ImportRow.Outcome
CHUNK = 100
# Mail and chats go first
PRIORITY = 6
_READ_AT_ONCE = 1_000
_READ_SIZE = 4_000_000
_MAX_TRIES = 3


# --- sent ------------------------------------------------------------------------------------------------------------
def create(kind: str, file: "File[Any]", *, by: User, origin_id: uuid.UUID | None = None) -> tuple[Import, bool]:
    """Keep a file and say what its columns look like; nothing is taken in yet. False: it had been sent before.

    Raises TooLarge, and Invalid when the file is no table.
    """
    if file.size > settings.IMPORT_MAX_BYTES:
        limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
        raise errors.TooLarge(str(_("The file is larger than %(limit)s MB. Split it.")) % {"limit": limit})
    content = file.read()
    digest = hashlib.sha256(content).hexdigest()
    if origin_id and (known := Import.objects.filter(by=by, origin_id=origin_id).first()):
        if (known.kind, known.sha256) != (kind, digest):
            raise errors.Conflict(_("This origin_id was used for another file."), code="origin_id")
        return known, False
    made = Import(kind=kind, by=by, origin_id=origin_id, sha256=digest, created_at=clock.now())
    made.name = texts.one_line(file.name or "", 120).replace("\\", "/").rpartition("/")[2] or "file"
    _describe(made, _table(kind, content))
    made.mapping = mapping.guess(kind, [column["name"] for column in made.columns])
    made.path = default_storage.save(f"imports/{uuid.uuid4().hex}", ContentFile(content))
    made.save(force_insert=True)
    return made, True


def _understand(kind: str, content: bytes, **how: str) -> files.Table:
    reader = mapping.rows_of(kind).reader
    found: files.Table = import_string(reader)(content, **how) if reader else files.understand(content, **how)
    return found


def _table(kind: str, content: bytes, *, separator: str = "", encoding: str = "") -> files.Table:
    try:
        return _understand(kind, content, separator=separator, encoding=encoding)
    except files.Unreadable as error:
        raise errors.Invalid(fields={"file": [words.problem(error.code)]}, code=error.code) from error


def _describe(one: Import, table: files.Table) -> None:
    one.encoding, one.separator = table.encoding, table.separator
    one.columns = [
        {"name": texts.one_line(name, 120), "samples": [texts.excerpt(row[place], 60) for row in table.samples]}
        for place, name in enumerate(table.columns)
    ]
    one.total = None


@transaction.atomic
def reread(one: Import, *, separator: str, encoding: str) -> Import:
    """Read the same file another way, because what was guessed is wrong."""
    one = _locked(one, State.NEW, State.CHECKED)
    _describe(one, _table(one.kind, _content(one), separator=separator, encoding=encoding))
    one.mapping = mapping.guess(one.kind, [column["name"] for column in one.columns])
    one.state = State.NEW
    one.save()
    one.rows.all().delete()
    return one


def _content(one: Import) -> bytes:
    try:
        with default_storage.open(one.path, "rb") as file:
            return bytes(file.read())
    except (OSError, ValueError) as error:
        raise errors.Invalid(words.problem("lost"), code="lost") from error


def _locked(one: Import, *states: str) -> Import:
    row = Import.objects.select_for_update().get(pk=one.pk)
    if row.state not in states:
        raise errors.Conflict(_("This import has gone on in the meantime."))
    return row


# --- checked and run -------------------------------------------------------------------------------------------------
@transaction.atomic
def check(one: Import, chosen: Sequence[str]) -> Import:
    """Begin the trial: every row is tried, nothing stays."""
    one = _locked(one, State.NEW, State.CHECKED)
    mapping.check(one.kind, chosen, [column["name"] for column in one.columns])
    one.mapping = list(chosen)
    _begin(one, State.CHECKING)
    one.rows.exclude(outcome="").update(outcome="", faults=[])
    return one


@transaction.atomic
def run(one: Import) -> Import:
    """Begin in earnest what was checked; rows that are wrong are left out."""
    one = _locked(one, State.CHECKED)
    one.began_at = clock.now()
    _begin(one, State.RUNNING)
    return one


def _begin(one: Import, state: str) -> None:
    one.state, one.problem = state, ""
    one.done = one.cursor = one.tries = one.made = one.changed = one.same = one.refused = 0
    one.save()
    if one.total is None:
        outbox.enqueue(read, priority=PRIORITY, import_id=one.pk)
    else:
        _go_on(one)


def _go_on(one: Import) -> None:
    outbox.enqueue(step, priority=PRIORITY, import_id=one.pk, after=one.cursor)


def patient(task: Callable[..., None]) -> Callable[..., None]:
    """A job about one import: tried a few times, then the import says that it failed instead of standing still."""

    @wraps(task)
    def tried(import_id: int, **args: int) -> None:
        try:
            task(import_id, **args)
        except Exception as error:
            if _has_failed(import_id):
                log.error("import.failed", id=import_id, error=type(error).__name__)
                return
            raise

    return tried


@transaction.atomic
def _has_failed(import_id: int) -> bool:
    one = Import.objects.select_for_update().filter(pk=import_id).first()
    if one is None:
        return True
    one.tries += 1
    if one.tries >= _MAX_TRIES:
        one.state, one.problem, one.finished_at = State.FAILED, "unexpected", clock.now()
    one.save(update_fields=["tries", "state", "problem", "finished_at"])
    return one.state == State.FAILED


@patient
def read(import_id: int) -> None:
    """Job: put the rows of the file into the table, then go on with them."""
    one = Import.objects.filter(pk=import_id, state=State.CHECKING, total__isnull=True).first()
    if one is None:
        return
    try:
        total = _read(one)
    except files.Unreadable as error:
        _fail(one, error.code)
        return
    except errors.Invalid as error:
        _fail(one, error.code)
        return
    with transaction.atomic():
        if Import.objects.filter(pk=one.pk, state=State.CHECKING, total__isnull=True).update(total=total):
            _go_on(one)


def _read(one: Import) -> int:
    """How many rows there are; rows that an earlier try has written stay as they are."""
    table = _understand(one.kind, _content(one), separator=one.separator, encoding=one.encoding)
    pending: list[ImportRow] = []
    total = size = 0
    for number, cells in table.rows():
        total += 1
        if total > settings.IMPORT_MAX_ROWS:
            raise files.Unreadable("too_many")
        pending.append(ImportRow(parent=one, number=number, cells=cells, key=table.key(cells)))
        size += sum(map(len, cells))
        if len(pending) == _READ_AT_ONCE or size > _READ_SIZE:
            ImportRow.objects.bulk_create(pending, ignore_conflicts=True)
            pending, size = [], 0
    ImportRow.objects.bulk_create(pending, ignore_conflicts=True)
    return total


def _fail(one: Import, code: str) -> None:
    Import.objects.filter(pk=one.pk).update(state=State.FAILED, problem=code, finished_at=clock.now())


@patient
@transaction.atomic
def step(import_id: int, after: int) -> None:
    """Job: check or take in the rows that follow row `after`, then the next ones."""
    one = Import.objects.select_for_update().filter(pk=import_id, cursor=after).first()
    if one is None or one.state not in (State.CHECKING, State.RUNNING):
        return
    rows = list(one.rows.filter(number__gt=after).order_by("number")[:CHUNK])
    if not rows:
        _end(one)
        return
    _take(one, rows)
    one.cursor, one.done, one.tries = rows[-1].number, one.done + len(rows), 0
    one.save()
    _go_on(one)


def _take_table(one: Import, rows: list[ImportRow], *, is_trial: bool) -> "list[Taken]":
    from helpdesk.people.imports import resources

    told = [mapping.row_of(one.mapping, row.cells) for row in rows]
    for row, said in zip(rows, told, strict=True):
        row.key = resources.key_of(one.kind, said)
    keys = {row.key for row in rows if row.key}
    earlier = one.rows.filter(key__in=keys, number__lt=rows[0].number)
    seen = dict(earlier.order_by("-number").values_list("key", "number"))
    return resources.take(one.kind, told, [row.number for row in rows], seen, is_trial=is_trial)


def _take(one: Import, rows: list[ImportRow]) -> None:
    is_trial = one.state == State.CHECKING
    if mapping.rows_of(one.kind).reader:
        taken = import_string(mapping.rows_of(one.kind).taker)(one, rows, is_trial=is_trial)
    else:
        taken = _take_table(one, rows, is_trial=is_trial)
    for row, what in zip(rows, taken, strict=True):
        row.outcome, row.undo = what.outcome, None if is_trial else what.undo
        row.faults = [_placed(one, row, fault) for fault in what.faults]
    ImportRow.objects.bulk_update(rows, ["key", "outcome", "faults", "undo"])
    outcomes = [row.outcome for row in rows]
    one.made += outcomes.count(Outcome.NEW)
    one.changed += outcomes.count(Outcome.CHANGED)
    one.same += outcomes.count(Outcome.SAME)
    one.refused += outcomes.count(Outcome.REFUSED)


def _placed(one: Import, row: ImportRow, fault: dict[str, Any]) -> dict[str, Any]:
    """A fault with the column in which it stands: of several that fill the field, the one with the wrong piece."""
    if not fault["field"]:
        return {**fault, "column": None}
    places = [place for place, name in enumerate(one.mapping) if name == fault["field"]]
    guilty = [place for place in places if fault["value"] and fault["value"] in row.cells[place]]
    place = next(iter(guilty or places), None)
    value = fault["value"] or (texts.excerpt(row.cells[place], 120) if place is not None else "")
    return {**fault, "column": place, "value": value}


def _end(one: Import) -> None:
    if one.state == State.CHECKING:
        one.state = State.CHECKED
        one.save(update_fields=["state"])
        return
    one.state, one.finished_at = State.DONE, clock.now()
    path, one.path = one.path, ""
    one.save(update_fields=["state", "finished_at", "path"])
    one.rows.exclude(outcome=Outcome.REFUSED).update(cells=[])
    transaction.on_commit(lambda: forget(path), robust=True)
    data = {name: getattr(one, name) for name in ("kind", "made", "changed", "same", "refused")}
    record(names.IMPORT_DONE, one, by=actor_of(one), data=data)


def actor_of(one: Import) -> Actor:
    """Who sent the file."""
    return one.by.actor if one.by else SYSTEM


# --- forgotten -------------------------------------------------------------------------------------------------------
@transaction.atomic
def delete(one: Import) -> None:
    """Throw away what was never taken in."""
    one = _locked(one, State.NEW, State.CHECKED, State.FAILED)
    if one.began_at:
        raise errors.Conflict(_("Some of it was taken in already: take that back instead."))
    path = one.path
    one.rows.all().delete()
    one.delete()
    transaction.on_commit(lambda: forget(path), robust=True)


def forget(path: str) -> None:
    """The bytes of a file go."""
    if path:
        default_storage.delete(path)


@engine.every(3600)
def sweep() -> None:
    """What was sent and never taken in goes after some days; so do the rows of what can no longer be taken back."""
    limit = clock.now() - timedelta(days=settings.IMPORT_UNDO_DAYS)
    for one in Import.objects.filter(began_at__isnull=True, created_at__lt=limit)[:100]:
        Import.objects.filter(pk=one.pk).update(state=State.FAILED)
        delete(one)
    old = Import.objects.filter(began_at__lt=limit, finished_at__isnull=False).annotate(left=Count("rows"))
    for one in old.filter(left__gt=0)[:100]:
        one.rows.all().delete()
        forget(one.path)
