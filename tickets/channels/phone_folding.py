"""What follows from all that was told of a call. Pure: in whatever order and however often it was told, the same follows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tickets.channels.phone_told import Told
from tickets.models import Call, CallEvent

Kind, State = CallEvent.Kind, Call.State
_ORDER = [str(kind) for kind in (Kind.RINGING, Kind.ANSWERED, Kind.ENDED, Kind.MISSED)]
# Somebody had it, though the system did not say who: it went on elsewhere
_ELSEWHERE = {"forwarded", "answeredelsewhere", "answered_elsewhere", "transferred"}


@dataclass(frozen=True, slots=True)
class Folded:
    """The call as it stands; `rung` and `answering` are still the telephone system's words."""

    state: str
    direction: str
    # Number of the other side, and ours
    number: str
    line: str
    cause: str
    rung: frozenset[str]
    # Who may have answered, the surest first
    answering: tuple[str, ...]
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None


def fold(told: Iterable[Told]) -> Folded:
    """Expects each kind once, and at least one. What several events say, the earlier kind says."""
    events = sorted(told, key=lambda one: _ORDER.index(one.kind))
    by_kind = {one.kind: one for one in events}
    direction = _first(one.direction for one in events) or str(Call.Direction.IN)
    caller, called = _first(one.caller for one in events), _first(one.called for one in events)
    is_in = direction == Call.Direction.IN
    answered = by_kind.get(Kind.ANSWERED)
    ends = [one for one in events if one.kind in (Kind.ENDED, Kind.MISSED)]
    ours = {called if is_in else caller}
    rung = frozenset(name for one in events if one.kind != Kind.ANSWERED for name in one.users) | ours
    return Folded(
        state=_state(by_kind),
        direction=direction,
        number=caller if is_in else called,
        line=called if is_in else caller,
        cause=_first(one.cause for one in ends),
        rung=rung - {""},
        answering=_answering(answered, ours),
        started_at=min(one.at for one in events),
        answered_at=answered.at if answered else None,
        ended_at=min(one.at for one in ends) if ends else None,
    )


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")


def _state(by_kind: dict[str, Told]) -> str:
    """Who talked did not miss it, whatever was said first; who hung up before anybody answered did."""
    is_over = Kind.ENDED in by_kind or Kind.MISSED in by_kind
    if Kind.ANSWERED in by_kind:
        return State.ENDED if is_over else State.ANSWERED
    if not is_over:
        return State.RINGING
    cause = by_kind[Kind.ENDED].cause.lower() if Kind.ENDED in by_kind else ""
    return State.ENDED if cause in _ELSEWHERE and Kind.MISSED not in by_kind else State.MISSED


def _answering(answered: Told | None, ours: set[str]) -> tuple[str, ...]:
    if answered is None:
        return ()
    named = [answered.answering, *answered.users] if answered.answering or answered.users else sorted(ours)
    return tuple(name for name in dict.fromkeys(named) if name)
