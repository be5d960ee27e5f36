"""The one way in: every door's `Inbound` becomes a message of a ticket, qualified and routed, in one transaction."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import clock, errors, text, together
from helpdesk.lib.search import analyser
from helpdesk.lib.signing import digest
from helpdesk.people import customers
from helpdesk.people.models import Customer, User
from tickets import access, conversation, routing
from tickets.channels import sources
from tickets.channels.inbound import Headers, Inbound
from tickets.conversation import Line
from tickets.facts import Facts
from tickets.models import Envelope, Message, Queue, Tag, Ticket, TicketTag
from tickets.models.ticket import Channel, Priority, Status
from tickets.qualification import opening, provenance, sensitive, spam
from tickets.qualify import Qualification
from tickets.rules import effects, gathering
from tickets.rules.gathering import Stated

Outcome = Literal["ticket", "message", "duplicate"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an inbound: a new ticket, a message on a known one, or nothing new."""

    outcome: Outcome
    ticket: Ticket
    message: Message


def receive(inbound: Inbound) -> Receipt:
    """Take in one request or message; acknowledged means committed, and the same origin twice is a no-op.

    Raises Invalid for what cannot be taken (an empty body), Conflict when an origin id returns with other content.
    """
    try:
        with transaction.atomic():
            return _seen(inbound) or take(inbound)
    except IntegrityError:
        # Two equal calls raced: the other one won, and its rows are the answer to this one too.
        if again := _seen(inbound):
            return again
        raise


def take(inbound: Inbound) -> Receipt:
    """The same for what is known to be new, inside the caller's transaction.

    Raises IntegrityError when its origin came in at the same moment by another way: the caller looks again.
    """
    customer = inbound.who if isinstance(inbound.who, Customer) else customers.resolve(inbound.who)
    follows = _goes_on(inbound.ticket, inbound, customer)
    if follows is not None and (conversation.takes_more(follows) or inbound.machine):
        return _continue(follows, inbound, customer)
    return _open(inbound, customer, follows)


def _goes_on(ticket: Ticket | None, inbound: Inbound, customer: Customer) -> Ticket | None:
    """Where words to a merged ticket belong, if he may read that one; a chat never goes on in what its visitor cannot read."""
    if ticket is None or ticket.merged_into_id is None or inbound.channel == Channel.CHAT:
        return ticket
    current = access.current(ticket)
    may_read = Ticket.objects.of_customer(customer).filter(pk=current.pk).exists()
    return current if may_read else ticket


def _seen(inbound: Inbound) -> Receipt | None:
    if inbound.origin is None:
        return None
    origin = inbound.origin
    found = Message.objects.filter(origin_by=origin.by, origin_id=origin.id).select_related("ticket").first()
    if found is None:
        return None
    if origin.hash and found.origin_hash != origin.hash:
        raise errors.Conflict(_("This id was already used for other content."), code="origin_reused")
    return Receipt("duplicate", found.ticket, found)


def _continue(ticket: Ticket, inbound: Inbound, customer: Customer) -> Receipt:
    message, is_new = conversation.say(ticket, _line(inbound), customer=customer, origin=inbound.origin, by=inbound.by)
    if is_new and inbound.headers:
        keep_headers(message, inbound.headers)
    if message.ticket_id == ticket.pk:
        ticket.refresh_from_db()
    else:  # merged while he wrote
        ticket = message.ticket
    return Receipt("message" if is_new else "duplicate", ticket, message)


def _open(inbound: Inbound, customer: Customer, follows: Ticket | None) -> Receipt:
    subject = text.one_line(inbound.subject) or text.excerpt(inbound.body, 80)
    if not subject:
        raise errors.Invalid(fields={"subject": [_("Say in a few words what it is about.")]})
    if not inbound.reply_address and isinstance(inbound.who, Customer):
        # Who is known and named no address is answered at the one that he proved.
        inbound = replace(inbound, reply_address=customers.proved_email(customer))
    ticket, facts, decision, said = _routed(inbound, customer, subject)
    ticket.follows = follows
    rule = decision.rule.pk if decision.rule else None
    message = conversation.append(
        ticket,
        _line(inbound),
        by=inbound.by or customer.actor,
        customer=customer,
        origin=inbound.origin,
        opened={"channel": ticket.channel, "queue": ticket.queue.slug, "rule": rule, **sources.told(inbound)},
    )
    provenance.keep_first(ticket.pk, said)
    _tag(ticket, decision.actions.get("tags", []))
    routing.keep(ticket, decision, facts)
    if inbound.headers:
        keep_headers(message, inbound.headers)
    if effects.AFTER_INTAKE & decision.actions.keys():
        together.write_now()
        effects.after_intake(ticket, decision)
    return Receipt("ticket", ticket, message)


