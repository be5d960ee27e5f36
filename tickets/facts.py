"""What rules see of a request: a snapshot of the original message, with the text folded once."""

from dataclasses import dataclass
from functools import cached_property

from helpdesk.lib.text import Folded, fold_with_offsets


@dataclass(frozen=True)
class Facts:
    """`text` is subject and body as shown to people; matched spans are offsets into it."""

    subject: str
    body: str
    channel: str = ""
    sender: str = ""
    mailbox: str = ""
    language: str = ""
    kind: str | None = None

    @property
    def text(self) -> str:
        return f"{self.subject}\n{self.body}"

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2].lower()

    @cached_property
    def folded(self) -> Folded:
        """Folding costs eight times the matching, so it is done once per message."""
        return fold_with_offsets(self.text)

    def range_of(self, field: str) -> tuple[int, int]:
        """The part of `text` that a field names, in offsets of the original."""
        if field == "subject":
            return 0, len(self.subject)
        if field == "body":
            return len(self.subject) + 1, len(self.text)
        return 0, len(self.text)
