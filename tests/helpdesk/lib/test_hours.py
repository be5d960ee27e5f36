"""Hours of the week: over midnight, over changes of clocks, over holidays."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.lib import hours
from helpdesk.lib.hours import ALWAYS, Span, Week

PARIS = ZoneInfo("Europe/Paris")
OFFICE = hours.parse(
    "Europe/Paris",
    [{"weekday": day, "starts": "09:00", "ends": "17:30"} for day in range(5)],
    ["2026-12-25"],
)


def paris(*when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=PARIS, fold=fold)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (paris(2026, 11, 23, 8, 59), False),
        (paris(2026, 11, 23, 9, 0), True),
        (paris(2026, 11, 23, 17, 29), True),
        (paris(2026, 11, 23, 17, 30), False),
        (paris(2026, 11, 22, 12, 0), False),
        (paris(2026, 12, 25, 12, 0), False),
        (paris(2026, 7, 1, 9, 0), True),
        (datetime(2026, 7, 1, 7, 0, tzinfo=UTC), True),
        (datetime(2026, 1, 7, 7, 59, tzinfo=UTC), False),
    ],
)
def test_open_is_by_the_clock_of_the_place(moment: datetime, expected: bool) -> None:
    assert hours.is_open(OFFICE, moment) is expected


def test_the_next_change_is_the_other_side_of_the_door() -> None:
    assert hours.next_change(OFFICE, paris(2026, 11, 23, 12)) == paris(2026, 11, 23, 17, 30)
    assert hours.next_change(OFFICE, paris(2026, 11, 20, 20)) == paris(2026, 11, 23, 9)
    assert hours.next_change(OFFICE, paris(2026, 12, 24, 20)) == paris(2026, 12, 28, 9), "over Christmas and a week-end"
    assert hours.next_opening(OFFICE, paris(2026, 11, 23, 12)) == paris(2026, 11, 23, 12)


def test_a_night_lasts_into_the_next_day_also_into_a_holiday() -> None:
    night = Week("Europe/Paris", (Span(3, 22 * 60, 6 * 60),), frozenset({date(2026, 11, 27)}))
    assert hours.is_open(night, paris(2026, 11, 26, 23))
    assert hours.is_open(night, paris(2026, 11, 27, 5, 59))
    assert not hours.is_open(night, paris(2026, 11, 27, 6))
    assert not hours.is_open(night, paris(2026, 11, 26, 5))


def test_clocks_that_go_forward_shorten_the_night_and_back_lengthen_it() -> None:
    night = Week("Europe/Paris", (Span(5, 22 * 60, 6 * 60),))
    spring = hours.open_between(night, paris(2027, 3, 27, 12), paris(2027, 3, 28, 12))
    autumn = hours.open_between(night, paris(2026, 10, 24, 12), paris(2026, 10, 25, 12))
    assert (spring, autumn) == (timedelta(hours=7), timedelta(hours=9))


def test_an_hour_that_happens_twice_is_open_twice_and_one_that_never_happens_is_not_missed() -> None:
    small = Week("Europe/Paris", (Span(6, 2 * 60, 3 * 60),))
    assert hours.is_open(small, paris(2026, 10, 25, 2, 30, fold=0))
    assert hours.is_open(small, paris(2026, 10, 25, 2, 30, fold=1))
    assert hours.open_between(small, paris(2026, 10, 25, 0), paris(2026, 10, 25, 12)) == timedelta(hours=2)
    assert hours.open_between(small, paris(2027, 3, 28, 0), paris(2027, 3, 28, 12)) == timedelta(0)


def test_a_nine_o_clock_opening_stays_nine_o_clock_when_the_clocks_change() -> None:
    sunday = Week("Europe/Paris", (Span(6, 9 * 60, 10 * 60),))
    assert hours.next_change(sunday, paris(2027, 3, 27, 12)) == datetime(2027, 3, 28, 7, 0, tzinfo=UTC)
    assert hours.next_change(sunday, paris(2026, 10, 24, 12)) == datetime(2026, 10, 25, 8, 0, tzinfo=UTC)


def test_day_and_night_has_no_change_whichever_way_it_is_said() -> None:
    whole = Week("Europe/Paris", tuple(Span(day, 0, 0) for day in range(7)))
    assert hours.is_open(whole, paris(2026, 10, 25, 2, 30, fold=1))
    assert hours.next_change(whole, paris(2026, 11, 23, 12)) is None
    assert hours.next_change(ALWAYS, paris(2026, 11, 23, 12)) is None
    assert hours.open_between(whole, paris(2026, 11, 2), paris(2026, 11, 4)) == timedelta(days=2)
    assert hours.open_between(ALWAYS, paris(2026, 11, 2), paris(2026, 11, 4)) == timedelta(days=2)


def test_never_open_never_changes() -> None:
    assert not hours.is_open(Week("UTC"), paris(2026, 11, 23, 12))
    assert hours.next_opening(Week("UTC"), paris(2026, 11, 23, 12)) is None


def test_open_time_counts_only_the_open_part() -> None:
    friday, monday = paris(2026, 11, 20, 16, 30), paris(2026, 11, 23, 9, 15)
    assert hours.open_between(OFFICE, friday, monday) == timedelta(minutes=75)
    assert hours.open_between(OFFICE, monday, friday) == timedelta(0)


@pytest.mark.parametrize(
    ("zone", "given_hours", "holidays"),
    [
        ("Mars/Olympus", [], []),
        ("", [], []),
        ("../etc/passwd", [], []),
        ("Europe/Paris", [{"weekday": 7, "starts": "09:00", "ends": "10:00"}], []),
        ("Europe/Paris", [{"weekday": 0, "starts": "9h", "ends": "10:00"}], []),
        ("Europe/Paris", [{"weekday": 0, "starts": "09:61", "ends": "10:00"}], []),
        ("Europe/Paris", [{"weekday": 0, "starts": "09:00", "ends": "09:00"}], []),
        ("Europe/Paris", [{"weekday": 0, "starts": "24:00", "ends": "01:00"}], []),
        (
            "Europe/Paris",
            [{"weekday": 0, "starts": "09:00", "ends": "12:00"}, {"weekday": 0, "starts": "11:00", "ends": "13:00"}],
            [],
        ),
        ("Europe/Paris", [], ["2026-02-30"]),
    ],
)
def test_what_are_no_hours_is_refused(zone: str, given_hours: list[dict[str, object]], holidays: list[str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        hours.parse(zone, given_hours, holidays)


WEEKS = st.builds(
    Week,
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kolkata"]),
    st.lists(st.builds(Span, st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440)), max_size=5).map(tuple),
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))


@given(WEEKS, MOMENTS)
def test_a_change_is_a_change_and_none_lies_before_it(week: Week, moment: datetime) -> None:
    now = hours.is_open(week, moment)
    change = hours.next_change(week, moment)
    if change is None:
        return
    assert change > moment
    assert hours.is_open(week, change) is not now
    assert hours.is_open(week, change - timedelta(microseconds=1)) is now
    assert hours.open_between(week, moment, change) == (change - moment if now else timedelta(0))
