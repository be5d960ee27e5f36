"""Who may read an article: every audience at every door."""

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from helpdesk.lib import errors
from helpdesk.people.browser import KEY
from helpdesk.people.models import Customer, Team, TeamMember, User
from knowledge import publishing
from knowledge.models import Article, Category, Feedback
from tests.conftest import Api

MARK = {"public": "quartz", "signed_in": "obsidienne", "agents": "zanzibar", "teams": "lapislazuli"}
READS = {
    "stranger": ["public"],
    "dana": ["public", "signed_in"],
    "charlie": ["public", "signed_in", "agents"],
    "rita": ["public", "signed_in", "agents", "teams"],
    "alice": ["public", "signed_in", "agents", "teams"],
    "ada": ["public", "signed_in", "agents", "teams"],
}


@pytest.fixture
def articles(section: Category, bob: User, alice: User) -> dict[str, Article]:
    """One for each audience; that for teams is for alice's, billing."""
    made = {}
    for audience, mark in MARK.items():
        teams = list(Team.objects.filter(slug="billing")) if audience == "teams" else []
        one = publishing.create(
            section,
            language="fr",
            title=f"Remboursement {mark}",
            body=f"Le {mark} est remboursé.",
            summary=f"Du {mark}.",
            audience=audience,
            teams=teams,
            by=bob,
        )
        made[audience] = publishing.publish(one, by=bob)
    return made


@pytest.fixture
def browser(request: pytest.FixtureRequest) -> Callable[[str], Client]:
    def signed_in(name: str) -> Client:
        client = Client()
        if name == "stranger":
            return client
        who = request.getfixturevalue(name)
        if isinstance(who, Customer):
            session = client.session
            session[KEY] = who.pk
            session.save()
        else:
            client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


def _doors(article: Article, mark: str) -> list[str]:
    """Every address that could show an article, with the question that would find it."""
    return [
        "/fr/help/",
        "/fr/help/section/returns/",
        f"/fr/help/search?q=remboursement+{mark}",
        f"/fr/help/search?q={mark[:-1]}",
        f"/en/help/search?q={mark}",
        "/api/v1/articles/?language=fr",
        f"/api/v1/articles/?q={mark}",
        f"/api/v1/articles/suggest/?text=remboursement+du+{mark}",
        article.get_absolute_url(),
        f"/en/help/x-{article.pk}/",
        f"/api/v1/articles/{article.pk}/",
    ]


@pytest.mark.parametrize("who", READS)
def test_each_reads_what_is_meant_for_him_at_every_door(
    articles: dict[str, Article], browser: Callable[[str], Client], who: str
) -> None:
    client = browser(who)
    for audience, article in articles.items():
        mark = MARK[audience]
        title = f"Remboursement {mark}"
        for door in _doors(article, mark):
            answer = client.get(door, follow=True)
            shown = title in unescape(answer.content.decode()).replace("\\u00e9", "é")
            assert shown is (audience in READS[who]), (door, audience)
            if door.endswith(f"{article.pk}/"):
                assert answer.status_code == (200 if shown else 404), door


@pytest.mark.parametrize("who", READS)
def test_machines_are_told_of_what_is_public_only(
    articles: dict[str, Article], browser: Callable[[str], Client], who: str
) -> None:
    client = browser(who)
    for door in ("/sitemap.xml", "/fr/help/feed/", "/fr/help/section/returns/feed/"):
        said = client.get(door).content.decode()
        assert [audience for audience, one in articles.items() if f"-{one.pk}/" in said] == ["public"], door


def test_nobody_answers_about_what_he_may_not_read(
    articles: dict[str, Article], browser: Callable[[str], Client]
) -> None:
    for who, audience in (("stranger", "signed_in"), ("dana", "agents"), ("charlie", "teams")):
        address = f"{articles[audience].get_absolute_url()}feedback/"
        assert browser(who).post(address, {"helpful": "no"}).status_code == 404
    assert Feedback.objects.count() == 0


def test_a_page_that_is_not_for_everybody_is_kept_by_no_cache_and_by_no_search_engine(
    articles: dict[str, Article], browser: Callable[[str], Client]
) -> None:
    for audience in ("signed_in", "agents", "teams"):
        answer = browser("alice").get(articles[audience].get_absolute_url())
        assert answer["Cache-Control"] == "private, no-store"
        page = answer.content.decode()
        assert '<meta name="robots" content="noindex">' in page
        assert "application/ld+json" not in page
    assert "Cache-Control" not in browser("stranger").get(articles["public"].get_absolute_url())


@pytest.mark.parametrize(
    "door", ["articles/?q={mark}&for=customer", "articles/suggest/?text={mark} remboursement&for=customer"]
)
def test_what_is_written_to_a_customer_holds_what_he_may_read(
    articles: dict[str, Article], api: Api, alice: User, door: str
) -> None:
    found = []
    for audience, mark in MARK.items():
        answer = api(alice).get(f"/api/v1/{door.format(mark=mark)}").json()
        found += [audience] * any(row["id"] == articles[audience].pk for row in answer["results"])
    assert found == ["public", "signed_in"]


def test_the_text_of_an_internal_article_is_not_handed_out_for_a_customer(
    articles: dict[str, Article], api: Api, alice: User
) -> None:
    codes = [api(alice).get(f"/api/v1/articles/{one.pk}/?for=customer").status_code for one in articles.values()]
    assert codes == [200, 200, 404, 404]


def test_who_leaves_the_team_reads_it_no_more(articles: dict[str, Article], api: Api, alice: User) -> None:
    address = f"/api/v1/articles/{articles['teams'].pk}/"
    assert api(alice).get(address).status_code == 200
    TeamMember.objects.filter(user=alice).delete()
    assert api(alice).get(address).status_code == 404
    assert api(alice).get(f"/api/v1/articles/?q={MARK['teams']}").json()["results"] == []


def test_named_teams_are_named(section: Category, bob: User) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        publishing.create(section, language="fr", title="x", body="x", audience="teams", by=bob)
    assert list(refusal.value.fields) == ["teams"]
    assert Article.objects.count() == 0
