"""Raw bytes to a ParsedMail: pure, bounded, and it never raises, whatever the bytes are.

The structure is split here, under caps on parts and depth, because the standard parser recurses on nested parts and
spends seconds on many small ones; parameters, encodings and dates are still the standard library's.
"""

import binascii
import email
import hashlib
import logging
import quopri
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from flufl.bounce import scan_message

from helpdesk.lib import html as htmls
from helpdesk.lib import text as texts
from tickets.channels import email_headers, email_machine, email_quotes
from tickets.channels.email_headers import Address, Headers
from tickets.channels.email_machine import Machine, Report

Trust = Literal["verified", "unverified", "failed"]

MAX_PARTS = 500
MAX_DEPTH = 30
MAX_TEXT = 500_000
MAX_HTML = htmls.MAX_CHARS
MAX_SUBJECT = 200

# Its detectors trip over strange mail and log a traceback each time; what they do not know is simply not known.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)

_BIDI_OR_CONTROL = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NAME_BREAKERS = re.compile(r'[/\\:*?"<>|]+')
_RESULT = re.compile(r"^([a-z0-9-]{1,30})(?:/\d+)?\s*=\s*([a-z]{1,20})", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(header\.from|header\.d|header\.i|smtp\.mailfrom)\s*=\s*\"?([^\s;\"]{1,320})", re.IGNORECASE)
_EXTENSIONS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "text/calendar": ".ics",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "text/vcard": ".vcf",
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "message/feedback-report": ".txt",
    "text/rfc822-headers": ".txt",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/ms-tnef": ".dat",
    "application/zip": ".zip",
}


@dataclass(frozen=True, slots=True)
class ParsedAttachment:
    """One file of a mail; `content_id` (without brackets) is set when the text may show it in place."""

    name: str
    type: str
    data: bytes
    content_id: str = ""
    is_inline: bool = False


@dataclass(slots=True)
class ParsedMail:
    """Everything Guichet reads from a mail. Strings hold no NUL, no control characters and no lone surrogates."""

    message_id: str = ""
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    from_name: str = ""
    from_address: str = ""
    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    reply_to: str = ""
    delivered_to: list[str] = field(default_factory=list)
    subject: str = ""
    date: datetime | None = None
    text: str = ""
    html: str = ""
    newest_text: str = ""
    attachments: list[ParsedAttachment] = field(default_factory=list)
    machine: Machine | None = None
    report: Report | None = None
    language: str = ""
    problems: list[str] = field(default_factory=list)
    trust: Trust = "unverified"
    # The same for the same mail whichever servers and mailboxes it passed; '' when nothing but its bytes tells it apart
    fingerprint: str = ""

    @property
    def recipients(self) -> list[str]:
        """Every address it was sent or delivered to, each once."""
        addresses = [entry.address for entry in (*self.to, *self.cc)] + self.delivered_to
        return list(dict.fromkeys(address for address in addresses if address))

    @property
    def ancestors(self) -> list[str]:
        """Message-IDs it answers, the nearest first."""
        nearest = [self.in_reply_to] if self.in_reply_to else []
        return list(dict.fromkeys([*nearest, *reversed(self.references)]))


@dataclass(slots=True)
class _Leaf:
    """A part without parts; `choice` numbers the multipart/alternative it competes in."""

    headers: Headers
    type: str
    body: bytes
    parent: str
    choice: int | None


def parse(raw: bytes, *, authserv_ids: Collection[str] = ()) -> ParsedMail:
    """Read a mail. What could not be read is named in `problems`; `trust` counts only results of `authserv_ids`."""
    mail = ParsedMail()
    try:
        _parse(mail, raw, authserv_ids)
    except (
        ValueError,
        LookupError,
        RecursionError,
        TypeError,
        AttributeError,
        ArithmeticError,
        AssertionError,
    ) as error:
        # A defect of ours must cost one mail its looks, not the mail: what was read so far stands, the raw bytes are kept.
        mail.problems.append(f"parser_{type(error).__name__.lower()}")
        mail.text = mail.text or texts.clean(raw[:MAX_TEXT].decode("utf-8", "replace"))
        mail.newest_text = mail.newest_text or mail.text
    mail.problems = list(dict.fromkeys(mail.problems))
    return mail


def _parse(mail: ParsedMail, raw: bytes, authserv_ids: Collection[str]) -> None:
    problems = mail.problems
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    headers, start = email_headers.split(raw, problems)
    _read_envelope(mail, headers)
    mail.trust = _trust(headers, mail.from_address, authserv_ids, problems)
    mail.fingerprint = _fingerprint(mail, headers, raw[start:])
    leaves = list(_leaves(headers, raw[start:], problems))
    _read_bodies(mail, leaves)
    _classify(mail, headers, leaves, raw)


