"""Customers, organisations and tickets into CSV and XLSX, in the columns that an import takes. No cell is ever a formula."""

import csv
import io
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import IO, Any

import structlog
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import engine, outbox
from helpdesk.lib import clock, errors
from helpdesk.lib import text as texts
from helpdesk.people.imports import mapping, running
from helpdesk.people.models import Customer, Export, Organization, User

log = structlog.get_logger(__name__)
_AT_ONCE = 500
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What a sheet of Excel holds, the header included
_XLSX_ROWS = 1_048_575


def harmless(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP); `files.clean` takes the apostrophe off again."""
    cell = "" if value is None else texts.clean(str(value))
    return f"'{cell}" if cell.startswith(_RISKY) else cell


@transaction.atomic
def create(kind: str, form: str, *, by: User, origin_id: uuid.UUID | None = None) -> tuple[Export, bool]:
    """Ask for a file; a job writes it. False: it was asked for before."""
    if origin_id and (known := Export.objects.filter(by=by, origin_id=origin_id).first()):
        if (known.kind, known.form) != (kind, form):
            raise errors.Conflict(_("This origin_id was used for another file."), code="origin_id")
        return known, False
    made = Export.objects.create(kind=kind, form=form, by=by, origin_id=origin_id, created_at=clock.now())
    record(names.EXPORT_MADE, made, by=by.actor, data={"kind": kind, "form": form})
    outbox.enqueue(write, priority=running.PRIORITY, export_id=made.pk)
    return made, True


def write(export_id: int) -> None:
    """Job: write the file. One that cannot be written says so: it is asked for again in a moment."""
    one = Export.objects.filter(pk=export_id, state=Export.State.WRITING).first()
    if one is None:
        return
    try:
        ready = _written(one)
    except Exception as error:
        log.error("export.failed", id=one.pk, error=type(error).__name__)
        Export.objects.filter(pk=one.pk, state=Export.State.WRITING).update(state=Export.State.FAILED)
        return
    if not Export.objects.filter(pk=one.pk, state=Export.State.WRITING).update(**ready):
        # Another worker was faster
        running.forget(ready["path"])


def _written(one: Export) -> dict[str, Any]:
    with tempfile.TemporaryFile() as file:
        count = (_write_csv if one.form == Export.Form.CSV else _write_xlsx)(one.kind, file)
        file.seek(0)
        path = default_storage.save(f"exports/{uuid.uuid4().hex}", File(file))
    return {"state": Export.State.READY, "path": path, "count": count, "finished_at": clock.now()}


def _write_csv(kind: str, file: IO[bytes]) -> int:
    """With a mark of its encoding: Excel takes it for Windows-1252 otherwise."""
    out = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(out)
    rows = _rows(kind)
    writer.writerow(next(rows))
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007
        writer.writerow(row)
    out.detach()
    return count


def _write_xlsx(kind: str, file: IO[bytes]) -> int:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(kind)
    rows = _rows(kind)
    sheet.append(next(rows))
    count = 0
    for count, row in enumerate(rows, 1):
        if count > _XLSX_ROWS:
            raise RuntimeError("more rows than a sheet holds")
        sheet.append(row)
    book.save(file)
    return count


def _rows(kind: str) -> Iterator[list[str]]:
    """The header, then a row each."""
    rows: Iterator[list[Any]] = import_string(mapping.rows_of(kind).out)()
    yield from ([harmless(cell) for cell in row] for row in rows)


def customers() -> Iterator[list[Any]]:
    """All customers that a person would look for."""
    yield [
        "external_id", "name", "email", "phone", "organization", "language", "note",
        "proved_email", "created_at", "number",
    ]  # fmt: skip
    rows = Customer.objects.current().filter(is_visitor=False).select_related("organization")
    for customer in by_id(rows.prefetch_related("identities")):
        theirs: dict[str, list[str]] = {"email": [], "phone": [], "external": [], "proved": []}
        for identity in customer.identities.all():
            theirs[identity.kind].append(identity.value)
            if identity.verified_at and identity.kind == "email":
                theirs["proved"].append(identity.value)
        # Ids that websites vouch by (`site:id`) mean nothing elsewhere
        external = next((value for value in theirs["external"] if ":" not in value), "")
        yield [
            external, customer.name, joined(theirs["email"]), joined(theirs["phone"]),
            customer.organization.name if customer.organization else "", customer.locale, customer.note,
            joined(theirs["proved"]), customer.created_at.isoformat(timespec="seconds"), customer.pk,
        ]  # fmt: skip


def organizations() -> Iterator[list[Any]]:
    """All organisations."""
    yield ["external_id", "name", "domains"]
    for one in by_id(Organization.objects.all()):
        yield [one.external_id, one.name, joined(one.domains)]


def by_id(rows: QuerySet[Any]) -> Iterator[Any]:
    """All rows, some hundred at a time: neither memory nor a transaction grows with their number."""
    last = 0
    while found := list(rows.filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        yield from found
        last = found[-1].pk


def joined(values: Iterable[str]) -> str:
    """Several values in one cell, as an import splits them."""
    return ";".join(values)


@transaction.atomic
def fetch(one: Export, *, by: User) -> IO[bytes]:
    """The bytes, for whom asked for them; raises NotFound when they are gone."""
    if one.state != Export.State.READY:
        raise errors.NotFound(_("This file is not ready, or no longer stored."))
    try:
        file: IO[bytes] = default_storage.open(one.path, "rb")
    except OSError as error:
        raise errors.NotFound(_("This file is not ready, or no longer stored.")) from error
    record(names.EXPORT_FETCHED, one, by=by.actor, data={"kind": one.kind, "count": one.count})
    return file


@engine.every(3600)
def sweep() -> None:
    """A file of all customers lies about for a day at most."""
    limit = clock.now() - timedelta(hours=settings.EXPORT_KEEP_HOURS)
    for one in Export.objects.filter(created_at__lt=limit).exclude(state=Export.State.GONE)[:100]:
        running.forget(one.path)
        Export.objects.filter(pk=one.pk).update(state=Export.State.GONE, path="")
