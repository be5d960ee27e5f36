"""A call-back as a calendar file (RFC 5545): one event, the same id for ever, a higher number at each change."""

from datetime import UTC, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from chat.callbacks import slots
from chat.models import Callback

_OCTETS = 75


def zone_of(callback: Callback) -> ZoneInfo:
    return ZoneInfo(callback.zone)


def of(callback: Callback) -> bytes:
    """The file: `CONFIRMED` while somebody will call, `CANCELLED` once nobody will. No word of the visitor's is in it."""
    with translation.override(callback.language or settings.LANGUAGE_CODE):
        summary = _("Call from %(name)s") % {"name": settings.SITE_NAME}
        description = _("We call you. Have your papers at hand.")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Guichet//Call-back//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:callback-{callback.pk}@{urlsplit(settings.PUBLIC_URL).hostname}",
        f"SEQUENCE:{callback.version}",
        f"DTSTAMP:{_moment(callback.created_at)}",
        f"DTSTART:{_moment(callback.due_at)}",
        f"DTEND:{_moment(callback.due_at + slots.length())}",
        f"SUMMARY:{_escaped(summary)}",
        f"DESCRIPTION:{_escaped(description)}",
        f"STATUS:{'CANCELLED' if callback.state == Callback.State.CANCELLED else 'CONFIRMED'}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(summary)}",
        "TRIGGER:-PT10M",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    for plain, meant in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, meant)
    return text


def _folded(line: str) -> str:
    """At most 75 octets a line, never within a character; what follows begins with a space."""
    folded, size = "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > _OCTETS:
            folded, size = folded + "\r\n ", 1
        folded, size = folded + character, size + octets
    return folded
