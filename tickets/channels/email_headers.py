"""Header lines of hostile mail: split, unfolded, decoded and read as addresses, each in one pass and never raising.

The standard library reads headers lazily but some of them in quadratic or recursive ways (quotation marks, nested
comments), and cuts a malformed Message-ID short without a word; hence these few functions over the raw lines.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from helpdesk.lib import text as texts
from tickets.channels.email_charsets import decode, decode_words

MAX_HEADERS = 1_000
MAX_HEADER_BLOCK = 512_000
MAX_VALUE = 16_000
MAX_PARAMETERS = 8_000
MAX_ADDRESSES = 300
MAX_IDS = 100

# name=value of a header after its semicolons; a value runs to the next semicolon outside quotation marks
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,60})\s*=\s*("(?:[^"\\]|\\.){0,8000}+"[^;]*|[^;]*)', re.DOTALL)
_SECTION = re.compile(r"(\d{0,3})\*?")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}")
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_ADDRESS = re.compile(r"[^@\s<>\"',;:()\[\]\\]{1,64}@[^@\s<>\"',;:()\[\]\\]{1,255}")
ID = re.compile(r"<[^<>\s]{1,900}>")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of an address header; `address` is lower case and well formed, or ''."""

    name: str
    address: str


class Headers:
    """The header block of one part: names are case-blind, values are text as it stood on the wire, unfolded.

    Raw bytes that are no UTF-8 are read in the charset the part itself names, else as Windows wrote them; `reread`
    puts them right once the text of the mail has told its charset.
    """

    def __init__(self, fields: list[tuple[str, str]], undecoded: dict[int, bytes] | None = None) -> None:
        self.fields = fields
        self._undecoded = undecoded or {}
        self._first: dict[str, str] = {}
        for name, value in fields:
            self._first.setdefault(name, value)
        self._parameters: dict[str, dict[str, str]] = {}
        if self._undecoded and (charset := self.parameter("content-type", "charset", [])):
            self.reread(charset)

    def reread(self, charset: str) -> None:
        """Read values that were raw bytes of an unnamed charset as text of this one."""
        for index, data in self._undecoded.items():
            name, before = self.fields[index]
            value = decode(data, charset, []).replace("\x00", "")
            self.fields[index] = (name, value)
            if self._first[name] == before:
                self._first[name] = value
        self._parameters.clear()

    def raw(self, name: str) -> str:
        """The first value of a name, undecoded and cut to a bearable length; '' when absent."""
        return self._first.get(name, "")[:MAX_VALUE]

    def every(self, name: str) -> list[str]:
        """All values of a name in order."""
        if name not in self._first:
            return []
        return [value[:MAX_VALUE] for field, value in self.fields if field == name]

    def has(self, name: str) -> bool:
        """Whether the header is there at all, be it empty."""
        return name in self._first

    def decoded(self, name: str, problems: list[str]) -> str:
        """A value for people: encoded words decoded, on one line."""
        return texts.one_line(_INVISIBLE.sub("", decode_words(self.raw(name), problems)), 998)

    def addresses(self, name: str, problems: list[str]) -> list[Address]:
        """Every address of every header of that name."""
        found: list[Address] = []
        for value in self.every(name):
            found.extend(parse_addresses(value, problems))
            if len(found) > MAX_ADDRESSES:
                problems.append("too_many_addresses")
                return found[:MAX_ADDRESSES]
        return found

    def message_ids(self, name: str) -> list[str]:
        """The well-formed <ids> in a header: of a very long chain, its first and its last ones."""
        ids = ID.findall(self.raw(name) if name != "references" else " ".join(self.every(name))[-200_000:])
        return ids if len(ids) <= MAX_IDS else ids[:1] + ids[-(MAX_IDS - 1) :]

    def content_type(self) -> str:
        """`type/subtype` in lower case, '' when there is none that makes sense."""
        kind = self.raw("content-type").split(";")[0].strip().lower()
        return kind if _TYPE.fullmatch(kind) else ""

    def parameter(self, header: str, name: str, problems: list[str]) -> str:
        """A parameter such as charset, boundary or filename, whichever of RFC 2231 and RFC 2047 the sender used."""
        if header not in self._first:
            return ""
        if header not in self._parameters:
            self._parameters[header] = parse_parameters(self._first[header][:MAX_PARAMETERS], problems)
        return self._parameters[header].get(name, "")


def parse_parameters(value: str, problems: list[str]) -> dict[str, str]:
    """The parameters of a Content- header by lower-case name: quotes, continuations and percent bytes taken off."""
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    if ";" not in value:
        value = value.replace(" charset=", "; charset=", 1)
    for name, text in _PARAMETER.findall(value):
        plain = _unquoted(text.strip())
        base, star, rest = name.lower().partition("*")
        if not star:
            found.setdefault(base, decode_words(plain, problems))
        elif match := _SECTION.fullmatch(rest):
            is_encoded = rest.endswith("*") or not rest
            pieces.setdefault(base, {}).setdefault(int(match[1] or 0), (plain, is_encoded))
        else:
            problems.append("broken_parameter")
    for base, sections in pieces.items():
        # What RFC 2231 says wins over the plain twin that is sent along for old programs.
        found[base] = _joined(sections, problems) or found.get(base, "")
    return found


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    end = text.rfind('"')
    return text[1 : end if end else None].replace("\\\\", "\\").replace('\\"', '"')


