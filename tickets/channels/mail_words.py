"""What a mail server refused, as a stable code and as words that tell a person what to do about it."""

import re
import smtplib
import ssl
from dataclasses import dataclass
from imaplib import IMAP4

from django.utils.translation import gettext_lazy as _

from helpdesk.lib import egress, errors, text

# Two systems give one word for it: the connection, and what the server says of a mail
WORDS: dict[str, errors.Text] = {
    # the way there
    "name_not_found": _("No server is known by this name. Check the spelling."),
    "private_address": _("This name leads into a private network. Name the network in MAIL_NETWORKS if that is meant."),
    "refused": _("The server refuses the connection. Check the port."),
    "timeout": _("The server does not answer in time. Check the name, the port and the firewall."),
    "not_reachable": _("The server cannot be reached."),
    "certificate_untrusted": _("The certificate of the server is by nobody whom we trust. Nothing was sent to it."),
    "certificate_expired": _("The certificate of the server has expired. Nothing was sent to it."),
    "certificate_wrong_name": _("The certificate of the server is for another name. Nothing was sent to it."),
    "tls_failed": _("No encrypted connection came about. Check the port, and whether it is TLS or STARTTLS there."),
    "no_starttls": _("The server offers no encryption (STARTTLS). No password was sent."),
    "not_a_mail_server": _("What answers there is not a mail server of this kind."),
    "login_refused": _("The server refuses the user name or the password."),
    "no_login": _("The server offers no way to log in here. Check whether the connection must be encrypted."),
    "login_missing": _("A user name and a password are needed."),
    "server_error": _("The server answered with an error."),
    # folders
    "folder_missing": _("This folder does not exist on the server."),
    "done_folder_missing": _("The folder for mail that was taken in does not exist and cannot be made."),
    "move_failed": _("The server does not let us move mail into the folder for mail that was taken in."),
    "storage": _("There is no room here to keep the mail. It stays on the server."),
    # one mail
    "sender_refused": _("The server does not accept this sender."),
    "unknown_address": _("This address does not exist."),
    "no_such_domain": _("The part of the address after the @ takes no mail."),
    "bad_address": _("This is not an address."),
    "mailbox_full": _("The mailbox of the recipient is full."),
    "too_big": _("The mail is too large for the recipient."),
    "content_refused": _("The server of the recipient does not want this mail; it may take it for spam."),
    "relay_refused": _("Our mail server does not pass mail on to this address."),
    "recipient_refused": _("The server does not accept this recipient."),
    "file_lost": _("An attached file is no longer there."),
    "temporary": _("The server asks us to try later."),
    "permanent": _("The server refuses the mail for good."),
    "interrupted": _("The connection broke off while it was sent. It may have left, so it was not sent again."),
    "not_wanted": _("It was no longer needed."),
    "gave_up": _("It could not be delivered, and we have stopped trying."),
    "unknown": _("Something went wrong here. An administrator finds it in the log."),
}
# Ours to mend: the mail may leave once an administrator has
_OURS = frozenset(
    "name_not_found private_address refused timeout not_reachable certificate_untrusted certificate_expired"
    " certificate_wrong_name tls_failed no_starttls not_a_mail_server login_refused no_login login_missing sender_refused".split()
)
_EXPIRED, _NOT_YET, _WRONG_NAME, _WRONG_IP = 10, 9, 62, 64
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# Enhanced status codes (RFC 3463, RFC 7505), without their first digit
_BY_STATUS = {
    "1.0": "unknown_address", "1.1": "unknown_address", "1.2": "no_such_domain", "1.3": "bad_address",
    "1.6": "unknown_address", "1.7": "sender_refused", "1.8": "sender_refused", "1.10": "no_such_domain",
    "2.1": "unknown_address", "2.2": "mailbox_full", "2.3": "too_big", "3.4": "too_big",
    "4.4": "no_such_domain", "7.0": "content_refused", "7.1": "content_refused", "7.8": "login_refused",
    "7.20": "content_refused", "7.21": "content_refused", "7.23": "content_refused", "7.26": "content_refused",
}  # fmt: skip
_BY_CODE = {530: "login_refused", 534: "login_refused", 535: "login_refused", 550: "unknown_address", 552: "too_big",
            551: "relay_refused", 553: "bad_address", 554: "content_refused"}  # fmt: skip


