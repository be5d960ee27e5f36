"""The frames that the frontend is typed by are those that the server obeys."""

import re
from pathlib import Path

from chat import protocol
from chat.management.commands import frames

HOME = Path(__file__).resolve().parents[2]


def test_the_frames_of_the_frontend_are_the_servers() -> None:
    written = (HOME / "frontend/shared/live/frames.ts").read_text()
    assert written == frames.source(), "run `make api`"


def test_every_frame_and_close_code_is_documented() -> None:
    told = (HOME / "docs/realtime.md").read_text()
    codes = [value for name, value in vars(protocol).items() if name.startswith("CLOSE_")]
    types = {*protocol.DESK_FRAMES, *protocol.VISITOR_FRAMES, *re.findall(r"type: '([a-z._]+)'", frames.source())}
    missing = [name for name in types if f"`{name}`" not in told] + [
        code for code in codes if f"| {code} |" not in told
    ]
    assert missing == []
