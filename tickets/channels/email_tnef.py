"""winmail.dat: what Outlook wraps files and text in when it takes everybody for Outlook (MS-OXTNEF), taken apart.

Own reader: the published ones trust lengths and checksums that strangers write. Every length is checked against what is
left, nothing is read twice, and a file that ends early gives what came before.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

SIGNATURE = 0x223E9F78
MAX_FILES = 100
MAX_PROPERTIES = 2_000
MAX_RTF = 2_000_000

_SUBJECT, _BODY, _MESSAGE_PROPERTIES, _CODEPAGE = 0x8004, 0x800C, 0x9003, 0x9007
_FILE_BEGINS, _FILE_TITLE, _FILE_DATA, _FILE_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
# MAPI property numbers
_P_SUBJECT, _P_BODY, _P_RTF, _P_HTML = 0x0037, 0x1000, 0x1009, 0x1013
_P_FILE, _P_LONG_NAME, _P_SHORT_NAME, _P_MIME, _P_CONTENT_ID = 0x3701, 0x3707, 0x3704, 0x370E, 0x3712
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = frozenset({0x0D, 0x1E, 0x1F, 0x102})


@dataclass(slots=True)
class TnefFile:
    """One file inside."""

    name: str = ""
    data: bytes = b""
    type: str = ""
    content_id: str = ""


@dataclass(slots=True)
class Tnef:
    """What a winmail.dat holds: the text is what Outlook shows, as HTML when it has that."""

    subject: str = ""
    text: str = ""
    html: str = ""
    files: list[TnefFile] = field(default_factory=list)
    is_whole: bool = True


def read(data: bytes) -> Tnef | None:
    """Take it apart; None when it is no TNEF at all."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != SIGNATURE:
        return None
    found = Tnef()
    codepage = "cp1252"
    for number, content in _attributes(data, found):
        if number == _CODEPAGE and len(content) >= 4:
            codepage = f"cp{struct.unpack_from('<I', content)[0]}"
        elif number == _SUBJECT:
            found.subject = _text(content, codepage)
        elif number == _BODY:
            found.text = _text(content, codepage)
        elif number == _MESSAGE_PROPERTIES:
            _read_message(found, content, codepage)
        elif number == _FILE_BEGINS and len(found.files) < MAX_FILES:
            found.files.append(TnefFile())
        elif found.files:
            _read_file(found.files[-1], number, content, codepage)
    found.files = [file for file in found.files if file.data]
    return found


def _attributes(data: bytes, found: Tnef) -> Iterator[tuple[int, bytes]]:
    place = 6
    while place + 9 <= len(data):
        _level, number, _type, length = struct.unpack_from("<BHHI", data, place)
        place += 9
        if place + length > len(data):
            found.is_whole = False
            yield number, data[place:]
            return
        yield number, data[place : place + length]
        place += length + 2


def _read_message(found: Tnef, content: bytes, codepage: str) -> None:
    for number, values in _properties(content, codepage):
        value = values[0] if values else b""
        if number == _P_SUBJECT and not found.subject:
            found.subject = _text(value, "utf-8")
        elif number == _P_BODY and not found.text:
            found.text = _text(value, "utf-8")
        elif number == _P_HTML:
            found.html = _text(value, codepage)
        elif number == _P_RTF and not found.text and not found.html:
            found.text = rtf_text(unpacked_rtf(value), codepage)


def _read_file(file: TnefFile, number: int, content: bytes, codepage: str) -> None:
    if number == _FILE_TITLE and not file.name:
        file.name = _text(content, codepage)
    elif number == _FILE_DATA:
        file.data = content
    elif number == _FILE_PROPERTIES:
        for name, values in _properties(content, codepage):
            value = values[0] if values else b""
            if name == _P_LONG_NAME or (name == _P_SHORT_NAME and not file.name):
                file.name = _text(value, "utf-8") or file.name
            elif name == _P_MIME:
                file.type = _text(value, "utf-8").lower()
            elif name == _P_CONTENT_ID:
                file.content_id = _text(value, "utf-8").strip("<>")
            elif name == _P_FILE and not file.data:
                file.data = value[16:]  # after the id of its interface


def _properties(data: bytes, codepage: str) -> Iterator[tuple[int, list[bytes]]]:
    """(number, values) of each MAPI property; strings come as UTF-8 whatever they were."""
    if len(data) < 4:
        return
    count, place = min(struct.unpack_from("<I", data)[0], MAX_PROPERTIES), 4
    try:
        for _ in range(count):
            kind, number = struct.unpack_from("<HH", data, place)
            place += 4
            if number >= 0x8000:
                place = _after_name(data, place)
            values, place = _values(data, place, kind, codepage)
            yield number, values
    except (struct.error, ValueError):
        return


