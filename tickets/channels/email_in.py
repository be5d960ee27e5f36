"""Mail on its way in: raw bytes and a row first, then parsed from what was stored, and every mail ends in a visible outcome."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors, mail, text
from helpdesk.lib.actor import SYSTEM, Actor
from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, Identity, User
from tickets import access, attachments, conversation, intake
from tickets.channels import email_parse, email_threads
from tickets.channels.email_parse import ParsedMail
from tickets.channels.inbound import Headers, Inbound, Origin
from tickets.conversation import Line
from tickets.models import Attachment, Delivery, Mailbox, Message, Participant, RawMail, Ticket

MAX_FILES = 50
MAX_BODY = 90_000
_UPLOADER = "mail"
_RETRY = (OperationalError, InterfaceError, errors.StorageFull)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Match:
    """The conversation a mail proved to belong to, by what, and who of it the sender is (None: a stranger)."""

    ticket: Ticket
    by: str
    participant: Customer | None
    is_proof: bool = False


# --- first: keep it --------------------------------------------------------------------------------------------------


def store(raw: bytes, mailbox: Mailbox, *, uid: str = "") -> tuple[RawMail, bool]:
    """Keep the bytes and their row, committed, and the job that will read them. Returns the row and whether it is new.

    Raises OSError or a DatabaseError when storage is down: then nothing was stored and the sender must try again.
    """
    sha256 = hashlib.sha256(raw).hexdigest()
    if known := RawMail.objects.filter(mailbox=mailbox, sha256=sha256).first():
        return known, False
    relative = f"{sha256[:2]}/{sha256}-{mailbox.pk}.eml"
    path = Path(settings.MAIL_ROOT) / relative
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mail.write_whole(path, raw)
    with transaction.atomic():
        row, is_new = RawMail.objects.get_or_create(
            mailbox=mailbox,
            sha256=sha256,
            defaults={"path": relative, "size": len(raw), "uid": uid, "received_at": clock.now()},
        )
        if is_new:
            outbox.enqueue(process, unique_key=f"raw_mail:{row.pk}", raw_mail_id=row.pk)
    return row, is_new


def raw_bytes(row: RawMail) -> bytes:
    """The mail as it came."""
    return (Path(settings.MAIL_ROOT) / row.path).read_bytes()


# --- then: read it ---------------------------------------------------------------------------------------------------


def process(raw_mail_id: int) -> RawMail:
    """Job: make of a stored mail what it is. Doing it again does nothing; a poisoned one becomes one visible failure."""
    row = RawMail.objects.select_related("mailbox__queue").get(pk=raw_mail_id)
    if row.outcome != RawMail.Outcome.STORED:
        return row
    return _settle(row)


def release(row: RawMail, *, by: User) -> RawMail:
    """An agent lets a held mail in: on the ticket it proved to belong to, else as a new one.

    Raises Conflict when it is settled already, Invalid when even so there is nothing in it that can be taken in.
    """
    return _settle(row, released_by=by.actor)


def _settle(row: RawMail, released_by: Actor | None = None) -> RawMail:
    try:
        parsed = _read(row, whole=released_by is not None)
        with transaction.atomic():
            # Only this row: a lock on its queue would hold up everybody who opens a ticket there.
            held = RawMail.objects.select_for_update(of=("self",)).select_related("mailbox__queue")
            locked = held.get(pk=row.pk)
            if released_by is None and locked.outcome != RawMail.Outcome.STORED:
                return locked
            if released_by is not None and locked.outcome not in (RawMail.Outcome.QUARANTINED, RawMail.Outcome.FAILED):
                raise errors.Conflict(_("This mail was already dealt with."), code="settled")
            _describe(locked, parsed)
            _decide(locked, parsed, released_by)
            locked.processed_at = clock.now()
            locked.save()
            if released_by is not None:
                record(names.MAIL_RELEASED, locked, by=released_by, data={"ticket": locked.ticket_id})
            elif locked.outcome == RawMail.Outcome.QUARANTINED:
                record(names.MAIL_QUARANTINED, locked, by=SYSTEM, data={"reason": locked.reason})
            return locked
    except _RETRY:
        raise
    except Exception as error:
        if released_by is not None:
            raise
        return _fail(row, error)


def _fail(row: RawMail, error: Exception) -> RawMail:
    """Whatever went wrong with this one mail must not hold up the next; its bytes are kept, its reason is shown."""
    code = error.code if isinstance(error, errors.DomainError) else type(error).__name__.lower()
    log.warning("mail.failed", raw_mail=row.pk, error=code)
    with transaction.atomic():
        row.outcome, row.reason, row.processed_at = RawMail.Outcome.FAILED, code[:40], clock.now()
        row.save(update_fields=["outcome", "reason", "processed_at"])
    return row


def _read(row: RawMail, *, whole: bool) -> ParsedMail:
    raw = raw_bytes(row)
    if row.size > settings.MAIL_MAX_BYTES and not whole:
        head = email_parse.parse(raw[: raw.find(b"\n\n") + 1 or 100_000][:500_000])
        head.problems.insert(0, "too_big")
        return head
    return email_parse.parse(raw, authserv_ids=settings.MAIL_AUTHSERV_IDS)


def _describe(row: RawMail, parsed: ParsedMail) -> None:
    row.sender = parsed.from_address[:320]
    row.subject = parsed.subject
    row.preview = text.excerpt(parsed.newest_text, 300)


def _decide(row: RawMail, parsed: ParsedMail, released_by: Actor | None) -> None:
    """Outcome and reason, in the order in which they matter."""
    match = _match(parsed)
    if released_by is not None:
        _take_in(row, parsed, match, is_machine=False)
    elif "too_big" in parsed.problems:
        _quarantine(row, "too_big")
    elif parsed.machine is not None:
        _file_machine_mail(row, parsed, match)
    elif not (parsed.text or parsed.subject or parsed.attachments):
        _quarantine(row, "empty")
    elif reason := _reason_to_hold(parsed, match):
        row.ticket = match.ticket if match else None
        _quarantine(row, reason)
    else:
        _take_in(row, parsed, match, is_machine=False)


def _reason_to_hold(parsed: ParsedMail, match: _Match | None) -> str:
    if not parsed.from_address:
        return "no_sender"
    if _is_ours(parsed.from_address):
        return "own_address"
    if match is not None and match.participant is None:
        return "not_a_participant"
    return ""


def _quarantine(row: RawMail, reason: str) -> None:
    row.outcome, row.reason = RawMail.Outcome.QUARANTINED, reason


def _is_ours(address: str) -> bool:
    return Mailbox.objects.filter(address__iexact=email_threads.without_token(address)).exists()


# --- which conversation ----------------------------------------------------------------------------------------------


def _match(parsed: ParsedMail) -> _Match | None:
    """The strongest proof first: our reply address, then our Message-ID. Nothing else joins anything."""
    for address in parsed.recipients:
        token = email_threads.read_reply_address(address)
        if token and (ticket := _ticket(token.ticket_id)) and _is_ours(address):
            person = _participant(ticket, parsed.from_address)
            holder = Customer.objects.filter(pk=token.customer_id).first()
            holds = person is not None and holder is not None and person.pk in (holder.pk, holder.merged_into_id)
            return _Match(ticket, "reply_address", person, is_proof=holds and _was_sent_to(ticket, parsed.from_address))
    for header_id in parsed.ancestors:
        named = email_threads.read_message_id(header_id)
        if named and (ticket := _ticket(named[0])):
            return _Match(ticket, "message_id", _participant(ticket, parsed.from_address))
    return None


def _ticket(ticket_id: int) -> Ticket | None:
    return Ticket.objects.select_related("requester__merged_into").filter(pk=ticket_id).first()


def _participant(ticket: Ticket, address: str) -> Customer | None:
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
    sent = Delivery.objects.filter(message__ticket=ticket, address__iexact=address)
    return sent.exists() or (address == ticket.reply_address.lower() and ticket.channel == "email")


# --- machine mail ----------------------------------------------------------------------------------------------------


def _file_machine_mail(row: RawMail, parsed: ParsedMail, match: _Match | None) -> None:
    """On its ticket without changing anything there, else held with the kind of machine as the reason. Never answered."""
    is_ours = _is_ours(parsed.from_address)
    if parsed.machine in ("bounce", "report"):
        _file_report(row, parsed)
    elif match is not None and match.participant is not None and not is_ours:
        _take_in(row, parsed, match, is_machine=True)
    else:
        row.ticket = match.ticket if match else None
        _quarantine(row, "own_address" if is_ours else str(parsed.machine).replace("-", "_"))


def _file_report(row: RawMail, parsed: ParsedMail) -> None:
    report = parsed.report
    named = email_threads.read_message_id(report.original_id) if report else None
    ticket = _ticket(named[0]) if named else None
    if report is None or ticket is None:
        _quarantine(row, str(parsed.machine))
        return
    delivery = Delivery.objects.filter(
        message__ticket=ticket, header_id__startswith=report.original_id.split("@")[0]
    ).first()
    if delivery and parsed.machine == "bounce" and report.is_permanent:
        delivery.state = Delivery.State.BOUNCED
        delivery.error = text.one_line(f"{report.status} {parsed.newest_text}", 500)
        delivery.save(update_fields=["state", "error"])
    line = Line(
        body=parsed.newest_text[:MAX_BODY] or parsed.subject or str(parsed.machine),
        kind=Message.Kind.NOTE,
        channel="email",
        machine=str(parsed.machine),
    )
    message = conversation.append(access.locked(ticket.pk), line, by=SYSTEM)
    row.outcome, row.ticket, row.message, row.reason = RawMail.Outcome.MESSAGE, ticket, message, str(parsed.machine)


# --- people's mail ---------------------------------------------------------------------------------------------------


def _take_in(row: RawMail, parsed: ParsedMail, match: _Match | None, *, is_machine: bool) -> None:
    """Hand it to the one way in, and note what became of it."""
    # Its own id and words, so that the same Message-ID with other words is another message
    origin = Origin("mail", parsed.fingerprint or row.sha256)
    if seen := Message.objects.filter(origin_by=origin.by, origin_id=origin.id).first():
        row.outcome, row.ticket, row.message = RawMail.Outcome.DUPLICATE, seen.ticket, seen
        return
    is_proved = parsed.trust == "verified" or (parsed.trust != "failed" and match is not None and match.is_proof)
    files, refused = _files(parsed)
    receipt = intake.receive(
        Inbound(
            channel="email",
            who=_who(parsed, match, is_proved),
            subject=parsed.subject or (files[0].name if files and not parsed.newest_text else ""),
            body=_body(parsed, bool(files)) or ", ".join(refused),
            html=parsed.html,
            attachments=files,
            origin=origin,
            ticket=match.ticket if match else None,
            reply_address=parsed.from_address,
            mailbox=row.mailbox,
            headers=_headers(parsed, match),
            trust="verified" if is_proved else parsed.trust,
            machine=str(parsed.machine) if is_machine else "",
        )
    )
    row.outcome = RawMail.Outcome(receipt.outcome)
    row.ticket, row.message = receipt.ticket, receipt.message
    row.reason = next(iter(parsed.problems), "")[:40]
    if refused and receipt.outcome != "duplicate":
        row.reason = "file_left_out"
        _tell_of_files(receipt.ticket, refused)


def _who(parsed: ParsedMail, match: _Match | None, is_proved: bool) -> Who | Customer:
    if match is not None and match.participant is not None:
        if is_proved:
            customers.claim(match.participant, Identity.Kind.EMAIL, parsed.from_address, is_proved=True)
        return match.participant
    known = parsed.language if parsed.language in dict(settings.LANGUAGES) else ""
    return Who(name=parsed.from_name, email=parsed.from_address, locale=known, is_proved=is_proved)


def _body(parsed: ParsedMail, has_files: bool) -> str:
    body = parsed.newest_text
    if len(body) > MAX_BODY:
        return body[:MAX_BODY] + "…"
    return body or ("" if has_files else parsed.subject)


def _headers(parsed: ParsedMail, match: _Match | None) -> Headers:
    return Headers(
        message_id=parsed.message_id,
        in_reply_to=parsed.in_reply_to,
        from_address=parsed.from_address,
        to=[entry.address for entry in parsed.to if entry.address],
        cc=[entry.address for entry in parsed.cc if entry.address],
        matched_by=match.by if match else "",
    )


def _files(parsed: ParsedMail) -> tuple[list[Attachment], list[str]]:
    """The files kept with the message, and the names of those that were too large or too many."""
    kept: list[Attachment] = []
    refused: list[str] = []
    parts = [(part.name, part.data, part.content_id if part.is_inline else "") for part in parsed.attachments]
    if len(parsed.newest_text) > MAX_BODY:
        parts.insert(0, ("message.txt", parsed.text.encode(), ""))
    for name, data, content_id in parts:
        if len(data) > settings.ATTACHMENT_MAX_BYTES or len(kept) >= MAX_FILES:
            refused.append(name)
        else:
            kept.append(attachments.store(data, name, uploader=_UPLOADER, content_id=content_id))
    return kept, refused


def _tell_of_files(ticket: Ticket, names_left_out: list[str]) -> None:
    """Colleagues read that something is missing here and that the original mail has it."""
    with translation.override(settings.LANGUAGE_CODE):
        words = _("These files were too large or too many to keep here. The original mail is kept: %(names)s")
    line = Line(body=words % {"names": ", ".join(names_left_out[:20])}, kind=Message.Kind.NOTE, channel="email")
    conversation.append(access.locked(ticket.pk), line, by=SYSTEM)
