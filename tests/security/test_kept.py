"""What is acknowledged is kept: the settings on which that rests, and the one way by which each door keeps it."""

import sqlite3
from typing import Any

import pytest
from django.db import connection

from helpdesk import settings as stated


def test_a_commit_waits_for_the_disk_in_both_shapes(db: None) -> None:
    """In WAL mode, SQLite's NORMAL loses the last commits with the power, and a mail that was moved with them."""
    if connection.vendor == "postgresql":
        # The server waits unless it is told not to; those of the tests are told, we tell none
        assert "synchronous_commit" not in str(connection.settings_dict)
        return
    if not stated.IS_EMBEDDED:
        pytest.skip("the settings name another database")
    options: dict[str, Any] = stated.DATABASES["default"]["OPTIONS"]
    asked = sqlite3.connect(":memory:")
    asked.executescript(options["init_command"])
    assert asked.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert options["transaction_mode"] == "IMMEDIATE"
