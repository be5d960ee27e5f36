"""The parts of a mail: split under caps on number and depth by a stack instead of recursion, and decoded when asked.

The standard parser recurses on nested parts and spends seconds on many small ones.
"""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tickets.channels import email_charsets, email_headers
from tickets.channels.email_headers import Headers

MAX_PARTS = 500
MAX_DEPTH = 30

_CODED = re.compile(rb"[A-Za-z0-9+/]*={0,2}")


@dataclass(slots=True)
class Leaf:
    """A part without parts; `choice` numbers the multipart/alternative it competes in."""

    headers: Headers
    type: str
    body: bytes
    parent: str
    choice: int | None = None
    # The container it was taken out of
    source: str = ""

    @property
    def disposition(self) -> str:
        """`inline`, `attachment`, whatever else was written, or ''."""
        return self.headers.raw("content-disposition").split(";")[0].strip().lower()


def leaves(headers: Headers, body: bytes, problems: list[str]) -> Iterator[Leaf]:
    """The parts without parts, in order, by a stack instead of recursion."""
    stack: list[tuple[Headers, bytes, int, str, int | None]] = [(headers, body, 0, "", None)]
    seen, choices = 0, 0
    while stack:
        part, content, depth, parent, choice = stack.pop()
        kind = part.content_type() or ("message/rfc822" if parent == "multipart/digest" else "text/plain")
        if kind.startswith("multipart/"):
            children = _split_parts(part, content, problems)
            if children is None and "base64" in part.raw("content-transfer-encoding").lower():
                # Forbidden, and done: the whole tree in base64
                content = email_charsets.unbase64(content)
                children = _split_parts(part, content, problems)
            if children is None or depth >= MAX_DEPTH:
                problems.append("broken_multipart" if depth < MAX_DEPTH else "too_deep")
                yield Leaf(part, "text/plain", content, parent, choice)
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
            yield Leaf(part, kind, content, parent, choice)


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


def decoded(leaf: Leaf, problems: list[str]) -> bytes:
    encoding = leaf.headers.raw("content-transfer-encoding").split(";")[0].strip().lower()
    if encoding == "base64":
        is_text = leaf.type.startswith("text/")
        return _words_unbase64(leaf.body, problems) if is_text else email_charsets.unbase64(leaf.body)
    if encoding == "quoted-printable":
        return quopri.decodestring(leaf.body)
    if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return _uudecoded(leaf.body, problems)
    if encoding not in ("", "7bit", "8bit", "binary"):
        problems.append("unknown_encoding")
    return leaf.body


def _words_unbase64(body: bytes, problems: list[str]) -> bytes:
    """Base64 of words: what servers wrote below it in clear, or was never base64, is kept as it stands."""
    data = email_charsets.unbase64(body)
    lines = body.splitlines()
    clear = next((index for index, line in enumerate(lines) if not _CODED.fullmatch(line.strip())), len(lines))
    if clear == len(lines) or _is_utf8(data):
        return data
    problems.append("base64_mended")
    return b"\n".join([email_charsets.unbase64(b"".join(lines[:clear])), *lines[clear:]])


def _is_utf8(data: bytes) -> bool:
    try:
        return data.decode("utf-8").isprintable() or b"\x00" not in data
    except UnicodeDecodeError:
        return False


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


# --- what a signature is wrapped around ------------------------------------------------------------------------------

_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_DATA = bytes.fromhex("06092a864886f70d010701")


def signed_content(data: bytes) -> bytes:
    """The mail inside an opaque S/MIME signature (CMS SignedData), b'' when there is none. The signature is not checked."""
    if not data.startswith(b"\x30") or _SIGNED_DATA not in data[:40]:
        return b""
    place = data.find(_DATA)
    if place < 0:
        return b""
    place += len(_DATA)
    _tag, _length, place = _der(data, place)  # [0] explicit
    tag, length, place = _der(data, place)
    if tag == 0x04:
        return data[place : place + length]
    return _pieces(data, place) if tag == 0x24 else b""


def _pieces(data: bytes, place: int) -> bytes:
    """An octet string of many pieces, as Outlook and OpenSSL stream it."""
    found: list[bytes] = []
    while place < len(data) and data[place] == 0x04:
        _tag, length, place = _der(data, place)
        found.append(data[place : place + length])
        place += length
    return b"".join(found)


def _der(data: bytes, place: int) -> tuple[int, int, int]:
    """(tag, length, where the value begins); past the end everything is 0."""
    if place + 2 > len(data):
        return 0, 0, len(data)
    tag, length, place = data[place], data[place + 1], place + 2
    if length & 0x80:
        size = length & 0x7F
        length, place = int.from_bytes(data[place : place + min(size, 8)], "big"), place + size
    return tag, length, place
