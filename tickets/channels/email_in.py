"""Mail on its way in: raw bytes and a row first, then parsed from what was stored, and every mail ends in a visible outcome."""

import hashlib
from pathlib import Path

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors, mail, ratelimit, text
from helpdesk.lib.actor import SYSTEM
from helpdesk.people.models import User
from tickets.channels import email_match, email_reports, email_sandbox, email_take
from tickets.channels.email_match import House, Match
from tickets.channels.email_shapes import ParsedMail
from tickets.models import Mailbox, RawMail, TrustedSender

_RETRY = (OperationalError, InterfaceError, errors.StorageFull)
_READ_AGAIN = (RawMail.Outcome.STORED, RawMail.Outcome.QUARANTINED, RawMail.Outcome.FAILED)
_POISON = {"time": "took_too_long", "memory": "out_of_memory", "crash": "reader_died"}

log = structlog.get_logger(__name__)


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
    return _settled(row, (RawMail.Outcome.STORED,))


def read_again(row: RawMail) -> RawMail:
    """Read a mail anew that became nothing yet, as after an upgrade. What is settled already stays as it is."""
    return _settled(row, _READ_AGAIN) if row.outcome in _READ_AGAIN else row


def release(row: RawMail, *, by: User) -> RawMail:
    """An agent lets a held mail in: on the ticket it proved to belong to, else as a new one.

    Raises Conflict when it is settled already, Invalid when even so there is nothing in it that can be taken in.
    """
    house = House.now()
    parsed = read(row, house, whole=True)
    with transaction.atomic():
        locked = _locked(row)
        if locked.outcome not in _READ_AGAIN:
            raise errors.Conflict(_("This mail was already dealt with."), code="settled")
        _describe(locked, parsed)
        match = email_match.find(parsed, house)
        joins = match is not None and match.participant is not None
        email_take.take_in(locked, parsed, match, house, machine="" if joins else str(parsed.machine or ""))
        locked.processed_at = locked.settled_at = clock.now()
        locked.settled_by = by
        locked.save()
        record(names.MAIL_RELEASED, locked, by=by.actor, data={"ticket": locked.ticket_id})
    return locked


def _settled(row: RawMail, outcomes: tuple[RawMail.Outcome, ...]) -> RawMail:
    try:
        house = House.now()
        parsed = read(row, house)
        with transaction.atomic():
            locked = _locked(row)
            if locked.outcome not in outcomes:
                return locked
            before = locked.reason
            _describe(locked, parsed)
            _decide(locked, parsed, house)
            locked.processed_at = clock.now()
            locked.save()
            if locked.outcome == RawMail.Outcome.QUARANTINED and locked.reason != before:
                record(names.MAIL_QUARANTINED, locked, by=SYSTEM, data={"reason": locked.reason})
            return locked
    except _RETRY:
        raise
    except Exception as error:
        return _fail(row, error, outcomes)


def _locked(row: RawMail) -> RawMail:
    """Only this row: a lock on its queue would hold up everybody who opens a ticket there."""
    return RawMail.objects.select_for_update(of=("self",)).select_related("mailbox__queue").get(pk=row.pk)


def _fail(row: RawMail, error: Exception, outcomes: tuple[RawMail.Outcome, ...]) -> RawMail:
    """Whatever went wrong with this one mail must not hold up the next; its bytes are kept, its reason is shown."""
    code = error.code if isinstance(error, errors.DomainError) else type(error).__name__.lower()
    log.warning("mail.failed", raw_mail=row.pk, error=code)
    row.outcome, row.reason, row.processed_at = RawMail.Outcome.FAILED, code[:40], clock.now()
    RawMail.objects.filter(pk=row.pk, outcome__in=outcomes).update(
        outcome=row.outcome, reason=row.reason, processed_at=row.processed_at
    )
    return row


