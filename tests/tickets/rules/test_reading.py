"""How a text is cut for matching: quickly, and by no other words and places than looking at each letter would find."""

import re
import time

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.lib import text
from tickets.facts import Facts
from tickets.rules import conditions
from tickets.rules.reading import Reading, words_of

LETTERS = st.text(st.sampled_from("aA bé_œß-'’€«…İǅ中٣½²\n\t?Z9"), max_size=30)


@given(LETTERS)
def test_words_are_the_runs_of_letters_and_digits(source: str) -> None:
    folded = text.fold(source)
    assert words_of(folded) == re.findall(r"[^\W_]+", folded)


@given(LETTERS)
def test_each_word_is_found_where_it_was_written(source: str) -> None:
    reading = Reading(source)
    for place, word in enumerate(reading.sequence):
        assert place in reading.places_of(word)
        assert word in text.fold(reading.original(place))
    one_by_one = [text.fold_with_offsets(character).text for character in source]
    if "".join(one_by_one) == reading.folded.text:
        expected = [at for at, folded in enumerate(one_by_one) for _character in folded]
        assert list(reading.folded.offsets) == expected


def test_two_words_that_are_never_near_cost_no_square_of_the_text() -> None:
    facts = Facts(subject="", body="card " * 20_000 + "x " * 50 + "debit " * 20_000)
    tree = conditions.build({"all": [{"field": "text", "op": "words", "value": ['"card debit"~5']}]})
    began = time.thread_time()
    assert tree.holds(facts) is False
    assert time.thread_time() - began < 5