def _routed(inbound: Inbound, customer: Customer, subject: str) -> tuple[Ticket, Facts, routing.Decision, opening.Said]:
    """An unsaved ticket, qualified and placed: what a person or program stated wins over rules, rules over guesses."""
    seen = gathering.of_request(
        subject,
        text.clean(inbound.body),
        customer,
        channel=inbound.channel,
        sender=inbound.reply_address or _address(inbound),
        mailbox=inbound.mailbox.address if inbound.mailbox else "",
        attachments=tuple(file.name for file in inbound.attachments),
        stated=Stated(inbound.language, inbound.kind, inbound.priority, inbound.fields),
        html=inbound.html,
        trust=inbound.trust,
        machine=inbound.machine,
    )
    facts, guessed = seen.facts, seen.guessed
    decision = routing.choose(facts, routing.active_rules())
    ticket = _new_ticket(inbound, customer, facts, guessed, decision.actions)
    said = opening.account(inbound, ticket, guessed, decision, seen.standing)
    said["spam"] = spam.said(seen.verdict)
    if decision.actions.get("status") == Status.SPAM:
        ticket.status = Status.SPAM
    if spam.should_hold(seen.verdict, channel=inbound.channel, by=inbound.by, is_trusted=seen.is_trusted):
        ticket.status = Status.SPAM
    return ticket, facts, decision, said


def _new_ticket(
    inbound: Inbound, customer: Customer, facts: Facts, guessed: Qualification, actions: dict[str, Any]
) -> Ticket:
    moment = clock.now()
    subject = sensitive.mask_cards(facts.subject)
    return Ticket(
        subject=subject,
        channel=inbound.channel,
        language=facts.language,
        kind=inbound.kind or actions.get("kind") or guessed.kind,
        priority=inbound.priority or actions.get("priority") or guessed.priority or Priority.NORMAL,
        queue=inbound.queue or queue_for(actions.get("queue"), inbound),
        assignee=_agent(actions.get("assignee")),
        requester=customer,
        organization_id=customer.organization_id,
        reply_address=inbound.reply_address,
        mailbox=inbound.mailbox,
        fields=inbound.fields,
        status=Status.NEW,
        created_at=moment,
        last_message_at=moment,
        terms=analyser.analyse(subject),
    )


def _agent(user_id: int | None) -> User | None:
    return User.objects.filter(pk=user_id, is_active=True).first() if user_id else None


def queue_for(slug: str | None, inbound: Inbound) -> Queue:
    """The rule's queue, else the site's or mailbox's, else the one for what nothing places: nobody falls through."""
    if slug and (found := Queue.objects.filter(slug=slug, is_active=True).first()):
        return found
    if inbound.fallback and inbound.fallback.is_active:
        return inbound.fallback
    if inbound.mailbox and inbound.mailbox.queue.is_active:
        return inbound.mailbox.queue
    return Queue.objects.get(is_default=True)


def _address(inbound: Inbound) -> str:
    return "" if isinstance(inbound.who, Customer) else customers.normalise_email(inbound.who.email)


def _line(inbound: Inbound) -> Line:
    return Line(
        body=inbound.body,
        channel=inbound.channel,
        html=inbound.html,
        attachments=inbound.attachments,
        trust=inbound.trust,
        machine=inbound.machine,
    )


def _tag(ticket: Ticket, tags: list[str]) -> None:
    for name in tags:
        tag, _made = Tag.objects.get_or_create(name=name)
        TicketTag.objects.get_or_create(ticket=ticket, tag=tag)


def keep_headers(message: Message, headers: Headers) -> Envelope:
    """Keep a mail's envelope beside its message."""
    envelope = Envelope(
        message=message,
        header_id=headers.message_id[:500],
        header_id_hash=digest(headers.message_id),
        in_reply_to=headers.in_reply_to[:500],
        from_address=headers.from_address[:320],
        from_name=headers.from_name[:200],
        reply_to=headers.reply_to[:320],
        to=headers.to,
        cc=headers.cc,
        matched_by=headers.matched_by,
        is_folded=headers.is_folded,
        parts=headers.parts,
    )
    together.insert(envelope)
    return envelope
