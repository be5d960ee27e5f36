"""A translation that the other language has left behind."""

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from helpdesk.lib import clock
from helpdesk.people.models import User
from knowledge import drafting, publishing
from knowledge.models import Article
from tests.knowledge.conftest import Shelf

OLD = "Cette traduction n’est plus à jour"


def _change(article: Article, by: User, body: str, change: str = "news", days: int = 1) -> None:
    with clock.pretend(clock.now() + timedelta(days=days)):
        draft = drafting.write(article, number=0, title=article.title, summary="", body=body, by=by)
        drafting.approve(article, number=draft.number, by=by, change=change)


def _behind() -> list[str]:
    return [one.language for one in Article.objects.behind().order_by("language")]


def _page(article: Article) -> str:
    article.refresh_from_db()
    return unescape(Client().get(article.get_absolute_url()).content.decode())


def test_a_first_translation_is_up_to_date_and_so_is_its_original(shelf: Shelf) -> None:
    assert _behind() == []
    assert OLD not in _page(shelf.kettle_fr)


def test_news_in_one_language_leave_the_other_behind_until_it_follows(shelf: Shelf, bob: User) -> None:
    _change(shelf.kettle_en, bob, "Lemon.")
    assert _behind() == ["fr"]
    assert f'<a href="{shelf.kettle_en.get_absolute_url()}" lang="en" hreflang="en">Read the current' in _page(
        shelf.kettle_fr
    )
    assert "out of date" not in _page(shelf.kettle_en)
    _change(shelf.kettle_fr, bob, "Citron.", "follows", days=2)
    assert _behind() == []
    assert OLD not in _page(shelf.kettle_fr)


def test_a_change_of_the_one_that_is_behind_does_not_hide_that_it_is(shelf: Shelf, bob: User) -> None:
    _change(shelf.kettle_en, bob, "Lemon.")
    _change(shelf.kettle_fr, bob, "Vinaigre, une heure.", days=2)
    assert _behind() == ["en", "fr"]


@pytest.mark.parametrize("change", ["minor", "follows"])
def test_other_wording_leaves_nobody_behind(shelf: Shelf, bob: User, change: str) -> None:
    _change(shelf.kettle_en, bob, "Pour some vinegar.", change)
    assert _behind() == []


def test_a_translation_may_be_confirmed_without_a_change(shelf: Shelf, bob: User) -> None:
    _change(shelf.kettle_en, bob, "Lemon.")
    with clock.pretend(clock.now() + timedelta(days=2)):
        publishing.confirm(shelf.kettle_fr, by=bob)
    assert _behind() == []
    assert shelf.kettle_fr.versions.count() == 1


def test_an_archived_text_leaves_nobody_behind(shelf: Shelf, bob: User) -> None:
    _change(shelf.kettle_en, bob, "Lemon.")
    publishing.archive(shelf.kettle_en, by=bob)
    assert _behind() == []
    assert OLD not in _page(shelf.kettle_fr)
