"""The closed table: what a frame must look like, and that nothing else is heard."""

import json
from typing import Any

import pytest

from chat import consumers, protocol
from helpdesk.people import capabilities

TABLES = {"desk": protocol.DESK_FRAMES, "visitor": protocol.VISITOR_FRAMES}
CONSUMERS: dict[str, Any] = {"desk": consumers.DeskConsumer, "visitor": consumers.VisitorConsumer}
RULES = [(side, name) for side, table in TABLES.items() for name in table]


@pytest.mark.parametrize(("side", "name"), RULES)
def test_every_frame_has_a_handler_and_says_what_it_needs(side: str, name: str) -> None:
    rule = TABLES[side][name]
    assert callable(getattr(CONSUMERS[side], rule.handler))
    known = {protocol.VISITOR} if side == "visitor" else set(capabilities.ADMIN)
    assert rule.needs in known


def test_a_visitor_has_no_frame_of_the_desk() -> None:
    assert set(protocol.VISITOR_FRAMES) == {"hello", "message.send", "typing", "seen", "pong"}


@pytest.mark.parametrize(
    "text",
    [
        None, "", "{", "[]", "null", "1", '"hello"', "{}", '{"type": 1}', '{"type": null}', '{"type": ["hello"]}',
        '{"type": "seen", "seq": NaN}', "[" * 20_000, '{"a":' * 20_000, "\ud800",
    ],
)  # fmt: skip
def test_what_is_no_frame_is_none(text: str | None) -> None:
    assert protocol.parse(text) is None


@pytest.mark.parametrize(
    ("side", "frame"),
    [
        ("desk", {"type": "subscribe"}),
        ("desk", {"type": "subscribe", "ticket": "1"}),
        ("desk", {"type": "subscribe", "ticket": True}),
        ("desk", {"type": "subscribe", "ticket": 1.0}),
        ("desk", {"type": "subscribe", "ticket": 0}),
        ("desk", {"type": "subscribe", "ticket": 2**63}),
        ("desk", {"type": "message.send", "origin_id": "a", "body": "x"}),
        ("desk", {"type": "message.send", "origin_id": "a", "body": 1, "ticket": 1}),
        ("desk", {"type": "message.send", "origin_id": "a", "body": "x", "ticket": 1, "kind": "secret"}),
        ("desk", {"type": "presence", "status": "admin"}),
        ("desk", {"type": "presence", "status": ["available"]}),
        ("desk", {"type": "chat.accept", "session": None}),
        ("visitor", {"type": "message.send", "origin_id": "", "body": "x"}),
        ("visitor", {"type": "message.send", "origin_id": "a b", "body": "x"}),
        ("visitor", {"type": "message.send", "origin_id": "a" * 101, "body": "x"}),
        ("visitor", {"type": "message.send", "origin_id": "\u0000", "body": "x"}),
        ("visitor", {"type": "message.send", "body": "x"}),
        ("visitor", {"type": "seen", "seq": -1}),
        ("visitor", {"type": "seen", "seq": 2**31}),
        ("visitor", {"type": "hello", "after": []}),
        ("visitor", {"type": "hello", "after": {"x": 1}}),
        ("visitor", {"type": "hello", "after": {"²": 1}}),
        ("visitor", {"type": "hello", "after": {"9" * 60_000: 1}}),
        ("visitor", {"type": "hello", "after": {"1": "1"}}),
        ("visitor", {"type": "hello", "after": {str(n): 1 for n in range(1, 200)}}),
    ],
)
def test_a_member_that_is_not_what_it_must_be_makes_the_frame_bad(side: str, frame: dict[str, Any]) -> None:
    parsed = protocol.parse(json.dumps(frame))
    assert parsed is not None
    assert not TABLES[side][frame["type"]].fits(parsed)


def test_members_nobody_knows_are_ignored() -> None:
    assert protocol.DESK_FRAMES["subscribe"].fits({"type": "subscribe", "ticket": 1, "colour": "red"})


def test_a_uuid_has_one_spelling() -> None:
    uuid = "0F0E0D0C-0B0A-4908-8706-050403020100"
    assert protocol.same_origin(uuid) == protocol.same_origin(uuid.lower()) == uuid.lower()
    assert protocol.same_origin("m-1") == "m-1"