def read(row: RawMail, house: House | None = None, *, whole: bool = False) -> ParsedMail:
    """What the stored bytes say; of a mail beyond MAIL_MAX_BYTES only its head, unless `whole`.

    Raises OSError when the bytes are gone.
    """
    raw, own = raw_bytes(row), (house or House.now()).addresses
    if row.size > settings.MAIL_MAX_BYTES and not whole:
        head = email_sandbox.parse(raw, own=own, authserv_ids=settings.MAIL_AUTHSERV_IDS, envelope_only=True)
        head.problems.insert(0, "too_big")
        return head
    return email_sandbox.parse(raw, own=own, authserv_ids=settings.MAIL_AUTHSERV_IDS)


def _describe(row: RawMail, parsed: ParsedMail) -> None:
    row.sender = parsed.from_address[:320]
    row.subject = parsed.subject
    row.preview = text.excerpt(parsed.newest_text, 300)
    row.problems = parsed.problems[:30]
    row.trust = parsed.trust
    row.machine = str(parsed.machine or "")


# --- what becomes of it ----------------------------------------------------------------------------------------------


def _decide(row: RawMail, parsed: ParsedMail, house: House) -> None:
    """Outcome and reason, in the order in which they matter."""
    if parsed.poison:
        row.outcome, row.reason = RawMail.Outcome.FAILED, _POISON[parsed.poison]
        return
    if "too_big" in parsed.problems:
        _quarantine(row, "too_big")
        return
    if email_take.was_taken_in(row, parsed):
        return
    match = email_match.find(parsed, house)
    row.ticket = match.ticket if match else None
    if parsed.machine is not None:
        _file_machine_mail(row, parsed, match, house)
    elif not (parsed.text or parsed.subject or parsed.attachments):
        _quarantine(row, "empty")
    elif reason := _reason_to_hold(parsed, match, house):
        _quarantine(row, reason)
    else:
        email_take.take_in(row, parsed, match, house)


def _reason_to_hold(parsed: ParsedMail, match: Match | None, house: House) -> str:
    if not parsed.from_address:
        return "no_sender"
    if house.owns(parsed.from_address):
        return "own_address"
    if match is not None and match.by == "agent_address" and match.agent is None:
        return "agent_not_proved"
    if match is not None and match.agent is None and match.participant is None:
        return "not_a_participant"
    return "loop" if _goes_round(parsed) and not _is_trusted(parsed) else ""


def _goes_round(parsed: ParsedMail) -> bool:
    """Whether one sender writes under one subject as only two machines do that answer each other."""
    key = f"{parsed.from_address} {email_match.base_subject(parsed.subject)}"
    return not ratelimit.allow("mail-loop", key, limit=settings.MAIL_SAME_SUBJECT_PER_HOUR, seconds=3600)


def _is_trusted(parsed: ParsedMail) -> bool:
    """Whether people want this sender's automatic mail; never where our server found that it is not his."""
    wanted = TrustedSender.objects.filter(address=parsed.from_address, ended_at__isnull=True)
    return parsed.trust != "failed" and wanted.exists()


def _file_machine_mail(row: RawMail, parsed: ParsedMail, match: Match | None, house: House) -> None:
    """On its ticket without changing anything there, else held with the kind of machine as the reason. Never answered."""
    is_ours = house.owns(parsed.from_address)
    if parsed.machine in email_reports.KINDS:
        if not email_reports.file(row, parsed):
            _quarantine(row, str(parsed.machine))
    elif match is not None and match.participant is not None and not is_ours:
        email_take.take_in(row, parsed, match, house, machine=str(parsed.machine))
    elif match is None and not is_ours and _is_trusted(parsed):
        email_take.take_in(row, parsed, None, house, machine=str(parsed.machine))
    else:
        _quarantine(row, "own_address" if is_ours else str(parsed.machine).replace("-", "_"))


def _quarantine(row: RawMail, reason: str) -> None:
    row.outcome, row.reason = RawMail.Outcome.QUARANTINED, reason
