"""Lock files pin by hash and name no package index: whoever installs chooses where from."""

import json

from tests.law import files


def test_requirement_files_hold_no_address() -> None:
    assert files.lines_with(r"https?:|--index|--find-links|--extra", files.committed("requirements/*.txt")) == []


def test_every_requirement_is_pinned_by_hash() -> None:
    for path in files.committed("requirements/*.txt"):
        entries = path.read_text().replace("\\\n", "").splitlines()
        assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == [], path.name


def test_the_development_set_holds_the_runtime_set() -> None:
    base, dev = (
        {line.split(" ")[0] for line in (files.HOME / "requirements" / name).read_text().splitlines() if "==" in line}
        for name in ("base.txt", "dev.txt")
    )
    assert base - dev == set()


def test_the_npm_lock_holds_hashes_and_no_address() -> None:
    packages = json.loads((files.HOME / "frontend" / "package-lock.json").read_text())["packages"]
    installed = {name: entry for name, entry in packages.items() if name and not entry.get("link")}
    assert [name for name, entry in installed.items() if "resolved" in entry] == []
    assert [name for name, entry in installed.items() if "integrity" not in entry] == []


def test_no_uv_lock_is_committed() -> None:
    assert files.committed("uv.lock", "**/uv.lock") == []
