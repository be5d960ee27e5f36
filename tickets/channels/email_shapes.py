"""What is read from a mail, as plain data: strings hold no NUL, no control characters and no lone surrogates."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from tickets.channels.email_headers import Address
from tickets.channels.email_machine import Machine

Trust = Literal["verified", "unverified", "failed"]
Poison = Literal["", "time", "memory", "crash"]
SpecialKind = Literal[
    "calendar",
    "certificate",
    "contact",
    "external",
    "mail",
    "pgp-encrypted",
    "pgp-key",
    "pgp-signed",
    "smime-encrypted",
    "smime-signed",
    "tnef",
]


@dataclass(frozen=True, slots=True)
class ParsedAttachment:
    """One file of a mail; `content_id` (without brackets) is set when the text may show it in place.

    `source` names the container it was taken out of ("winmail.dat"), '' when it came as a part of its own.
    """

    name: str
    type: str
    data: bytes
    content_id: str = ""
    is_inline: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class SpecialPart:
    """A part that is more than a file: an invitation, a signature, a mail. `details` are short plain texts by name.

    `attachment` is the place of the file it describes in the mail's attachments.
    """

    kind: SpecialKind
    title: str = ""
    details: dict[str, str] = field(default_factory=dict)
    attachment: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A mail inside the mail that its sender passed on, and who wrote it.

    `address` is '' when only a name was written; `date` is text as the forward shows it; `comment` is what the
    forwarder put above.
    """

    how: Literal["inline", "attached"]
    name: str
    address: str
    subject: str = ""
    date: str = ""
    message_id: str = ""
    text: str = ""
    to: tuple[str, ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a delivery report, a complaint or a receipt says.

    For whom (the addresses we had written to), whether for good, about which Message-ID, in the server's own words.
    `action` is that of RFC 3464 or 8098 ("failed", "delayed", "delivered", "displayed"), `feedback` that of RFC 5965.
    """

    recipients: tuple[str, ...] = ()
    status: str = ""
    is_permanent: bool = False
    original_id: str = ""
    action: str = ""
    diagnostic: str = ""
    feedback: str = ""


@dataclass(slots=True)
class ParsedMail:
    """Everything Guichet reads from a mail."""

    message_id: str = ""
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    from_name: str = ""
    from_address: str = ""
    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    reply_to: str = ""
    reply_to_name: str = ""
    delivered_to: list[str] = field(default_factory=list)
    subject: str = ""
    date: datetime | None = None
    text: str = ""
    html: str = ""
    newest_text: str = ""
    attachments: list[ParsedAttachment] = field(default_factory=list)
    parts: list[SpecialPart] = field(default_factory=list)
    forward: Forwarded | None = None
    machine: Machine | None = None
    report: Report | None = None
    language: str = ""
    problems: list[str] = field(default_factory=list)
    trust: Trust = "unverified"
    # The same for the same mail whichever servers and mailboxes it passed; '' when nothing but its bytes tells it apart
    fingerprint: str = ""
    # Why it could not be read within bounds; its raw bytes as text are in `text` then
    poison: Poison = ""

    @property
    def recipients(self) -> list[str]:
        """Every address it was sent or delivered to, each once."""
        addresses = [entry.address for entry in (*self.to, *self.cc)] + self.delivered_to
        return list(dict.fromkeys(address for address in addresses if address))

    @property
    def ancestors(self) -> list[str]:
        """Message-IDs it answers, the nearest first."""
        nearest = [self.in_reply_to] if self.in_reply_to else []
        return list(dict.fromkeys([*nearest, *reversed(self.references)]))

    @property
    def is_folded(self) -> bool:
        """Whether the newest text leaves out something that the mail says."""
        return len(self.newest_text) < len(self.text)

    @property
    def encrypted(self) -> bool:
        """Whether its words cannot be read here."""
        return any(part.kind in ("pgp-encrypted", "smime-encrypted") for part in self.parts)
