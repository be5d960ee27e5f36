"""Tables in files: CSV of any encoding and separator, and XLSX. Nothing here knows what the rows are."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from helpdesk.lib import text as texts

MAX_COLUMNS = 200
# One sign more than a cell of a spreadsheet holds: what is longer is told, not cut
MAX_CELL = 32_768
# What the parts of a workbook may hold once unpacked
MAX_UNPACKED = 150 * 1024 * 1024
SAMPLES = 3
_SEPARATORS = (";", ",", "\t", "|", "^", "~", "\x1f", ":")
_LOOKED_AT = 30
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
XLSX = "xlsx"
Row = tuple[int, list[str]]
"""Its number as a spreadsheet shows it, and its cells."""


class Unreadable(Exception):
    """The file is no table we can read; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Table:
    """A file understood: how it is written, its columns, and a way to its rows."""

    content: bytes = field(repr=False)
    encoding: str
    separator: str
    header: int
    columns: Sequence[str]
    samples: Sequence[Sequence[str]]

    def rows(self) -> Iterator[Row]:
        """What stands below the header; empty rows are left out. Raises Unreadable where the file breaks."""
        for number, cells in _records(self.content, self.encoding, self.separator):
            if number > self.header and any(cells):
                yield number, _sized(cells, len(self.columns))

    def key(self, cells: list[str]) -> str:
        """By what a row is found before it was looked at: nothing."""
        return ""


def understand(content: bytes, *, separator: str = "", encoding: str = "") -> Table:
    """Find out how a file is written, and its header. Raises Unreadable."""
    encoding = encoding or encoding_of(content)
    if encoding != XLSX:
        separator = separator or _separator(content, encoding)
    found = ((number, cells) for number, cells in _records(content, encoding, separator) if any(cells))
    header, names = next(found, (0, []))
    while names and not names[-1]:
        names.pop()
    if not names:
        raise Unreadable("empty")
    if len(names) > MAX_COLUMNS:
        raise Unreadable("too_wide")
    first = [_sized(cells, len(names)) for _number, (_at, cells) in zip(range(SAMPLES), found, strict=False)]
    if not first:
        raise Unreadable("no_rows")
    return Table(content, encoding, separator if encoding != XLSX else "", header, names, first)


def encoding_of(content: bytes) -> str:
    """`xlsx`, or the encoding of a text: by its mark, by the zeros of UTF-16, UTF-8 if it is, else Windows-1252."""
    if content.startswith(_OLD_EXCEL):
        raise Unreadable("old_excel")
    if content.startswith(b"PK\x03\x04"):
        return XLSX
    if content.startswith((b"%PDF", b"\x89PNG", b"\x1f\x8b", b"{\\rtf")):
        raise Unreadable("no_table")
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    head = content[:4096]
    if head.count(0) > len(head) // 4:
        # Western letters are one byte and a zero: which of the two comes first?
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _text(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding, errors="replace").removeprefix("\ufeff")
    except LookupError as error:
        raise Unreadable("encoding") from error


def _separator(content: bytes, encoding: str) -> str:
    """What splits the first rows most evenly; Excel may say it in a first line `sep=;`."""
    start = _text(content[:200_000], encoding)
    if start[:4].lower() == "sep=" and start[4:5].strip("\r\n"):
        return start[4]
    best, separator = (0.0, 0), ","
    for candidate in _SEPARATORS:
        widths = [len(cells) for cells in _first(start, candidate)]
        if widths and widths[0] > 1:
            even = round(sum(width == widths[0] for width in widths) / len(widths), 1)
            if (even, widths[0]) > best:
                best, separator = (even, widths[0]), candidate
    return separator


def _first(start: str, separator: str) -> Iterator[list[str]]:
    try:
        reader = csv.reader(io.StringIO(start, newline=""), delimiter=separator)
        for _number, cells in zip(range(_LOOKED_AT), (cells for cells in reader if any(cells)), strict=False):
            yield cells
    except csv.Error:
        return


def _records(content: bytes, encoding: str, separator: str) -> Iterator[Row]:
    return _workbook(content) if encoding == XLSX else _lines(content, encoding, separator)


def _lines(content: bytes, encoding: str, separator: str) -> Iterator[Row]:
    """The records of a CSV file; one that holds line breaks in quotes is one row, as in a spreadsheet."""
    reader = csv.reader(io.StringIO(_text(content, encoding), newline=""), delimiter=separator or ",")
    try:
        for number, cells in enumerate(reader, 1):
            if number == 1 and separator.join(cells).lower() in (f"sep={separator}", "sep="):
                continue
            yield number, [clean(cell) for cell in cells]
    except csv.Error as error:
        raise Unreadable("broken") from error


def _workbook(content: bytes) -> Iterator[Row]:
    """The rows of the first sheet that is shown, with values where formulas stand."""
    from openpyxl import load_workbook

    _check_size(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = next((one for one in book.worksheets if one.sheet_state == "visible"), None)
            if sheet is None:
                raise Unreadable("empty")
            sheet.reset_dimensions()
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                yield number, [_plain(value) for value in cells[: MAX_COLUMNS + 1]]
        finally:
            book.close()
    except Unreadable:
        raise
    except Exception as error:
        # The library raises whatever a malformed part makes of it
        raise Unreadable("no_table") from error


def _check_size(content: bytes) -> None:
    """A small file may unpack to a huge one: what its parts claim is also all that is ever read of them."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Unreadable("no_table") from error
    if not any(part.filename == "[Content_Types].xml" for part in parts):
        raise Unreadable("no_table")
    if len(parts) > 2_000 or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Unreadable("too_large")


def _plain(value: Any) -> str:
    """What somebody sees in the cell, without the format: whole numbers without a point, dates as ISO."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    return clean(str(value))


def clean(cell: str) -> str:
    """A cell that every database stores, without the apostrophe that keeps a spreadsheet from reckoning."""
    cleaned = texts.clean(cell[:MAX_CELL])
    return cleaned[1:] if cleaned[:1] == "'" and cleaned[1:2] in ("=", "+", "-", "@") else cleaned


def _sized(cells: list[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]
