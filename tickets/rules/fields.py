"""The fields that conditions look at, and what may be asked of each. Pure."""

from typing import Final

TEXT: Final = ("text", "subject", "body", "attachments")
CODE: Final = (
    "sender", "domain", "channel", "mailbox", "form", "language", "kind", "status", "queue", "assignee", "trust",
    "machine", "author",
)  # fmt: skip
NUMBER: Final = ("priority", "spam", "since_created", "since_message", "waiting")
INSIDE: Final = ("customer.", "organization.", "field.")
# These have no original: they are what they are when the rule is tried
ALWAYS_CURRENT: Final = frozenset(
    ("status", "queue", "assignee", "tags", "since_created", "since_message", "waiting", "author")
)

OPS: Final[dict[str, tuple[str, ...]]] = {
    "text": ("words", "all_words", "no_words", "regex"),
    "code": ("is", "in", "is_not", "not_in", "like", "is_set", "is_not_set"),
    "tags": ("any", "all", "none"),
    "number": ("is", "in", "is_not", "not_in", "at_least", "at_most"),
    "hours": ("is",),
}


def type_of(name: object) -> str | None:
    """'text', 'code', 'number', 'tags', 'hours', or None for what is no field."""
    if not isinstance(name, str):
        return None
    if name in TEXT:
        return "text"
    if name in CODE or (name.startswith(INSIDE) and name.partition(".")[2] and len(name) <= 80):
        return "code"
    if name in NUMBER:
        return "number"
    return name if name in ("tags", "hours") else None
