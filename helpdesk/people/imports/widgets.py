"""What a cell may say for each field. A cell that says it wrongly raises Wrong, with the piece that is wrong."""

import re
from typing import Any

from import_export.widgets import Widget

from helpdesk.lib import text as texts
from helpdesk.people import customers

# A long number as a spreadsheet shortens it: 1.23457E+11
_MANGLED = re.compile(r"\d([.,]\d+)?E\+\d{1,3}", re.IGNORECASE)
_BETWEEN = re.compile(r"[;\n]")
_LANGUAGES = {
    "francais": "fr", "french": "fr", "english": "en", "anglais": "en", "deutsch": "de", "german": "de", "allemand": "de",
    "espanol": "es", "spanish": "es", "espagnol": "es", "italiano": "it", "italian": "it", "italien": "it",
    "nederlands": "nl", "dutch": "nl", "neerlandais": "nl", "portugues": "pt", "portuguese": "pt", "portugais": "pt",
}  # fmt: skip
_CODE = re.compile(r"([a-z]{2})([-_][a-z0-9]{2,8})?", re.IGNORECASE)
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


class Wrong(ValueError):
    """A cell that cannot be taken; `value` is the piece of it that is wrong, `said` what its words need."""

    def __init__(self, code: str, value: str, **said: int) -> None:
        super().__init__(code)
        self.code, self.value, self.said = code, value[:120], said


class Line(Widget):
    """One line of text."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def clean(self, value: Any, row: Any = None, **options: Any) -> str | None:
        line = texts.one_line(str(value or ""), self.limit + 1)
        if len(line) > self.limit:
            raise Wrong("too_long", line, limit=self.limit)
        return line or None


class External(Line):
    """An id of another system; one that a spreadsheet has shortened is no id any more."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> str | None:
        line = super().clean(value)
        if line and _MANGLED.fullmatch(line):
            raise Wrong("mangled", line)
        return line


class Prose(Widget):
    """Text of several lines."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> str | None:
        return texts.clean(str(value or "")) or None


class Emails(Widget):
    """Addresses, with a semicolon between."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> list[str] | None:
        return _each(value, "bad_email", customers.normalise_email)


class Phones(Widget):
    """Numbers, with a semicolon between."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> list[str] | None:
        pieces = [piece for piece in _pieces(value) if _MANGLED.fullmatch(piece)]
        if pieces:
            raise Wrong("mangled", pieces[0])
        return _each(value, "bad_phone", customers.normalise_phone)


class Language(Widget):
    """A code such as `fr` or `fr-FR`, or the name of a frequent language."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> str | None:
        line = texts.one_line(str(value or ""))
        if not line:
            return None
        if named := _LANGUAGES.get(texts.fold(line)):
            return named
        if code := _CODE.fullmatch(line):
            return code[1].lower()
        raise Wrong("bad_locale", line)


class Domains(Widget):
    """Names of domains, also as addresses of websites, with a semicolon, comma or space between."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> list[str] | None:
        return _each(re.sub(r"[,\s]+", ";", str(value or "")), "bad_domain", _domain)


def _domain(piece: str) -> str:
    host = re.sub(r"^[a-z]+://", "", piece.lower()).split("/")[0].removeprefix("www.").lstrip("@").rstrip(".")
    return host if _DOMAIN.fullmatch(host) and len(host) <= 253 else ""


def _pieces(value: Any) -> list[str]:
    return [piece for piece in (part.strip() for part in _BETWEEN.split(str(value or ""))) if piece]


def _each(value: Any, code: str, normal: Any) -> list[str] | None:
    found: list[str] = []
    for piece in _pieces(value):
        one = normal(piece)
        if not one:
            raise Wrong(code, piece)
        if one not in found:
            found.append(one)
    return found or None
