"""The help centre as a reader meets it, without a script."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from helpdesk.people.models import User
from knowledge import publishing
from knowledge.models import Article, Category, Feedback, SearchMiss
from tests.knowledge.conftest import CANARY, Shelf


@pytest.fixture
def reader() -> Client:
    return Client()


def _page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return unescape(answer.content.decode())


def _alternates(page: str) -> dict[str, str]:
    found = re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]+)">', page)
    assert len(found) == len(dict(found))
    return dict(found)


def _canonical(page: str) -> str:
    (found,) = re.findall(r'<link rel="canonical" href="([^"]+)">', page)
    return str(found)


def test_the_front_page_shows_the_sections_of_its_language(reader: Client, shelf: Shelf) -> None:
    page = _page(reader, "/fr/help/")
    assert '<html lang="fr">' in page
    assert (
        '<a href="/fr/help/section/returns/"><strong>Retours et remboursements</strong><small>1 article</small>' in page
    )
    assert "Quand serai-je remboursé ?" in page
    assert "When will I get my refund?" not in page
    assert "Returns & refunds" in _page(reader, "/en/help/")


def test_the_front_page_of_an_empty_shelf_leads_to_a_person(reader: Client, db: None) -> None:
    assert 'href="/fr/contact/request/"' in _page(reader, "/fr/help/")


def test_a_section_lists_its_articles_and_an_unknown_one_is_not_found(reader: Client, shelf: Shelf) -> None:
    page = _page(reader, "/en/help/section/home/")
    assert f'<a href="/en/help/descale-the-kettle-{shelf.kettle_en.pk}/">Descale the kettle</a>' in page
    assert reader.get("/en/help/section/nowhere/").status_code == 404


def test_an_article_is_complete_without_a_script(reader: Client, shelf: Shelf) -> None:
    page = _page(reader, shelf.refund_fr.get_absolute_url())
    assert page.count("<h1") == 1
    assert "<h1>Quand serai-je remboursé ?</h1>" in page
    assert '<h2 id="par-carte">Par carte</h2>' in page
    assert '<a href="#par-carte">Par carte</a>' in page
    assert '<a href="/fr/help/section/returns/">Retours et remboursements</a>' in page
    assert 'name="helpful" value="yes"' in page
    assert 'href="/fr/contact/request/"' in page
    assert "noindex" not in page


def test_search_engines_learn_the_one_address_and_its_translations_both_ways(reader: Client, shelf: Shelf) -> None:
    french, english = (_page(reader, one.get_absolute_url()) for one in (shelf.refund_fr, shelf.refund_en))
    assert _canonical(french).endswith(shelf.refund_fr.get_absolute_url())
    assert _alternates(french) == _alternates(english)
    assert {code: url.split("/help/")[1] for code, url in _alternates(french).items()} == {
        "fr": f"quand-serai-je-rembourse-{shelf.refund_fr.pk}/",
        "en": f"when-will-i-get-my-refund-{shelf.refund_en.pk}/",
        "x-default": f"when-will-i-get-my-refund-{shelf.refund_en.pk}/",
    }


def test_front_pages_point_at_each_other(reader: Client, shelf: Shelf) -> None:
    for path in ("help/", "help/section/home/"):
        found = _alternates(_page(reader, f"/fr/{path}"))
        assert {code: url.split("/", 3)[3] for code, url in found.items()} == {
            "en": f"en/{path}",
            "fr": f"fr/{path}",
            "x-default": f"en/{path}",
        }


def test_linked_data_is_whole_and_cannot_leave_its_element(reader: Client, section: Category, bob: User) -> None:
    article = publishing.create(
        section, language="en", title="A </script><script>alert(1)</script> & more", body="Text.", by=bob
    )
    article = publishing.publish(article, by=bob)
    raw = reader.get(article.get_absolute_url()).content.decode()
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', raw)
    data = json.loads(found)["@graph"]
    assert [part["@type"] for part in data] == ["Article", "BreadcrumbList"]
    assert data[0]["headline"] == "A </script><script>alert(1)</script> & more"
    assert [crumb["name"] for crumb in data[1]["itemListElement"]] == ["Help", "Returns & refunds", data[0]["headline"]]
    assert "<script>alert" not in raw


def test_a_wrong_slug_is_sent_for_good_to_the_right_one(reader: Client, shelf: Shelf, bob: User) -> None:
    old = shelf.kettle_fr.get_absolute_url()
    article = publishing.update(shelf.kettle_fr, by=bob, title="Entretenir la bouilloire")
    answer = reader.get(old)
    assert (answer.status_code, answer["Location"]) == (301, article.get_absolute_url())


def test_an_article_in_another_language_leads_to_its_translation(reader: Client, shelf: Shelf) -> None:
    answer = reader.get(shelf.refund_fr.url_in("en"))
    assert (answer.status_code, answer["Location"]) == (302, shelf.refund_en.get_absolute_url())
    assert f'<a href="{shelf.refund_en.get_absolute_url()}" lang="en"' in _page(
        reader, shelf.refund_fr.get_absolute_url()
    )


def test_without_a_translation_the_other_language_is_shown_with_a_notice(
    reader: Client, shelf: Shelf, bob: User
) -> None:
    publishing.archive(shelf.kettle_en, by=bob)
    page = _page(reader, shelf.kettle_fr.url_in("en"))
    assert '<html lang="en">' in page
    assert '<article data-article lang="fr">' in page
    assert "has not been translated into English yet" in page
    assert '<meta name="robots" content="noindex">' in page
    assert _canonical(page).endswith(shelf.kettle_fr.get_absolute_url())
    assert _alternates(page) == {}


def test_what_is_hidden_is_hidden_at_every_door(reader: Client, shelf: Shelf) -> None:
    for address in (
        "/fr/help/",
        "/fr/help/section/returns/",
        f"/en/help/search?q={CANARY}",
        f"/fr/help/search?q={CANARY}x",
        "/fr/help/search?q=accorder brouillon ancien remboursement",
        shelf.refund_fr.get_absolute_url(),
        "/sitemap.xml",
    ):
        page = _page(reader, address)
        assert CANARY not in page.replace(f"q={CANARY}", "").replace(f"“{CANARY}”", "").replace(
            f'value="{CANARY}', ""
        ).replace(f"subject={CANARY}", "").replace(f"«\u202f{CANARY}", "").replace(f"{CANARY} · ", "").replace(
            f"{CANARY}x · ", ""
        )
        for article in shelf.hidden:
            assert f"-{article.pk}/" not in page
    for article in shelf.hidden:
        for address in (
            article.get_absolute_url(),
            article.url_in("en"),
            f"/fr/help/x-{article.pk}/",
            f"{article.get_absolute_url()}?why=x",
        ):
            assert reader.get(address).status_code == 404
        assert reader.post(f"{article.get_absolute_url()}feedback/", {"helpful": "yes"}).status_code == 404
    assert Feedback.objects.count() == 0


def test_staff_open_what_is_for_agents_and_it_is_not_for_search_engines(
    reader: Client, shelf: Shelf, rita: User
) -> None:
    reader.force_login(rita, backend="django.contrib.auth.backends.ModelBackend")
    page = _page(reader, shelf.agents.get_absolute_url())
    assert "Agents uniquement" in page
    assert '<meta name="robots" content="noindex">' in page
    assert "application/ld+json" not in page
    assert f"{CANARY}</a> <small>Agents uniquement</small>" in _page(reader, "/fr/help/section/returns/")
    assert reader.get(shelf.draft.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    "question", ["remboursement", "REMBOURSÉ", "rembousement", "comment puis-je être remboursé ?", "rembours"]
)
def test_a_search_finds_and_marks(reader: Client, shelf: Shelf, question: str) -> None:
    page = _page(reader, f"/fr/help/search?q={question}")
    assert shelf.refund_fr.get_absolute_url() in page
    assert "1 article trouvé" in page
    assert "noindex" in page
    assert SearchMiss.objects.count() == 0
    if question != "rembousement":
        assert re.search(r"<mark>rembours\w+</mark>", page)


def test_a_search_without_an_answer_carries_the_question_on_and_tells_the_authors(reader: Client, shelf: Shelf) -> None:
    page = _page(reader, "/fr/help/search?q=Trottinette+%26+casque+%3F")
    assert '/fr/contact/request/?subject=Trottinette%20%26%20casque%20%3F"' in page
    _page(reader, "/fr/help/search?q=trottinette+%26+casque+%3F")
    miss = SearchMiss.objects.get()
    assert (miss.language, miss.query, miss.count) == ("fr", "trottinette & casque ?", 2)


def test_what_may_be_personal_is_not_kept_of_a_search(reader: Client, shelf: Shelf) -> None:
    for question in ("zzzz 1234567", "qqqq@example.com", "zz"):
        _page(reader, f"/fr/help/search?q={question}")
    assert SearchMiss.objects.count() == 0


def test_a_search_without_an_answer_offers_the_other_language(reader: Client, shelf: Shelf) -> None:
    page = _page(reader, "/fr/help/search?q=descale")
    assert shelf.kettle_en.get_absolute_url() in page
    assert '<li lang="en">' in page


@pytest.mark.parametrize(
    "q", ["", "%20", "%00", "%", "%27", "%22", "*", "the", "a" * 5_000, "%F0%9F%98%80", "%FF%FE", "<b>"]
)
def test_odd_searches_are_answered(reader: Client, shelf: Shelf, q: str) -> None:
    assert "<b>" not in reader.get(f"/fr/help/search?q={q}").content.decode()


def test_a_yes_is_counted_and_thanked(reader: Client, shelf: Shelf) -> None:
    address = shelf.refund_fr.get_absolute_url()
    answer = reader.post(f"{address}feedback/", {"helpful": "yes"}, follow=True)
    assert answer.redirect_chain == [(f"{address}?thanks=1#feedback", 302)]
    assert "Merci" in answer.content.decode()
    assert list(Feedback.objects.values_list("article", "helpful", "text")) == [(shelf.refund_fr.pk, True, "")]


def test_a_no_is_counted_and_may_be_explained(reader: Client, shelf: Shelf) -> None:
    address = shelf.refund_fr.get_absolute_url()
    page = reader.post(f"{address}feedback/", {"helpful": "no"}, follow=True).content.decode()
    assert Feedback.objects.get().helpful is False
    (reference,) = re.findall(r'name="reference" value="([^"]+)"', page)
    given = {"reference": reference, "reason": "outdated", "words": "C'est \x00 faux " + "x" * 2_000}
    answer = reader.post(f"{address}feedback/", given, follow=True)
    assert "Merci" in answer.content.decode()
    row = Feedback.objects.get()
    assert (row.reason, row.text[:12], len(row.text)) == ("outdated", "C'est  faux ", 1_000)


@pytest.mark.parametrize("reference", ["forged", "", "x:y:z"])
def test_a_forged_reference_changes_no_answer(reader: Client, shelf: Shelf, reference: str) -> None:
    address = shelf.refund_fr.get_absolute_url()
    reader.post(f"{address}feedback/", {"helpful": "no"})
    reader.post(f"{address}feedback/", {"reference": reference, "reason": "failed", "words": "x", "helpful": "yes"})
    assert not Feedback.objects.exclude(reason="", text="").exists()


def test_an_explanation_holds_for_its_own_article_only(reader: Client, shelf: Shelf) -> None:
    page = reader.post(f"{shelf.refund_fr.get_absolute_url()}feedback/", {"helpful": "no"}, follow=True)
    (reference,) = re.findall(r'name="reference" value="([^"]+)"', page.content.decode())
    reader.post(f"{shelf.kettle_fr.get_absolute_url()}feedback/", {"reference": reference, "words": "x"})
    assert Feedback.objects.get().text == ""


def test_feedback_needs_the_form_of_the_page(shelf: Shelf) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{shelf.refund_fr.get_absolute_url()}feedback/", {"helpful": "yes"}).status_code == 403
    assert strict.get(f"{shelf.refund_fr.get_absolute_url()}feedback/").status_code == 405
    assert Feedback.objects.count() == 0


def test_the_sitemap_lists_what_everybody_may_read(reader: Client, shelf: Shelf) -> None:
    paths = re.findall(r"<loc>https?://[^/]+([^<]+)</loc>", _page(reader, "/sitemap.xml"))
    public = [shelf.refund_fr, shelf.refund_en, shelf.kettle_fr, shelf.kettle_en]
    assert sorted(paths) == sorted(
        ["/en/help/", "/fr/help/"]
        + [f"/{language}/help/section/{slug}/" for language in ("en", "fr") for slug in ("returns", "home")]
        + [article.get_absolute_url() for article in public]
    )


def test_robots_are_shown_the_sitemap_and_kept_from_the_console(reader: Client) -> None:
    page = _page(reader, "/robots.txt")
    assert "Disallow: /desk/" in page
    assert "/sitemap.xml" in page


def test_no_page_carries_an_inline_script_or_style(reader: Client, shelf: Shelf) -> None:
    for address in ("/fr/help/", "/fr/help/section/home/", "/fr/help/search?q=x", shelf.refund_fr.get_absolute_url()):
        page = reader.get(address).content.decode()
        scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page)
        assert [script for script in scripts if "application/ld+json" not in script] == []
        assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []
        assert page.count("<h1") == 1


DOORS = ["/fr/help/", "/fr/help/section/returns/", "/fr/help/search?q=remboursement", "article"]


def test_pages_cost_the_same_however_much_they_list(reader: Client, shelf: Shelf, section: Category, bob: User) -> None:
    def cost(door: str) -> int:
        address = shelf.refund_fr.get_absolute_url() if door == "article" else door
        reader.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert reader.get(address).status_code == 200
        return len(queries)

    for _ in range(2):
        _more(section, bob, 1)
    few: dict[str, Any] = {door: cost(door) for door in DOORS}
    _more(section, bob, 15)
    assert {door: cost(door) for door in DOORS} == few
    assert few == {
        "/fr/help/": 2,
        "/fr/help/section/returns/": 4,
        "/fr/help/search?q=remboursement": 2,
        "article": 4,
    }


def _more(section: Category, by: User, count: int) -> None:
    first = Article.objects.count()
    for number in range(first, first + count):
        one = publishing.create(section, language="fr", title=f"Remboursement {number}", body="La carte.", by=by)
        publishing.publish(one, by=by)
