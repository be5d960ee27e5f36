"""Mail of people on its way into a conversation: whose it is, what of it is kept, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from helpdesk.lib import together
from helpdesk.lib.actor import SYSTEM
from helpdesk.people import customers
from helpdesk.people.customers import Book, Who
from helpdesk.people.models import Customer, Identity, User
from tickets import access, attachments, conversation, intake
from tickets.channels import email_match
from tickets.channels.email_headers import Address
from tickets.channels.email_match import Clue, House, Match
from tickets.channels.email_shapes import Forwarded, ParsedMail
from tickets.channels.inbound import Headers, Inbound, Origin
from tickets.conversation import Line
from tickets.models import Attachment, Envelope, Hint, Message, RawMail, Ticket

MAX_FILES = 50
MAX_BODY = 90_000
_UPLOADER = "mail"
_ORIGIN = "mail"
Mail = tuple[RawMail, ParsedMail]


def origin_of(row: RawMail, parsed: ParsedMail) -> Origin:
    """Its own id and words, so that the same Message-ID with other words is another message."""
    return Origin(_ORIGIN, parsed.fingerprint or row.sha256)


@dataclass(frozen=True, slots=True)
class Desk:
    """What is looked up once for many mails: our addresses, who the senders are, and which mails are messages already."""

    house: House
    book: Book
    seen: dict[str, Message]

    @classmethod
    def for_mails(cls, house: House, mails: Sequence[Mail]) -> "Desk":
        ids = [origin_of(row, parsed).id for row, parsed in mails]
        found = Message.objects.filter(origin_by=_ORIGIN, origin_id__in=ids).select_related("ticket__queue")
        people = [Who(email=parsed.from_address) for _row, parsed in mails if _is_personal(parsed)]
        return cls(house, Book(people), {str(message.origin_id): message for message in found})


def _is_personal(parsed: ParsedMail) -> bool:
    """Whether a customer may come of it: nobody waits for the lock on a machine's name."""
    return bool(parsed.from_address) and parsed.machine is None and not parsed.poison


def was_taken_in(row: RawMail, parsed: ParsedMail, desk: Desk) -> bool:
    """Whether the same mail became a message before, by whatever way it came; the row says so then."""
    found = desk.seen.get(origin_of(row, parsed).id)
    if found is not None:
        row.outcome, row.ticket, row.message = RawMail.Outcome.DUPLICATE, found.ticket, found
    return found is not None


def take_in(row: RawMail, parsed: ParsedMail, match: Match | None, desk: Desk, *, machine: str = "") -> None:
    """Hand it to the one way in, and note what became of it."""
    if was_taken_in(row, parsed, desk):
        return
    if match is not None and match.agent is not None:
        _say_as_agent(row, parsed, match.ticket, match.agent)
        return
    files, refused = _files(parsed)
    forwarder = _forwarder(parsed, desk.house) if match is None else None
    if forwarder is not None and parsed.forward is not None and parsed.trust == "verified":
        inbound = _passed_on(row, parsed, parsed.forward, forwarder, files)
    else:
        inbound = _inbound(row, parsed, match, files, refused, machine, desk)
    receipt = intake.take(inbound)
    row.outcome = RawMail.Outcome(receipt.outcome)
    row.ticket, row.message = receipt.ticket, receipt.message
    row.reason = next(iter(parsed.problems), "")[:40]
    if refused:
        row.reason = "file_left_out"
        together.write_now()
        _tell_of_files(receipt.ticket, refused)
    if inbound.by is not None and parsed.forward is not None:
        _keep_comment(receipt.ticket, parsed.forward, forwarder)
    elif match is None:
        _keep_hints(receipt.message, parsed, forwarder)


def _inbound(
    row: RawMail,
    parsed: ParsedMail,
    match: Match | None,
    files: list[Attachment],
    refused: Sequence[str],
    machine: str,
    desk: Desk,
) -> Inbound:
    is_proved = parsed.trust == "verified" or (parsed.trust != "failed" and match is not None and match.is_proof)
    return Inbound(
        channel="email",
        who=_who(parsed, match, is_proved, desk),
        subject=parsed.subject or (files[0].name if files and not parsed.newest_text else ""),
        body=_body(parsed, bool(files)) or ", ".join(refused),
        html=parsed.html,
        attachments=files,
        origin=origin_of(row, parsed),
        ticket=match.ticket if match else None,
        reply_address=parsed.from_address,
        mailbox=row.mailbox,
        headers=_headers(parsed, match.by if match else ""),
        trust="verified" if is_proved else parsed.trust,
        machine=machine,
    )


def _who(parsed: ParsedMail, match: Match | None, is_proved: bool, desk: Desk) -> Customer:
    if match is not None and match.participant is not None:
        if is_proved:
            customers.claim(match.participant, Identity.Kind.EMAIL, parsed.from_address, is_proved=True)
        return match.participant
    known = parsed.language if parsed.language in dict(settings.LANGUAGES) else ""
    return desk.book.resolve(Who(name=parsed.from_name, email=parsed.from_address, locale=known, is_proved=is_proved))


def _body(parsed: ParsedMail, has_files: bool) -> str:
    body = parsed.newest_text
    if len(body) > MAX_BODY:
        return body[:MAX_BODY] + "…"
    return body or ("" if has_files else parsed.subject)