# --- the envelope ----------------------------------------------------------------------------------------------------


def _read_envelope(mail: ParsedMail, headers: Headers) -> None:
    problems = mail.problems
    mail.subject = headers.decoded("subject", problems)[:MAX_SUBJECT].strip()
    mail.message_id = _message_id(headers, problems)
    mail.in_reply_to = next(iter(headers.message_ids("in-reply-to")), "")
    mail.references = headers.message_ids("references")
    mail.to = headers.addresses("to", problems)
    mail.cc = headers.addresses("cc", problems)
    mail.reply_to = next((entry.address for entry in headers.addresses("reply-to", []) if entry.address), "")
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


def _trust(headers: Headers, sender: str, authserv_ids: Collection[str], problems: list[str]) -> Trust:
    """What our own server found out: its line is the topmost, anything below may have come with the mail."""
    topmost = headers.raw("authentication-results")
    authserv, _, rest = topmost.partition(";")
    known = {name.strip().lower() for name in authserv_ids}
    if not authserv.split() or authserv.split()[0].lower() not in known:
        return "unverified"
    domain = sender.rpartition("@")[2]
    results: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for statement in re.sub(r"\([^()]{0,500}\)", " ", rest).split(";"):
        match = _RESULT.match(statement.strip())
        if match:
            found = {name.lower(): value.lower() for name, value in _PROPERTY.findall(statement)}
            results.setdefault(match[1].lower(), []).append((match[2].lower(), found))
    if "several_senders" in problems or not domain:
        return "failed" if _said(results, "dmarc", "fail") else "unverified"
    if "dmarc" in results:
        outcome, found = results["dmarc"][0]
        if outcome == "pass" and found.get("header.from", domain) == domain:
            return "verified"
        return "failed" if outcome == "fail" else "unverified"
    signed = [found.get("header.d", "") for outcome, found in results.get("dkim", []) if outcome == "pass"]
    sent = [
        found.get("smtp.mailfrom", "").rpartition("@")[2]
        for outcome, found in results.get("spf", [])
        if outcome == "pass"
    ]
    if any(_aligned(proved, domain) for proved in (*signed, *sent)):
        return "verified"
    return "failed" if _said(results, "spf", "fail") or _said(results, "dkim", "fail") else "unverified"


def _said(results: dict[str, list[tuple[str, dict[str, str]]]], method: str, outcome: str) -> bool:
    return any(said == outcome for said, _ in results.get(method, []))


def _aligned(proved: str, domain: str) -> bool:
    return "." in proved and (proved == domain or domain.endswith(f".{proved}"))


# --- the tree of parts -----------------------------------------------------------------------------------------------


def _leaves(headers: Headers, body: bytes, problems: list[str]) -> Iterator[_Leaf]:
    """The parts without parts, in order, by a stack instead of recursion."""
    stack: list[tuple[Headers, bytes, int, str, int | None]] = [(headers, body, 0, "", None)]
    seen, choices = 0, 0
    while stack:
        part, content, depth, parent, choice = stack.pop()
        kind = part.content_type() or ("message/rfc822" if parent == "multipart/digest" else "text/plain")
        if kind.startswith("multipart/"):
            children = _split_parts(part, content, problems)
            if children is None or depth >= MAX_DEPTH:
                problems.append("broken_multipart" if depth < MAX_DEPTH else "too_deep")
                yield _Leaf(part, "text/plain", content, parent, choice)
                continue
            if kind == "multipart/alternative" and choice is None:
                choices += 1
                choice = choices
            seen += len(children)
            if seen > MAX_PARTS:
                problems.append("too_many_parts")
                children = children[: max(0, MAX_PARTS - (seen - len(children)))]
            for child in reversed(children):
                child_headers, start = email_headers.split(child, [])
                stack.append((child_headers, child[start:], depth + 1, kind, choice))
        else:
            yield _Leaf(part, kind, content, parent, choice)


