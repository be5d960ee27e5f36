"""Fetch mail over IMAP: stored here and committed first, only then moved on the server, never deleted there."""

import datetime
import imaplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.template.defaultfilters import filesizeformat
from django.utils import translation
from django.utils.translation import gettext as _
from imapclient import IMAPClient, imap4, tls
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from helpdesk.jobs import engine, outbox
from helpdesk.lib import egress, errors, sealed
from tickets import mailboxes
from tickets.channels import email_in, mail_words
from tickets.models import Mailbox, RawMail

BATCH = 200
# So many mails, or the first that together reach so many bytes, are committed together
TOGETHER, TOGETHER_BYTES = 20, 8 * 1024 * 1024
# So many of a mailbox wait to be read before its next ones are fetched; not for ever, should reading be at a standstill
AHEAD, PATIENCE_SECONDS = 100, 30
# A job gives its worker back after so many mails or seconds, and leaves the rest to the next one
TURN_MAILS, TURN_SECONDS = 200, 20.0
# Who holds the lease of a mailbox that jobs fetch
_JOBS = "jobs"
TIMEOUT = 30

log = structlog.get_logger(__name__)


@dataclass
class Summary:
    """One pass over one mailbox; `error` is the code of what kept it from being complete."""

    mailbox: str
    fetched: int = 0
    stored: int = 0
    duplicates: int = 0
    error: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def fetch_all() -> list[Summary]:
    """One pass over every active mailbox that has a server; one that fails does not hold up the others."""
    return [fetch(mailbox) for mailbox in watched()]


def watched() -> list[Mailbox]:
    """The mailboxes whose mail is fetched."""
    return list(Mailbox.objects.filter(is_active=True).exclude(imap_host="").order_by("pk"))


def fetch(mailbox: Mailbox) -> Summary:
    """One pass over one mailbox. Two at once are harmless: the row is unique, moving twice is no error."""
    summary = Summary(mailbox.address)
    with _told(mailbox, summary), connect(mailbox) as client:
        drain(client, mailbox, summary, read=True)
    return summary


@contextmanager
def _told(mailbox: Mailbox, summary: Summary) -> Iterator[None]:
    try:
        yield
    except (imaplib.IMAP4.error, OSError, mail_words.NoStartTls, errors.DomainError, DatabaseError) as error:
        note_failure(mailbox, summary, error)


def note_failure(mailbox: Mailbox, summary: Summary, error: Exception) -> None:
    """Written where an administrator sees it; when not even that can be written, the log has it."""
    is_here = isinstance(error, errors.DomainError | DatabaseError)
    summary.error = "storage" if is_here else mail_words.of(error).code
    log.warning("imap.failed", mailbox=mailbox.pk, error=type(error).__name__, code=summary.error)
    with suppress(DatabaseError):
        mailboxes.went_wrong(mailbox, "imap", summary.error)


@engine.every(settings.MAIL_POLL_SECONDS)
def poll() -> None:
    """Every minute: a job for each mailbox that nobody watches, so that a slow server delays only itself."""
    held = set(mailboxes.held())
    for mailbox in watched():
        if mailbox.pk not in held:
            outbox.enqueue(fetch_one, unique_key=f"imap:{mailbox.pk}", mailbox_id=mailbox.pk)


def fetch_one(mailbox_id: int, turn: int = 0, after: str = "") -> None:
    """Job: a turn at one mailbox; what is left is the next job's, so that a backlog keeps no worker to itself.

    `after` is how far the turn before came. The next poll is the retry of one that failed; none is begun before.
    """
    mailbox = Mailbox.objects.filter(pk=mailbox_id, is_active=True).exclude(imap_host="").first()
    if mailbox is None:
        return
    # Asked for by hand while a watcher has it, this turn is the only one: the watcher goes on
    goes_on = mailboxes.take(mailbox, _JOBS, settings.MAIL_LEASE_SECONDS)
    left = _take_turn(mailbox, after)
    if left is not None and goes_on:
        pause = datetime.timedelta(seconds=1 if _is_ahead(mailbox) else 0)
        key = f"imap:{mailbox.pk}:{turn + 1}"
        outbox.enqueue(fetch_one, delay=pause, unique_key=key, mailbox_id=mailbox.pk, turn=turn + 1, after=left)
    elif goes_on:
        mailboxes.let_go(mailbox, _JOBS)


def _take_turn(mailbox: Mailbox, after: str) -> str | None:
    """Fetch until a turn is over or the readers are behind. Returns where the next one begins, None when all is fetched."""
    if _is_ahead(mailbox):
        return after
    summary, end = Summary(mailbox.address), time.monotonic() + TURN_SECONDS
    known: dict[int, bool] = {}

    def goes_on() -> bool:
        """Before each mail; the database is asked only after some were stored."""
        if summary.fetched not in known:
            known[summary.fetched] = _is_ahead(mailbox)
        return summary.fetched < TURN_MAILS and time.monotonic() < end and not known[summary.fetched]

    passed: list[str | None] = []
    with _told(mailbox, summary), connect(mailbox) as client:
        passed.append(drain(client, mailbox, summary, read=False, goes_on=goes_on, after=after))
    return passed[0] if passed else None