# --- agents ----------------------------------------------------------------------------------------------------------


def _say_as_agent(row: RawMail, parsed: ParsedMail, ticket: Ticket, agent: User) -> None:
    """An agent answers by mail: his newest words go to the customer, his quotation and signature do not."""
    files, refused = _files(parsed)
    line = Line(body=_body(parsed, bool(files)), channel="email", attachments=files, trust="verified")
    message, is_new = conversation.reply(ticket, line, by=agent, origin=origin_of(row, parsed))
    row.ticket, row.message = ticket, message
    row.outcome = RawMail.Outcome.MESSAGE if is_new else RawMail.Outcome.DUPLICATE
    if is_new:
        intake.keep_headers(message, _headers(parsed, "agent_address"))
    if is_new and refused:
        row.reason = "file_left_out"
        _tell_of_files(ticket, refused)


def _forwarder(parsed: ParsedMail, house: House) -> User | None:
    """The agent who passed on somebody else's mail, if the sender claims to be one of ours."""
    if parsed.forward is None or not parsed.forward.address or house.owns(parsed.forward.address):
        return None
    agent = User.objects.filter(email__iexact=parsed.from_address, is_active=True).first()
    return agent if agent is not None and agent.may("ticket.create") else None


def _passed_on(row: RawMail, parsed: ParsedMail, forward: Forwarded, agent: User, files: list[Attachment]) -> Inbound:
    """What a proved agent passed on belongs to who wrote it; he only claims the address, as with a call that is logged."""
    return Inbound(
        channel="email",
        who=Who(name=forward.name, email=forward.address),
        subject=forward.subject or parsed.subject,
        body=(forward.text or parsed.newest_text)[:MAX_BODY],
        html="" if forward.text else parsed.html,
        by=agent.actor,
        attachments=files,
        origin=origin_of(row, parsed),
        reply_address=forward.address,
        mailbox=row.mailbox,
        headers=_headers(parsed, ""),
        trust="unverified",
    )


def _keep_comment(ticket: Ticket, forward: Forwarded, agent: User | None) -> None:
    if forward.comment and agent is not None:
        together.write_now()
        line = Line(body=forward.comment[:MAX_BODY], kind=Message.Kind.NOTE, channel="email")
        conversation.append(access.locked(ticket.pk), line, by=agent.actor, user=agent)


# --- what is kept beside ---------------------------------------------------------------------------------------------


def _keep_hints(message: Message, parsed: ParsedMail, forwarder: User | None) -> None:
    clues = [clue for clue in email_match.hints(parsed) if clue.ticket and clue.ticket.pk != message.ticket_id]
    if forwarder is not None and parsed.forward is not None:
        clues.append(Clue(Hint.Kind.ORIGINAL_SENDER, name=parsed.forward.name, address=parsed.forward.address))
    Hint.objects.bulk_create(
        Hint(message=message, kind=clue.kind, ticket=clue.ticket, name=clue.name[:200], address=clue.address[:320])
        for clue in clues
    )


def keep_envelope(message: Message, parsed: ParsedMail, matched_by: str = "") -> Envelope:
    """Keep who wrote to whom under which ids."""
    return intake.keep_headers(message, _headers(parsed, matched_by))


def _headers(parsed: ParsedMail, matched_by: str) -> Headers:
    return Headers(
        message_id=parsed.message_id,
        in_reply_to=parsed.in_reply_to,
        from_address=parsed.from_address,
        from_name=parsed.from_name,
        reply_to=parsed.reply_to if parsed.reply_to != parsed.from_address else "",
        to=_people(parsed.to),
        cc=_people(parsed.cc),
        matched_by=matched_by,
        is_folded=parsed.is_folded,
        parts=[part.as_dict() for part in parsed.parts],
    )


def _people(entries: Sequence[Address]) -> list[dict[str, str]]:
    return [{"name": entry.name, "address": entry.address} for entry in entries if entry.address]


def _files(parsed: ParsedMail) -> tuple[list[Attachment], list[str]]:
    """The files kept with the message, and the names of those that were too large or too many."""
    kept: list[Attachment] = []
    refused: list[str] = []
    parts = [(part.name, part.data, part.content_id) for part in parsed.attachments]
    if len(parsed.newest_text) > MAX_BODY:
        parts.insert(0, ("message.txt", parsed.text.encode(), ""))
    for name, data, content_id in parts:
        if len(data) > settings.ATTACHMENT_MAX_BYTES or len(kept) >= MAX_FILES:
            refused.append(name)
        else:
            kept.append(attachments.store(data, name, uploader=_UPLOADER, content_id=content_id, is_row_later=True))
    return kept, refused


def _tell_of_files(ticket: Ticket, names_left_out: list[str]) -> None:
    """Colleagues read that something is missing here and that the original mail has it."""
    with translation.override(settings.LANGUAGE_CODE):
        words = _("These files were too large or too many to keep here. The original mail is kept: %(names)s")
    line = Line(body=words % {"names": ", ".join(names_left_out[:20])}, kind=Message.Kind.NOTE, channel="email")
    conversation.append(access.locked(ticket.pk), line, by=SYSTEM)
