"""Rows that nobody reads before the transaction ends are written at its end: one statement a table, however many.

Reading one mail writes a dozen such rows (ticket, message, envelope, account of routing, events, jobs). Alone each is
written at once; within `writing()` they wait, so that twenty mails cost little more statements than one. Who must find
in the database what was given a moment ago says `write_now()`.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from django.db import models, transaction

from helpdesk.lib import rows as tables

# Of those that people read; what a batch does not use of them is a gap
NUMBERS_AT_ONCE = 5

Then = Callable[[], object]
T = TypeVar("T")
M = TypeVar("M", bound=models.Model)


@dataclass
class _Pending:
    rows: dict[type[models.Model], list[models.Model]] = field(default_factory=dict)
    then: list[Then] = field(default_factory=list)
    shared: dict[str, list[Any]] = field(default_factory=dict)
    at_end: list[Then] = field(default_factory=list)
    known: dict[str, Any] = field(default_factory=dict)
    # How many ids to take at a time, and those that are left
    many: int = 1
    ids: dict[type[models.Model], list[int]] = field(default_factory=dict)


_pending: ContextVar[_Pending | None] = ContextVar("together", default=None)


@contextlib.contextmanager
def writing(many: int = 1) -> Iterator[None]:
    """Gather what `insert` is given and write it when the block ends; inside the caller's transaction.

    `many`: of how many things the rows are. When the block raises, nothing of it is written: the transaction is lost anyway.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("together.writing() outside a transaction")
    if _pending.get() is not None:
        yield
        return
    pending = _Pending(many=many)
    token = _pending.set(pending)
    try:
        yield
        write_now()
        for end in pending.at_end:
            end()
    finally:
        _pending.reset(token)


def _write(pending: _Pending) -> None:
    """What is there now; what its `then` adds (jobs of events) is the next round."""
    rows, then = pending.rows, pending.then
    pending.rows, pending.then = {}, []
    if tables.can_copy():
        _number(rows)
    for found in rows.values():
        tables.insert_all(found)
    for act in then:
        act()


def _number(rows: dict[type[models.Model], list[models.Model]]) -> None:
    """Give all of them their ids by one question; `insert_all` would ask for each table."""
    fresh = {model: [row for row in found if row.pk is None] for model, found in rows.items()}
    ids = tables.next_ids_of({model: len(found) for model, found in fresh.items()})
    for model, found in fresh.items():
        for row, number in zip(found, ids[model], strict=True):
            row.pk = number


def write_now() -> None:
    """Write what waits, for somebody is about to look for it."""
    pending = _pending.get()
    while pending is not None and (pending.rows or pending.then):
        _write(pending)


def waiting(model: type[M]) -> Sequence[M]:
    """The rows of a model that are not written yet."""
    pending = _pending.get()
    return cast("list[M]", pending.rows.get(model, [])) if pending is not None else ()


def insert(*rows: models.Model, then: Then | None = None) -> None:
    """Insert rows now, or at the end of the block; `then` is called when they have their ids."""
    pending = _pending.get()
    if pending is None:
        _insert_now(rows)
        if then:
            then()
        return
    for row in rows:
        pending.rows.setdefault(type(row), []).append(row)
    if then:
        pending.then.append(then)


def insert_known(row: models.Model, *, is_numbered: bool = False) -> None:
    """Insert a row whose id is needed at once; within the block it gets the id now and is written with the others.

    `is_numbered`: people read the ids, so that of a whole batch hardly any may be left over.
    """
    pending = _pending.get()
    if pending is None or not tables.can_copy():
        row.save(force_insert=True)
        return
    ids = pending.ids.setdefault(type(row), [])
    if not ids:
        ids += tables.next_ids(type(row), min(pending.many, NUMBERS_AT_ONCE) if is_numbered else pending.many)
    row.pk = ids.pop(0)
    insert(row)


def _insert_now(rows: Iterable[models.Model]) -> None:
    found = list(rows)
    if len(found) == 1:
        found[0].save(force_insert=True)
    elif found:
        type(found[0])._default_manager.bulk_create(found)


def shared(name: str, use: Callable[[list[Any]], object]) -> list[Any] | None:
    """A list that everybody in the block adds to, used once when all is written; None outside a block."""
    pending = _pending.get()
    if pending is None:
        return None
    if name not in pending.shared:
        found: list[Any] = []
        pending.shared[name] = found
        pending.at_end.append(lambda: use(found))
    return pending.shared[name]


def remember(name: str, find: Callable[[], T]) -> T:
    """What `find` says, asked once in the block: for what a whole batch may take as it stood at its beginning."""
    pending = _pending.get()
    if pending is None:
        return find()
    if name not in pending.known:
        pending.known[name] = find()
    found: T = pending.known[name]
    return found
