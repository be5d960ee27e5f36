""" "Test the connection": every step of the way in and out is tried, in bounded time, and the first that fails says why.

Nothing is changed on the server and nothing it says is shown but its answer to our commands: what stands at a typed
address cannot be read through here. Addresses of private networks are refused (`egress`, strict).
"""

import imaplib
import smtplib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from helpdesk.lib import egress, mail, sealed
from tickets.channels import imap, mail_transport, mail_words
from tickets.channels.mail_words import Fault
from tickets.models import Mailbox

SECONDS = 8
_IMAP_ERRORS = (imaplib.IMAP4.error, OSError, mail_words.NoStartTls, ValueError)
_SMTP_ERRORS = (smtplib.SMTPException, OSError, ValueError)
# The step at which each fault belongs: one call does several of them
_AT = {
    "name_not_found": "name", "private_address": "name", "certificate_untrusted": "tls", "certificate_expired": "tls",
    "certificate_wrong_name": "tls", "tls_failed": "tls", "no_starttls": "tls", "login_refused": "login", "no_login": "login",
    "login_missing": "login", "sender_refused": "sender",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried; `text` is in the reader's language."""

    of: str
    step: str
    ok: bool
    text: str
    code: str = ""


def of(mailbox: Mailbox, *, send_to: str = "") -> list[Step]:
    """Try both sides of a mailbox, saved or not, with its secrets sealed."""
    return [*_imap(mailbox), *_smtp(mailbox, send_to)]


def _good(side: str, step: str) -> Step:
    return Step(side, step, True, _words(step))


def _bad(side: str, step: str, fault: Fault | str) -> Step:
    code = fault if isinstance(fault, str) else fault.code
    return Step(side, _AT.get(code, step), False, mail_words.words(code), code)


def _words(step: str) -> str:
    return {
        "name": _("The name was found."),
        "connect": _("The server answers."),
        "tls": _("The connection is encrypted and the certificate is good."),
        "plain": _("The connection is not encrypted: passwords and mail can be read on the way."),
        "login": _("The user name and the password are right."),
        "folder": _("The folder is there."),
        "done_folder": _("The folder for mail that was taken in is there, or can be made."),
        "sender": _("The server accepts the sender."),
        "sent": _("A test mail was handed over."),
        "installation": _("Mail leaves through the server of the installation."),
    }[step]


# --- in --------------------------------------------------------------------------------------------------------------
def _imap(mailbox: Mailbox) -> Iterator[Step]:
    if not mailbox.imap_host:
        return
    client: IMAPClient | None = None
    step = "name"
    try:
        egress.resolve(mailbox.imap_host, mailbox.imap_port, strict=True)
        yield _good("imap", "name")
        step = "connect"
        client = imap.Client(mailbox, strict=True, timeout=SECONDS)
        yield _good("imap", "connect")
        step = "tls"
        imap.encrypt(client, mailbox)
        yield _good("imap", "plain" if mailbox.imap_security == "none" else "tls")
        step = "login"
        if not mailbox.imap_user or not mailbox.imap_secret:
            yield _bad("imap", "login", "login_missing")
            return
        client.login(mailbox.imap_user, sealed.unseal(mailbox.imap_secret))
        yield _good("imap", "login")
        yield from _folders(client, mailbox)
    except _IMAP_ERRORS as error:
        is_silent = step == "connect" and isinstance(error, imaplib.IMAP4.error)
        yield _bad("imap", step, "not_a_mail_server" if is_silent else mail_words.of(error))
    finally:
        if client is not None:
            with suppress(IMAPClientError, OSError):
                client.logout()


def _folders(client: IMAPClient, mailbox: Mailbox) -> Iterator[Step]:
    if not client.folder_exists(mailbox.imap_folder):
        yield _bad("imap", "folder", "folder_missing")
        return
    yield _good("imap", "folder")
    done = mailbox.imap_done_folder
    if not done:
        return
    if not client.folder_exists(done):
        try:
            client.create_folder(done)
        except IMAPClientError:
            yield _bad("imap", "done_folder", "done_folder_missing")
            return
    yield _good("imap", "done_folder")


# --- out -------------------------------------------------------------------------------------------------------------
def _smtp(mailbox: Mailbox, send_to: str) -> Iterator[Step]:
    backend: Any = mail_transport.of(mailbox, strict=True)
    if backend is None:
        yield _good("smtp", "installation")
        return
    backend.timeout = SECONDS
    step = "name"
    try:
        egress.resolve(mailbox.smtp_host, mailbox.smtp_port, strict=True)
        yield _good("smtp", "name")
        step = "connect"
        backend.open()
        yield from (_good("smtp", done) for done in _passed(mailbox))
        step = "sender"
        _offer(backend, mailbox.address, send_to or mailbox.address)
        yield _good("smtp", "sender")
        if send_to:
            step = "sent"
            _post(backend, mailbox, send_to)
            yield _good("smtp", "sent")
    except _SMTP_ERRORS as error:
        yield _bad("smtp", step, _smtp_fault(error, step))
    finally:
        backend.close()


def _passed(mailbox: Mailbox) -> list[str]:
    """What `open` did in one go."""
    steps = ["connect", "plain" if mailbox.smtp_security == "none" else "tls"]
    return [*steps, "login"] if mailbox.smtp_user else steps


def _smtp_fault(error: Exception, step: str) -> Fault:
    fault = mail_words.of(error)
    if (
        step == "connect"
        and fault.code in ("not_reachable", "server_error")
        and isinstance(error, smtplib.SMTPException)
    ):
        return Fault("not_a_mail_server", fault.said)
    return fault


def _offer(backend: Any, sender: str, recipient: str) -> None:
    """The envelope alone: the server says whether it takes mail of this sender, and nothing is sent."""
    connection = backend.connection
    connection.ehlo_or_helo_if_needed()
    number, said = connection.mail(sender)
    if number != 250:
        raise smtplib.SMTPSenderRefused(number, said, sender)
    number, said = connection.rcpt(recipient)
    if number not in (250, 251):
        raise smtplib.SMTPRecipientsRefused({recipient: (number, said)})
    connection.rset()


def _post(backend: Any, mailbox: Mailbox, send_to: str) -> None:
    mail.send(
        to=send_to,
        subject=_("A test of %(address)s") % {"address": mailbox.address},
        template="tickets/mail/trial",
        context={"address": mailbox.address},
        language="",
        automatic=True,
        sender=mailbox.address,
        sender_name=mailbox.name,
        connection=backend,
    )