def _split_parts(part: Headers, content: bytes, problems: list[str]) -> list[bytes] | None:
    """The pieces between boundary lines; None when the boundary is missing from the header or from the body."""
    boundary = part.parameter("content-type", "boundary", problems).rstrip().encode("utf-8", "replace")[:200]
    if not boundary:
        return None
    marker = b"--" + boundary
    pieces: list[bytes] = []
    start = -1
    place = 0 if content.startswith(marker) else _next_line(content, marker, 0)
    while place >= 0:
        after = place + len(marker)
        line_end = content.find(b"\n", after)
        line_end = len(content) if line_end < 0 else line_end
        tail = content[after : min(line_end, after + 100)].strip()
        if tail in (b"", b"--"):
            if start >= 0:
                pieces.append(_without_last_newline(content[start:place]))
            start = line_end + 1
            if tail == b"--" or len(pieces) > MAX_PARTS:
                return pieces
        place = _next_line(content, marker, line_end)
    if start < 0:
        return None
    problems.append("unclosed_multipart")
    if start < len(content):
        pieces.append(content[start:])
    return pieces


def _next_line(content: bytes, marker: bytes, place: int) -> int:
    found = content.find(b"\n" + marker, place)
    return found + 1 if found >= 0 else -1


def _without_last_newline(piece: bytes) -> bytes:
    return piece.removesuffix(b"\n").removesuffix(b"\r")


def _decoded(leaf: _Leaf, problems: list[str]) -> bytes:
    encoding = leaf.headers.raw("content-transfer-encoding").split(";")[0].strip().lower()
    if encoding == "base64":
        return email_headers.unbase64(leaf.body)
    if encoding == "quoted-printable":
        return quopri.decodestring(leaf.body)
    if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return _uudecoded(leaf.body, problems)
    if encoding not in ("", "7bit", "8bit", "binary"):
        problems.append("unknown_encoding")
    return leaf.body


def _uudecoded(body: bytes, problems: list[str]) -> bytes:
    lines = body.splitlines()
    first = next((index for index, line in enumerate(lines) if line.startswith(b"begin ")), -1)
    decoded: list[bytes] = []
    for line in lines[first + 1 :]:
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            problems.append("unknown_encoding")
            return body
    return b"".join(decoded)


# --- bodies and files ------------------------------------------------------------------------------------------------


def _read_bodies(mail: ParsedMail, leaves: list[_Leaf]) -> None:
    plain: list[tuple[int | None, str]] = []
    rich: list[tuple[int | None, str]] = []
    for leaf in leaves:
        if _is_body(leaf):
            content = _body_text(leaf, mail.problems)
            if leaf.type == "text/html" and len(content) > MAX_HTML:
                mail.problems.append("html_too_big")
                mail.attachments.append(_attachment(leaf, len(mail.attachments) + 1, mail.problems))
                plain.append((leaf.choice, htmls.strip_tags(content[:MAX_HTML])))
            elif leaf.type == "text/html":
                rich.append((leaf.choice, content))
            else:
                plain.append((leaf.choice, content))
        else:
            mail.attachments.append(_attachment(leaf, len(mail.attachments) + 1, mail.problems))
    plain_choices = {choice for choice, content in plain if choice is not None and content.strip()}
    # An HTML part with a plain twin adds nothing to the text; one that stands alone (Apple Mail between pictures) does.
    extra = [htmls.to_text(content) for choice, content in rich if choice is None or choice not in plain_choices]
    mail.text = texts.clean("\n\n".join(part for part in [*(content for _, content in plain), *extra] if part.strip()))
    if len(mail.text) > MAX_TEXT:
        mail.problems.append("text_cut")
        mail.text = mail.text[:MAX_TEXT]
    source = "\n".join(content for _, content in rich)
    mail.html = texts.clean(htmls.clean(source)) if source else ""
    if source.strip() and not mail.html:
        mail.problems.append("html_unreadable")
    only_html = bool(source) and not any(content.strip() for _, content in plain)
    mail.newest_text = email_quotes.newest(mail.text, html=source if only_html else "")


def _is_body(leaf: _Leaf) -> bool:
    if leaf.type not in ("text/plain", "text/html"):
        return False
    disposition = leaf.headers.raw("content-disposition").split(";")[0].strip().lower()
    if disposition == "attachment":
        return False
    named = bool(_filename(leaf.headers, []))
    return not named or (disposition == "inline" and leaf.parent == "multipart/alternative")


def _body_text(leaf: _Leaf, problems: list[str]) -> str:
    data = _decoded(leaf, problems)[: 4 * MAX_HTML]
    charset = leaf.headers.parameter("content-type", "charset", problems)
    if not charset and leaf.type == "text/html":
        declared = re.search(rb"<meta[^>]{0,200}charset=[\"']?([a-zA-Z0-9_-]{2,40})", data[:2_000], re.IGNORECASE)
        charset = declared[1].decode("ascii") if declared else ""
    content = email_headers.decode(data, charset, problems).replace("\r\n", "\n").replace("\r", "\n")
    if leaf.headers.parameter("content-type", "format", []).lower() == "flowed":
        content = _unflowed(content, leaf.headers.parameter("content-type", "delsp", []).lower() == "yes")
    return content


