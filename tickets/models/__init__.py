"""Tickets' tables. Direction: queue ← ticket ← message ← mail ← qualification; rule, desk and survey stand beside them."""

from tickets.models.desk import Draft, Macro, ReadMark
from tickets.models.mail import Delivery, Envelope, RawMail, Receipt
from tickets.models.mail_in import Hint, TrustedSender
from tickets.models.message import Attachment, Message
from tickets.models.qualification import (
    Learned,
    MacroUse,
    Provenance,
    QualificationSettings,
    SpamMark,
    Suggestion,
)
from tickets.models.queue import Mailbox, MailboxState, Queue
from tickets.models.rule import Routing, Rule
from tickets.models.survey import Survey
from tickets.models.ticket import Participant, Tag, Ticket, TicketTag

__all__ = [
    "Attachment",
    "Delivery",
    "Draft",
    "Envelope",
    "Hint",
    "Learned",
    "Macro",
    "MacroUse",
    "Mailbox",
    "MailboxState",
    "Message",
    "Participant",
    "Provenance",
    "QualificationSettings",
    "Queue",
    "RawMail",
    "ReadMark",
    "Receipt",
    "Routing",
    "Rule",
    "SpamMark",
    "Suggestion",
    "Survey",
    "Tag",
    "Ticket",
    "TicketTag",
    "TrustedSender",
]
