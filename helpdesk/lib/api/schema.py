"""What the API says of itself must not depend on the database it is asked on."""

from typing import Any

# Bounds that Django derives from the column types of one database; nobody promised them
_COLUMN_BOUNDS = {32767, 2147483647, 9223372036854775807, -32768, -2147483648, -9223372036854775808}


def forget_column_bounds(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A drf-spectacular postprocessing hook: SQLite and PostgreSQL describe the same API in the same words."""
    _forget(result)
    return result


def _forget(node: Any) -> None:
    if isinstance(node, dict):
        for name in ("maximum", "minimum"):
            if isinstance(node.get(name), int) and node[name] in _COLUMN_BOUNDS:
                del node[name]
        if node.get("format") == "int64":
            del node["format"]
        for child in node.values():
            _forget(child)
    elif isinstance(node, list):
        for child in node:
            _forget(child)