def _unflowed(content: str, without_space: bool) -> str:
    """RFC 3676: lines that end in a space go on in the next one of the same quote depth."""
    lines: list[str] = []
    flowing, depth = False, 0
    for line in content.split("\n"):
        level = len(line) - len(line.lstrip(">"))
        words = line[level:].removeprefix(" ")
        is_signature = words == "-- "
        if flowing and level == depth and not is_signature:
            lines[-1] += words
        else:
            lines.append(f"{'>' * level} {words}" if level else words)
        flowing, depth = words.endswith(" ") and not is_signature and bool(words.strip()), level
        if flowing and without_space:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def _attachment(leaf: _Leaf, number: int, problems: list[str]) -> ParsedAttachment:
    name = safe_name(_filename(leaf.headers, problems))
    data = _decoded(leaf, problems)
    kind = leaf.type
    if not name and kind == "message/rfc822":
        inner, _ = email_headers.split(leaf.body, [])
        name = safe_name(inner.decoded("subject", [])[:100].replace("/", "-"))
        name = f"{name}.eml" if name else ""
    if kind == "application/ms-tnef" or name.lower() == "winmail.dat":
        problems.append("tnef")
    if kind in ("application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"):
        problems.append("encrypted")
    content_id = texts.one_line(leaf.headers.raw("content-id"), 300).strip("<> ")
    disposition = leaf.headers.raw("content-disposition").split(";")[0].strip().lower()
    is_inline = bool(content_id) and kind.startswith("image/") and disposition != "attachment"
    return ParsedAttachment(
        name or f"attachment-{number}{_EXTENSIONS.get(kind, '.bin')}", kind, data, content_id, is_inline
    )


def _filename(headers: Headers, problems: list[str]) -> str:
    return headers.parameter("content-disposition", "filename", problems) or headers.parameter(
        "content-type", "name", problems
    )


def safe_name(name: str) -> str:
    """A file name that names no path, hides no extension and is at most 150 characters long, '' when nothing is left."""
    plain = _BIDI_OR_CONTROL.sub("", texts.clean(name)).replace("\\", "/").rpartition("/")[2]
    plain = _NAME_BREAKERS.sub("_", plain).strip(" .")
    stem, dot, extension = plain.rpartition(".")
    if len(plain) > 150 and dot and len(extension) <= 12:
        return f"{stem[: 149 - len(extension)]}.{extension}"
    return plain[:150]


# --- machines --------------------------------------------------------------------------------------------------------


def _classify(mail: ParsedMail, headers: Headers, leaves: list[_Leaf], raw: bytes) -> None:
    report_type = headers.parameter("content-type", "report-type", []).lower()
    mail.machine = email_machine.classify(
        headers,
        subject=mail.subject,
        sender=mail.from_address,
        part_types=[leaf.type for leaf in leaves],
        report_type=report_type,
    )
    if mail.machine not in ("bounce", "report"):
        return
    copies = [leaf for leaf in leaves if leaf.type in ("message/rfc822", "text/rfc822-headers")]
    states = [leaf for leaf in leaves if leaf.type.startswith("message/") and leaf.type != "message/rfc822"]
    status = "\n".join(map(_report_text, states))
    original = "\n".join(map(_report_text, copies))
    report = email_machine.read_report(status or mail.text, original or mail.text, headers)
    if mail.machine == "bounce" and not report.recipients:
        failed = _bounced(raw)
        report = Report(failed, report.status, report.is_permanent or bool(failed), report.original_id)
    mail.report = report


def _report_text(leaf: _Leaf) -> str:
    return _decoded(leaf, [])[:100_000].decode("utf-8", "replace").replace("\r\n", "\n")


def _bounced(raw: bytes) -> tuple[str, ...]:
    """Whom the many home-grown kinds of bounce are about."""
    if len(raw) > 200_000 or raw.count(b"boundary") > MAX_DEPTH:
        return ()
    try:
        found = scan_message(email.message_from_bytes(raw))
    except Exception:  # a heuristic over strangers' bytes: whatever it trips over, we merely do not know
        return ()
    return tuple(sorted(address.decode("ascii", "replace").lower() for address in found if address))