def _is_ahead(mailbox: Mailbox) -> bool:
    return email_in.waiting(mailbox, AHEAD) >= AHEAD


# --- the connection --------------------------------------------------------------------------------------------------
class Client(IMAPClient):
    """Connects to the address that `egress` has checked; `strict` for what is only being tried out."""

    def __init__(self, mailbox: Mailbox, *, strict: bool = False, timeout: float = TIMEOUT) -> None:
        self._is_strict, self._seconds = strict, timeout
        is_ssl = mailbox.imap_security == "ssl"
        context = egress.tls_context() if is_ssl else None
        super().__init__(
            mailbox.imap_host, port=mailbox.imap_port, ssl=is_ssl, ssl_context=context, use_uid=True, timeout=timeout
        )

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 (imapclient's name)
        def reach() -> socket.socket:
            return egress.connect(self.host, self.port, timeout=self._seconds, strict=self._is_strict)

        class Plain(imap4.IMAP4WithTimeout):
            def _create_socket(self, timeout: float | None = None) -> socket.socket:
                return reach()

        class Encrypted(tls.IMAP4_TLS):
            def _create_socket(self, timeout: float | None = None) -> socket.socket:
                context: ssl.SSLContext = self.ssl_context
                return context.wrap_socket(reach(), server_hostname=self.host)

        if self.ssl:
            return Encrypted(self.host, self.port, self.ssl_context, self._seconds)
        return Plain(self.host, self.port, self._seconds)


def connect(mailbox: Mailbox, *, strict: bool = False, timeout: float = TIMEOUT) -> IMAPClient:
    """A logged-in client; the certificate is verified, and without encryption no password leaves unless 'none' is set."""
    client = Client(mailbox, strict=strict, timeout=timeout)
    try:
        encrypt(client, mailbox)
        client.login(mailbox.imap_user, sealed.unseal(mailbox.imap_secret))
    except BaseException:
        with suppress(IMAPClientError, OSError):
            client.shutdown()
        raise
    return client


def encrypt(client: IMAPClient, mailbox: Mailbox) -> None:
    """STARTTLS where the mailbox asks for it; raises NoStartTls rather than go on in the clear."""
    if mailbox.imap_security == "starttls":
        if not client.has_capability("STARTTLS"):
            raise mail_words.NoStartTls()
        client.starttls(egress.tls_context())


# --- one pass --------------------------------------------------------------------------------------------------------
def drain(
    client: IMAPClient,
    mailbox: Mailbox,
    summary: Summary,
    *,
    read: bool,
    goes_on: Callable[[], bool] = lambda: True,
    after: str = "",
) -> str | None:
    """Oldest first, a few at a time: stored, committed, then moved. One that cannot be fetched does not hold up the next.

    `read`: whether they are also read here and now; otherwise the jobs that `store_all` left do it. `goes_on` is asked
    before each mail; where it ended a pass, the answer is the `after` of a pass that goes on there.
    """
    selected = client.select_folder(mailbox.imap_folder)
    validity = int(selected.get(b"UIDVALIDITY", 0))
    if mailbox.imap_done_folder:
        _make_folder(client, mailbox.imap_done_folder)
    left = _drain_from(_reached(after, validity), client, mailbox, validity, summary, read, goes_on)
    if summary.error:
        mailboxes.went_wrong(mailbox, "imap", summary.error)
    return None if left is None else f"{validity}:{left}"


def _reached(after: str, validity: int) -> int:
    """How far the pass before came; 0 when the server has numbered its mail anew since."""
    numbered, _, uid = after.partition(":")
    return int(uid) if numbered == str(validity) else 0


def _drain_from(
    first: int,
    client: IMAPClient,
    mailbox: Mailbox,
    validity: int,
    summary: Summary,
    read: bool,
    goes_on: Callable[[], bool],
) -> int | None:
    tried: set[int] = set()
    while uids := [uid for uid in _waiting(client, mailbox, validity) if uid > first and uid not in tried][:BATCH]:
        left = iter(uids)
        while mails := _fetched(client, left, tried, mailbox, summary, goes_on):
            _take(client, mailbox, validity, mails, summary, read)
            if not read:
                _let_readers_follow(mailbox, goes_on)
        if not tried.issuperset(uids):
            return max(tried, default=first)
        mailboxes.went_well(mailbox, uid_validity=validity, last_uid=max(uids))
    if not tried:
        mailboxes.went_well(mailbox, uid_validity=validity, last_uid=_last_uid(mailbox, validity))
    return None


def _waiting(client: IMAPClient, mailbox: Mailbox, validity: int) -> list[int]:
    """What to take in, by UID. Without a done folder mail stays where it is, and the last UID says how far we came.

    A mail that somebody read in another program meanwhile is still new here. When the server has numbered its mail anew
    (UIDVALIDITY), all since the first pass is looked at again: what is known is recognised by its content.
    """
    if mailbox.imap_done_folder:
        return sorted(client.search(["UNDELETED"]))
    state = mailboxes.state_of(mailbox)
    unseen = set(client.search(["UNSEEN", "UNDELETED"]))
    if state.uid_validity == validity:
        newer = client.search(["UID", f"{state.last_uid + 1}:*", "UNDELETED"])
        return sorted(unseen | {uid for uid in newer if uid > state.last_uid})
    if state.uid_validity and state.first_fetched_at:
        since = (state.first_fetched_at - datetime.timedelta(days=1)).date()
        return sorted(unseen | set(client.search(["UNDELETED", "SINCE", since])))
    return sorted(unseen)


def _last_uid(mailbox: Mailbox, validity: int) -> int:
    state = mailboxes.state_of(mailbox)
    return state.last_uid if state.uid_validity == validity else 0


def _make_folder(client: IMAPClient, name: str) -> None:
    if not client.folder_exists(name):
        with suppress(IMAPClientError):  # another fetcher may have made it just now
            client.create_folder(name)


def _fetched(
    client: IMAPClient,
    uids: Iterator[int],
    tried: set[int],
    mailbox: Mailbox,
    summary: Summary,
    goes_on: Callable[[], bool],
) -> dict[int, bytes]:
    """The next few mails by UID; none when there are no more, or nobody wants them any more."""
    found: dict[int, bytes] = {}
    size = 0
    while len(found) < TOGETHER and size < TOGETHER_BYTES and goes_on() and (uid := next(uids, None)) is not None:
        tried.add(uid)
        with _noted(uid, mailbox, summary):
            raw = _bytes(client, uid)
            if raw is not None:  # else another fetcher moved it
                found[uid] = raw
                size += len(raw)
    return found


def _take(
    client: IMAPClient, mailbox: Mailbox, validity: int, mails: dict[int, bytes], summary: Summary, read: bool
) -> None:
    summary.fetched += len(mails)
    kept = email_in.store_all([(raw, f"{validity}:{uid}") for uid, raw in mails.items()], mailbox)
    summary.stored += sum(is_new for _row, is_new in kept)
    summary.duplicates += sum(not is_new for _row, is_new in kept)
    for uid in mails:
        with _noted(uid, mailbox, summary):
            _put_away(client, uid, mailbox.imap_done_folder)
    if read:
        _read_now([row for row, _is_new in kept])


def _let_readers_follow(mailbox: Mailbox, goes_on: Callable[[], bool]) -> None:
    """Mails are read in the order in which they are stored: a mailbox with a backlog must not fill the line of all."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and _is_ahead(mailbox) and goes_on():
        time.sleep(0.2)


@contextmanager
def _noted(uid: int, mailbox: Mailbox, summary: Summary) -> Iterator[None]:
    """What the server refuses for one mail is said, and the next one is taken."""
    try:
        yield
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        summary.error = "move_failed" if isinstance(error, _NotMoved) else "server_error"
        log.warning("imap.skipped", mailbox=mailbox.pk, uid=uid, error=type(error).__name__)


def _bytes(client: IMAPClient, uid: int) -> bytes | None:
    """The mail as it lies there; of one beyond all measure its headers and a word."""
    known = client.fetch([uid], ["RFC822.SIZE"]).get(uid)
    if known is None:
        return None
    if known[b"RFC822.SIZE"] > settings.MAIL_FETCH_MAX_BYTES:
        head = client.fetch([uid], ["BODY.PEEK[HEADER]"]).get(uid, {}).get(b"BODY[HEADER]", b"")
        return _stand_in(head, known[b"RFC822.SIZE"])
    found: bytes | None = client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
    return found


def _stand_in(head: bytes, size: int) -> bytes:
    """The headers of a mail that is too large to fetch, with words in place of its content."""
    kept: list[bytes] = []
    is_kept = True
    for line in head.splitlines(keepends=True):
        if not line[:1].isspace():
            is_kept = not line.lower().startswith((b"content-", b"mime-version"))
        if is_kept and line.strip():
            kept.append(line)
    note = EmailMessage()
    with translation.override(settings.LANGUAGE_CODE):
        words = _("This mail is too large to be taken in (%(size)s). It lies on the mail server.")
        note.set_content(words % {"size": filesizeformat(size)})
    return b"".join(kept) + note.as_bytes()


class _NotMoved(IMAPClientError):
    """The mail is stored here, but the server does not let it be put away."""


def _put_away(client: IMAPClient, uid: int, done: str) -> None:
    """Out of the way but not gone; a server without MOVE gets the older three steps."""
    if not done:
        client.add_flags([uid], [b"\\Seen"])
        return
    try:
        if client.has_capability("MOVE"):
            client.move([uid], done)
            return
        client.copy([uid], done)
        client.delete_messages([uid])
        if client.has_capability("UIDPLUS"):  # else it would expunge what others marked, too
            client.expunge([uid])
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        if client.search(["UID", str(uid), "UNDELETED"]):
            raise _NotMoved(str(error)) from error  # else the other fetcher was faster


def _read_now(rows: list[RawMail]) -> None:
    """Mails that cannot be read now have their jobs already: fetching goes on."""
    try:
        email_in.process_all([row.pk for row in rows])
    except Exception as error:
        log.warning("imap.later", raw_mails=[row.pk for row in rows], error=type(error).__name__)
