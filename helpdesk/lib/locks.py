"""Locks on what has no row yet: held to the end of the transaction, named by words."""

import hashlib
from collections.abc import Iterable

from django.db import connection


def for_keys(purpose: str, keys: Iterable[str]) -> None:
    """Wait until nobody else holds any of these keys for this purpose, and hold them until the transaction ends.

    PostgreSQL only; SQLite has one writer at a time anyway. Always taken in the same order, so that two holders of
    several keys cannot wait for each other.
    """
    if connection.vendor != "postgresql":
        return
    numbers = sorted({_number(purpose, key) for key in keys})
    if numbers:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(n) FROM unnest(%s::bigint[]) AS n", [numbers])


def _number(purpose: str, key: str) -> int:
    digest = hashlib.sha256(f"{purpose}\x1f{key}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
