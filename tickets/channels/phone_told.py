"""What a telephone system posts, read into one shape: its generic form (newCall, answer, hangup) or the house's own."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import clock, errors, text
from tickets.models import CallEvent

Kind = CallEvent.Kind
KINDS = {
    "newcall": Kind.RINGING,
    "ringing": Kind.RINGING,
    "answer": Kind.ANSWERED,
    "answered": Kind.ANSWERED,
    "hangup": Kind.ENDED,
    "ended": Kind.ENDED,
    "missed": Kind.MISSED,
}
_DIRECTIONS = {"in": "in", "inbound": "in", "incoming": "in", "out": "out", "outbound": "out", "outgoing": "out"}
MAX_KEY = 250
MAX_VALUE = 80
MAX_PEOPLE = 50
# Clocks differ; what is further ahead is no clock
_AHEAD = timedelta(minutes=5)
_FIRST_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it was told. What it does not say is ''; `users` and `answering` are the telephone system's words."""

    kind: str
    at: datetime
    direction: str = ""
    caller: str = ""
    called: str = ""
    users: tuple[str, ...] = ()
    answering: str = ""
    cause: str = ""

    def kept(self) -> dict[str, Any]:
        """As it is stored beside its kind and moment."""
        found = asdict(self)
        del found["kind"], found["at"]
        return {name: list(value) if name == "users" else value for name, value in found.items() if value}


def again(event: CallEvent) -> Told:
    """What was stored, as it was told."""
    told = {**event.told, "users": tuple(event.told.get("users", ()))}
    return Told(kind=event.kind, at=event.at, **told)


def read(posted: Any) -> tuple[str, Told]:
    """The id of the call and what is told of it. Raises Invalid that names the field."""
    given = _Given(posted)
    kind = KINDS.get(given.text("event").lower())
    if kind is None:
        raise errors.Invalid(fields={"event": [_("This event is not known: ringing, answered, ended or missed.")]})
    key = given.text("callId", "call_id", limit=MAX_KEY)
    if not key:
        raise errors.Invalid(fields={"callId": [_("Say which call it is.")]})
    direction = given.text("direction").lower()
    if direction and direction not in _DIRECTIONS:
        raise errors.Invalid(fields={"direction": [_("A call goes in or out.")]})
    told = Told(
        kind=str(kind),
        at=_moment(given.text("at")),
        direction=_DIRECTIONS.get(direction, ""),
        caller=given.text("from"),
        called=given.text("to"),
        users=given.people("user[]", "users", "user"),
        answering=given.text("answeringNumber", "answering_number"),
        cause=given.text("cause", limit=60),
    )
    return key, told


def _moment(told: str) -> datetime:
    """When it happened, where that is said: then the order in which it is told does not matter even to the second."""
    now = clock.now()
    if not told:
        return now
    try:
        found = parse_datetime(told)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or found > now + _AHEAD or found.year < _FIRST_YEAR:
        raise errors.Invalid(
            fields={"at": [_("Give the moment as 2026-03-02T09:00:00Z, and none that is still to come.")]}
        )
    return found


class _Given:
    """A form or a JSON object, read alike."""

    def __init__(self, posted: Any) -> None:
        if not isinstance(posted, Mapping):
            raise errors.Invalid(fields={"event": [_("This event is not known: ringing, answered, ended or missed.")]})
        self._posted = posted

    def text(self, *names: str, limit: int = MAX_VALUE) -> str:
        """The first of these that is given, on one line."""
        for name in names:
            value = self._posted.get(name)
            if value is None or value == "":
                continue
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise errors.Invalid(fields={name: [_("This must be a word or a number.")]})
            found = text.one_line(str(value), limit + 1)
            if len(found) > limit:
                raise errors.Invalid(fields={name: [_("This is too long.")]})
            return found
        return ""

    def people(self, *names: str) -> tuple[str, ...]:
        """Everybody who is named under any of these, each once, in alphabetical order."""
        found: set[str] = set()
        for name in names:
            for value in self._values(name):
                if isinstance(value, bool) or not isinstance(value, str | int):
                    raise errors.Invalid(fields={name: [_("This must be a word or a number.")]})
                found.add(text.one_line(str(value), MAX_VALUE))
        return tuple(sorted(found - {""})[:MAX_PEOPLE])

    def _values(self, name: str) -> list[Any]:
        if isinstance(self._posted, QueryDict):
            return list(self._posted.getlist(name))
        value = self._posted.get(name)
        if value is None:
            return []
        return list(value) if isinstance(value, list) else [value]
