"""Tables are read however they were saved: encodings, separators, quotes, workbooks, and what only looks like one."""

import io
import zipfile
from datetime import date, datetime

import pytest

from helpdesk.people.imports import files, mapping
from tests.helpdesk.people.imports.conftest import sheet

TEXT = "Réf;Nom;Courriel\r\n1;Zoé;zoe@example.com\r\n2;Éric;eric@example.com\r\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
def test_every_usual_encoding_is_recognised(encoding: str, found: str) -> None:
    table = files.understand(TEXT.encode(encoding))
    assert (table.encoding, table.separator, list(table.columns)) == (found, ";", ["Réf", "Nom", "Courriel"])
    assert list(table.rows()) == [(2, ["1", "Zoé", "zoe@example.com"]), (3, ["2", "Éric", "eric@example.com"])]


def test_bytes_that_windows_1252_does_not_know_do_not_stop_a_file() -> None:
    table = files.understand("id,name\n1,caf\u00e9".encode("cp1252") + b"\x81\n")
    assert list(table.rows()) == [(2, ["1", "café\ufffd"])]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|", "^", "~", "\x1f", ":"])
def test_every_separator_is_found(separator: str) -> None:
    rows = [["id", "name", "note"], ["1", "Zoé", "a, b and c"], ["2", "Éric", ""]]
    text = "\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows)
    table = files.understand(text.encode())
    assert (table.separator, len(table.columns)) == (separator, 3)
    assert [cells for _number, cells in table.rows()] == rows[1:]


def test_excel_may_name_the_separator_in_a_first_line() -> None:
    table = files.understand(b"sep=|\nid|name\n1|Zoe\n")
    assert (table.separator, table.header, list(table.rows())) == ("|", 2, [(3, ["1", "Zoe"])])


def test_rows_are_numbered_as_a_spreadsheet_does() -> None:
    """A line break within quotes is no new row, and an empty row counts."""
    table = files.understand(b'\nid,note\n\n1,"two\nlines"\n,\n2,x\n')
    assert table.header == 2
    assert list(table.rows()) == [(4, ["1", "two\nlines"]), (6, ["2", "x"])]


def test_short_rows_are_filled_and_what_stands_right_of_the_header_is_left_out() -> None:
    assert list(files.understand(b"id,name\n1\n2,b,c\n").rows()) == [(2, ["1", ""]), (3, ["2", "b"])]


def test_a_workbook_is_read_as_it_is_shown() -> None:
    content = sheet(
        ["id", "since", "at", "amount", "vip"],
        [12345678901234, date(2026, 1, 31), datetime(2026, 1, 31, 9, 30), 1.5, True],
        [None, None, None, None, None],
        [2.0, "", None, "'+33", False],
    )
    table = files.understand(content)
    assert (table.encoding, list(table.columns)) == ("xlsx", ["id", "since", "at", "amount", "vip"])
    assert list(table.rows()) == [
        (2, ["12345678901234", "2026-01-31", "2026-01-31 09:30", "1.5", "1"]),
        (4, ["2", "", "", "+33", "0"]),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n,,\n", "empty"),
        (b"id,name\n", "no_rows"),
        (b"%PDF-1.7", "no_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel"),
        (b"PK\x03\x04 and no more", "no_table"),
        (",".join(["x"] * 201).encode() + b"\n1\n", "too_wide"),
    ],
)
def test_what_is_no_table_says_why(content: bytes, code: str) -> None:
    with pytest.raises(files.Unreadable) as refused:
        files.understand(content)
    assert refused.value.code == code


def test_a_quotation_mark_that_is_never_closed_is_told_and_not_swallowed() -> None:
    table = files.understand(b"id,name\n1,Zoe\n")
    broken = files.Table(b'id,name\n1,"' + b"x\n" * 100_000, "utf-8", ",", 1, table.columns, [])
    with pytest.raises(files.Unreadable) as refused:
        list(broken.rows())
    assert refused.value.code == "broken"


def test_a_workbook_that_unpacks_to_far_more_is_not_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (files.MAX_UNPACKED + 1))
    assert len(out.getvalue()) < 1_000_000
    with pytest.raises(files.Unreadable) as refused:
        files.understand(out.getvalue())
    assert refused.value.code == "too_large"


def test_entities_in_a_workbook_are_not_expanded() -> None:
    whole = sheet(["id", "name"], ["1", "canary"])
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "lol">{entities}]>'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            text = old.read(part).decode()
            if part in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
                text = bomb + text.partition("?>")[2] if text.startswith("<?xml") else bomb + text
                text = text.replace("canary", "&e11;")
            new.writestr(part, text)
    with pytest.raises(files.Unreadable) as refused:
        list(files.understand(out.getvalue()).rows())
    assert refused.value.code == "no_table"


# --- which column is what --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("columns", "guessed"),
    [
        (["Couleur", "x"], ["", ""]),
        (["ID", "Nom", "Courriel", "Téléphone", "Société"], ["external_id", "name", "email", "phone", "organization"]),
        (
            ["N° client", "Prénom", "Nom", "E-mail", "Portable", "Tél.", "Langue"],
            ["external_id", "first_name", "last_name", "email", "phone", "phone", "locale"],
        ),
        (["firstname", "lastname", "email", "id", "Id"], ["first_name", "last_name", "email", "external_id", ""]),
    ],
)
def test_columns_are_guessed_by_their_names(columns: list[str], guessed: list[str]) -> None:
    assert mapping.guess("customers", columns) == guessed


def test_several_columns_of_one_field_are_joined() -> None:
    assert mapping.row_of(["email", "", "email"], ["a@example.com", "x", "b@example.com"]) == {
        "email": "a@example.com;b@example.com"
    }