def _after_name(data: bytes, place: int) -> int:
    """Behind the long name that a property of somebody's own has."""
    kind, length = struct.unpack_from("<II", data, place + 16)
    return place + 24 + ((length + 3) // 4 * 4 if kind == 1 else 0)


def _values(data: bytes, place: int, kind: int, codepage: str) -> tuple[list[bytes], int]:
    many, kind = bool(kind & 0x1000), kind & 0x0FFF
    count = 1
    if many or kind in _VARIABLE:
        (count,) = struct.unpack_from("<I", data, place)
        place += 4
    if count > MAX_PROPERTIES:
        raise ValueError(count)
    values: list[bytes] = []
    for _ in range(count):
        if kind in _VARIABLE:
            (length,) = struct.unpack_from("<I", data, place)
            place += 4
        elif kind in _FIXED:
            length = _FIXED[kind]
        else:
            raise ValueError(kind)
        value = data[place : place + length]
        if len(value) < length:
            raise ValueError(length)
        values.append(_as_utf8(value, kind, codepage))
        place += (length + 3) // 4 * 4
    return values, place


def _as_utf8(value: bytes, kind: int, codepage: str) -> bytes:
    if kind == 0x1F:
        return value.decode("utf-16-le", "replace").encode("utf-8", "replace")
    return _text(value, codepage).encode("utf-8", "replace") if kind == 0x1E else value


def _text(value: bytes, codepage: str) -> str:
    try:
        return value.decode("utf-8" if codepage == "cp65001" else codepage, "replace").rstrip("\x00")
    except LookupError:
        return value.decode("cp1252", "replace").rstrip("\x00")


# --- RTF -------------------------------------------------------------------------------------------------------------

_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_RTF_TOKEN = re.compile(
    r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.I
)
_UNSEEN = frozenset(
    {"fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "generator", "header", "footer", "themedata"}
)


def unpacked_rtf(data: bytes) -> bytes:
    """Compressed RTF (MS-OXRTFCP) as RTF, b'' when it is neither."""
    if len(data) < 16:
        return b""
    _size, raw_size, kind = struct.unpack_from("<III", data)
    if kind == 0x414C454D:  # stored as it is
        return data[16 : 16 + min(raw_size, MAX_RTF)]
    if kind != 0x75465A4C:
        return b""
    out, ring, place, at = bytearray(), bytearray(_DICTIONARY.ljust(4096, b"\x00")), 16, len(_DICTIONARY)
    limit = min(raw_size, MAX_RTF)
    while place < len(data) and len(out) < limit:
        control, place = data[place], place + 1
        for bit in range(8):
            if control >> bit & 1:
                if place + 2 > len(data):
                    return bytes(out)
                word, place = data[place] << 8 | data[place + 1], place + 2
                offset, length = word >> 4, (word & 15) + 2
                if offset == at:
                    return bytes(out)
            else:
                offset, length = -1, 1
            for step in range(length):
                if offset < 0 and place >= len(data):
                    return bytes(out)
                byte = data[place] if offset < 0 else ring[(offset + step) % 4096]
                out.append(byte)
                ring[at], at = byte, (at + 1) % 4096
            place += offset < 0
    return bytes(out[:limit])


def rtf_text(rtf: bytes, codepage: str) -> str:
    """The words of some RTF: not its looks, and not what its HTML source says again."""
    out: list[str] = []
    pending = bytearray()
    stack: list[bool] = []
    hidden, skip = False, 0
    for match in _RTF_TOKEN.finditer(rtf.decode("latin-1")):
        word, number, hexadecimal, symbol, brace, plain = match.groups()
        if hexadecimal and not hidden:
            pending.append(int(hexadecimal, 16))
            continue
        if pending:
            out.append(_text(bytes(pending), codepage)[skip:])
            pending, skip = bytearray(), 0
        if brace == "{":
            stack.append(hidden)
        elif brace == "}":
            hidden = stack.pop() if stack else False
        elif symbol == "*" or word in _UNSEEN or (word == "htmlrtf" and number != "0"):
            hidden = True
        elif word == "htmlrtf":
            hidden = stack[-1] if stack else False
        elif hidden:
            continue
        elif word in ("par", "line", "row"):
            out.append("\n")
        elif word in ("tab", "cell"):
            out.append("\t")
        elif word == "u" and number:
            code = int(number) % 65536
            out.append("" if 0xD800 <= code < 0xE000 else chr(code))
            skip = 1
        elif symbol in ("\\", "{", "}"):
            out.append(symbol)
        elif symbol == "~":
            out.append(" ")
        elif plain:
            out.append(plain[skip:] if skip else plain)
            skip = 0
    if pending:
        out.append(_text(bytes(pending), codepage)[skip:])
    return "".join(out).strip()
