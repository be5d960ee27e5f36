"""Tickets' tables. Direction: queue ← ticket ← message ← mail; rule, desk and survey stand beside them."""

from tickets.models.desk import Draft, Macro, ReadMark
from tickets.models.mail import Delivery, Envelope, RawMail, Receipt
from tickets.models.message import Attachment, Message
from tickets.models.queue import Mailbox, Queue
from tickets.models.rule import Routing, Rule
from tickets.models.survey import Survey
from tickets.models.ticket import Participant, Tag, Ticket, TicketTag

__all__ = [
    "Attachment",
    "Delivery",
    "Draft",
    "Envelope",
    "Macro",
    "Mailbox",
    "Message",
    "Participant",
    "Queue",
    "RawMail",
    "ReadMark",
    "Receipt",
    "Routing",
    "Rule",
    "Survey",
    "Tag",
    "Ticket",
    "TicketTag",
]
