"""The files that a commit would hold: what git knows, or would take up."""

import re
import subprocess
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
PYTHON_ROOMS = ("helpdesk", "tickets", "chat", "knowledge")


def committed(*patterns: str) -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted(path for name in names if name and (path := HOME / name).is_file())


def text_of(path: Path) -> str | None:
    """None for what is not text."""
    content = path.read_bytes()
    return None if b"\0" in content else content.decode("utf-8", errors="replace")


def lines_with(pattern: str, paths: list[Path]) -> list[str]:
    """`file:line: text` wherever the regular expression is found."""
    expression = re.compile(pattern)
    return [
        f"{path.relative_to(HOME)}:{number}: {line.strip()[:160]}"
        for path in paths
        if (text := text_of(path)) is not None
        for number, line in enumerate(text.splitlines(), 1)
        if expression.search(line)
    ]
