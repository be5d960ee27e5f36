"""Facts gathered: of a request on its way in, of a message nobody sent, of a ticket that is there already."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from helpdesk.lib import clock, hours
from helpdesk.people.models import Customer, Organization
from tickets import calendars
from tickets.facts import Facts
from tickets.models import Attachment, Message, Routing, Ticket
from tickets.qualification import opening, spam
from tickets.qualify import Qualification, qualify


@dataclass(frozen=True, slots=True)
class Stated:
    """What a person or program said of the request instead of leaving it to be guessed."""

    language: str = ""
    kind: str | None = None
    priority: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as rules and the account of its opening see it."""

    facts: Facts
    guessed: Qualification
    verdict: spam.Verdict
    standing: str
    is_trusted: bool


def of_request(
    subject: str,
    body: str,
    customer: Customer | None,
    *,
    channel: str,
    sender: str,
    mailbox: str,
    attachments: tuple[str, ...] = (),
    stated: Stated,
    html: str = "",
    trust: str = "",
    machine: str = "",
    moment: datetime | None = None,
) -> Seen:
    """Qualify a request and gather its facts: one function for what came in and for what is only rehearsed."""
    guessed = qualify(subject, body, locale=stated.language or (customer.locale if customer else ""))
    standing, is_trusted = opening.standing(customer) if customer else ("new", False)
    verdict = spam.judge(subject, body, html=html, trust=trust)
    moment = moment or clock.now()
    facts = Facts(
        subject=subject,
        body=body,
        channel=channel,
        sender=sender,
        mailbox=mailbox,
        language=stated.language or guessed.language,
        kind=stated.kind or guessed.kind,
        form=str(stated.fields.get("form", "")),
        attachments=attachments,
        priority=stated.priority or guessed.priority,
        trust=trust,
        machine=machine,
        customer=customer_facts(customer, email=sender, standing=standing),
        organization_source=organization_of(customer.organization_id if customer else None),
        fields=stated.fields,
        spam_source=lambda: verdict.score * 100,
        hours_source=open_at(moment),
        at=moment,
    )
    return Seen(facts, guessed, verdict, standing, is_trusted)


def customer_facts(customer: Customer | None, **more: Any) -> dict[str, Any]:
    """What conditions may ask of a customer; his own fields under their names."""
    known = {**customer.fields, "name": customer.name, "locale": customer.locale} if customer else {}
    return {**known, **more}


def organization_of(organization_id: int | None) -> Callable[[], Mapping[str, Any]]:
    """Asked only when a rule asks."""

    def look() -> Mapping[str, Any]:
        found = Organization.objects.filter(pk=organization_id).first() if organization_id else None
        return {"name": found.name, "domains": ", ".join(found.domains)} if found else {}

    return look


def open_at(moment: datetime) -> Callable[[str], bool]:
    """Whether a calendar was open at `moment`; the calendars are read on first use."""
    weeks: dict[str, hours.Week] = {}

    def ask(slug: str) -> bool:
        if not weeks:
            weeks.update(calendars.weeks())
        return hours.is_open(weeks.get(slug, weeks[calendars.DESK]), moment)

    return ask


def of_ticket(ticket: Ticket, moment: datetime, *, author: str = "", newest: Message | None) -> Facts:
    """A ticket as it came in, from its account, with what it is now under `now`; a handful of queries."""
    first = Message.objects.filter(ticket=ticket).order_by("seq").first()
    routing = Routing.objects.filter(ticket=ticket).first()
    present = _present(ticket, moment, author, newest or first)
    kept = routing.trace.get("facts") if routing else None
    given: dict[str, Any] = kept or {"channel": ticket.channel, "sender": ticket.reply_address}
    subject = routing.trace["subject"] if routing else ticket.subject
    if routing and not kept:
        given = {**given, "language": routing.trace["language"], "kind": routing.trace["kind"]}
    body = first.body if first else ""
    original = Facts.of_kept(given, subject, body)
    return replace(complete(original, ticket), now=present)


def newest(ticket: Ticket) -> Message | None:
    """The customer's newest words."""
    spoken = Message.objects.filter(ticket=ticket, kind=Message.Kind.PUBLIC, author_customer__isnull=False)
    return spoken.order_by("-seq").first()


def _present(ticket: Ticket, moment: datetime, author: str, message: Message | None) -> Facts:
    requester = ticket.requester
    email = ticket.reply_address
    return Facts(
        subject=ticket.subject,
        body=message.body if message else "",
        channel=message.channel if message else ticket.channel,
        sender=email,
        mailbox=ticket.mailbox.address if ticket.mailbox else "",
        language=ticket.language,
        kind=ticket.kind,
        form=str(ticket.fields.get("form", "")),
        attachments=_files(message),
        priority=ticket.priority,
        trust=message.trust if message else "",
        machine=message.machine if message else "",
        author=author or (message.author_kind if message else ""),
        customer=customer_facts(requester, email=email),
        organization_source=organization_of(ticket.organization_id),
        fields=ticket.fields,
        hours_source=open_at(moment),
        at=moment,
        status=ticket.status,
        queue=ticket.queue.slug,
        assignee=str(ticket.assignee_id or ""),
        tags=tuple(ticket.tags.values_list("name", flat=True)),
        since_created=_minutes(ticket.created_at, moment),
        since_message=_minutes(ticket.last_message_at, moment),
        waiting=_minutes(ticket.waiting_since, moment) if ticket.waiting_since else None,
    )


def _files(message: Message | None) -> tuple[str, ...]:
    if message is None:
        return ()
    return tuple(Attachment.objects.filter(message=message).order_by("created_at", "id").values_list("name", flat=True))


def _minutes(since: datetime, moment: datetime) -> float:
    return round((moment - since).total_seconds() / 60, 1)


def complete(facts: Facts, ticket: Ticket) -> Facts:
    """Facts kept with an account, and what was not kept because no rule asked for it then."""
    known = customer_facts(ticket.requester, email=ticket.reply_address)
    return replace(
        facts,
        customer={**known, **facts.customer},
        fields={**ticket.fields, **facts.fields},
        organization_source=organization_of(ticket.organization_id),
        at=ticket.created_at,
        hours_source=open_at(ticket.created_at),
    )
