"""Files are written whole or not at all, however many at once."""

from pathlib import Path

import pytest

from helpdesk.lib import disk


def test_every_file_is_there_with_its_bytes_and_nothing_else(tmp_path: Path) -> None:
    files = {tmp_path / f"{number % 3}" / f"{number}.eml": b"%d" % number * 1000 for number in range(40)}
    for folder in {path.parent for path in files}:
        folder.mkdir()
    disk.write_all(files)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == files
    disk.write_all({})
    disk.write_whole(tmp_path / "0" / "0.eml", b"anew")
    assert (tmp_path / "0" / "0.eml").read_bytes() == b"anew"


def test_what_cannot_be_written_leaves_no_half_file(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.eml", tmp_path / "missing" / "bad.eml"
    with pytest.raises(FileNotFoundError):
        disk.write_all({good: b"1", bad: b"2"})
    assert list(tmp_path.iterdir()) == []
