"""Many rows by one statement, each with its own values: the same on both databases."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connection, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

_PLAIN = {
    models.AutoField, models.BigAutoField, models.BigIntegerField, models.BooleanField, models.CharField,
    models.DateTimeField, models.FloatField, models.ForeignKey, models.IntegerField, models.OneToOneField,
    models.PositiveIntegerField, models.PositiveSmallIntegerField, models.SmallIntegerField, models.TextField,
    models.UUIDField,
}  # fmt: skip


# --- new rows ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Table:
    """How rows of a model are copied: the statement, their values, and the few that are written otherwise."""

    copy: str
    values: Callable[[models.Model], tuple[Any, ...]]
    otherwise: Sequence[tuple[int, "models.Field[Any, Any]"]]
    relations: Sequence["models.ForeignKey[Any, Any]"]


def can_copy() -> bool:
    """Whether ids can be taken from a sequence before their rows are written."""
    return connection.vendor == "postgresql"


def insert_all(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model, in this order; afterwards each has its id.

    COPY on PostgreSQL. Django asks every field of every row how its value is written, which costs more than all the
    rest: here only those are asked whose value is not already what the driver takes.
    """
    if not rows:
        return
    model = type(rows[0])
    if not can_copy():
        model._default_manager.bulk_create(rows)
        return
    fresh = [row for row in rows if row.pk is None]
    for row, number in zip(fresh, next_ids(model, len(fresh)), strict=True):
        row.pk = number
    table, database = _table(model), transaction.get_connection()
    with database.cursor() as cursor, database.wrap_database_errors, cursor.copy(table.copy) as copy:
        for row in rows:
            copy.write_row(_written(row, table, database))
    for row in rows:
        row._state.adding, row._state.db = False, database.alias


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """So many ids for rows that are still to be written (PostgreSQL)."""
    return next_ids_of({model: count})[model]


def next_ids_of(counts: Mapping[type[models.Model], int]) -> dict[type[models.Model], list[int]]:
    """The same for several models by one question."""
    found: dict[type[models.Model], list[int]] = {model: [] for model in counts}
    wanted = [(place, model, counts[model]) for place, model in enumerate(counts) if counts[model]]
    if not wanted:
        return found
    one = "SELECT %s, nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
    params = [(place, model._meta.db_table, model._meta.pk.column, count) for place, model, count in wanted]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(wanted)), [value for each in params for value in each])
        places = list(counts)
        for place, number in cursor.fetchall():
            found[places[place]].append(number)
    return found


def _written(row: models.Model, table: _Table, database: BaseDatabaseWrapper) -> Sequence[Any]:
    for relation in table.relations:
        # As `save` does: what it points to may have got its id only after it was given
        if (
            getattr(row, relation.attname) is None
            and relation.is_cached(row)
            and (other := getattr(row, relation.name))
        ):
            setattr(row, relation.attname, other.pk)
    if not table.otherwise:
        return table.values(row)
    values = list(table.values(row))
    for place, field in table.otherwise:
        values[place] = field.get_db_prep_save(field.pre_save(row, True), database)
    return values


@cache
def _table(model: type[models.Model]) -> _Table:
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    return _Table(
        f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN",
        attrgetter(*(field.attname for field in fields)),
        [(place, field) for place, field in enumerate(fields) if not _is_plain(field)],
        [field for field in fields if isinstance(field, models.ForeignKey)],
    )


def _is_plain(field: "models.Field[Any, Any]") -> bool:
    return type(field) in _PLAIN and not getattr(field, "auto_now", False) and not getattr(field, "auto_now_add", False)


# --- rows that are there -----------------------------------------------------------------------------------------------
_Pair = tuple[str, str]


def update_all(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Save these fields of rows of one model."""
    if not rows:
        return
    meta = rows[0]._meta
    quote = connection.ops.quote_name
    fields = [meta.pk, *(meta.get_field(name) for name in names)]
    columns = [(str(field.column), _type(field)) for field in fields]  # type: ignore[union-attr]
    fresh, given = _given(columns, [[_value(field, row) for field in fields] for row in rows])
    key, *others = [quote(name) for name, _type in columns]
    sets = ", ".join(f"{name} = fresh.{name}" for name in others)
    table = quote(meta.db_table)
    sql = f"WITH fresh AS ({fresh}) UPDATE {table} SET {sets} FROM fresh WHERE {table}.{key} = fresh.{key}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, given)


def known(model: type[models.Model], names: _Pair, pairs: Collection[_Pair]) -> set[_Pair]:
    """Which of these pairs of texts are in the table already."""
    if not pairs:
        return set()
    one, two = (str(model._meta.get_field(name).column) for name in names)  # type: ignore[union-attr]
    fresh, given = _given([(one, "text"), (two, "text")], pairs)
    table = connection.ops.quote_name(model._meta.db_table)
    sql = f'SELECT "{one}", "{two}" FROM {table} WHERE "{two}" IS NOT NULL AND ("{one}", "{two}") IN ({fresh})'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return {(by, name) for by, name in cursor.fetchall()}


def _given(columns: Sequence[_Pair], rows: Collection[Sequence[Any]]) -> tuple[str, list[Any]]:
    """A query whose rows are these, and its parameters.

    PostgreSQL gets them as one JSON text: a placeholder for each value takes longer to put together than the work.
    """
    names = ", ".join(f'"{name}"' for name, _type in columns)
    if connection.vendor == "postgresql":
        typed = ", ".join(f'"{name}" {type_}' for name, type_ in columns)
        text = json.dumps([dict(zip((name for name, _ in columns), row, strict=True)) for row in rows], default=str)
        return f"SELECT {names} FROM jsonb_to_recordset(%s::jsonb) AS given({typed})", [text]  # noqa: S608
    values = ", ".join(["({})".format(", ".join(["%s"] * len(columns)))] * len(rows))
    sql = f"WITH given({names}) AS (VALUES {values}) SELECT {names} FROM given"  # noqa: S608
    return sql, [value for row in rows for value in row]


def _type(field: Any) -> str:
    return str(field.rel_db_type(connection) if field.primary_key else field.db_type(connection))


def _value(field: Any, row: models.Model) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)
