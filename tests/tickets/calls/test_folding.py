"""What follows from what was told of a call, in whatever order, however often."""

import itertools
import random
from datetime import timedelta
from typing import Any

import pytest

from tests.tickets.calls.conftest import NINE
from tickets.channels import phone_numbers
from tickets.channels.phone_folding import fold
from tickets.channels.phone_told import Told

STORY = (
    Told("ringing", NINE, "in", "+33612345678", "101", ("101", "102")),
    Told("answered", NINE + timedelta(seconds=9), "", "", "", (), "102"),
    Told("ended", NINE + timedelta(seconds=99), "", "", "", (), "", "normalClearing"),
    Told("missed", NINE + timedelta(seconds=98)),
)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_every_order_of_every_choice_of_events_comes_to_the_same(count: int) -> None:
    for chosen in itertools.combinations(STORY, count):
        found = {fold(order) for order in itertools.permutations(chosen)}
        assert len(found) == 1


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        (("ringing",), "ringing"),
        (("answered",), "answered"),
        (("ringing", "answered"), "answered"),
        (("ended",), "missed"),
        (("missed",), "missed"),
        (("ringing", "ended"), "missed"),
        (("ringing", "missed"), "missed"),
        (("ringing", "ended", "missed"), "missed"),
        (("answered", "ended"), "ended"),
        (("answered", "missed"), "ended"),
        (("ringing", "answered", "ended"), "ended"),
        (("ringing", "answered", "ended", "missed"), "ended"),
    ],
)
def test_what_state_a_call_is_in(kinds: tuple[str, ...], state: str) -> None:
    assert fold(told for told in STORY if told.kind in kinds).state == state


def test_a_call_that_went_on_elsewhere_was_not_missed() -> None:
    ringing, *_others = STORY
    assert fold([ringing, Told("ended", NINE, cause="forwarded")]).state == "ended"
    assert fold([ringing, Told("ended", NINE, cause="noAnswer")]).state == "missed"


def test_the_other_side_is_whom_we_call() -> None:
    folded = fold([Told("ringing", NINE, "out", "101", "+33612345678")])
    assert (folded.number, folded.line, folded.rung) == ("+33612345678", "101", frozenset({"101"}))


def test_words_that_differ_are_taken_from_the_earlier_event_whatever_came_first() -> None:
    events = [Told("ringing", NINE, "in", "1", "101"), Told("ended", NINE, "out", "2", "102", cause="x")]
    for order in itertools.permutations(events):
        folded = fold(order)
        assert (folded.direction, folded.number, folded.line, folded.cause) == ("in", "1", "101", "x")


@pytest.mark.parametrize(
    ("told", "region", "number"),
    [
        ("+33 6 12 34 56 78", "FR", "+33612345678"),
        ("0612345678", "FR", "+33612345678"),
        ("0033612345678", "FR", "+33612345678"),
        ("33612345678", "FR", "+33612345678"),
        ("06.12.34.56.78", "FR", "+33612345678"),
        ("493055571600", "FR", "+493055571600"),
        ("sip:+33612345678@pbx.example;user=phone", "FR", "+33612345678"),
        ("02079460018", "GB", "+442079460018"),
        ("anonymous", "FR", ""),
        ("", "FR", ""),
        ("101", "FR", ""),
        ("112", "FR", ""),
        ("+", "FR", ""),
        ("٠٦١٢٣٤٥٦٧٨", "FR", ""),
        ("1" * 60, "FR", ""),
    ],
)
def test_numbers_as_telephone_systems_send_them(told: str, region: str, number: str) -> None:
    assert phone_numbers.e164(told, region) == number


def test_a_number_is_nothing_but_a_number_whatever_is_sent() -> None:
    signs = random.Random(7)
    for _ in range(2000):
        told = "".join(signs.choice("+0123456789 ().-/@;:sipabc\u00a0٣") for _ in range(signs.randint(0, 30)))
        found = phone_numbers.e164(told, "FR")
        assert found == "" or (found[0] == "+" and found[1:].isascii() and found[1:].isdigit() and len(found) <= 17)


def test_what_is_kept_is_read_again_as_it_was_told() -> None:
    kept: dict[str, Any] = STORY[0].kept()
    assert kept == {"direction": "in", "caller": "+33612345678", "called": "101", "users": ["101", "102"]}
