"""What a client may say on either socket (a closed table), and how a line is closed. `frames` holds what the server says."""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

# --- how a line is closed --------------------------------------------------------------------------------------------
CLOSE_BAD_FRAMES: Final = 4400
CLOSE_SIGN_IN: Final = 4401
CLOSE_NOT_YOURS: Final = 4403
CLOSE_RESUME: Final = 4409
CLOSE_TOO_LARGE: Final = 4413
CLOSE_SLOWER: Final = 4429

# --- what a client may say -------------------------------------------------------------------------------------------
Frame = dict[str, Any]
Check = Callable[[Any], bool]
_LARGEST_ID = 2**63 - 1
_POSITION = re.compile(r"[0-9]{1,19}")
_ORIGIN = re.compile(r"[\x21-\x7e]{1,100}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MAX_POSITIONS: Final = 100
MAX_FILES: Final = 50


def is_id(value: Any) -> bool:
    """A row's number; JSON's true and 1.0 are none."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST_ID


def is_seq(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 2**31 - 1


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_origin(value: Any) -> bool:
    """The sender's own id of a message: a UUID, or any short word without spaces."""
    return isinstance(value, str) and bool(_ORIGIN.fullmatch(value))


def is_positions(value: Any) -> bool:
    """`{"12": 40}`: read ticket 12 up to 40."""
    if not isinstance(value, dict) or len(value) > MAX_POSITIONS:
        return False
    return all(_POSITION.fullmatch(key) and is_id(int(key)) and is_seq(seq) for key, seq in value.items())


def is_status(value: Any) -> bool:
    return value in ("available", "finishing", "away", "offline")


def is_files(value: Any) -> bool:
    """Ids of files that were uploaded before."""
    return (
        isinstance(value, list)
        and len(value) <= MAX_FILES
        and all(isinstance(id_, str) and _UUID.fullmatch(id_) for id_ in value)
    )


def is_kind(value: Any) -> bool:
    return value in ("public", "note")


@dataclass(frozen=True, slots=True)
class Rule:
    """One type of frame: which method hears it, what the sender must be allowed, and what each member must be."""

    handler: str
    needs: str
    required: dict[str, Check] = field(default_factory=dict)
    optional: dict[str, Check] = field(default_factory=dict)

    def fits(self, frame: Frame) -> bool:
        """Whether all required members are there and all known ones well-formed; unknown members are ignored."""
        if not all(name in frame and check(frame[name]) for name, check in self.required.items()):
            return False
        return all(frame.get(name) is None or check(frame[name]) for name, check in self.optional.items())


VISITOR: Final = "visitor"
"""What a frame needs when its sender is the visitor of a session."""

DESK_FRAMES: Final[dict[str, Rule]] = {
    "hello": Rule("on_hello", "ticket.read", optional={"after": is_positions}),
    "subscribe": Rule("on_subscribe", "ticket.read", {"ticket": is_id}),
    "unsubscribe": Rule("on_unsubscribe", "ticket.read", {"ticket": is_id}),
    "message.send": Rule(
        "on_send", "ticket.note", {"origin_id": is_origin, "body": is_text, "ticket": is_id}, {"kind": is_kind}
    ),
    "typing": Rule("on_typing", "ticket.note", {"ticket": is_id}, {"kind": is_kind}),
    "seen": Rule("on_seen", "ticket.read", {"ticket": is_id, "seq": is_seq}),
    "presence": Rule("on_presence", "queue.read", {"status": is_status}),
    "chat.accept": Rule("on_accept", "chat.take", {"session": is_id}),
    "active": Rule("on_active", "queue.read"),
    "pong": Rule("on_pong", "queue.read"),
}

VISITOR_FRAMES: Final[dict[str, Rule]] = {
    "hello": Rule("on_hello", VISITOR, optional={"after": is_positions}),
    "message.send": Rule(
        "on_send", VISITOR, {"origin_id": is_origin, "body": is_text}, {"ticket": is_id, "attachments": is_files}
    ),
    "typing": Rule("on_typing", VISITOR, optional={"ticket": is_id}),
    "seen": Rule("on_seen", VISITOR, {"seq": is_seq}, {"ticket": is_id}),
    "pong": Rule("on_pong", VISITOR),
}


def parse(text: str | None) -> Frame | None:
    """A frame from the wire; None for bytes, for what is no JSON, no object, or has no type."""
    if text is None:
        return None
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("type"), str) else None


def _no_constant(name: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError(name)


def same_origin(origin_id: str) -> str:
    """The one spelling of an id, so that a UUID sent by socket and again by HTTP is the same."""
    try:
        return str(uuid.UUID(origin_id)) if len(origin_id) in (32, 36) else origin_id
    except ValueError:
        return origin_id
