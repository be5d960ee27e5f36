"""Mail on its way in: raw bytes and a row first, then parsed from what was stored, and every mail ends in a visible outcome."""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog
from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import outbox
from helpdesk.lib import clock, disk, errors, ratelimit, text, together
from helpdesk.lib import rows as tables
from helpdesk.lib.actor import SYSTEM
from helpdesk.people.models import User
from tickets.channels import email_match, email_reports, email_sandbox, email_take
from tickets.channels.email_match import House, Match
from tickets.channels.email_shapes import ParsedMail
from tickets.channels.email_take import Desk, Mail
from tickets.models import Mailbox, RawMail, TrustedSender
from tickets.qualification import sensitive

_RETRY = (OperationalError, InterfaceError, errors.StorageFull)
READERS = 2
_STORED = RawMail.Outcome.STORED
_READ_AGAIN = (RawMail.Outcome.STORED, RawMail.Outcome.QUARANTINED, RawMail.Outcome.FAILED)
_POISON = {"time": "took_too_long", "memory": "out_of_memory", "crash": "reader_died"}

_SETTLED = [
    "outcome", "reason", "sender", "subject", "preview", "problems", "trust", "machine", "ticket", "message",
    "processed_at",
]  # fmt: skip

log = structlog.get_logger(__name__)


# --- first: keep it --------------------------------------------------------------------------------------------------


def store(raw: bytes, mailbox: Mailbox, *, uid: str = "") -> tuple[RawMail, bool]:
    """Keep the bytes and their row, committed, and the job that will read them. Returns the row and whether it is new.

    Raises OSError or a DatabaseError when storage is down: then nothing was stored and the sender must try again.
    """
    return store_all([(raw, uid)], mailbox)[0]


def store_all(mails: Sequence[tuple[bytes, str]], mailbox: Mailbox) -> list[tuple[RawMail, bool]]:
    """`store` for several mails with their uid, committed together: all of them are kept, or none is."""
    digests = [hashlib.sha256(raw).hexdigest() for raw, _uid in mails]
    known = _known(mailbox, [digest for digest in digests if (_folder() / _path(digest, mailbox)).exists()])
    fresh: dict[str, RawMail] = {}
    files: dict[Path, bytes] = {}
    for digest, (raw, uid) in zip(digests, mails, strict=True):
        if digest not in known and digest not in fresh:
            fresh[digest] = _row(raw, digest, mailbox, uid)
            files[_folder() / fresh[digest].path] = raw
    _keep_bytes(files)
    try:
        _keep_rows(list(fresh.values()))
    except IntegrityError:  # another fetcher was faster, and its job reads it; or it was deleted long ago
        if len(mails) > 1:
            return [store(raw, mailbox, uid=uid) for raw, uid in mails]
        if not (known := _known(mailbox, digests)):
            raise
        fresh = {}
        for row in known.values():
            if row.purged_at:
                (_folder() / row.path).unlink(missing_ok=True)
    kept = known | fresh
    return [(kept[digest], fresh.pop(digest, None) is not None) for digest in digests]


@transaction.atomic
def _keep_rows(rows: list[RawMail]) -> None:
    def leave_jobs() -> None:
        outbox.enqueue_each(process, "raw_mail_id", [row.pk for row in rows])

    with together.writing():
        together.insert(*rows, then=leave_jobs)


def _keep_bytes(files: dict[Path, bytes]) -> None:
    for path in files:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    disk.write_all(files)


def _row(raw: bytes, digest: str, mailbox: Mailbox, uid: str) -> RawMail:
    return RawMail(
        mailbox=mailbox,
        sha256=digest,
        path=_path(digest, mailbox),
        size=len(raw),
        uid=uid,
        received_at=clock.now(),
    )


def _known(mailbox: Mailbox, digests: Sequence[str]) -> dict[str, RawMail]:
    if not digests:
        return {}
    return {row.sha256: row for row in RawMail.objects.filter(mailbox=mailbox, sha256__in=digests)}


def _folder() -> Path:
    return Path(settings.MAIL_ROOT)


def _path(digest: str, mailbox: Mailbox) -> str:
    return f"{digest[:2]}/{digest}-{mailbox.pk}.eml"


def waiting(mailbox: Mailbox, most: int) -> int:
    """How many of its mails are stored and not yet read, counted up to `most`. Uses index: raw_mail_unsettled."""
    return RawMail.objects.filter(mailbox=mailbox, outcome=_STORED)[:most].count()


def raw_bytes(row: RawMail) -> bytes:
    """The mail as it came."""
    return (_folder() / row.path).read_bytes()


# --- then: read it ---------------------------------------------------------------------------------------------------


