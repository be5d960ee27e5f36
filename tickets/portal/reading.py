"""What a customer reads of his requests, in words for customers."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import errors
from helpdesk.people.models import Customer
from tickets import access, surveys
from tickets.models import Attachment, Message, Ticket
from tickets.models.ticket import Status

PAGE = 20
# Whether we wait for a third party is no concern of the customer's: it is in progress.
WORDS = {
    Status.NEW: _("Received"),
    Status.OPEN: _("In progress"),
    Status.PENDING: _("Waiting for you"),
    Status.HOLD: _("In progress"),
    Status.SOLVED: _("Solved"),
    Status.CLOSED: _("Solved"),
}


@dataclass(frozen=True, slots=True)
class Word:
    """A status as customers read it; `code` is for colours."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list."""

    ticket: Ticket
    status: Word
    unread: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A message as the customer sees it."""

    message: Message
    author: str
    is_own: bool
    is_new: bool
    files: list[Attachment]


def status(ticket: Ticket) -> Word:
    code = Status.OPEN if ticket.status == Status.HOLD else Status(ticket.status)
    code = Status.SOLVED if code == Status.CLOSED else code
    return Word(str(code), str(WORDS[Status(ticket.status)]))


def page(customer: Customer, *, before: int | None = None) -> dict[str, Any]:
    """Twenty requests, newest first, with how much is new in each. One query. Uses index: ticket_requester."""
    by_us = Q(messages__kind=Message.Kind.PUBLIC, messages__author_customer__isnull=True)
    unread = Count("messages", filter=by_us & Q(messages__seq__gt=F("customer_seen_seq")))
    own = Ticket.objects.of_customer(customer).exclude(status=Status.SPAM).order_by("-id")
    if before is not None:
        own = own.filter(pk__lt=before)
    found = list(own.annotate(unread=unread)[: PAGE + 1])
    rows = [Row(ticket, status(ticket), getattr(ticket, "unread", 0)) for ticket in found[:PAGE]]
    return {"rows": rows, "older": found[PAGE - 1].pk if len(found) > PAGE else None, "is_first": before is None}


def thread(ticket: Ticket, customer: Customer, *, seen: int) -> list[Entry]:
    """The public messages, oldest first, in a fixed number of queries; notes are never even read."""
    messages = ticket.messages.public().with_words().order_by("seq")
    return [_entry(message, customer, seen) for message in messages]


def _entry(message: Message, customer: Customer, seen: int) -> Entry:
    author = message.author_customer
    is_own = author is not None and customer.pk in (author.pk, author.merged_into_id)
    return Entry(
        message=message,
        author=message.author_name,
        is_own=is_own,
        is_new=message.author_kind != "customer" and message.seq > seen,
        files=list(message.attachments.all()),
    )


def file(ticket: Ticket, key: UUID) -> Attachment:
    """A file of one of the ticket's public messages; raises NotFound for any other."""
    found = Attachment.objects.filter(pk=key, message__ticket=ticket, message__kind=Message.Kind.PUBLIC).first()
    if found is None:
        raise errors.NotFound()
    return found


def goes_on(ticket: Ticket, customer: Customer) -> Ticket | None:
    """The request in which this one goes on, if the customer may read that one."""
    if ticket.merged_into_id is None:
        return None
    return Ticket.objects.of_customer(customer).filter(pk=access.current(ticket).pk).first()


def survey_url(ticket: Ticket) -> str:
    """Where the customer can say how we did, once he was asked and as long as he may answer."""
    asked = ticket.surveys.order_by("-nr").first()
    if asked is None or asked.sent_at is None or not surveys.is_changeable(asked):
        return ""
    return surveys.path(asked)
