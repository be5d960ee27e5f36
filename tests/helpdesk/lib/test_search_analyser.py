"""What a text says, whatever its accents, number, gender and tense."""

import pytest

from helpdesk.lib.search import analyser


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("remboursement", "remboursements"),
        ("remboursé", "rembourser"),
        ("remboursée", "remboursement"),
        ("livré", "livrées"),
        ("connexion", "connexions"),
        ("pneu", "pneus"),
        ("vélo", "VELOS"),
        ("journal", "journaux"),
        ("cadeau", "cadeaux"),
        ("annuler", "annulation"),
        ("delivery", "deliveries"),
        ("refund", "refunded"),
        ("refunds", "refunding"),
        ("try", "tries"),
        ("battery", "batteries"),
        ("charger", "chargers"),
    ],
)
def test_forms_of_one_word_share_a_term(one: str, other: str) -> None:
    def terms(word: str) -> set[str]:
        return set(analyser.analyse(word).split())

    assert terms(one) & terms(other)


def test_elided_articles_and_possessives_are_no_words() -> None:
    assert analyser.words("L’annulation d'une commande, qu'il faut jusqu'à 48h") == [
        "annulation",
        "une",
        "commande",
        "il",
        "faut",
        "a",
        "48h",
    ]
    assert analyser.words("the customer's order") == ["the", "customer", "order"]


def test_stop_words_and_single_letters_are_not_stored() -> None:
    assert analyser.analyse("Comment puis-je être remboursé ?") == "rembourse rembours"
    assert analyser.analyse("the of à y m") == ""


def test_numbers_are_kept_as_they_are() -> None:
    assert analyser.analyse("MF-1042, 3 g") == "mf 1042 3"


def test_other_scripts_and_odd_characters_are_words_or_nothing() -> None:
    assert analyser.words("Ελλάδα ™ ½ \x00 \ud800 % * '") == ["ελλαδα", "tm", "1", "2"]


def test_terms_stay_below_what_a_database_can_index() -> None:
    terms = analyser.analyse(" ".join(f"mot{number}" for number in range(200_000)))
    assert 190_000 < len(terms.encode()) <= 200_000


def test_a_word_without_end_is_cut() -> None:
    assert analyser.words("a" * 1000) == ["a" * 40]


def test_places_are_those_of_the_shown_text() -> None:
    shown = "L’œuvre est livrée à Nîmes"
    assert [shown[place.start : place.end] for place in analyser.places(shown)] == ["œuvre", "livrée", "Nîmes"]
