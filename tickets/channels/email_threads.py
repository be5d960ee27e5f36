"""Which conversation a mail belongs to: only what we signed ourselves is believed.

A reply address `support+42-7-<code>@…` names a ticket and the customer it was given to; a Message-ID `<t42.3.<code>@…>`
names the message that was sent. An agent's own address `support+a42-3-<time>-<code>@…` names the ticket, him, and until
when it holds. Subject numbers, copies and other people's ids prove nothing.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from helpdesk.lib import clock, signing

_REPLY = "mail-reply"
_MESSAGE = "mail-message"
_AGENT = "mail-agent"
_PLUS = re.compile(r"([^@+]+)\+(\d{1,18})-(\d{1,18})-([a-z2-7]{16})@([^@]+)", re.IGNORECASE)
_AGENT_PLUS = re.compile(r"([^@+]+)\+a(\d{1,18})-(\d{1,18})-(\d{1,11})-([a-z2-7]{16})@([^@]+)", re.IGNORECASE)
_ID = re.compile(r"<t(\d{1,18})\.(\d{1,9})\.([a-z2-7]{16})@[^<>@\s]+>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReplyToken:
    """What a signed reply address says: which ticket, and to which customer it was given."""

    ticket_id: int
    customer_id: int


def reply_address(mailbox: str, *, ticket_id: int, customer_id: int) -> str:
    """The address to which this customer's answers about this ticket should come."""
    local, _, domain = mailbox.rpartition("@")
    code = signing.short_code(_REPLY, ticket_id, customer_id)
    return f"{local}+{ticket_id}-{customer_id}-{code}@{domain}"


def read_reply_address(address: str) -> ReplyToken | None:
    """The token in an address of ours, None when there is none or it is forged."""
    match = _PLUS.fullmatch(address)
    if match is None:
        return None
    ticket_id, customer_id = int(match[2]), int(match[3])
    if not signing.check_short_code(match[4], _REPLY, ticket_id, customer_id):
        return None
    return ReplyToken(ticket_id, customer_id)


@dataclass(frozen=True, slots=True)
class AgentToken:
    """What an agent's own reply address says: which ticket, which agent, and until when it holds."""

    ticket_id: int
    user_id: int
    expires: datetime

    @property
    def is_expired(self) -> bool:
        return self.expires <= clock.now()


def agent_address(mailbox: str, *, ticket_id: int, user_id: int, expires: datetime) -> str:
    """The address at which this agent may answer this ticket by mail, until it expires."""
    local, _, domain = mailbox.rpartition("@")
    until = int(expires.timestamp())
    code = signing.short_code(_AGENT, ticket_id, user_id, until)
    return f"{local}+a{ticket_id}-{user_id}-{until}-{code}@{domain}"


def read_agent_address(address: str) -> AgentToken | None:
    """The token in an agent's reply address, be it expired; None when there is none or it is forged."""
    match = _AGENT_PLUS.fullmatch(address)
    if match is None:
        return None
    ticket_id, user_id, until = int(match[2]), int(match[3]), int(match[4])
    if not signing.check_short_code(match[5], _AGENT, ticket_id, user_id, until):
        return None
    return AgentToken(ticket_id, user_id, datetime.fromtimestamp(until, UTC))


def without_token(address: str) -> str:
    """The mailbox behind an address with anything after a plus sign."""
    local, at, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def message_id(ticket_id: int, seq: int, domain: str) -> str:
    """The Message-ID under which a message leaves; the same message always has the same. `seq` 0 is the receipt's."""
    return f"<t{ticket_id}.{seq}.{signing.short_code(_MESSAGE, ticket_id, seq)}@{domain}>"


def read_message_id(header_id: str) -> tuple[int, int] | None:
    """(ticket, seq) of a Message-ID that we made, None for any other."""
    match = _ID.fullmatch(header_id.strip())
    if match is None:
        return None
    ticket_id, seq = int(match[1]), int(match[2])
    return (ticket_id, seq) if signing.check_short_code(match[3], _MESSAGE, ticket_id, seq) else None
