"""The records of JSON files, one at a time: lists, lists within an answer of an API, and one record a line.

Memory holds one record, whatever the file unpacks to. Depth, sizes and numbers are bounded.
"""

import codecs
import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from helpdesk.people.imports.files import Unreadable

MAX_RECORD = 8 * 1024 * 1024
MAX_UNPACKED = 150 * 1024 * 1024
MAX_DEPTH = 40
MAX_MEMBERS = 2_000
_AT_ONCE = 256 * 1024
_MAX_DIGITS = 25
_MARK = re.compile(r'["{}\[\]]')
_STRING = re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL)
LISTS = frozenset({
    "users", "organizations", "groups", "tickets", "comments", "ticket_comments", "ticket_articles", "articles",
    "ticket_states", "ticket_priorities",
})  # fmt: skip
Found = tuple[str, dict[str, Any], str]
"""The list it stands in ('' when none is named), the record, and its text."""


def records(content: bytes) -> Iterator[tuple[str, Found]]:
    """All records with the name of the file they stand in. Raises Unreadable where a file is broken or too much."""
    if not content.startswith(b"PK\x03\x04"):
        yield from (("", one) for one in _parsed(_Splitter(), iter([content])))
        return
    try:
        box = zipfile.ZipFile(io.BytesIO(content))
        parts = [part for part in box.infolist() if not part.is_dir() and not _is_noise(part.filename)]
        if len(parts) > MAX_MEMBERS:
            raise Unreadable("too_large_json")
        left = MAX_UNPACKED
        for part in parts:
            with box.open(part) as file:
                for one in _parsed(_Splitter(), chunks := _Chunks(file, left)):
                    yield part.filename, one
                left = chunks.left
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        # Encrypted, an unknown method, a checksum that is wrong
        raise Unreadable("broken_zip") from error


def _is_noise(name: str) -> bool:
    last = name.rpartition("/")[2]
    return (
        last.startswith(".")
        or name.startswith("__MACOSX/")
        or not last.lower().endswith((".json", ".ndjson", ".jsonl"))
    )


class _Chunks:
    """The bytes of a member as they unpack: what it claims to be counts for nothing."""

    def __init__(self, file: Any, left: int) -> None:
        self.file, self.left = file, left

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.file.read(_AT_ONCE):
            self.left -= len(chunk)
            if self.left < 0:
                raise Unreadable("too_large_json")
            yield chunk


def _parsed(splitter: "_Splitter", chunks: Any) -> Iterator[Found]:
    decoder: Any = None
    for whole in chunks:
        for start in range(0, len(whole), _AT_ONCE):
            chunk = whole[start : start + _AT_ONCE]
            if decoder is None:
                encoding = "utf-16" if chunk[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
                decoder = codecs.getincrementaldecoder(encoding)("replace")
            yield from ((name, load(text), text) for name, text in splitter.feed(decoder.decode(chunk)))
    splitter.end()


def load(text: str) -> dict[str, Any]:
    """A record; numbers that are none stay texts. Raises Unreadable."""
    try:
        found: dict[str, Any] = json.loads(text, parse_int=_integer, parse_float=_float, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable("broken_json") from error
    return found


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


def _float(digits: str) -> float | str:
    return float(digits) if len(digits) <= _MAX_DIGITS else digits


def _constant(name: str) -> None:
    """NaN and Infinity are nothing."""


class _Splitter:
    """Cuts a stream into the texts of its records, by its brackets and strings alone."""

    def __init__(self) -> None:
        self.buffer = ""
        self.at = 0
        self.stack: list[str] = []
        self.in_string = False
        self.string_at = 0
        # Where the record begins that is being read
        self.start: int | None = None
        self.depth = 0
        self.word = ""
        self.has_id = False
        self.list = ""

    def feed(self, text: str) -> Iterator[tuple[str, str]]:
        self._forget()
        self.buffer += text
        if len(self.buffer) > MAX_RECORD + 4 * _AT_ONCE:
            raise Unreadable("record_too_large")
        while True:
            if self.in_string and not self._string():
                return
            mark = _MARK.search(self.buffer, self.at)
            if mark is None:
                self.at = len(self.buffer)
                return
            self.at = mark.end()
            sign = mark.group()
            if sign == '"':
                self.in_string, self.string_at = True, self.at
            elif sign in "{[":
                self._open(sign)
            elif found := self._close(sign):
                yield found

    def _forget(self) -> None:
        keep = self.at if self.start is None else self.start
        if self.in_string and self.start is None:
            keep = min(keep, self.string_at)
        self.buffer, self.at, self.string_at = self.buffer[keep:], self.at - keep, self.string_at - keep
        self.start = None if self.start is None else 0

    def _string(self) -> bool:
        """Go to the end of a string; False when it is not there yet."""
        match = _STRING.match(self.buffer, self.at)
        end = match.end() if match else self.at
        if end >= len(self.buffer) or self.buffer[end] != '"':
            self.at = end
            return False
        if len(self.stack) == 1 and end - self.string_at <= 40:
            self.word = self.buffer[self.string_at : end]
            self.has_id = self.has_id or self.word == "id"
        self.at, self.in_string = end + 1, False
        return True

    def _open(self, sign: str) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise Unreadable("too_deep")
        if sign == "{" and (not self.stack or (self.start is None and self.stack[-1] == "[")):
            self.start, self.depth = self.at - 1, len(self.stack)
            if not self.stack:
                self.list, self.word, self.has_id = "", "", False
        elif sign == "[" and self.stack == ["{"] and self.word in LISTS and not self.has_id:
            # No record but an answer in which records stand
            self.start, self.list = None, self.word
        self.stack.append(sign)

    def _close(self, sign: str) -> tuple[str, str] | None:
        if not self.stack or self.stack.pop() + sign not in ("{}", "[]"):
            raise Unreadable("broken_json")
        if self.start is None or len(self.stack) != self.depth:
            return None
        found = self.list, self.buffer[self.start : self.at]
        self.start = None
        return found

    def end(self) -> None:
        if self.stack or self.in_string:
            raise Unreadable("broken_json")
