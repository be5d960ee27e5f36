"""What a customer reads of his requests, in words for customers."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from helpdesk.lib import errors
from helpdesk.people.models import Customer
from tickets import access, surveys
from tickets.models import Attachment, Message, Ticket
from tickets.models.ticket import Status

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


def name_of(customer: Customer) -> str:
    """What another customer is told of him: his name, never his address."""
    return customer.name or str(_("Somebody without a name"))


def thread(ticket: Ticket, customer: Customer, *, seen: int) -> list[Entry]:
    """The public messages, oldest first, in a fixed number of queries; notes are never even read.

    `seen`: how far he has read; everything, where that is not kept of him.
    """
    messages = ticket.messages.public().with_words().order_by("seq")
    return [_entry(message, customer, seen) for message in messages]


def _entry(message: Message, customer: Customer, seen: int) -> Entry:
    author = message.author_customer
    is_own = author is not None and customer.pk in (author.pk, author.merged_into_id)
    return Entry(
        message=message,
        author=name_of(author) if author is not None else message.author_name,
        is_own=is_own,
        is_new=not is_own and message.seq > seen,
        files=list(message.attachments.all()),
    )


def file(ticket: Ticket, key: UUID) -> Attachment:
    """A file of one of the ticket's public messages; raises NotFound for any other."""
    said = Message.objects.public().filter(ticket=ticket)
    found = Attachment.objects.filter(pk=key, message__in=said).first()
    if found is None:
        raise errors.NotFound()
    return found


def goes_on(ticket: Ticket, customer: Customer) -> Ticket | None:
    """The request in which this one goes on, if the customer may read that one."""
    if ticket.merged_into_id is None:
        return None
    current = access.current(ticket)
    return current if access.reads(customer, current.pk) else None


def survey_url(ticket: Ticket) -> str:
    """Where the customer can say how we did, once he was asked and as long as he may answer."""
    asked = ticket.surveys.order_by("-nr").first()
    if asked is None or asked.sent_at is None or not surveys.is_changeable(asked):
        return ""
    return surveys.path(asked)
