"""Who an answer goes to: shown before it is sent, so that nobody is written to unseen and nobody is forgotten."""

from dataclasses import dataclass, field

from helpdesk.people.models import Customer
from tickets.channels import email_out
from tickets.channels.email_match import House
from tickets.models import Envelope, Participant, Ticket

Person = dict[str, str]


@dataclass(frozen=True, slots=True)
class Recipients:
    """`to` and `cc` are what is meant unless the agent changes it; `reply_all` is offered, never chosen by itself."""

    sender: Person | None
    to: list[Person] = field(default_factory=list)
    cc: list[Person] = field(default_factory=list)
    reply_all: list[Person] = field(default_factory=list)
    language: str = ""


def of(ticket: Ticket) -> Recipients:
    """The defaults for the next answer on this ticket, in a fixed number of queries."""
    mailbox = email_out.mailbox_of(ticket)
    sender = {"name": mailbox.name, "address": mailbox.address} if mailbox else None
    address = email_out.recipient(ticket)
    requester = ticket.requester.merged_into or ticket.requester
    to = [{"name": requester.name, "address": address}] if address else []
    cc = _in_copy(ticket, address)
    taken = {person["address"].lower() for person in (*to, *cc)}
    others = [person for person in _written_to(ticket) if person["address"].lower() not in taken]
    return Recipients(sender, to, cc, others, email_out.language_of(ticket))


def _in_copy(ticket: Ticket, address: str) -> list[Person]:
    """Who takes part in copy, at the address that is proved, else the one he gave first."""
    rows = Participant.objects.filter(ticket=ticket, kind=Participant.Role.CC, customer__isnull=False)
    people = rows.select_related("customer").prefetch_related("customer__identities").order_by("pk")
    found = [(row.customer, row.address or _address(row.customer)) for row in people if row.customer is not None]
    return [{"name": who.name, "address": where} for who, where in found if where and where != address.lower()]


def _address(customer: Customer) -> str:
    emails = [identity for identity in customer.identities.all() if identity.kind == "email"]
    emails.sort(key=lambda identity: (identity.verified_at is None or identity.is_apart, identity.pk))
    return emails[0].value if emails else ""


def _written_to(ticket: Ticket) -> list[Person]:
    """Everybody else whom the customer's last mail named, without our own addresses."""
    newest = Envelope.objects.filter(message__ticket=ticket, message__machine="", message__author_user__isnull=True)
    envelope = newest.order_by("-message__seq").first()
    if envelope is None:
        return []
    replies = [{"name": "", "address": envelope.reply_to}] if envelope.reply_to else []
    named = {person["address"].lower(): person for person in (*replies, *envelope.people("to"), *envelope.people("cc"))}
    house = House.now()
    return [person for address, person in named.items() if not house.owns(address)]
