"""Migrations: complete, and still runnable when the code has moved on."""

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.core import management

from tests.law import files

MIGRATIONS = [path for path in files.committed("*/migrations/*.py") if path.name != "__init__.py"]


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    out = StringIO()
    try:
        management.call_command("makemigrations", check=True, dry_run=True, stdout=out)
    except SystemExit:
        pytest.fail(out.getvalue())


def test_there_are_migrations_to_look_at() -> None:
    assert MIGRATIONS


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: "/".join(path.parts[-3:]))
def test_functions_of_a_migration_import_nothing_of_ours(path: Path) -> None:
    """What RunPython runs must be frozen with it: a model or service of today may not exist when it runs."""
    inside = [
        imported
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for imported in _names(node)
    ]
    assert [name for name in inside if name.split(".")[0] in files.PYTHON_ROOMS] == []


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: "/".join(path.parts[-3:]))
def test_migrations_have_names_that_tell(path: Path) -> None:
    assert "_auto_" not in path.name


def _names(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
