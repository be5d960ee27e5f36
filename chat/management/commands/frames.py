"""The frames of both sockets as TypeScript, from the tables that the server obeys."""

import types
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from django.core.management.base import BaseCommand

from chat import frames, protocol

HEAD = "/* Generated from chat/protocol.py and chat/frames.py by `make api`: do not edit. */"
_CHECKS: dict[protocol.Check, str] = {
    protocol.is_id: "number",
    protocol.is_seq: "number",
    protocol.is_origin: "string",
    protocol.is_text: "string",
    protocol.is_positions: "Record<string, number>",
    protocol.is_kind: "'public' | 'note'",
    protocol.is_status: "'available' | 'finishing' | 'away' | 'offline'",
    protocol.is_files: "string[]",
}
_PLAIN = {str: "string", int: "number", bool: "boolean", type(None): "null", Any: "unknown"}


class Command(BaseCommand):
    help = "Print the frames of the sockets as TypeScript."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(source(), ending="")


def source() -> str:
    """What stands in frontend/shared/live/frames.ts."""
    parts = [
        HEAD,
        _codes(),
        *_server(),
        _client("Desk", protocol.DESK_FRAMES),
        _client("Visitor", protocol.VISITOR_FRAMES),
    ]
    return "\n\n".join(parts) + "\n"


def _codes() -> str:
    found = {name: value for name, value in vars(protocol).items() if name.startswith("CLOSE_")}
    return "\n".join(f"export const {name} = {value}" for name, value in found.items())


def _server() -> list[str]:
    shapes = [value for value in vars(frames).values() if is_typeddict(value)]
    said = [shape.__name__ for shape in shapes if get_origin(get_type_hints(shape).get("type")) is Literal]
    return [*map(_interface, shapes), "export type ServerFrame =\n" + "\n".join(f"  | {name}" for name in said)]


def _interface(shape: Any) -> str:
    lines = []
    for name, hint in get_type_hints(shape, include_extras=True).items():
        is_optional = get_origin(hint) is NotRequired
        lines.append(f"  {name}{'?' if is_optional else ''}: {_type(get_args(hint)[0] if is_optional else hint)}")
    return f"export interface {shape.__name__} {{\n" + "\n".join(lines) + "\n}"


def _type(hint: Any) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " | ".join(f"'{value}'" for value in inner)
    if origin in (Union, types.UnionType):
        return " | ".join(map(_type, inner))
    if origin is list:
        inside = _type(inner[0])
        return f"({inside})[]" if "|" in inside else f"{inside}[]"
    if origin is dict:
        return f"Record<{_type(inner[0])}, {_type(inner[1])}>"
    return _PLAIN.get(hint) or str(hint.__name__)


def _client(side: str, table: dict[str, protocol.Rule]) -> str:
    members = []
    for type_, rule in table.items():
        given = [f"type: '{type_}'", *(f"{name}: {_CHECKS[check]}" for name, check in rule.required.items())]
        given += [f"{name}?: {_CHECKS[check]} | null" for name, check in rule.optional.items()]
        members.append("  | { " + "; ".join(given) + " }")
    return f"export type {side}Says =\n" + "\n".join(members)