def process(raw_mail_id: int) -> RawMail:
    """Job: make of a stored mail what it is. Doing it again does nothing; a poisoned one becomes one visible failure."""
    process_all([raw_mail_id])
    return RawMail.objects.select_related("mailbox__queue", "ticket__queue", "message").get(pk=raw_mail_id)


@outbox.at_once(process, "raw_mail_id", most=25)
def process_all(raw_mail_ids: list[int]) -> None:
    """Several of these jobs in one transaction, as if one after the other; what one mail spoils is done again singly."""
    rows = RawMail.objects.prefetch_related("mailbox__queue").filter(pk__in=raw_mail_ids, outcome=_STORED)
    _settle(list(rows.order_by("pk")), (_STORED,))


def read_again(row: RawMail) -> RawMail:
    """Read a mail anew that became nothing yet, as after an upgrade. What is settled already stays as it is."""
    if row.outcome in _READ_AGAIN:
        _settle([row], _READ_AGAIN)
        row.refresh_from_db()
    return row


def release(row: RawMail, *, by: User) -> RawMail:
    """An agent lets a held mail in: on the ticket it proved to belong to, else as a new one.

    Raises Conflict when it is settled already, Invalid when even so there is nothing in it that can be taken in.
    """
    house = House.now()
    parsed = read(row, house, whole=True)
    with transaction.atomic():
        locked = _locked([row], _READ_AGAIN).get(row.pk)
        if locked is None:
            raise errors.Conflict(_("This mail was already dealt with."), code="settled")
        desk = Desk.for_mails(house, [(locked, parsed)])
        before = locked.reason
        _describe(locked, parsed)
        match = email_match.find(parsed, house)
        joins = match is not None and match.participant is not None
        email_take.take_in(locked, parsed, match, desk, machine="" if joins else str(parsed.machine or ""))
        locked.processed_at = locked.settled_at = clock.now()
        locked.settled_by = by
        locked.save()
        record(names.MAIL_RELEASED, locked, by=by.actor, data={"ticket": locked.ticket_id, "reason": before})
    return locked


def _settle(rows: list[RawMail], outcomes: tuple[RawMail.Outcome, ...]) -> None:
    house = House.now()
    mails = _readable(rows, house, outcomes)
    for group in _apart(mails):
        try:
            _settle_together(group, house, outcomes)
        except Exception as error:
            if isinstance(error, _RETRY) and len(group) == 1:
                raise
            log.info("mail.group_failed", error=type(error).__name__, mails=len(group))
            _settle_singly(group, house, outcomes)


def _settle_singly(mails: list[Mail], house: House, outcomes: tuple[RawMail.Outcome, ...]) -> None:
    """Raises at the end what may pass with time: it may be one mail's own, and the others must not wait for it."""
    passing: Exception | None = None
    for one in mails:
        try:
            _settle_alone(one, house, outcomes)
        except _RETRY as error:
            passing = error
    if passing is not None:
        raise passing


def _settle_alone(mail: Mail, house: House, outcomes: tuple[RawMail.Outcome, ...]) -> None:
    """Tried once more when the same mail came in at this moment by another way: then it is found there."""
    try:
        try:
            _settle_together([mail], house, outcomes)
        except IntegrityError:
            _settle_together([mail], house, outcomes)
    except _RETRY:
        raise
    except Exception as error:
        _fail(mail[0], error, outcomes)


def _readable(rows: list[RawMail], house: House, outcomes: tuple[RawMail.Outcome, ...]) -> list[Mail]:
    """Those that can be read. Two at a time: it is the work of other processes, this one would only wait for them."""

    def tried(row: RawMail) -> ParsedMail | Exception:
        try:
            return read(row, house)
        except Exception as error:
            return error

    with ThreadPoolExecutor(READERS) as readers:
        found = list(zip(rows, readers.map(tried, rows), strict=True))
    mails: list[Mail] = []
    for row, mail in found:
        if isinstance(mail, _RETRY):
            raise mail
        if isinstance(mail, Exception):
            _fail(row, mail, outcomes)
        else:
            mails.append((row, mail))
    return mails


def _apart(mails: list[Mail]) -> Iterator[list[Mail]]:
    """Groups in which no mail depends on an earlier one: not the same mail, not an answer to it, not of its sender."""
    group: list[Mail] = []
    seen: set[str] = set()
    for row, parsed in mails:
        own = {parsed.message_id, parsed.fingerprint, parsed.from_address} - {""}
        if group and seen & (own | set(parsed.ancestors)):
            yield group
            group, seen = [], set()
        group.append((row, parsed))
        seen |= own
    if group:
        yield group


