"""Rule conditions: what matches, on which words, and what does not."""

from typing import Any

import pytest

from helpdesk.lib.errors import Invalid
from tickets.facts import Facts
from tickets.rules import conditions

FACTS = Facts(
    subject="Remboursement NON reçu",
    body="Ma carte a été débitée deux fois ; I want my money   back. Déçu.",
    channel="email",
    sender="lea@shop.example",
    mailbox="support@desk.example",
    language="fr",
    kind="complaint",
)


def words(*terms: str, field: str = "text") -> dict[str, Any]:
    return {"field": field, "op": "words", "value": list(terms)}


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        (["rembours*"], ["Remboursement"]),
        (["carte"], ["carte"]),
        (["CARTE"], ["carte"]),
        (["debitee"], ["débitée"]),
        (["recu"], ["reçu"]),
        (['"money back"'], ["money   back"]),
        (["decu"], ["Déçu"]),
        (["cart"], []),
        (["rembours"], []),
        (['"back money"'], []),
        (["carte", "deux"], ["carte", "deux"]),
    ],
)
def test_words_are_whole_folded_and_shown_in_the_customers_own_spelling(terms: list[str], found: list[str]) -> None:
    matched, findings = conditions.match({"all": [words(*terms)]}, FACTS)
    assert [term["text"] for term in findings[0]["terms"]] == found
    assert matched == bool(found)
    for term in findings[0]["terms"]:
        assert FACTS.text[term["start"] : term["end"]] == term["text"]


def test_folding_that_lengthens_a_text_keeps_the_offsets() -> None:
    facts = Facts(subject="Straße", body="Œuvre ﬁnale")
    _matched, findings = conditions.match({"any": [words("strasse", "oeuvre", "finale")]}, facts)
    assert [term["text"] for term in findings[0]["terms"]] == ["Straße", "Œuvre", "ﬁnale"]


def test_a_field_narrows_where_words_count() -> None:
    assert conditions.match({"all": [words("carte", field="subject")]}, FACTS)[0] is False
    assert conditions.match({"all": [words("carte", field="body")]}, FACTS)[0] is True


@pytest.mark.parametrize(
    ("tree", "holds"),
    [
        ({}, True),
        ({"all": [words("carte"), words("nowhere")]}, False),
        ({"any": [words("carte"), words("nowhere")]}, True),
        ({"none": [words("carte")]}, False),
        ({"all": [words("carte")], "none": [words("nowhere")]}, True),
        ({"all": [{"any": [words("nowhere"), words("deux")]}, {"none": [words("offer")]}]}, True),
        ({"all": [{"field": "language", "op": "in", "value": ["fr", "en"]}]}, True),
        ({"all": [{"field": "domain", "op": "is", "value": "shop.example"}]}, True),
        ({"all": [{"field": "channel", "op": "is", "value": "chat"}]}, False),
    ],
)
def test_groups(tree: dict[str, Any], holds: bool) -> None:
    assert conditions.match(tree, FACTS)[0] is holds


def test_a_failed_condition_says_what_was_expected_and_what_was_there() -> None:
    _matched, findings = conditions.match({"all": [{"field": "channel", "op": "is", "value": "chat"}]}, FACTS)
    assert findings[0] == {
        "field": "channel",
        "op": "is",
        "expected": ["chat"],
        "actual": "email",
        "matched": False,
        "group": "all",
        "of": "original",
        "path": "all.0",
        "note": "",
        "terms": [],
    }


@pytest.mark.parametrize(
    "tree",
    [
        [],
        {"some": []},
        {"all": {}},
        {"all": [words()]},
        {"all": [words("")]},
        {"all": [words("*")]},
        {"all": [words("x" * 201)]},
        {"all": [{"field": "password", "op": "is", "value": "x"}]},
        {"all": [{"field": "text", "op": "is", "value": "x"}]},
        {"all": [{"all": [{"all": [{"all": [{"all": []}]}]}]}]},
    ],
)
def test_what_is_no_condition_is_refused(tree: Any) -> None:
    with pytest.raises(Invalid):
        conditions.check(tree)
