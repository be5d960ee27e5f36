"""Frames that no client would send: none brings a line down, writes a word, or is told anything but one generic code.

`GUICHET_FUZZ=100000` sends as many; by default a thousand.
"""

import json
import os
import random
from typing import Any

import pytest

from chat import protocol, sockets
from chat.sessions import Opened
from helpdesk.people.models import User
from tests.chat.conftest import Desk, Line
from tickets.models import Message

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 500
FRAMES = int(os.environ.get("GUICHET_FUZZ", "1200"))
CODES = {"bad_frame", "not_found", "not_allowed", "invalid", "too_large", "ended"}
_ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, 1e308, 2**63, 2**64, "", " ", "\0", "\ud800", "é" * 300, "1", [], [[]], {}, {"": 0}, "NaN",
    "public", "note", "../../etc", "'; DROP TABLE", "%s%n", {"type": "hello"}, {"1": "x"}, {"-1": 1}, ["a"] * 60,
]  # fmt: skip
_NAMES = [
    "type",
    "ticket",
    "seq",
    "body",
    "origin_id",
    "after",
    "kind",
    "status",
    "session",
    "attachments",
    "frame",
    "id",
]
_TYPES = [
    *protocol.DESK_FRAMES,
    *protocol.VISITOR_FRAMES,
    "deliver",
    "websocket.disconnect",
    "on_send",
    "__init__",
    "dispatch",
    "",
]


def odd_frame(chance: random.Random) -> str:
    """A frame with wrong members, or a text that was cut, doubled or stirred."""
    members = chance.sample(_NAMES, chance.randrange(len(_NAMES)))
    frame = {name: chance.choice(_ODD) for name in members} | {"type": chance.choice([*_TYPES, chance.choice(_ODD)])}
    # A whole line of a chat is no odd frame
    if frame["type"] == "message.send":
        frame["body"] = chance.choice([None, 1, [], {}, "", "  "])
    text = json.dumps(frame)
    match chance.randrange(6):
        case 0:
            return text[: chance.randrange(1, len(text))]
        case 1:
            at = chance.randrange(len(text))
            return text[:at] + chr(chance.randrange(32, 0x2FFF)) + text[at + 1 :]
        case 2:
            return chance.choice(["[", "{", '{"a":', "1,"]) * chance.randrange(1, 3000)
        case _:
            return text


async def _survives(line: Line, seed: int) -> None:
    """Read between times: whoever does not is cut, and that is not what is tried here."""
    chance = random.Random(seed)
    errors: list[dict[str, Any]] = []
    for begun in range(0, FRAMES // 2, AT_ONCE):
        for _ in range(min(AT_ONCE, FRAMES // 2 - begun)):
            await line.raw(odd_frame(chance))
        last = f"the-last-{begun}"
        await line.say("message.send", origin_id=last, body=" ", ticket=1)
        while not errors or errors[-1].get("origin_id") != last:
            frame = json.loads(await line.socket.receive_from(timeout=60))
            errors += [frame] if frame["type"] == "error" else []
    assert {frame["code"] for frame in errors} <= CODES
    assert all(set(frame) <= {"type", "code", "origin_id", "ticket", "session"} for frame in errors)
    assert len(errors) > FRAMES // 4


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The limits that end such a line long before are not what is tried here."""
    monkeypatch.setattr(sockets, "MAX_BAD", 10**9)
    settings.SOCKET_FRAMES_PER_10S = 10**9


async def test_a_visitors_line_survives_odd_frames(widget: Desk, visitor: Opened) -> None:
    await _survives(await widget(visitor.keys.token), 1)
    assert await Message.objects.acount() == 0


async def test_a_desks_line_survives_odd_frames(desk: Desk, charlie: User) -> None:
    await _survives(await desk(charlie), 2)
    assert await Message.objects.acount() == 0
