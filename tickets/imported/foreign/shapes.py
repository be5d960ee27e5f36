"""What a record of another help desk says, in our words; each product has a module that reads its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from helpdesk.lib import clock, text
from helpdesk.lib.html import clean, to_text

Record = Mapping[str, Any]
# In this order they are taken: whoever is named by another comes first
KINDS = ("lookup", "organization", "user", "ticket", "message", "other")
PHASE = 100_000_000
"""More than any file has records: the rest of a row's number is where it stands (`api.import_shapes.ORDERED`)."""


class Refused(Exception):
    """A record that cannot be taken, and why."""

    def __init__(self, code: str, value: object = "") -> None:
        super().__init__(code)
        self.code, self.value = code, str(value)[:120]


@dataclass(slots=True)
class File:
    """A file of a message: its bytes in Base64 when the export has them."""

    name: str
    size: int
    data: str = ""


@dataclass(slots=True)
class Line:
    """One message; `author` is the foreign id of a user."""

    origin: str
    body: str
    at: datetime
    author: str
    is_public: bool
    channel: str
    html: str = ""
    # Where the author is no record of the file
    author_name: str = ""
    is_agent: bool | None = None
    files: list[File] = field(default_factory=list)


@dataclass(slots=True)
class Person:
    """A user of the other help desk."""

    origin: str
    name: str
    email: str
    is_agent: bool
    phones: list[str] = field(default_factory=list)
    organization: str = ""
    locale: str = ""
    note: str = ""


@dataclass(slots=True)
class Request:
    """A ticket; ids are foreign, `lines` those that stand in it."""

    origin: str
    subject: str
    status: str
    priority: int
    created_at: datetime
    group: str
    requester: str
    assignee: str
    channel: str
    kind: str | None = None
    solved_at: datetime | None = None
    closed_at: datetime | None = None
    language: str = ""
    tags: list[str] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)


Names = Callable[[str, Any], str]
"""The name of a record that others point to: `names("group", 5)`; '' when the file has none."""


def word(value: Any, limit: int = 200) -> str:
    """A value as one line; '' for what is no text or number."""
    return text.one_line(str(value), limit) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def moment(value: Any, *, needed: bool = True) -> datetime | None:
    """A time as both products write it. Raises Refused for what is none."""
    if not value and not needed:
        return None
    try:
        found = datetime.fromisoformat(str(value))
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused("bad_date", value) from error
    if not datetime(1990, 1, 1, tzinfo=UTC) <= found <= clock.now():
        raise Refused("not_past", value)
    return found


def sure(value: Any) -> datetime:
    """The same for what must be told."""
    found = moment(value)
    if found is None:
        raise Refused("no_date")
    return found


def bodies(plain: Any, html: Any) -> tuple[str, str]:
    """Text and harmless HTML of a message: what one of them lacks comes from the other."""
    safe = clean(html) if isinstance(html, str) else ""
    told = text.clean(plain) if isinstance(plain, str) else ""
    return told or (to_text(html) if isinstance(html, str) else ""), safe


def some(value: Any) -> list[Any]:
    """A list, whatever stands in its place."""
    return value if isinstance(value, list) else []


def records(value: Any) -> list[Record]:
    """The records of a list."""
    return [one for one in some(value) if isinstance(one, dict)]
