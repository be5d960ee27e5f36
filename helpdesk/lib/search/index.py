"""The databases' own indexes over the column of analysed terms, kept by the databases themselves.

SQLite: an FTS5 table over the column (external content: nothing is stored twice) and three triggers. PostgreSQL: a GIN
index over the terms as a tsvector. Both split at blanks only, so that a term is the same thing in both.
"""
# ruff: noqa: S608, S611  (names of our own tables are put together here; what people type goes in as parameters)

import json
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.signals import post_migrate

# Each group holds terms of which one must stand in the row, with a star after those that are only beginnings.
Groups = Sequence[Sequence[str]]
# Beyond so many hits PostgreSQL is better off walking the rows in the order asked for than collecting the hits first.
_MANY_HITS = 100_000


class _Vector(Func):
    """The indexed expression, letter by letter as in the index."""

    template = "array_to_tsvector(string_to_array(%(expressions)s, ' '))"


class _Matches(Func):
    output_field = BooleanField()
    template = "(%(expressions)s)"
    arg_joiner = " @@ "


def keep(app: AppConfig, **columns: str) -> None:
    """Have the indexes of an app's models (`Model="column"`) ensured after each migration.

    Django remakes a SQLite table to alter it, which silently drops triggers: migrations cannot keep them.
    """

    def ensure_all(using: str, **_: Any) -> None:
        for name, column in columns.items():
            ensure(app.get_model(name), column, using=using)

    post_migrate.connect(ensure_all, sender=app, weak=False, dispatch_uid=f"search.{app.label}")


def ensure(model: type[Model], column: str = "terms", using: str = DEFAULT_DB_ALIAS) -> None:
    """Make the index of a table where it is missing; nothing happens where it is there, or where the table is not yet."""
    connection = connections[using]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return
        if column not in {field.name for field in connection.introspection.get_table_description(cursor, table)}:
            return
        if connection.vendor == "sqlite":
            _ensure_sqlite(cursor, table, column)
        else:
            _ensure_postgres(cursor, table, column)


def containing(queryset: QuerySet[Any], groups: Groups, column: str = "terms") -> Q | _Matches:
    """The condition that a row of this model holds a term of every group."""
    if connections[queryset.db].vendor == "sqlite":
        return _sqlite_condition(queryset.model, groups, column)
    return _postgres_condition(queryset, groups, column)


def _name(table: str, column: str) -> str:
    return f"{table}_{column}_search"


# --- SQLite ----------------------------------------------------------------------------------------------------------
def _ensure_sqlite(cursor: Any, table: str, column: str) -> None:
    index = _name(table, column)
    wanted = _triggers(table, column, index)
    cursor.execute("SELECT name FROM sqlite_master WHERE name = %s OR tbl_name = %s", [index, table])
    present = {name for (name,) in cursor.fetchall()}
    if index in present and wanted.keys() <= present:
        return
    # Neither positions nor lengths are kept: only whether a row holds a term is asked.
    cursor.execute(
        f'CREATE VIRTUAL TABLE IF NOT EXISTS "{index}" USING fts5("{column}", content=\'{table}\', '
        "content_rowid='id', tokenize='ascii', detail='none', columnsize=0)"
    )
    for name, statement in wanted.items():
        cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
        cursor.execute(statement)
    # What was written while the triggers were missing
    cursor.execute(f'INSERT INTO "{index}"("{index}") VALUES (\'rebuild\')')


def _triggers(table: str, column: str, index: str) -> dict[str, str]:
    add = f'INSERT INTO "{index}"(rowid, "{column}") VALUES (new.id, new."{column}");'
    drop = f'INSERT INTO "{index}"("{index}", rowid, "{column}") VALUES (\'delete\', old.id, old."{column}");'
    return {
        f"{index}_insert": f'CREATE TRIGGER "{index}_insert" AFTER INSERT ON "{table}" BEGIN {add} END',
        f"{index}_delete": f'CREATE TRIGGER "{index}_delete" AFTER DELETE ON "{table}" BEGIN {drop} END',
        f"{index}_update": (
            f'CREATE TRIGGER "{index}_update" AFTER UPDATE OF id, "{column}" ON "{table}" '
            f'WHEN old."{column}" IS NOT new."{column}" OR old.id <> new.id BEGIN {drop} {add} END'
        ),
    }


def _sqlite_condition(model: type[Model], groups: Groups, column: str) -> Q:
    index = _name(model._meta.db_table, column)
    query = " AND ".join(f"({' OR '.join(map(_sqlite_term, group))})" for group in groups)
    return Q(pk__in=RawSQL(f'SELECT rowid FROM "{index}" WHERE "{index}" MATCH %s', [query]))


def _sqlite_term(term: str) -> str:
    return f'"{term[:-1]}"*' if term.endswith("*") else f'"{term}"'


# --- PostgreSQL ------------------------------------------------------------------------------------------------------
def _ensure_postgres(cursor: Any, table: str, column: str) -> None:
    index = _name(table, column)
    cursor.execute("SELECT to_regclass(%s)", [f'"{index}"'])
    if cursor.fetchone()[0] is None:
        vector = f"array_to_tsvector(string_to_array(\"{column}\", ' '))"
        cursor.execute(f'CREATE INDEX "{index}" ON "{table}" USING gin (({vector}))')


def _postgres_condition(queryset: QuerySet[Any], groups: Groups, column: str) -> Q | _Matches:
    """Rare words by the index, frequent ones row by row: for 'newest first' the planner alone guesses badly."""
    query = " & ".join(f"({' | '.join(map(_postgres_term, group))})" for group in groups)
    table = queryset.model._meta.db_table
    vector = f'array_to_tsvector(string_to_array("{table}"."{column}", \' \'))'
    hits = f'SELECT "{table}".id FROM "{table}" WHERE {vector} @@ %s::tsquery'
    if _estimate(queryset.db, hits, query) > _MANY_HITS:
        return _Matches(_Vector(F(column)), RawSQL("%s::tsquery", [query]))
    return Q(pk__in=RawSQL(f"WITH hits AS MATERIALIZED ({hits}) SELECT id FROM hits", [query]))


def _postgres_term(term: str) -> str:
    return f"'{term[:-1]}':*" if term.endswith("*") else f"'{term}'"


def _estimate(using: str, statement: str, query: str) -> int:
    with connections[using].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", [query])
        plan = cursor.fetchone()[0]
    return int((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"])
