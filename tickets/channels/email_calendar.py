"""Invitations and visiting cards, read just far enough to say what they are (RFC 5545, RFC 6350)."""

import re
from collections.abc import Iterator

from helpdesk.lib import text as texts

MAX_LINES = 5_000
MAX_VALUE = 500

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r'([A-Za-z0-9.-]{1,60})((?:;[^:"]{0,500}(?:"[^"]{0,500}")?){0,20}):(.*)')
_ESCAPE = re.compile(r"\\([\\;,nN])")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d{0,2}(Z?))?")


def event(text: str) -> tuple[str, dict[str, str]]:
    """Title and details of the first event, task or free-busy answer of a calendar file."""
    details: dict[str, str] = {}
    title, depth = "", 0
    for name, parameters, value in _lines(text):
        if name in ("BEGIN", "END"):
            depth += 1 if name == "BEGIN" else -1
            if name == "END" and value.upper() in ("VEVENT", "VTODO"):
                break
        elif depth == 1 and name == "METHOD":
            details["method"] = value.upper()
        elif depth == 2 and name == "SUMMARY":
            title = title or _plain(value)
        elif depth == 2:
            _take(details, name, parameters, value)
    return texts.one_line(title, 200), {
        key: shown for key, value in details.items() if (shown := texts.one_line(value, MAX_VALUE))
    }


def _take(details: dict[str, str], name: str, parameters: str, value: str) -> None:
    if name in ("DTSTART", "DTEND", "DUE"):
        match = _MOMENT.match(value)
        if match:
            year, month, day, hour, minute, utc = match.groups()
            clock = f"T{hour}:{minute}{utc}" if hour else ""
            details.setdefault("start" if name == "DTSTART" else "end", f"{year}-{month}-{day}{clock}")
            details.setdefault("all_day", "" if hour else "yes")
        if zone := re.search(r"TZID=\"?([^;\":]{1,80})", parameters, re.IGNORECASE):
            details.setdefault("timezone", zone[1])
    elif name in ("LOCATION", "STATUS", "UID"):
        details.setdefault(name.lower(), _plain(value))
    elif name == "ORGANIZER":
        details.setdefault("organizer", re.sub(r"^mailto:", "", value, flags=re.IGNORECASE))
    elif name == "RRULE":
        details.setdefault("repeats", "yes")


def contact(text: str) -> tuple[str, dict[str, str]]:
    """Name and details of the first card of a vCard file."""
    title, emails, phones, firm = "", [], [], ""
    for name, _parameters, value in _lines(text):
        bare = name.rpartition(".")[2]
        if bare == "END":
            break
        if bare == "FN":
            title = title or _plain(value)
        elif bare == "N" and not title:
            title = " ".join(part for part in reversed(_plain(value).split(";")[:2]) if part)
        elif bare == "EMAIL":
            emails.append(_plain(value))
        elif bare == "TEL":
            phones.append(re.sub(r"^tel:", "", _plain(value), flags=re.IGNORECASE))
        elif bare == "ORG":
            firm = firm or _plain(value).rstrip(";")
    details = {"emails": ", ".join(emails), "phones": ", ".join(phones), "organisation": firm}
    return texts.one_line(title, 200), {
        key: shown for key, value in details.items() if (shown := texts.one_line(value, MAX_VALUE))
    }


def _lines(text: str) -> Iterator[tuple[str, str, str]]:
    for line in _FOLD.sub("", text[:500_000]).splitlines()[:MAX_LINES]:
        if match := _LINE.match(line[:4_000]):
            yield match[1].upper(), match[2], match[3].strip()


def _plain(value: str) -> str:
    return _ESCAPE.sub(lambda escaped: "\n" if escaped[1] in "nN" else escaped[1], value)
