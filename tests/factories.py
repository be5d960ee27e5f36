"""Tickets and messages for tests, made by calling services: no test sees what the product could not produce."""

from typing import Any

from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, User
from tickets import conversation, intake
from tickets.channels.inbound import Inbound
from tickets.conversation import Line
from tickets.models import Message, Queue, Ticket


def make_ticket(
    requester: Customer | Who | None = None,
    *,
    queue: Queue | None = None,
    subject: str = "The invoice is wrong",
    body: str = "Hello, the amount on my last invoice is wrong.",
    channel: str = "web",
    **fields: Any,
) -> Ticket:
    """A new ticket, as if the requester had written it; in `queue`, or where the rules put it."""
    who = requester or Who(name="Dana Dupont", email="dana@example.com")
    return intake.receive(Inbound(channel=channel, who=who, subject=subject, body=body, queue=queue, **fields)).ticket


def write(ticket: Ticket, body: str = "And one thing more.", *, channel: str = "web") -> Message:
    """The requester writes again."""
    inbound = Inbound(channel=channel, who=ticket.requester, body=body, ticket=ticket)
    return intake.receive(inbound).message


def answer(ticket: Ticket, by: User, body: str = "I am looking into it.", *, kind: str = "public") -> Message:
    """An agent replies, or notes with kind="note"."""
    return conversation.reply(ticket, Line(body=body, channel=ticket.channel, kind=kind), by=by)[0]
