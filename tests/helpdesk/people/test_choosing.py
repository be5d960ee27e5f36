"""Who is chosen, and what is said of everybody else. No database: people are made up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpdesk.lib.hours import Span, Week
from helpdesk.people import choosing
from helpdesk.people.choosing import Need, Person, Reason

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday
ANNA, BEN, CLEO = Person(1, "Anna"), Person(2, "Ben"), Person(3, "Cleo")
FRENCH = Need(frozenset({"fr"}))


def against(person: Person, need: Need = Need()) -> list[str]:  # noqa: B008
    return [reason.code for reason in choosing.weigh(person, need, NOW)]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, []),
        ({"is_active": False, "is_present": False}, ["deactivated"]),
        ({"role": "reader"}, ["reader"]),
        ({"is_member": False}, ["not_in_team"]),
        ({"is_present": False}, ["offline"]),
        ({"availability": "offline"}, ["offline"]),
        ({"availability": "away"}, ["away"]),
        ({"availability": "finishing"}, ["finishing"]),
        ({"load": 3, "limit": 3}, ["full"]),
        ({"load": 3, "limit": 4}, []),
        ({"load": 99}, []),
        ({"load": 0, "limit": 0}, ["full"]),
        ({"passed": "declined", "passed_until": NOW + timedelta(minutes=1)}, ["declined"]),
        ({"passed": "declined", "passed_until": NOW}, []),
        ({"absences": ((NOW - timedelta(days=1), NOW + timedelta(days=1)),)}, ["absent"]),
        ({"absences": ((NOW - timedelta(days=1), NOW),)}, []),
        ({"absences": ((NOW + timedelta(hours=1), NOW + timedelta(days=1)),)}, []),
        ({"hours": Week("UTC", (Span(0, 9 * 60, 17 * 60),))}, []),
        ({"hours": Week("UTC", (Span(0, 12 * 60, 17 * 60),))}, ["off_shift"]),
        ({"hours": Week("UTC", (Span(1, 9 * 60, 17 * 60),)), "is_present": False, "load": 1, "limit": 1},
         ["off_shift", "offline", "full"]),
    ],
)  # fmt: skip
def test_what_speaks_against_somebody(change: dict[str, object], codes: list[str]) -> None:
    assert against(replace(ANNA, **change)) == codes  # type: ignore[arg-type]


def test_reasons_say_until_when() -> None:
    late = replace(ANNA, hours=Week("Europe/Paris", (Span(0, 14 * 60, 18 * 60),)))
    assert choosing.weigh(late, Need(), NOW) == (Reason("off_shift", datetime(2026, 11, 23, 13, 0, tzinfo=UTC)),)
    away = replace(
        ANNA, absences=((NOW, NOW + timedelta(days=1)), (NOW + timedelta(hours=20), NOW + timedelta(days=3)))
    )
    assert choosing.weigh(away, Need(), NOW) == (Reason("absent", NOW + timedelta(days=3)),), (
        "they follow on each other"
    )
    assert choosing.weigh(ANNA, FRENCH, NOW) == (Reason("lacks_skill", None, ("fr",)),)


def test_in_turn_goes_on_behind_the_last_and_round() -> None:
    turns, last = [], 0
    for _turn in range(5):
        winner = choosing.choose([CLEO, ANNA, BEN], Need(), NOW, order="in_turn", last=last).winner
        assert winner is not None
        last = winner.id
        turns.append(winner.name)
    assert turns == ["Anna", "Ben", "Cleo", "Anna", "Ben"]


def test_the_least_busy_wins_and_equals_take_turns() -> None:
    people = [replace(ANNA, load=4), replace(BEN, load=1), replace(CLEO, load=1)]
    first = choosing.choose(people, Need(), NOW, order="least_busy")
    second = choosing.choose(people, Need(), NOW, order="least_busy", last=2)
    assert [(first.winner and first.winner.name), (second.winner and second.winner.name)] == ["Ben", "Cleo"]
    assert (first.why, first.tied) == ("least_busy", 2)


def test_a_skill_decides_over_load_until_it_is_relaxed() -> None:
    people = [replace(ANNA, load=9, skills=frozenset({"fr"})), BEN]
    choice = choosing.choose(people, FRENCH, NOW, order="least_busy")
    assert (choice.winner and choice.winner.name, choice.why, choice.is_relaxed) == ("Anna", "only_one", False)

    away = [replace(people[0], availability="away"), BEN]
    insists = choosing.choose(away, Need(frozenset({"fr"}), NOW + timedelta(minutes=5)), NOW, order="least_busy")
    assert insists.winner is None
    assert insists.again_at == NOW + timedelta(minutes=5)
    relaxed = choosing.choose(away, Need(frozenset({"fr"}), NOW), NOW, order="least_busy")
    assert (relaxed.winner and relaxed.winner.name, relaxed.is_relaxed) == ("Ben", True)


def test_whoever_has_the_skill_is_preferred_even_when_it_is_relaxed() -> None:
    people = [replace(ANNA, load=9, skills=frozenset({"fr"})), BEN]
    choice = choosing.choose(people, Need(frozenset({"fr"}), NOW), NOW, order="least_busy")
    assert (choice.winner and choice.winner.name, choice.is_relaxed) == ("Anna", False)


def test_relaxed_whoever_lacks_fewest_comes_first() -> None:
    need = Need(frozenset({"fr", "bikes", "safety"}), NOW)
    people = [replace(ANNA, skills=frozenset({"fr"})), replace(BEN, load=7, skills=frozenset({"fr", "bikes"})), CLEO]
    choice = choosing.choose(people, need, NOW, order="least_busy")
    assert (choice.winner and choice.winner.name) == "Ben"


def test_nobody_is_a_choice_with_reasons_and_a_time() -> None:
    late = replace(ANNA, hours=Week("UTC", (Span(0, 12 * 60, 17 * 60),)))
    full = replace(BEN, load=3, limit=3)
    choice = choosing.choose([late, full], Need(), NOW, order="in_turn")
    assert choice.winner is None
    assert [[reason.code for reason in verdict.reasons] for verdict in choice.verdicts] == [["off_shift"], ["full"]]
    assert choice.again_at == NOW.replace(hour=12)


PEOPLE = st.lists(
    st.builds(
        Person,
        id=st.integers(1, 50),
        is_active=st.booleans(),
        is_present=st.booleans(),
        availability=st.sampled_from(["available", "away", "finishing", "offline"]),
        skills=st.frozensets(st.sampled_from(["fr", "en", "bikes"])),
        load=st.integers(0, 5),
        limit=st.none() | st.integers(0, 5),
    ),
    unique_by=lambda person: person.id,
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(
    PEOPLE, st.frozensets(st.sampled_from(["fr", "en"])), st.sampled_from(["in_turn", "least_busy"]), st.integers(0, 50)
)
def test_whoever_wins_has_nothing_against_him_and_everybody_else_has_or_stands_behind(
    people: list[Person], skills: frozenset[str], order: choosing.Order, last: int
) -> None:
    choice = choosing.choose(people, Need(skills), NOW, order=order, last=last)
    assert len(choice.verdicts) == len(people)
    able = [verdict.person for verdict in choice.verdicts if not verdict.reasons]
    if choice.winner is None:
        assert not able
        return
    assert choice.winner in able
    assert choice.winner.is_active
    assert choice.winner.is_present
    assert choice.winner.limit is None or choice.winner.load < choice.winner.limit
    assert skills <= choice.winner.skills
    if order == "least_busy":
        assert choice.winner.load == min(person.load for person in able)