def _joined(sections: dict[int, tuple[str, bool]], problems: list[str]) -> str:
    charset, data, coded, place = "", b"", "", min(sections)
    while place in sections:
        text, is_encoded = sections[place]
        if place == min(sections) and is_encoded and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        if is_encoded:
            coded += text  # some cut between the signs of one byte
        else:
            data, coded = data + unquote_to_bytes(coded) + text.encode("utf-8", "replace"), ""
        place += 1
    data += unquote_to_bytes(coded)
    return decode_words(decode(data, charset, problems), problems)


def split(raw: bytes, problems: list[str]) -> tuple[Headers, int]:
    """The headers at the beginning of `raw` and where the body starts."""
    fields: list[tuple[str, str]] = []
    undecoded: dict[int, bytes] = {}
    lines: list[bytes] = []
    place, end = 0, len(raw)
    while place < end:
        newline = raw.find(b"\n", place)
        stop = end if newline < 0 else newline + 1
        line = raw[place:stop].rstrip(b"\r\n")
        if not line:
            place = stop
            break
        if lines and line[:1] in b" \t":
            lines.append(line)
        elif _FIELD.match(line):
            _take(fields, undecoded, lines)
            lines = [line]
        elif not fields and not lines:
            if line.startswith((b"From ", b">From ")):
                place = stop
                continue
            problems.append("no_headers")
            return Headers([]), place
        else:
            problems.append("broken_header")
            break
        place = stop
        if place > MAX_HEADER_BLOCK or len(fields) > MAX_HEADERS:
            problems.append("too_many_headers")
            break
    _take(fields, undecoded, lines)
    return Headers(fields, undecoded), place


def _take(fields: list[tuple[str, str]], undecoded: dict[int, bytes], lines: list[bytes]) -> None:
    if not lines:
        return
    written = lines[0] if len(lines) == 1 else b" ".join([lines[0].rstrip(), *(line.strip() for line in lines[1:])])
    name, _, data = written.partition(b":")
    data = data.strip()
    try:
        value = data.decode("utf-8")
    except UnicodeDecodeError:
        undecoded[len(fields)] = data
        value = decode(data, "", [])
    fields.append((name.decode("ascii", "replace").strip().lower(), value.replace("\x00", "")))


def parse_addresses(value: str, problems: list[str]) -> list[Address]:
    """The addresses of one header, read character by character: quotes, comments, groups and missing commas included."""
    found: list[Address] = []
    words: list[str] = []
    angle: str | None = None
    remark: list[str] = []
    quoted, comment = False, 0
    index, end = 0, min(len(value), MAX_VALUE)
    while index < end:
        character = value[index]
        index += 1
        if character == "\\" and (quoted or comment) and index < end:
            if quoted:
                words.append(value[index])
            index += 1
        elif quoted:
            quoted = character != '"'
            words.append("" if character == '"' else character)
        elif character == "(":
            comment += 1
        elif comment:
            comment -= character == ")"
            if comment:
                remark.append(character)
        elif character == '"':
            quoted = True
        elif character == "<":
            stop = value.find(">", index, end)
            stop = end if stop < 0 else stop
            if angle is None or not _ADDRESS.fullmatch(angle.strip()):
                angle = value[index:stop]
            index = stop + 1
        elif character in ",;":
            _add_address(found, words, remark, angle, problems)
            words, remark, angle = [], [], None
        elif character == ":" and angle is None and "@" not in "".join(words):
            words = []
        else:
            if angle is not None and not character.isspace():
                problems.append("bad_address")
            words.append(character)
        if len(found) > MAX_ADDRESSES:
            break
    _add_address(found, words, remark, angle, problems)
    return found


def _add_address(
    found: list[Address], words: list[str], remark: list[str], angle: str | None, problems: list[str]
) -> None:
    text = "".join(words).strip()
    if angle is None:
        match = _ADDRESS.search(text)
        # `jean@x.example (Jean)` is how names were written before
        candidate, name = (match[0], "".join(remark).strip()) if match else ("", text)
    else:
        candidate, name = angle.strip().removeprefix("mailto:"), text
    if not candidate and not name:
        return
    if _ADDRESS.fullmatch(candidate):
        address = candidate.lower().rstrip(".")
    else:
        address = ""
        problems.append("bad_address")
    shown = texts.one_line(_INVISIBLE.sub("", decode_words(name, problems)), 200).strip("'\" ")
    if "@" in shown and shown.lower() != address:
        # A name that is somebody else's address is how forgers sign; nobody is shown under it.
        problems.append("name_is_address")
        shown = ""
    found.append(Address("" if shown.lower() == address else shown, address))


def read_date(value: str) -> datetime | None:
    """The Date header in UTC, None when it is not a date of our times."""
    try:
        moment = parsedate_to_datetime(value[:200])
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC) if 1980 <= aware.year <= 2200 else None
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
