"""Fetch mail over IMAP: stored here and committed first, only then moved on the server, never deleted there."""

import ssl
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import structlog
from django.conf import settings
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from helpdesk.jobs import engine, outbox
from helpdesk.lib import errors, sealed
from tickets.channels import email_in
from tickets.models import Mailbox, RawMail

BATCH = 200
TIMEOUT = 30

log = structlog.get_logger(__name__)


@dataclass
class Summary:
    """One pass over one mailbox; `error` says in words what kept it from being complete."""

    mailbox: str
    fetched: int = 0
    stored: int = 0
    duplicates: int = 0
    error: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class NotSafe(Exception):
    """The server offers no encryption although the mailbox asks for it: no password was sent."""


def fetch_all() -> list[Summary]:
    """One pass over every active mailbox that has a server; one that fails does not hold up the others."""
    return [fetch(mailbox) for mailbox in Mailbox.objects.filter(is_active=True).exclude(imap_host="").order_by("pk")]


def fetch(mailbox: Mailbox) -> Summary:
    """One pass over one mailbox. Two at once are harmless: the row is unique, moving twice is no error."""
    summary = Summary(mailbox.address)
    try:
        with _connect(mailbox) as client:
            _drain(client, mailbox, summary)
    except (IMAPClientError, OSError, NotSafe, errors.DomainError) as error:
        summary.error = _in_words(error)
        log.warning("imap.failed", mailbox=mailbox.pk, error=type(error).__name__)
    return summary


@engine.every(settings.MAIL_POLL_SECONDS)
def poll() -> None:
    """Every minute: a job per mailbox, so that a slow server delays only itself."""
    for pk in Mailbox.objects.filter(is_active=True).exclude(imap_host="").values_list("pk", flat=True):
        outbox.enqueue(fetch_one, unique_key=f"imap:{pk}", mailbox_id=pk)


def fetch_one(mailbox_id: int) -> None:
    """Job: one pass over one mailbox; the next poll is the retry."""
    mailbox = Mailbox.objects.filter(pk=mailbox_id, is_active=True).first()
    if mailbox is not None:
        fetch(mailbox)


def _connect(mailbox: Mailbox) -> IMAPClient:
    """A logged-in client; the certificate is verified, and without encryption no password leaves unless 'none' is set."""
    is_ssl = mailbox.imap_security == "ssl"
    context = ssl.create_default_context()
    client = IMAPClient(
        mailbox.imap_host,
        port=mailbox.imap_port,
        ssl=is_ssl,
        ssl_context=context if is_ssl else None,
        use_uid=True,
        timeout=TIMEOUT,
    )
    try:
        if mailbox.imap_security == "starttls":
            if not client.has_capability("STARTTLS"):
                raise NotSafe()
            client.starttls(context)
        client.login(mailbox.imap_user, sealed.unseal(mailbox.imap_secret))
    except BaseException:
        with suppress(IMAPClientError, OSError):
            client.shutdown()
        raise
    return client


def _drain(client: IMAPClient, mailbox: Mailbox, summary: Summary) -> None:
    """Oldest first, one at a time: stored, committed, then moved."""
    selected = client.select_folder(mailbox.imap_folder)
    validity = selected.get(b"UIDVALIDITY", 0)
    done = mailbox.imap_done_folder
    if done and not client.folder_exists(done):
        with suppress(IMAPClientError):  # another fetcher may have made it just now
            client.create_folder(done)
    for uid in sorted(client.search(["UNDELETED"] if done else ["UNSEEN", "UNDELETED"]))[:BATCH]:
        raw = client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
        if raw is None:
            continue  # another fetcher moved it
        summary.fetched += 1
        row, is_new = email_in.store(raw, mailbox, uid=f"{validity}:{uid}")
        summary.stored += is_new
        summary.duplicates += not is_new
        _put_away(client, uid, done)
        _read_now(row)


def _put_away(client: IMAPClient, uid: int, done: str) -> None:
    """Out of the way but not gone; a server without MOVE gets the older three steps."""
    if not done:
        client.add_flags([uid], [b"\\Seen"])
    elif client.has_capability("MOVE"):
        with suppress(IMAPClientError):  # the other fetcher was faster
            client.move([uid], done)
    else:
        client.copy([uid], done)
        client.delete_messages([uid])
        if client.has_capability("UIDPLUS"):  # else it would expunge what others marked, too
            client.expunge([uid])


def _read_now(row: RawMail) -> None:
    """A mail that cannot be read now has its job already: fetching goes on."""
    try:
        email_in.process(row.pk)
    except Exception as error:
        log.warning("imap.later", raw_mail=row.pk, error=type(error).__name__)


def _in_words(error: Exception) -> str:
    if isinstance(error, NotSafe):
        return "no_starttls"
    if isinstance(error, ssl.SSLError):
        return "tls_not_verified"
    if isinstance(error, LoginError):
        return "login_refused"
    if isinstance(error, IMAPClientError):
        return "server_error"
    return "storage" if isinstance(error, errors.DomainError) else "not_reachable"
