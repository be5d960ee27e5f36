"""Raw bytes to a ParsedMail: pure, bounded, and it never raises, whatever the bytes are.

The work is done subject by subject: `email_headers` and `email_charsets` read header lines, `email_mime` splits the
parts, `email_bodies` chooses the words, `email_quotes` folds history away, `email_special` names what is special,
`email_machine` tells machines from people. `email_sandbox.parse` is the same in a child process that can be killed.
"""

import hashlib
import re
from collections.abc import Collection

from helpdesk.lib import text as texts
from tickets.channels import (
    email_bodies,
    email_dsn,
    email_forwards,
    email_headers,
    email_machine,
    email_mime,
    email_trust,
)
from tickets.channels.email_bodies import MAX_TEXT
from tickets.channels.email_files import safe_name
from tickets.channels.email_headers import Headers
from tickets.channels.email_mime import Leaf
from tickets.channels.email_shapes import Forwarded, ParsedAttachment, ParsedMail, SpecialPart, Trust

__all__ = ["Forwarded", "ParsedAttachment", "ParsedMail", "SpecialPart", "Trust", "parse", "safe_name"]

MAX_SUBJECT = 200
MAX_ENVELOPE = email_headers.MAX_HEADER_BLOCK + 100_000


def parse(
    raw: bytes, *, authserv_ids: Collection[str] = (), own: Collection[str] = (), envelope_only: bool = False
) -> ParsedMail:
    """Read a mail. What could not be read is named in `problems`; `trust` counts only results of `authserv_ids`.

    `own` are the addresses of our mailboxes, which no mailing list is taken for.

    `envelope_only` reads the headers and nothing below: for mail that is too big, or whose parts proved unbearable.
    """
    mail = ParsedMail()
    try:
        _parse(mail, raw, authserv_ids, own, envelope_only)
    except MemoryError:
        raise
    except Exception as error:
        # A defect of ours must cost one mail its looks, not the mail: what was read so far stands, the raw bytes are kept.
        mail.problems.append(f"parser_{type(error).__name__.lower()}")
        mail.text = mail.text or texts.clean(raw[:MAX_TEXT].decode("utf-8", "replace"))
        mail.newest_text = mail.newest_text or mail.text
    mail.problems = list(dict.fromkeys(mail.problems))
    return mail


def _parse(
    mail: ParsedMail, raw: bytes, authserv_ids: Collection[str], own: Collection[str], envelope_only: bool
) -> None:
    problems = mail.problems
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    headers, start = email_headers.split(raw, problems)
    leaves = [] if envelope_only else list(email_mime.leaves(headers, raw[start:], problems))
    for leaf in leaves:
        if leaf.type.startswith("text/") and (charset := leaf.headers.parameter("content-type", "charset", [])):
            headers.reread(charset)
            break
    _read_envelope(mail, headers)
    mail.trust = email_trust.read(headers, mail.from_address, authserv_ids, problems)
    if envelope_only:
        return
    mail.fingerprint = _fingerprint(mail, headers, raw[start:])
    email_bodies.read(mail, leaves)
    _classify(mail, headers, leaves, raw, own)
    if mail.machine not in ("bounce", "complaint", "report"):
        mail.forward = email_forwards.find(mail)


def _read_envelope(mail: ParsedMail, headers: Headers) -> None:
    problems = mail.problems
    mail.subject = headers.decoded("subject", problems)[:MAX_SUBJECT].strip()
    mail.message_id = _message_id(headers, problems)
    mail.in_reply_to = next(iter(headers.message_ids("in-reply-to")), "")
    mail.references = headers.message_ids("references")
    mail.to = headers.addresses("to", problems)
    mail.cc = headers.addresses("cc", problems)
    answered = next((entry for entry in headers.addresses("reply-to", []) if entry.address), None)
    if answered:
        mail.reply_to, mail.reply_to_name = answered.address, answered.name
    mail.delivered_to = [
        entry.address
        for name in ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
        for entry in headers.addresses(name, [])
        if entry.address
    ]
    mail.date = email_headers.read_date(headers.raw("date"))
    if headers.has("date") and mail.date is None:
        problems.append("bad_date")
    mail.language = _language(headers)
    _read_sender(mail, headers)


def _message_id(headers: Headers, problems: list[str]) -> str:
    if not headers.has("message-id"):
        problems.append("no_message_id")
        return ""
    ids = headers.message_ids("message-id")
    if ids:
        return ids[0]
    problems.append("bad_message_id")
    return texts.one_line(headers.raw("message-id"), 900)


def _read_sender(mail: ParsedMail, headers: Headers) -> None:
    problems = mail.problems
    senders = headers.addresses("from", problems)
    usable = [entry for entry in senders if entry.address]
    if len(usable) > 1 or len(headers.every("from")) > 1:
        problems.append("several_senders")
    if not usable:
        problems.append("no_sender")
        others = [entry for name in ("sender", "reply-to", "return-path") for entry in headers.addresses(name, [])]
        usable = [entry for entry in others if entry.address]
    if usable:
        mail.from_address = usable[0].address
    mail.from_name = next((entry.name for entry in (*usable[:1], *senders) if entry.name), "")


def _fingerprint(mail: ParsedMail, headers: Headers, body: bytes) -> str:
    date = headers.raw("date")
    if not mail.message_id and not date:
        return ""
    written = "\x1f".join([mail.message_id, mail.from_address, date, headers.raw("subject")])
    digest = hashlib.sha256(written.encode("utf-8", "replace"))
    digest.update(b"\x1f" + body.replace(b"\r\n", b"\n").strip())
    return digest.hexdigest()


def _language(headers: Headers) -> str:
    """A hint only: Outlook writes the language of the writer, others that of their program."""
    stated = headers.raw("content-language") or headers.raw("accept-language")
    match = re.match(r"\s*([a-z]{2})(?:[-_][a-z]{2,4})?\s*(?:[,;]|$)", stated, re.IGNORECASE)
    return match[1].lower() if match else ""


def _classify(mail: ParsedMail, headers: Headers, leaves: list[Leaf], raw: bytes, own: Collection[str]) -> None:
    mail.machine = email_machine.classify(
        headers,
        subject=mail.subject,
        sender=mail.from_address,
        part_types=[leaf.type for leaf in leaves],
        text=mail.text,
        own=own,
    )
    if mail.machine not in ("bounce", "complaint", "report"):
        return
    mail.report = email_dsn.read(mail.machine, headers, leaves, mail.text, raw)
    is_good_news = mail.machine == "bounce" and mail.report.action in ("delivered", "relayed", "expanded")
    if is_good_news or mail.report.feedback == "auth-failure":
        mail.machine = "report"
