"""The articles API: what each caller may read, ranked, suggested, refused."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from helpdesk.people.models import User
from knowledge import publishing
from knowledge.models import Category
from tests.conftest import Api
from tests.knowledge.conftest import CANARY, Shelf


def _ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_a_stranger_lists_public_articles_newest_first(api: Api, shelf: Shelf) -> None:
    answer = api(None).get("/api/v1/articles/?language=fr")
    assert _ids(answer) == [shelf.kettle_fr.pk, shelf.refund_fr.pk]
    assert answer.json()["next"] is None
    assert answer.json()["results"][1] == {
        "id": shelf.refund_fr.pk,
        "title": "Quand serai-je remboursé ?",
        "excerpt": "Quand serai-je remboursé ? : en bref.",
        "language": "fr",
        "url": f"/fr/help/quand-serai-je-rembourse-{shelf.refund_fr.pk}/",
        "audience": "public",
        "category": "Retours et remboursements",
    }


@pytest.mark.parametrize("who", ["alice", "rita", "bob", "ada"])
def test_staff_see_what_is_for_agents_and_no_draft(
    api: Api, shelf: Shelf, who: str, request: pytest.FixtureRequest
) -> None:
    client = api(request.getfixturevalue(who))
    everything = {shelf.refund_fr.pk, shelf.refund_en.pk, shelf.kettle_fr.pk, shelf.kettle_en.pk, shelf.agents.pk}
    assert set(_ids(client.get("/api/v1/articles/"))) == everything
    assert _ids(client.get(f"/api/v1/articles/?q={CANARY}")) == [shelf.agents.pk]
    assert client.get(f"/api/v1/articles/{shelf.agents.pk}/").json()["audience"] == "agents"
    assert client.get(f"/api/v1/articles/{shelf.draft.pk}/").status_code == 404
    assert client.get(f"/api/v1/articles/{shelf.archived.pk}/").status_code == 404


def test_what_is_hidden_from_strangers_is_hidden_at_every_door(api: Api, shelf: Shelf) -> None:
    client = api(None)
    for door in (
        "articles/",
        f"articles/?q={CANARY}",
        f"articles/?q={CANARY[:5]}",
        "articles/?q=remboursement",
        f"articles/suggest/?text=remboursement {CANARY}",
        f"articles/?q={CANARY[:-1]}r",
    ):
        answer = client.get(f"/api/v1/{door}")
        assert answer.status_code == 200
        assert CANARY not in answer.content.decode()
    for article in shelf.hidden:
        assert client.get(f"/api/v1/articles/{article.pk}/").status_code == 404


def test_a_question_is_answered_by_the_best_article_first_with_the_passage(api: Api, shelf: Shelf) -> None:
    answer = api(None).get("/api/v1/articles/", {"q": "comment puis-je être rembousé sur ma carte ?", "language": "fr"})
    assert _ids(answer)[0] == shelf.refund_fr.pk
    assert "carte" in answer.json()["results"][0]["excerpt"]
    assert (answer.json()["next"], answer.json()["previous"]) == (None, None)


def test_one_article_comes_as_html_and_as_text(api: Api, shelf: Shelf) -> None:
    article = api(None).get(f"/api/v1/articles/{shelf.refund_en.pk}/").json()
    assert '<h2 id="by-card">By card</h2>' in article["body_html"]
    assert article["body_text"].startswith("Allow 5 working days.\n\nBy card")


@pytest.mark.parametrize("text", ["vos horaires et votre commande", "la trottinette du voisin", "bonjour", "asdf qwer"])
def test_one_word_in_passing_is_no_reason_to_suggest(api: Api, shelf: Shelf, text: str) -> None:
    assert _ids(api(None).get("/api/v1/articles/suggest/", {"text": text, "language": "fr"})) == []


def test_suggestions_are_few_and_near(api: Api, shelf: Shelf) -> None:
    text = "Bonjour, j'ai renvoyé mon vélo et je n'ai pas encore été remboursé sur ma carte. Merci"
    answer = api(None).get("/api/v1/articles/suggest/", {"text": text, "language": "fr"})
    assert _ids(answer) == [shelf.refund_fr.pk]
    assert "remboursement" in answer.json()["results"][0]["passage"]
    assert (
        _ids(api(None).get("/api/v1/articles/suggest/", {"text": "la trottinette du voisin", "language": "fr"})) == []
    )


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("articles/?language=de", "language"),
        ("articles/?q=%00", "q"),
        ("articles/suggest/", "text"),
        ("articles/suggest/?text=x&language=zz", "language"),
        (f"articles/?q={'x' * 10_001}", "q"),
    ],
)
def test_a_wrong_question_is_told_its_field(api: Api, shelf: Shelf, address: str, field: str) -> None:
    answer = api(None).get(f"/api/v1/{address}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert list(answer.json()["fields"]) == [field]


@pytest.mark.parametrize("q", ["'", '"', "%", "*", "the of", "a" * 9_000, "mot " * 2_000, "((", "\\", "😀"])
def test_odd_questions_are_answered(api: Api, shelf: Shelf, q: str) -> None:
    assert api(None).get("/api/v1/articles/", {"q": q}).status_code == 200
    assert api(None).get("/api/v1/articles/suggest/", {"text": q}).status_code == 200


def test_nobody_writes_here(api: Api, shelf: Shelf, ada: User) -> None:
    for method in ("post", "put", "patch", "delete"):
        for door in ("articles/", "articles/suggest/", f"articles/{shelf.refund_fr.pk}/"):
            assert getattr(api(ada), method)(f"/api/v1/{door}", {}).status_code in (403, 405)


def test_strangers_are_slowed_down_and_staff_are_not(api: Api, shelf: Shelf, alice: User, settings: Settings) -> None:
    settings.RATE_PUBLIC_PER_MINUTE = 3
    stranger, staff = api(None), api(alice)
    assert [stranger.get("/api/v1/articles/?q=carte").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert [staff.get("/api/v1/articles/?q=carte").status_code for _ in range(5)] == [200] * 5


def test_a_list_costs_the_same_however_long(api: Api, shelf: Shelf, section: Category, bob: User) -> None:
    client = api(None)
    few = {door: _queries(client, door) for door in DOORS}
    for number in range(12):
        one = publishing.create(section, language="fr", title=f"Remboursement {number}", body="La carte.", by=bob)
        publishing.publish(one, by=bob)
    assert {door: _queries(client, door) for door in DOORS} == few


DOORS = {
    "articles/?language=fr": 1,
    "articles/?language=fr&q=remboursement": 2,
    "articles/suggest/?language=fr&text=remboursement sur ma carte": 2,
}


@pytest.mark.parametrize("door", DOORS)
def test_queries_of_a_list(api: Api, shelf: Shelf, door: str) -> None:
    assert _queries(api(None), door) == DOORS[door]


def _queries(client: Any, door: str) -> int:
    client.get(f"/api/v1/{door}")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/api/v1/{door}").status_code == 200
    return len(queries)
