"""Logs tell what happened, never what opens a door: long opaque parts of addresses are left out."""

import re
from collections.abc import MutableMapping
from typing import Any

# A path segment or a query value of this length is a token; names and numbers are shorter
_OPAQUE = re.compile(r"[A-Za-z0-9_:.~-]{40,}")


def hide_tokens(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: `GET /en/my/login/<token>/` becomes `GET /en/my/login/…/`."""
    for name in ("request", "path", "referer"):
        if isinstance(event.get(name), str):
            event[name] = _OPAQUE.sub("…", event[name])
    return event


def hide_tokens_in_words(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The same for lines that are not ours: Django writes `Conflict: /en/call/<token>/` for every refused page."""
    if isinstance(event.get("event"), str):
        event["event"] = _OPAQUE.sub("…", event["event"])
    return event
