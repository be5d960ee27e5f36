"""The floors of docs/architecture.md: a room may import only what stands below it."""

import subprocess
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]


def test_no_room_imports_a_room_above_or_beside_it() -> None:
    done = subprocess.run([HOME / ".venv/bin/lint-imports", "--no-cache"], cwd=HOME, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
