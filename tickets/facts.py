"""What rules see of a request: a snapshot of the original message, with the text folded once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property
from typing import Any

from helpdesk.lib.text import Folded
from tickets.rules.reading import Reading

# What does not change between the original message and now, or is not worth keeping
_UNKEPT = {
    "subject", "body", "now", "spam_source", "organization_source", "hours_source", "at", "customer", "fields",
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """`text` is subject and newest text as shown to people; matched spans are offsets into it.

    `now` holds the same at the moment of the run, where that differs from the original; the sources are asked only
    when a rule asks, and their answers are part of what is kept.
    """

    subject: str
    body: str
    channel: str = ""
    sender: str = ""
    mailbox: str = ""
    language: str = ""
    kind: str | None = None
    form: str = ""
    attachments: tuple[str, ...] = ()
    priority: int | None = None
    trust: str = ""
    machine: str = ""
    author: str = "customer"
    customer: Mapping[str, Any] = field(default_factory=dict)
    organization_source: Callable[[], Mapping[str, Any]] | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    spam_source: Callable[[], float] | None = None
    # Calendar slug → whether it was open
    hours_source: Callable[[str], bool] | None = None
    at: datetime | None = None
    # Only of a ticket that is there already
    status: str = ""
    queue: str = ""
    assignee: str = ""
    tags: tuple[str, ...] = ()
    since_created: float = 0.0
    since_message: float = 0.0
    waiting: float | None = None
    now: "Facts | None" = None

    @property
    def current(self) -> "Facts":
        return self.now or self

    @cached_property
    def text(self) -> str:
        return f"{self.subject}\n{self.body}"

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2].lower()

    @cached_property
    def reading(self) -> Reading:
        """Folding costs eight times the matching, so it is done once per message."""
        return Reading(self.text)

    @cached_property
    def files(self) -> Reading:
        """The names of the attachments, one per line."""
        return Reading("\n".join(self.attachments))

    @property
    def folded(self) -> Folded:
        return self.reading.folded

    @cached_property
    def spam(self) -> float | None:
        """0 to 100, where somebody knows."""
        return round(float(self.spam_source()), 1) if self.spam_source is not None else None

    @cached_property
    def organization(self) -> Mapping[str, Any]:
        return self.organization_source() if self.organization_source is not None else {}

    @cached_property
    def _asked_hours(self) -> dict[str, bool]:
        return {}

    def is_open(self, calendar: str = "") -> bool:
        """Whether it is within opening hours; without any calendar it always is."""
        if calendar not in self._asked_hours:
            self._asked_hours[calendar] = self.hours_source(calendar) if self.hours_source is not None else True
        return self._asked_hours[calendar]

    def range_of(self, name: str) -> tuple[int, int]:
        """The part of `text` that a field names, in offsets of the original."""
        if name == "subject":
            return 0, len(self.subject)
        if name == "body":
            return len(self.subject) + 1, len(self.text)
        return 0, len(self.text)

    def value(self, name: str) -> Any:
        """The value of a field that is not text; `customer.<x>`, `organization.<x>` and `field.<x>` look inside."""
        head, dot, tail = name.partition(".")
        if not dot:
            return getattr(self, name)
        held = self.fields if head == "field" else getattr(self, head)
        self._asked[name] = held.get(tail)
        return self._asked[name]

    @cached_property
    def _asked(self) -> dict[str, Any]:
        """What rules asked of the customer, his organisation and the ticket's own fields: only that is kept."""
        return {}

    @cached_property
    def judged(self) -> dict[Any, bool]:
        """Conditions that were tried already: many rules ask the same."""
        return {}

    @cached_property
    def findings(self) -> dict[Any, dict[str, Any]]:
        """What was told already of conditions that many rules have."""
        return {}

    # --- kept with the account ---------------------------------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        """What must be stored beside the message so that the account can be given again: no text, no default."""
        plain = {spec.name: getattr(self, spec.name) for spec in fields(self) if spec.name not in _UNKEPT}
        plain |= {"at": self.at.isoformat() if self.at else None, "hours": self._asked_hours, "inside": self._asked}
        if "spam" in self.__dict__:
            plain["spam"] = self.spam
        if self.now is not None:
            plain["now"] = {"subject": self.now.subject, **self.now.kept()}
        return {name: value for name, value in plain.items() if value not in (None, "", (), {}, [])}

    @classmethod
    def of_kept(cls, kept: Mapping[str, Any], subject: str, body: str, *, now_body: str = "") -> "Facts":
        """The facts as they were: what `kept` gave, with the words of the message."""
        known = {spec.name for spec in fields(cls)} - _UNKEPT
        given: dict[str, Any] = {name: value for name, value in kept.items() if name in known}
        for name in ("attachments", "tags"):
            given[name] = tuple(given.get(name, ()))
        hours, at, inside = kept.get("hours", {}), kept.get("at"), kept.get("inside", {})
        heads: dict[str, dict[str, Any]] = {"customer": {}, "organization": {}, "field": {}}
        for name, value in inside.items():
            head, _dot, tail = name.partition(".")
            heads[head][tail] = value
        if now := kept.get("now"):
            given["now"] = cls.of_kept(now, now.get("subject", subject), now_body)
        return cls(
            subject,
            body,
            **given,
            at=datetime.fromisoformat(at) if at else None,
            spam_source=(lambda: kept["spam"]) if "spam" in kept else None,
            customer=heads["customer"],
            fields=heads["field"],
            organization_source=lambda: heads["organization"],
            hours_source=lambda calendar: hours.get(calendar, True),
        )
