"""Header lines of hostile mail: split, unfolded, decoded and read as addresses, each in one pass and never raising.

The standard library reads headers lazily but some of them in quadratic or recursive ways (quotation marks, nested
comments), and cuts a malformed Message-ID short without a word; hence these few functions over the raw lines.
"""

import binascii
import codecs
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import collapse_rfc2231_value, parsedate_to_datetime

from helpdesk.lib import text as texts

MAX_HEADERS = 1_000
MAX_HEADER_BLOCK = 512_000
MAX_VALUE = 16_000
MAX_ADDRESSES = 300
MAX_IDS = 100

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(?==\?[^?\s]{1,80}\?[bBqQ]\?)")
_ADDRESS = re.compile(r"[^@\s<>\"',;:()\[\]\\]{1,64}@[^@\s<>\"',;:()\[\]\\]{1,255}")
ID = re.compile(r"<[^<>\s]{1,900}>")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# Codecs that are no charset, run in quadratic time, or exist on one system only.
_NOT_CHARSETS = frozenset(
    {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "palmos"}
)
_BROWSERS_READ_AS = {
    "iso8859-1": "cp1252",
    "ascii": "utf-8",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of an address header; `address` is lower case and well formed, or ''."""

    name: str
    address: str


class Headers:
    """The header block of one part: names are case-blind, values are text as it stood on the wire, unfolded."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self.fields = fields

    def raw(self, name: str) -> str:
        """The first value of a name, undecoded and cut to a bearable length; '' when absent."""
        return next((value[:MAX_VALUE] for field, value in self.fields if field == name), "")

    def every(self, name: str) -> list[str]:
        """All values of a name in order."""
        return [value[:MAX_VALUE] for field, value in self.fields if field == name]

    def has(self, name: str) -> bool:
        """Whether the header is there at all, be it empty."""
        return any(field == name for field, _ in self.fields)

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
        return kind if re.fullmatch(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}", kind) else ""

    def parameter(self, header: str, name: str, problems: list[str]) -> str:
        """A parameter such as charset, boundary or filename, whichever of RFC 2231 and RFC 2047 the sender used."""
        value = self.raw(header)[:4_000]
        if not value:
            return ""
        message = Message()
        try:
            message[header] = value
            found = message.get_param(name, header=header)
            plain = collapse_rfc2231_value(found) if found is not None else ""
        except (LookupError, ValueError, TypeError, RecursionError):
            problems.append("broken_parameter")
            return ""
        return decode_words(str(plain), problems)


def split(raw: bytes, problems: list[str]) -> tuple[Headers, int]:
    """The headers at the beginning of `raw` and where the body starts."""
    fields: list[tuple[str, str]] = []
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
            _take(fields, lines)
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
    _take(fields, lines)
    return Headers(fields), place


def _take(fields: list[tuple[str, str]], lines: list[bytes]) -> None:
    if not lines:
        return
    name, _, value = b" ".join(part.strip() for part in lines).partition(b":")
    fields.append((name.decode("ascii", "replace").strip().lower(), _eight_bit(value.strip()).replace("\x00", "")))


def _eight_bit(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def decode_words(value: str, problems: list[str]) -> str:
    """RFC 2047, as tolerantly as mail programs do; words in a row of one charset are joined before decoding."""
    if "=?" not in value:
        return value
    value = _BETWEEN_WORDS.sub(r"\1", value)
    parts: list[str] = []
    pending, charset, place = b"", "", 0
    for match in _WORD.finditer(value):
        between = value[place : match.start()]
        if pending and (between or match[1].lower() != charset):
            parts.append(decode(pending, charset, problems))
            pending = b""
        parts.append(between)
        charset = match[1].lower()
        pending += _word_bytes(match[2], match[3])
        place = match.end()
    if pending:
        parts.append(decode(pending, charset, problems))
    return "".join([*parts, value[place:]])


def _word_bytes(encoding: str, word: str) -> bytes:
    data = word.encode("utf-8", "replace")
    if encoding in "bB":
        return unbase64(data)
    return _HEX.sub(lambda hexadecimal: bytes([int(hexadecimal[1], 16)]), data.replace(b"_", b" "))


def unbase64(data: bytes) -> bytes:
    """Base64 with whatever is no base64 in it left out and the end mended."""
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    data = data[:-1] if len(data) % 4 == 1 else data
    try:
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return b""


def decode(data: bytes, charset: str, problems: list[str]) -> str:
    """Bytes as text: the charset the sender named, else UTF-8, else Windows-1252; every doubt is recorded as a problem."""
    codec = _codec(charset)
    if codec is None:
        if charset:
            problems.append("unknown_charset")
        codec = "utf-8"
    for candidate in dict.fromkeys([codec, "utf-8"]):
        try:
            return data.decode(candidate)
        except (UnicodeError, ValueError):
            continue
    problems.append("undecodable_text")
    if codec in ("utf-8", "cp1252"):
        return _western_or_marked(data, codec)
    try:
        return data.decode(codec, "replace")
    except (UnicodeError, ValueError):
        return data.decode("cp1252", "replace")


def _western_or_marked(data: bytes, codec: str) -> str:
    """Mostly valid UTF-8 keeps its good characters, anything else is read as Windows wrote it."""
    marked = data.decode("utf-8", "replace")
    bad, good = marked.count("\ufffd"), sum(1 for character in marked if character > "\x7f") - marked.count("\ufffd")
    return marked if codec == "utf-8" and good >= bad else data.decode("cp1252", "replace")


def _codec(charset: str) -> str | None:
    name = charset.strip().strip("\"'").lower()[:40]
    if not name:
        return "utf-8"
    try:
        info = codecs.lookup(name)
        known = bool(getattr(info, "_is_text_encoding", True))
    except (LookupError, ValueError, UnicodeError):
        return None
    canonical = info.name.replace("_", "-") if info.name not in _NOT_CHARSETS else info.name
    if not known or info.name in _NOT_CHARSETS or canonical.replace("-", "_") in _NOT_CHARSETS:
        return None
    return _BROWSERS_READ_AS.get(info.name, info.name)


def parse_addresses(value: str, problems: list[str]) -> list[Address]:
    """The addresses of one header, read character by character: quotes, comments, groups and missing commas included."""
    found: list[Address] = []
    words: list[str] = []
    angle: str | None = None
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
        elif character == '"':
            quoted = True
        elif character == "<":
            stop = value.find(">", index, end)
            stop = end if stop < 0 else stop
            if angle is None or not _ADDRESS.fullmatch(angle.strip()):
                angle = value[index:stop]
            index = stop + 1
        elif character in ",;":
            _add_address(found, words, angle, problems)
            words, angle = [], None
        elif character == ":" and angle is None and "@" not in "".join(words):
            words = []
        else:
            if angle is not None and not character.isspace():
                problems.append("bad_address")
            words.append(character)
        if len(found) > MAX_ADDRESSES:
            break
    _add_address(found, words, angle, problems)
    return found


def _add_address(found: list[Address], words: list[str], angle: str | None, problems: list[str]) -> None:
    text = "".join(words).strip()
    if angle is None:
        match = _ADDRESS.search(text)
        candidate, name = (match[0], "") if match else ("", text)
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