class NoStartTls(Exception):
    """The server offers no encryption although the mailbox asks for it: no password was sent."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong; `said` is the server's own words, `is_permanent` whether trying again is of no use."""

    code: str
    said: str = ""
    is_permanent: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether it is about our set-up and not about one mail."""
        return self.code in _OURS


def words(code: str) -> str:
    """The code in the reader's language; '' for ''."""
    return str(WORDS.get(code, WORDS["unknown"])) if code else ""


def of(error: BaseException) -> Fault:
    """Any error of a connection, of IMAP or of SMTP."""
    said = text.one_line(str(error), 500)
    if isinstance(error, smtplib.SMTPException):
        return _of_smtp(error)
    if isinstance(error, errors.DomainError):
        code = {"storage": "storage", "bad_address": "bad_address", "not_found": "file_lost"}.get(error.code, "unknown")
        return Fault(code, said, is_permanent=code in ("bad_address", "file_lost"))
    if isinstance(error, IMAP4.error):
        is_login = type(error).__name__ == "LoginError"
        return Fault("login_refused" if is_login else "server_error", said)
    if isinstance(error, ValueError) and not isinstance(error, OSError):  # an address or a header that no server takes
        return Fault("bad_address", said, is_permanent=True)
    return Fault(_of_connection(error), said)


def _of_connection(error: BaseException) -> str:
    if isinstance(error, NoStartTls):
        return "no_starttls"
    if isinstance(error, ssl.SSLCertVerificationError):
        by_number = {_EXPIRED: "certificate_expired", _NOT_YET: "certificate_expired"}
        by_number |= {_WRONG_NAME: "certificate_wrong_name", _WRONG_IP: "certificate_wrong_name"}
        return by_number.get(error.verify_code, "certificate_untrusted")
    for kind, code in _CONNECTION:
        if isinstance(error, kind):
            return code
    return "unknown"


_CONNECTION: list[tuple[type[BaseException], str]] = [
    (ssl.SSLError, "tls_failed"),
    (egress.NameNotFound, "name_not_found"),
    (egress.Forbidden, "private_address"),
    (TimeoutError, "timeout"),
    (ConnectionRefusedError, "refused"),
    (OSError, "not_reachable"),
]


def _of_smtp(error: smtplib.SMTPException) -> Fault:
    """Which of them stands for what, told apart by class first, then by the numbers in the answer."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
        number, refusal = answers[0] if answers else (450, b"")
        return of_answer(number, _text(refusal))
    if isinstance(error, smtplib.SMTPNotSupportedError) and "SMTPUTF8" in str(error):
        return Fault("bad_address", str(error), is_permanent=True)
    if isinstance(error, smtplib.SMTPNotSupportedError) and "AUTH" in str(error):
        return Fault("no_login", str(error))
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Fault("no_starttls" if "STARTTLS" in str(error) else "server_error", str(error))
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Fault("not_reachable", str(error))
    if not isinstance(error, smtplib.SMTPResponseException):
        return Fault("login_refused" if "auth" in str(error).lower() else "server_error", str(error))
    said = f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Fault("login_refused", said)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return Fault("sender_refused" if error.smtp_code >= 500 else "temporary", said)
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return Fault("not_a_mail_server" if error.smtp_code < 0 else "temporary", said)
    return of_answer(error.smtp_code, _text(error.smtp_error))


def of_answer(number: int, said: str) -> Fault:
    """A reply to one mail: the enhanced status where the server gives one, else its number."""
    full = text.one_line(f"{number} {said}", 500)
    is_permanent = 500 <= number < 600
    code = _by_status(said) or (_BY_CODE.get(number, "permanent") if is_permanent else "temporary")
    if is_permanent and "relay" in said.lower():
        code = "relay_refused"
    if code == "login_refused":
        return Fault(code, full)
    return Fault(code, full, is_permanent)


def of_status(said: str) -> str:
    """The code of a delivery report that quotes an enhanced status such as 5.1.1; 'permanent' when it says nothing."""
    return _by_status(said) or "permanent"


def _by_status(said: str) -> str:
    match = _STATUS.search(said)
    return _BY_STATUS.get(f"{match[2]}.{match[3]}", "") if match else ""


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
