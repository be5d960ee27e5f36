"""Logs tell what happened, never what opens a door: long opaque parts of addresses are left out."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

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


def setup(level: str) -> dict[str, Any]:
    """Set structlog up, and return Django's LOGGING: every line of ours and of others as JSON on standard error."""
    stamp = structlog.processors.TimeStamper(fmt="iso")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            hide_tokens,
            structlog.stdlib.filter_by_level,
            stamp,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    others = [hide_tokens_in_words, structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, stamp]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": structlog.processors.JSONRenderer(),
                "foreign_pre_chain": others,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {"django_structlog": {"level": level}},
    }
