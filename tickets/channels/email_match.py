"""Which conversation a mail belongs to: ordered matchers, strongest proof first; everything weaker is only a hint.

1. `reply_address`: the signed address that we gave to a customer (`agent_address`: to an agent).
2. `message_id`: a Message-ID that we signed, in In-Reply-To or References.
3. `received_id`: a Message-ID that we received, when its conversation is the sender's own.
Numbers in subjects, people in copy and ids of other people's conversations join nothing: see `hints`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from helpdesk.lib import together
from helpdesk.lib.signing import digest
from helpdesk.people.models import Customer, Identity, User
from tickets import mailboxes
from tickets.channels import email_threads
from tickets.channels.email_shapes import ParsedMail
from tickets.models import Delivery, Envelope, Hint, Participant, Ticket

MAX_HINTS = 3
_MAX_MERGES = 20
_NUMBER = re.compile(r"\[#(\d{1,18})\]")
_PREFIX = re.compile(r"^\s*(?:(?:re|aw|sv|antw|rép|rif|r|fw|fwd|tr|wg|i)\s*(?:\[\d{1,3}\])?\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Match:
    """The conversation a mail proved to belong to, by what, and who of it the sender is (neither: a stranger)."""

    ticket: Ticket
    by: str
    participant: Customer | None = None
    agent: User | None = None
    is_proof: bool = False


@dataclass(frozen=True, slots=True)
class Clue:
    """A hint before it has a message to stand on."""

    kind: Hint.Kind
    ticket: Ticket | None = None
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class House:
    """Our own addresses, read once for many mails."""

    addresses: frozenset[str]

    @classmethod
    def now(cls) -> "House":
        return cls(mailboxes.addresses())

    def owns(self, address: str) -> bool:
        """Whether mail to this address, with whatever stands behind a plus sign, comes back to us."""
        return address.lower() in self.addresses or email_threads.without_token(address) in self.addresses


def find(parsed: ParsedMail, house: House) -> Match | None:
    """The conversation that the strongest proof names, or None. Raises nothing."""
    return _by_address(parsed, house) or _by_signed_id(parsed) or _by_received_id(parsed)


# --- proofs ----------------------------------------------------------------------------------------------------------


def _by_address(parsed: ParsedMail, house: House) -> Match | None:
    for address in parsed.recipients:
        agents = email_threads.read_agent_address(address) if "+" in address else None
        if agents and house.owns(address) and (ticket := current_ticket(agents.ticket_id)):
            return Match(ticket, "agent_address", agent=_proved_agent(agents, ticket, parsed))
        token = email_threads.read_reply_address(address) if "+" in address else None
        if token and house.owns(address) and (ticket := current_ticket(token.ticket_id)):
            return _of_reply_address(token, ticket, parsed)
    return None


def _of_reply_address(token: email_threads.ReplyToken, ticket: Ticket, parsed: ParsedMail) -> Match:
    person = participant(ticket, parsed.from_address)
    holder = Customer.objects.filter(pk=token.customer_id).first()
    holds = person is not None and holder is not None and person.pk in (holder.pk, holder.merged_into_id)
    is_proof = holds and _was_sent_to(ticket, parsed.from_address)
    return Match(ticket, "reply_address", participant=person, is_proof=is_proof)


def _proved_agent(token: email_threads.AgentToken, ticket: Ticket, parsed: ParsedMail) -> User | None:
    """The agent, when it is he: his unexpired token, from his own address, aligned, and allowed to answer this now."""
    user = User.objects.filter(pk=token.user_id, email__iexact=parsed.from_address, is_active=True).first()
    if user is None or token.is_expired or parsed.trust != "verified" or not user.may("ticket.reply"):
        return None
    return user if Ticket.objects.visible_to(user).filter(pk=ticket.pk).exists() else None


def _by_signed_id(parsed: ParsedMail) -> Match | None:
    for header_id in parsed.ancestors:
        named = email_threads.read_message_id(header_id)
        if named and (ticket := current_ticket(named[0])):
            return Match(ticket, "message_id", participant=participant(ticket, parsed.from_address))
    return None


def _by_received_id(parsed: ParsedMail) -> Match | None:
    """Only the one conversation in which the sender takes part; two such conversations are no answer at all."""
    if not parsed.from_address or parsed.trust == "failed":
        return None
    mine = {}
    for ticket in _received(parsed):
        if person := participant(ticket, parsed.from_address):
            mine[ticket.pk] = Match(ticket, "received_id", participant=person)
    return next(iter(mine.values())) if len(mine) == 1 else None


def _received(parsed: ParsedMail) -> list[Ticket]:
    """The conversations that hold a mail which this one answers. Uses index: envelope header_id_hash."""
    hashes = [digest(header_id) for header_id in parsed.ancestors if header_id != parsed.message_id]
    if not hashes:
        return []
    found = Envelope.objects.filter(header_id_hash__in=hashes, message__author_customer__isnull=False)
    ids = found.order_by().values_list("message__ticket_id", flat=True).distinct()[:10]
    tickets = {ticket.pk: ticket for number in ids if (ticket := current_ticket(number))}
    return list(tickets.values())


def current_ticket(ticket_id: int) -> Ticket | None:
    """The ticket, or the one it went on in when it was merged."""
    for _ in range(_MAX_MERGES):
        ticket = Ticket.objects.select_related("requester__merged_into").filter(pk=ticket_id).first()
        if ticket is None or ticket.merged_into_id is None:
            return ticket
        ticket_id = ticket.merged_into_id
    return None


def participant(ticket: Ticket, address: str) -> Customer | None:
    """Who of the conversation owns or gave this address."""
    requester = ticket.requester.merged_into or ticket.requester
    if not address:
        return None
    if address == ticket.reply_address.lower():
        return requester
    copied = Participant.objects.filter(ticket=ticket, customer__isnull=False).values("customer_id")
    mine = Identity.objects.filter(kind=Identity.Kind.EMAIL, value=address)
    if mine.filter(customer=requester).exists():
        return requester
    found = mine.filter(customer__in=copied).select_related("customer").first()
    return found.customer if found else None


def _was_sent_to(ticket: Ticket, address: str) -> bool:
    """Whether we mailed this very address about the ticket: only then does its token prove that mail there is read."""
    here = Q(message__ticket=ticket) | Q(message__ticket__merged_into=ticket)
    sent = Delivery.objects.filter(here, address__iexact=address)
    return sent.exists() or (address == ticket.reply_address.lower() and ticket.channel == "email")


# --- hints -----------------------------------------------------------------------------------------------------------


def hints(parsed: ParsedMail) -> list[Clue]:
    """Where a mail without proof may belong, for an agent to say. Looks nothing up for an ordinary first mail."""
    clues = [*_numbers(parsed), *_answered(parsed), *_copied(parsed)]
    first = {clue.ticket.pk: clue for clue in reversed(clues) if clue.ticket}
    return list(reversed(first.values()))[:MAX_HINTS]


def _numbers(parsed: ParsedMail) -> Iterable[Clue]:
    for number in list(dict.fromkeys(_NUMBER.findall(parsed.subject)))[:MAX_HINTS]:
        if ticket := current_ticket(int(number)):
            yield Clue(Hint.Kind.NUMBER, ticket)


def _answered(parsed: ParsedMail) -> Iterable[Clue]:
    for ticket in _received(parsed):
        yield Clue(Hint.Kind.RECEIVED_ID, ticket)


def _copied(parsed: ParsedMail) -> Iterable[Clue]:
    """An answer under a known subject: of the sender himself, or of somebody he writes to."""
    subject = base_subject(parsed.subject)
    if not subject or subject == parsed.subject.strip().lower():
        return
    together.write_now()
    addresses = [entry.address for entry in (*parsed.to, *parsed.cc) if entry.address][:20]
    people = Identity.objects.filter(kind=Identity.Kind.EMAIL, value__in=[parsed.from_address, *addresses])
    candidates = Ticket.objects.filter(requester__in=people.values("customer_id"), merged_into__isnull=True)
    for ticket in candidates.select_related("requester__merged_into").order_by("-id")[:50]:
        if base_subject(ticket.subject) == subject:
            yield Clue(Hint.Kind.COPY, ticket)


def base_subject(subject: str) -> str:
    """A subject without `Re:` and its relatives and without our number, in lower case."""
    return _PREFIX.sub("", _NUMBER.sub("", subject)).strip().lower()
