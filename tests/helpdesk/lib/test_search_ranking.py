"""Articles that answer a question best, in the same order on both databases."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helpdesk.lib import clock, search
from helpdesk.lib.search import vocabulary
from helpdesk.people.models import User
from knowledge.models import Article, Category
from tests.helpdesk.lib.test_search_matching import ODD

FRENCH = {
    "Quand serai-je remboursé ?": "Comptez cinq jours ouvrés après l'arrivée du colis. Votre banque affiche la somme.",
    "Retourner un article": "Collez l'étiquette de retour sur le carton. Le remboursement part après contrôle du colis.",
    "Suivre votre commande": "Le numéro de suivi du colis est dans l'e-mail d'expédition de votre commande.",
    "Changer ou annuler une commande": "Tant que la commande n'est pas préparée, vous pouvez l'annuler dans votre compte.",
    "Charger la batterie du vélo": "Branchez le chargeur. Une batterie de vélo se charge en quatre heures.",
    "Détartrer la bouilloire": "Versez du vinaigre, laissez agir une heure, rincez la bouilloire.",
}
ENGLISH = {
    "When will I get my refund?": "Allow five working days after the parcel arrives. Your bank then shows the money.",
    "Return an item": "Stick the label on the box. The refund leaves once we have checked the parcel.",
    "Track your order": "The tracking number is in the dispatch e-mail of your order.",
    "Change or cancel an order": "You may cancel an order in your account until it is packed.",
    "Charge the bike's battery": "Plug the charger in. A battery charges in four hours.",
    "Descale the kettle": "Pour vinegar, wait for an hour, rinse the kettle.",
}


@pytest.fixture(autouse=True)
def _fresh_vocabulary() -> Iterator[None]:
    vocabulary.forget()
    yield
    vocabulary.forget()


@pytest.fixture
def shelf(alice: User) -> Callable[[dict[str, str], str], None]:
    category = Category.objects.create(slug="all", name_en="All", name_fr="Tout")

    def put(texts: dict[str, str], language: str) -> None:
        now = clock.now()
        Article.objects.bulk_create(
            Article(
                category=category,
                language=language,
                slug=f"article-{number}",
                title=title,
                body=body,
                title_terms=search.analyse(title),
                terms=search.analyse(f"{title}\n{body}"),
                status="published",
                author=alice,
                created_at=now,
                updated_at=now,
                published_at=now,
            )
            for number, (title, body) in enumerate(texts.items())
        )

    return put


def _titles(text: str, language: str = "fr", *, prefix: bool = True) -> list[str]:
    ranked = search.rank(Article.objects.in_language(language), text, prefix=prefix)
    titles = dict(Article.objects.values_list("pk", "title"))
    return [titles[one.pk] for one in ranked]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("comment puis-je être remboursé ?", "Quand serai-je remboursé ?"),
        ("remboursement", "Quand serai-je remboursé ?"),
        ("rembousement", "Quand serai-je remboursé ?"),
        ("je voudrais annuler ma commande svp", "Changer ou annuler une commande"),
        ("annulation", "Changer ou annuler une commande"),
        ("où est mon colis, numéro de suivi", "Suivre votre commande"),
        ("batteries", "Charger la batterie du vélo"),
        ("la batrie ne charge plus", "Charger la batterie du vélo"),
        ("DETARTRER", "Détartrer la bouilloire"),
        ("bouil", "Détartrer la bouilloire"),
        ("Bonjour, ma bouilloire est pleine de calcaire, que faire ? Merci", "Détartrer la bouilloire"),
        ("étiquette", "Retourner un article"),
    ],
)
def test_french_questions_find_their_answer_first(shelf, question: str, answer: str) -> None:
    shelf(FRENCH, "fr")
    assert _titles(question)[0] == answer


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("how do I get refunded?", "When will I get my refund?"),
        ("refnud", "When will I get my refund?"),
        ("cancelling my order", "Change or cancel an order"),
        ("tracking", "Track your order"),
        ("where's my parcel's tracking number", "Track your order"),
        ("batterys", "Charge the bike's battery"),
        ("kettles", "Descale the kettle"),
        ("returns", "Return an item"),
    ],
)
def test_english_questions_find_their_answer_first(shelf, question: str, answer: str) -> None:
    shelf(ENGLISH, "en")
    assert _titles(question, "en")[0] == answer


def test_the_whole_order_is_the_same_on_both_databases(shelf) -> None:
    shelf(FRENCH, "fr")
    assert _titles("remboursement du colis de ma commande") == [
        "Suivre votre commande",
        "Quand serai-je remboursé ?",
        "Retourner un article",
        "Changer ou annuler une commande",
    ]


def test_rows_that_the_caller_may_not_see_give_away_no_word(shelf) -> None:
    shelf(FRENCH, "fr")
    Article.objects.filter(title="Détartrer la bouilloire").update(audience="agents")
    visible = Article.objects.in_language("fr").filter(audience="public")
    assert search.rank(visible, "bouilloir") == []
    assert "bouilloir" not in vocabulary.of_articles(visible, changed="updated_at").counts


def test_a_change_of_the_articles_is_known_at_once(shelf) -> None:
    shelf(FRENCH, "fr")
    assert _titles("trottinete") == []
    article = Article.objects.get(title="Retourner un article")
    article.terms, article.updated_at = search.analyse("La trottinette"), clock.now() + timedelta(seconds=1)
    article.save()
    assert _titles("trottinete") == ["Retourner un article"]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_questions_find_nothing_and_break_nothing(shelf, text: str) -> None:
    shelf(FRENCH, "fr")
    expected = ["Quand serai-je remboursé ?", "Retourner un article"] if text == "rembours*" else []
    assert _titles(text) == expected
    assert search.rank(Article.objects.none(), text) == []


def test_an_empty_shelf_finds_nothing(db: None) -> None:
    assert search.rank(Article.objects.all(), "remboursement") == []


def test_ranking_costs_one_query_however_many_articles_answer(shelf) -> None:
    shelf(FRENCH, "fr")
    _titles("colis")
    with CaptureQueriesContext(connection) as queries:
        search.rank(Article.objects.in_language("fr"), "colis commande")
    assert len(queries) == 1


def test_a_passage_shows_where_and_which_words() -> None:
    body = "Rien ici. " * 30 + "Le remboursement arrive sur votre carte en cinq jours. " + "Et la suite. " * 30
    parts = search.passage(body, "quand serai-je remboursé sur ma carte", limit=90)
    assert [part.text for part in parts if part.is_hit] == ["remboursement", "carte"]
    assert search.plain(parts).startswith("… Le remboursement arrive sur votre carte")
    assert len(search.plain(parts)) <= 94


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_a_passage_without_a_hit_is_the_beginning(text: str) -> None:
    assert search.plain(search.passage("Une phrase tout à fait courte.", text)) == "Une phrase tout à fait courte."


@pytest.mark.parametrize("limit", [1, 10, 60, 180])
def test_a_passage_never_exceeds_its_limit_by_more_than_its_marks(limit: int) -> None:
    for source in ("mot " * 200, "x" * 500, "rembours" + "é" * 300, "", "carte. " * 80):
        assert len(search.plain(search.passage(source, "carte remboursé mot", limit))) <= limit + 3


def test_two_thousand_long_articles_are_ranked_in_a_moment(shelf) -> None:
    words = [
        f"{a}{b}{c}" for a in ("ba", "ke", "li", "mo", "su") for b in ("ran", "tel", "vis", "dop") for c in "aeiou"
    ]
    texts = {
        f"{words[n % 100]} {words[n * 7 % 100]} {n}": " ".join(words[(n * k) % 100] for k in range(1, 60))
        for n in range(2_000)
    }
    shelf(texts, "fr")
    _titles("barana")
    began = time.perf_counter()
    assert len(_titles("barana kevisi modopo")) == 20
    assert time.perf_counter() - began < 2
