"""Mail inside mail: whose words somebody passed on, whether written below his own or attached whole."""

import re

from helpdesk.lib import text as texts
from tickets.channels import email_bodies, email_headers, email_mime, email_phrases
from tickets.channels.email_headers import Address
from tickets.channels.email_shapes import Forwarded, ParsedMail

MAX_LINES = 3_000
MAX_FIELDS = 12
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:|]{1,64}@[^\s<>()\[\]\"',;:|]{1,255}")
_QUOTE_MARK = re.compile(r"^[ \t]*>[ \t]?")


def find(mail: ParsedMail) -> Forwarded | None:
    """The mail that this one passes on, None when it passes on none. Bounces and reports pass on nothing."""
    inline = _inline(mail)
    if inline is not None:
        return inline
    return _attached(mail)


def _inline(mail: ParsedMail) -> Forwarded | None:
    lines = mail.text.split("\n")[:MAX_LINES]
    is_passed_on = email_phrases.is_forward_subject(mail.subject)
    for index, line in enumerate(lines):
        if email_phrases.is_forward_mark(line):
            found = _read(lines, index, index + 1)
            if found is not None:
                return found
        elif is_passed_on and email_phrases.is_header_block(lines, index):
            return _read(lines, index, index)
    return None


def _read(lines: list[str], mark: int, start: int) -> Forwarded | None:
    """The header block at `start` and what is below it; None when no sender is in it."""
    while start < len(lines) and not _bare(lines[start]):
        start += 1
    fields: dict[str, str] = {}
    place, last = start, ""
    while place < len(lines) and place < start + MAX_FIELDS * 3:
        line = _bare(lines[place])
        named = email_phrases.header_field(line)
        if named is not None:
            last, value = named
            fields.setdefault(last, value)
        elif (
            line
            and last
            and (lines[place].startswith((" ", "\t")) or last in ("to", "cc"))
            and len(fields) < MAX_FIELDS
        ):
            fields[last] = f"{fields[last]} {line}"
        elif line or len(fields) >= 2:
            break
        place += 1
    if "from" not in fields or len(fields) < 2:
        return None
    sender = _person(fields["from"])
    below = [_QUOTE_MARK.sub("", line) if _is_quoted(lines, start) else line for line in lines[place:]]
    return Forwarded(
        how="inline",
        name=sender.name,
        address=sender.address,
        subject=texts.one_line(fields.get("subject", ""), 200),
        date=texts.one_line(fields.get("date", ""), 100),
        text=texts.clean("\n".join(below)),
        to=tuple(match.lower() for match in _ADDRESS.findall(fields.get("to", ""))[:50]),
        comment=texts.clean("\n".join(lines[:mark])),
    )


def _is_quoted(lines: list[str], start: int) -> bool:
    return start < len(lines) and lines[start].lstrip().startswith(">")


def _bare(line: str) -> str:
    return _QUOTE_MARK.sub("", line).strip()


def _person(value: str) -> Address:
    """`Jean Valjean <jean@x>`, `jean@x [mailto:jean@x]`, `"Valjean, Jean" (jean@x)`, or a name alone."""
    match = _ADDRESS.search(value.replace("mailto:", " "))
    address = match[0].lower().rstrip(".") if match else ""
    name = re.sub(r"[<\[(](mailto:)?[^<>()\[\]]*@[^<>()\[\]]*[>\])]|via .{0,80}$", " ", value)
    name = texts.one_line(name.replace("*", ""), 200).strip("\"' <>()[]")
    return Address("" if "@" in name else name, address)


def _attached(mail: ParsedMail) -> Forwarded | None:
    part = next((part for part in mail.parts if part.kind == "mail" and part.attachment is not None), None)
    if part is None or part.attachment is None:
        return None
    raw = mail.attachments[part.attachment].data.lstrip(b"\r\n")
    headers, start = email_headers.split(raw, [])
    sender = next(iter(headers.addresses("from", [])), Address("", ""))
    inner = ParsedMail(subject=headers.decoded("subject", [])[:200])
    email_bodies.read(inner, list(email_mime.leaves(headers, raw[start:], [])))
    return Forwarded(
        how="attached",
        name=sender.name,
        address=sender.address,
        subject=inner.subject,
        date=headers.raw("date")[:100],
        message_id=part.details.get("message_id", ""),
        text=inner.newest_text,
        to=tuple(entry.address for entry in headers.addresses("to", []) if entry.address),
        comment=mail.newest_text,
    )
