"""Hours of the week in a place's own time: is it open, when does that change, how much open time lies between.

Pure. Everything is asked in aware moments and answered in UTC. Hours are wall time: 09:00 stays 09:00 when the clocks
change, so each day is laid out by itself. An hour that a change of clocks repeats is open both times; one that it
leaves out is not missed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

DAY = 24 * 60
# A week with every day a holiday is never open: whoever looks for the next opening gives up after this
HORIZON = timedelta(days=400)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `starts` to `ends`, minutes since midnight, on a `weekday` (0: Monday); `ends` not after `starts`: next day."""

    weekday: int
    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class Week:
    """The same hours every week in a time zone, but for holidays. `is_always` overrides all of it."""

    zone: str
    spans: tuple[Span, ...] = ()
    holidays: frozenset[date] = field(default_factory=frozenset)
    is_always: bool = False


ALWAYS = Week("UTC", is_always=True)
"""Where nobody has set any hours: open day and night."""


def is_open(week: Week, moment: datetime) -> bool:
    """Whether `moment` lies within the hours; the first moment counts, the last does not."""
    return week.is_always or any(start <= moment < end for start, end in _around(week, moment))


def next_change(week: Week, moment: datetime) -> datetime | None:
    """When `is_open` next becomes the other one; None when it never does."""
    if week.is_always:
        return None
    for start, end in _stretches(week, moment):
        if moment < start:
            return start
        if moment < end:
            return end
    return None


def next_opening(week: Week, moment: datetime) -> datetime | None:
    """The moment itself while it is open, else when it next opens; None when it never does."""
    return moment if is_open(week, moment) else next_change(week, moment)


def coming(week: Week, moment: datetime, count: int) -> list[tuple[datetime, datetime]]:
    """The next open stretches, the one around `moment` included from its beginning; none where it never closes."""
    if week.is_always:
        return []
    ahead = ((start, end) for start, end in _stretches(week, moment) if end > moment)
    return list(islice(ahead, count))


def open_between(week: Week, start: datetime, end: datetime) -> timedelta:
    """How much of the time from `start` to `end` was open; nothing when `end` is not after `start`."""
    if end <= start:
        return timedelta(0)
    if week.is_always:
        return end - start
    total = timedelta(0)
    for opens, closes in _stretches(week, start, until=end):
        total += max(timedelta(0), min(closes, end) - max(opens, start))
    return total


def _around(week: Week, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The spans of the local day and of the day before, which may last past midnight."""
    today = moment.astimezone(ZoneInfo(week.zone)).date()
    for day in (today - timedelta(days=1), today):
        yield from _of_day(week, day)


def _of_day(week: Week, day: date) -> Iterator[tuple[datetime, datetime]]:
    """One local day's spans in UTC, in order. A holiday has none; a span that began on the eve still ends."""
    if day in week.holidays:
        return
    zone = ZoneInfo(week.zone)
    for span in sorted(span for span in week.spans if span.weekday == day.weekday()):
        ends = span.ends if span.ends > span.starts else span.ends + DAY
        start, end = _wall(day, span.starts, zone, fold=0), _wall(day, ends, zone, fold=1)
        if start < end:
            yield start, end


def _wall(day: date, minutes: int, zone: ZoneInfo, *, fold: int) -> datetime:
    local = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001  (its zone comes next)
    return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _stretches(week: Week, moment: datetime, until: datetime | None = None) -> Iterator[tuple[datetime, datetime]]:
    """Open stretches from the one around `moment` on, in order, those that touch joined to one."""
    if not week.spans:
        return
    day = moment.astimezone(ZoneInfo(week.zone)).date() - timedelta(days=1)
    last = (until or moment + HORIZON).astimezone(ZoneInfo(week.zone)).date()
    current: tuple[datetime, datetime] | None = None
    while day <= last:
        for start, end in _of_day(week, day):
            if current is None:
                current = (start, end)
            elif start <= current[1]:
                current = (current[0], max(current[1], end))
            else:
                yield current
                current = (start, end)
        day += timedelta(days=1)
    # What goes on at the horizon without a gap never closes
    if current is not None and (until is not None or current[1] < moment + HORIZON - timedelta(days=2)):
        yield current


def parse(zone: str, given: list[dict[str, Any]], holidays: list[str] | None = None) -> Week:
    """A week from stored or typed JSON: `{"weekday": 0, "starts": "09:00", "ends": "17:30"}`, holidays as `2026-12-25`.

    Raises ValueError, in English for a log, when the zone, a day or a time is none, or two spans of a day overlap.
    """
    if not is_zone(zone):
        raise ValueError(f"unknown time zone {zone!r}")
    spans = tuple(sorted(_span(entry) for entry in given))
    for before, after in pairwise(spans):
        if before.weekday == after.weekday and (before.ends <= before.starts or after.starts < before.ends):
            raise ValueError(f"two spans overlap on weekday {after.weekday}")
    return Week(zone, spans, frozenset(date.fromisoformat(day) for day in holidays or ()))


def _span(entry: dict[str, Any]) -> Span:
    weekday = entry["weekday"]
    if not isinstance(weekday, int) or not 0 <= weekday <= 6:
        raise ValueError(f"no weekday: {weekday!r}")
    starts, ends = minutes(entry["starts"]), minutes(entry["ends"])
    if starts in (DAY, ends):
        raise ValueError("a span has a length")
    return Span(weekday, starts, ends)


def minutes(typed: str) -> int:
    """Minutes since midnight of '09:30'; '24:00' is the end of the day. Raises ValueError."""
    hour, _, minute = str(typed)[:5].partition(":")
    if not (hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit() and len(minute) == 2):
        raise ValueError(f"no time of day: {typed!r}")
    found = int(hour) * 60 + int(minute)
    if int(minute) > 59 or found > DAY:
        raise ValueError(f"no time of day: {typed!r}")
    return found


def spelled(count: int) -> str:
    """'09:30' of 570."""
    return f"{count // 60:02d}:{count % 60:02d}"


def is_zone(name: str) -> bool:
    """Whether the machine knows a time zone by this name."""
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return False
    return bool(name)
