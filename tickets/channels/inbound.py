"""What every door builds and hands to `tickets.intake.receive`."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from helpdesk.lib.actor import Actor
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer
from tickets.models import Attachment, Mailbox, Queue, Ticket


@dataclass(frozen=True, slots=True)
class Origin:
    """The sender's own id of a call: the same again is a no-op, the same with other content is refused.

    `by` tells callers apart (`user:3`, `session:9`, `mail`); `hash` is of what was asked.
    """

    by: str
    id: str
    hash: str = ""


def origin(by: str, origin_id: str | None, content: Any) -> Origin | None:
    """The origin of a call whose content is JSON; None when the caller gave no id."""
    if not origin_id:
        return None
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return Origin(by, str(origin_id), hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest())


@dataclass(frozen=True, slots=True)
class Headers:
    """What of a mail's envelope is kept."""

    message_id: str
    in_reply_to: str = ""
    from_address: str = ""
    from_name: str = ""
    reply_to: str = ""
    # [{"name", "address"}] in the order of the mail
    to: list[dict[str, str]] = field(default_factory=list)
    cc: list[dict[str, str]] = field(default_factory=list)
    matched_by: str = ""
    is_folded: bool = False
    parts: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Inbound:
    """One request or message on its way in. Doors parse and authenticate, they decide nothing else."""

    channel: str
    who: Who | Customer
    body: str
    subject: str = ""
    html: str = ""
    # Who acts when it is not the customer himself: the agent who logs a call, the program that posts
    by: Actor | None = None
    attachments: list[Attachment] = field(default_factory=list)
    origin: Origin | None = None
    # The conversation it belongs to, where the door has proof of it
    ticket: Ticket | None = None
    reply_address: str = ""
    mailbox: Mailbox | None = None
    language: str = ""
    kind: str | None = None
    priority: int | None = None
    queue: Queue | None = None
    # Where it goes when no rule places it: the queue of the site it came from
    fallback: Queue | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    headers: Headers | None = None
    trust: str = ""
    machine: str = ""
    # Where a stranger's call came from (his network address): receipts are counted by it, it is kept nowhere
    source: str = ""
