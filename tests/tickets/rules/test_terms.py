"""What a term matches: whole words, phrases, nearness, negation, stems, and the options that make it stricter."""

from typing import Any

import pytest

from helpdesk.lib.errors import Invalid
from tickets.facts import Facts
from tickets.rules import conditions

FACTS = Facts(
    subject="Remboursement de ma carte",
    body="Ma Carte bleue a été, hélas, débitée deux fois. C++ et 50 % d'écart. Les chevaux n'arrivent pas. facture_12",
    attachments=("Facture_2026.PDF", "photo.jpg"),
)


def found(*terms: str, field: str = "text", op: str = "words", **options: Any) -> list[tuple[str, str]]:
    tree = {"all": [{"field": field, "op": op, "value": list(terms), **options}]}
    conditions.check(tree)
    return [(term["text"], term["how"]) for term in conditions.match(tree, FACTS)[1][0]["terms"]]


def holds(*terms: str, field: str = "text", op: str = "words", **options: Any) -> bool:
    tree = {"all": [{"field": field, "op": op, "value": list(terms), **options}]}
    conditions.check(tree)
    matched, findings = conditions.match(tree, FACTS)
    assert findings[0]["matched"] == matched
    return matched


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("carte", [("carte", "exact"), ("Carte", "case")]),
        ("DEBITEE", [("débitée", "folded")]),
        ("debitee", [("débitée", "accents")]),
        ("rembours*", [("Remboursement", "wildcard")]),
        ("d*ee", [("débitée", "wildcard")]),
        ('"carte bleue"', [("Carte bleue", "case")]),
        ("“carte bleue”", [("Carte bleue", "case")]),
        ('"deux fois"', [("deux fois", "exact")]),
        ('"fois deux"', []),
        ('"carte débit*"~5', [("Carte bleue a été, hélas, débitée", "near")]),
        ('"débit* carte"~5', [("Carte bleue a été, hélas, débitée", "near")]),
        ('"carte fois"~3', []),
        ("c++", [("C++", "case")]),
        ("c#", []),
        ('"50 %"', [("50 %", "exact")]),
        ('"50 €"', []),
        ("facture", [("facture", "exact")]),
        ("n'arrivent", [("n'arrivent", "exact")]),
        ("cart", []),
        ("cheval", []),
    ],
)
def test_a_term_finds_these_words_and_says_by_which_folding(term: str, expected: list[tuple[str, str]]) -> None:
    assert found(term) == expected


def test_capitals_and_accents_count_when_asked() -> None:
    assert found("Carte", case=True) == [("Carte", "exact")]
    assert found("debitee", accents=True) == []
    assert found("Débitée", accents=True) == [("débitée", "case")]
    assert found("Débitée", accents=True, case=True) == []


def test_parts_of_words_match_only_when_asked() -> None:
    assert found("bourse") == []
    assert found("bourse", whole=False) == [("bourse", "part")]


def test_stems_join_the_forms_of_a_word_per_language() -> None:
    assert found("remboursements", stem="fr") == [("Remboursement", "stem")]
    assert found("remboursements") == []
    assert found("facturer", stem=True) == [("facture", "stem")]


def test_a_negative_word_makes_the_condition_fail() -> None:
    assert holds("carte", "-offre")
    assert not holds("carte", "-bleue")
    assert holds("-offre")
    assert not holds("-carte")


def test_all_and_none_of_a_list() -> None:
    assert holds("carte", "deux", op="all_words")
    assert not holds("carte", "offre", op="all_words")
    assert holds("offre", "casino", op="no_words")
    assert not holds("offre", "carte", op="no_words")


def test_names_of_attachments_are_words_too() -> None:
    assert found("facture", "jpg", field="attachments") == [("Facture", "case"), ("jpg", "exact")]
    assert not holds("carte", field="attachments")


def test_an_expression_reads_folded_text_unless_capitals_or_accents_count() -> None:
    assert found(r"été.{1,20}débitée", op="regex") == [("été, hélas, débitée", "regex")]
    assert found(r"C\+\+", op="regex", case=True) == [("C++", "regex")]
    assert found(r"c\+\+", op="regex", case=True) == []


@pytest.mark.parametrize("pattern", [r"(a)\1", r"(?=a)", "(", r"(a{1000}){1000}", "x" * 501])
def test_an_expression_that_could_run_away_is_refused(pattern: str) -> None:
    with pytest.raises(Invalid):
        conditions.check({"all": [{"field": "text", "op": "regex", "value": pattern}]})


def test_no_expression_takes_more_time_than_its_text_is_long() -> None:
    """RE2 keeps no alternatives open: this one costs Python's own engine hours."""
    facts = Facts(subject="a" * 100, body="a" * 40_000 + "!")
    assert conditions.match({"all": [{"field": "text", "op": "regex", "value": "(a+)+$"}]}, facts)[0] is False


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"field": "priority", "op": "at_least", "value": 3}, True),
        ({"field": "priority", "op": "in", "value": [1, 2]}, False),
        ({"field": "spam", "op": "at_least", "value": 50}, False),
        ({"field": "waiting", "op": "at_least", "value": 1}, False),
        ({"field": "customer.tier", "op": "is", "value": "Gold"}, True),
        ({"field": "customer.size", "op": "is_set", "value": []}, False),
        ({"field": "organization.name", "op": "like", "value": "ac*"}, True),
        ({"field": "field.order", "op": "is_not", "value": "7"}, True),
        ({"field": "hours", "op": "is", "value": "outside"}, True),
        ({"field": "hours", "op": "is", "value": "inside", "calendar": "shop"}, True),
        ({"field": "tags", "op": "any", "value": ["VIP"], "of": "current"}, True),
        ({"field": "tags", "op": "none", "value": ["vip"]}, False),
        ({"field": "kind", "op": "is", "value": "complaint"}, True),
        ({"field": "kind", "op": "is", "value": "information", "of": "current"}, True),
        ({"field": "text", "op": "words", "value": ["later"], "of": "current"}, True),
        ({"field": "text", "op": "words", "value": ["later"]}, False),
    ],
)
def test_other_fields_and_the_current_value(condition: dict[str, Any], expected: bool) -> None:
    facts = Facts(
        subject="First",
        body="words",
        kind="complaint",
        priority=3,
        customer={"tier": "gold"},
        organization_source=lambda: {"name": "ACME"},
        fields={"order": "8"},
        spam_source=lambda: 12.0,
        hours_source=lambda slug: slug == "shop",
        now=Facts(subject="First", body="later words", kind="information", tags=("vip",)),
    )
    conditions.check({"all": [condition]})
    assert conditions.match({"all": [condition]}, facts)[0] is expected
    again = Facts.of_kept(facts.kept(), "First", "words", now_body="later words")
    assert conditions.match({"all": [condition]}, again)[0] is expected
