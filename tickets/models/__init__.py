"""Tickets' tables. Direction: calendar ← queue ← ticket ← message ← mail ← qualification; the others stand beside."""

from tickets.models.assignment import AssignmentDecision, Offer, TicketSkill
from tickets.models.calendar import Calendar
from tickets.models.call import Call, CallEvent, PhoneSystem
from tickets.models.desk import Draft, Macro, ReadMark
from tickets.models.interaction import Interaction
from tickets.models.link import TicketLink
from tickets.models.mail import Delivery, Envelope, RawMail, Receipt
from tickets.models.mail_in import Hint, TrustedSender
from tickets.models.merge import Merge
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
from tickets.models.rule import (
    Routing,
    Rule,
    RuleDraft,
    RuleFiring,
    RuleList,
    RuleRun,
    RuleStat,
    RuleTally,
    RuleTest,
    RuleVersion,
)
from tickets.models.survey import Survey
from tickets.models.ticket import Participant, Tag, Ticket, TicketTag

__all__ = [
    "AssignmentDecision",
    "Attachment",
    "Calendar",
    "Call",
    "CallEvent",
    "Delivery",
    "Draft",
    "Envelope",
    "Hint",
    "Interaction",
    "Learned",
    "Macro",
    "MacroUse",
    "Mailbox",
    "MailboxState",
    "Merge",
    "Message",
    "Offer",
    "Participant",
    "PhoneSystem",
    "Provenance",
    "QualificationSettings",
    "Queue",
    "RawMail",
    "ReadMark",
    "Receipt",
    "Routing",
    "Rule",
    "RuleDraft",
    "RuleFiring",
    "RuleList",
    "RuleRun",
    "RuleStat",
    "RuleTally",
    "RuleTest",
    "RuleVersion",
    "SpamMark",
    "Suggestion",
    "Survey",
    "Tag",
    "Ticket",
    "TicketLink",
    "TicketSkill",
    "TicketTag",
    "TrustedSender",
]