def _settle_together(mails: list[Mail], house: House, outcomes: tuple[RawMail.Outcome, ...]) -> None:
    with transaction.atomic():
        locked = _locked([row for row, _parsed in mails], outcomes)
        mine = [(locked[row.pk], parsed) for row, parsed in mails if row.pk in locked]
        desk = Desk.for_mails(house, mine)
        with together.writing(len(mine)):
            for row, parsed in mine:
                _settle_one(row, parsed, desk)
        _write(mine)


def _settle_one(row: RawMail, parsed: ParsedMail, desk: Desk) -> None:
    before = row.reason
    _describe(row, parsed)
    _decide(row, parsed, desk)
    row.processed_at = clock.now()
    if row.outcome == RawMail.Outcome.QUARANTINED and row.reason != before:
        record(names.MAIL_QUARANTINED, row, by=SYSTEM, data={"reason": row.reason})


def _write(mails: list[Mail]) -> None:
    """What became of each, in one statement."""
    tables.update_all([row for row, _parsed in mails], _SETTLED)


def _locked(rows: list[RawMail], outcomes: tuple[RawMail.Outcome, ...]) -> dict[int, RawMail]:
    """Only these rows: a lock on their queue would hold up everybody who opens a ticket there."""
    mailboxes = {row.pk: row.mailbox for row in rows}
    mine = RawMail.objects.select_for_update().filter(pk__in=mailboxes, outcome__in=outcomes)
    found = {row.pk: row for row in mine.order_by("pk")}
    for pk, row in found.items():
        row.mailbox = mailboxes[pk]
    return found


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
    # Masked before it is cut: half a card number is not known as one
    row.preview = text.excerpt(sensitive.mask_cards(parsed.newest_text[:4_000]), 300)
    row.problems = parsed.problems[:30]
    row.trust = parsed.trust
    row.machine = str(parsed.machine or "")


# --- what becomes of it ----------------------------------------------------------------------------------------------


def _decide(row: RawMail, parsed: ParsedMail, desk: Desk) -> None:
    """Outcome and reason, in the order in which they matter."""
    if parsed.poison:
        row.outcome, row.reason = RawMail.Outcome.FAILED, _POISON[parsed.poison]
        return
    if "too_big" in parsed.problems:
        _quarantine(row, "too_big")
        return
    if email_take.was_taken_in(row, parsed, desk):
        return
    match = email_match.find(parsed, desk.house)
    row.ticket = match.ticket if match else None
    if parsed.machine is not None:
        _file_machine_mail(row, parsed, match, desk)
    elif not (parsed.text or parsed.subject or parsed.attachments):
        _quarantine(row, "empty")
    elif reason := _reason_to_hold(parsed, match, desk):
        _quarantine(row, reason)
    else:
        email_take.take_in(row, parsed, match, desk)


def _reason_to_hold(parsed: ParsedMail, match: Match | None, desk: Desk) -> str:
    if not parsed.from_address:
        return "no_sender"
    if desk.house.owns(parsed.from_address):
        return "own_address"
    if match is not None and match.by == "agent_address" and match.agent is None:
        return "agent_not_proved"
    if match is not None and match.agent is None and match.participant is None:
        return "not_a_participant"
    is_known = match is not None or desk.book.knows(parsed.from_address)
    return "loop" if is_known and _goes_round(parsed) and not _is_trusted(parsed) else ""


def _goes_round(parsed: ParsedMail) -> bool:
    """Whether one sender writes under one subject as only two machines do that answer each other."""
    key = f"{parsed.from_address} {email_match.base_subject(parsed.subject)}"
    return not ratelimit.allow("mail-loop", key, limit=settings.MAIL_SAME_SUBJECT_PER_HOUR, seconds=3600)


def _is_trusted(parsed: ParsedMail) -> bool:
    """Whether people want this sender's automatic mail; never where our server found that it is not his."""
    wanted = TrustedSender.objects.filter(address=parsed.from_address, ended_at__isnull=True)
    return parsed.trust != "failed" and wanted.exists()


def _file_machine_mail(row: RawMail, parsed: ParsedMail, match: Match | None, desk: Desk) -> None:
    """On its ticket without changing anything there, else held with the kind of machine as the reason. Never answered."""
    is_ours = desk.house.owns(parsed.from_address)
    if parsed.machine in email_reports.KINDS:
        if not email_reports.file(row, parsed):
            _quarantine(row, str(parsed.machine))
    elif match is not None and match.participant is not None and not is_ours:
        email_take.take_in(row, parsed, match, desk, machine=str(parsed.machine))
    elif match is None and not is_ours and _is_trusted(parsed):
        email_take.take_in(row, parsed, None, desk, machine=str(parsed.machine))
    else:
        _quarantine(row, "own_address" if is_ours else str(parsed.machine).replace("-", "_"))


def _quarantine(row: RawMail, reason: str) -> None:
    row.outcome, row.reason = RawMail.Outcome.QUARANTINED, reason
