"""Writing, publishing, changing and archiving articles."""

import pytest

from helpdesk.events.models import Event
from helpdesk.lib import errors, search
from helpdesk.people.models import User
from knowledge import publishing
from knowledge.models import Article, ArticleVersion, Category
from tests.knowledge.conftest import Shelf


def test_a_new_article_is_a_draft_that_nobody_sees(section: Category, bob: User) -> None:
    article = publishing.create(section, language="fr", title="Où est mon colis ?", body="Dans le camion.", by=bob)
    assert (article.status, article.slug, article.published_at) == ("draft", "ou-est-mon-colis", None)
    assert article.title_terms == search.analyse("Où est mon colis ?")
    assert list(Article.objects.readable_by(bob)) == []
    assert Event.objects.count() == 0
    assert ArticleVersion.objects.count() == 0


def test_publishing_shows_it_keeps_its_text_and_tells(section: Category, bob: User) -> None:
    article = publishing.create(section, language="fr", title="Colis", body="Dans le camion.", by=bob)
    article = publishing.publish(article, by=bob)
    assert list(Article.objects.readable_by(None)) == [article]
    version = ArticleVersion.objects.get()
    assert (version.title, version.body, version.author) == ("Colis", "Dans le camion.", bob)
    event = Event.objects.get()
    assert (event.name, event.subject, event.subject_id, event.actor_id) == (
        "article.published",
        "article",
        article.pk,
        bob.pk,
    )
    assert event.data == {"version": version.pk, "language": "fr", "audience": "public"}


def test_publishing_twice_is_publishing_once(shelf: Shelf, bob: User) -> None:
    before = ArticleVersion.objects.count()
    publishing.publish(shelf.refund_fr, by=bob)
    assert ArticleVersion.objects.count() == before


def test_a_change_of_a_published_article_keeps_the_former_text(shelf: Shelf, bob: User) -> None:
    article = publishing.update(shelf.kettle_fr, by=bob, title="Détartrer la cafetière", body="Citron.")
    assert (article.title, article.slug, article.status) == (
        "Détartrer la cafetière",
        "detartrer-la-cafetiere",
        "published",
    )
    bodies = list(article.versions.order_by("id").values_list("body", flat=True))
    assert bodies == ["Versez du vinaigre et laissez agir une heure.", "Citron."]
    assert [one.pk for one in search.rank(Article.objects.readable_by(None), "citron")] == [article.pk]
    assert search.rank(Article.objects.readable_by(None).in_language("fr"), "vinaigre") == []


def test_an_archived_article_is_on_no_shelf_and_may_come_back(shelf: Shelf, bob: User) -> None:
    publishing.archive(shelf.kettle_fr, by=bob)
    assert shelf.kettle_fr not in Article.objects.readable_by(None)
    assert Event.objects.order_by("-id").first().name == "article.archived"  # type: ignore[union-attr]
    publishing.publish(shelf.kettle_fr, by=bob)
    assert shelf.kettle_fr in Article.objects.readable_by(None)


def test_slugs_are_free_in_their_language_and_may_be_given(section: Category, bob: User) -> None:
    slugs = [
        publishing.create(section, language=language, title="Œuvre d'été", body="x", slug=slug, by=bob).slug
        for language, slug in [
            ("fr", ""),
            ("fr", ""),
            ("en", ""),
            ("fr", "oeuvre-d-ete"),
            ("en", "Given One!"),
            ("fr", "???"),
        ]
    ]
    assert slugs == ["oeuvre-dete", "oeuvre-dete-2", "oeuvre-dete", "oeuvre-d-ete", "given-one", "article"]


def test_a_translation_shares_the_group_and_there_is_one_a_language(shelf: Shelf, section: Category, bob: User) -> None:
    assert shelf.refund_en.group == shelf.refund_fr.group
    before = Article.objects.count()
    with pytest.raises(errors.Invalid) as refusal:
        publishing.create(section, language="en", title="Again", body="x", group=shelf.refund_fr.group, by=bob)
    assert list(refusal.value.fields) == ["language"]
    assert Article.objects.count() == before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " \n"}, "title"),
        ({"body": "\x00"}, "body"),
        ({"body": "x" * 200_001}, "body"),
        ({"language": "de"}, "language"),
        ({"audience": "nobody"}, "audience"),
    ],
)
def test_unusable_texts_are_refused_by_field_and_nothing_is_stored(
    section: Category, bob: User, wrong: dict[str, str], field: str
) -> None:
    given = {"language": "fr", "title": "Titre", "body": "Texte", **wrong}
    with pytest.raises(errors.Invalid) as refusal:
        publishing.create(section, by=bob, **given)  # type: ignore[arg-type]
    assert list(refusal.value.fields) == [field]
    assert Article.objects.count() == 0


def test_a_refused_change_changes_nothing(shelf: Shelf, bob: User) -> None:
    with pytest.raises(errors.Invalid):
        publishing.update(shelf.kettle_fr, by=bob, title="Autre", body="")
    shelf.kettle_fr.refresh_from_db()
    assert (shelf.kettle_fr.title, shelf.kettle_fr.versions.count()) == ("Détartrer la bouilloire", 1)


def test_only_texts_can_be_changed(shelf: Shelf, bob: User) -> None:
    with pytest.raises(TypeError):
        publishing.update(shelf.draft, by=bob, status="published")
    shelf.draft.refresh_from_db()
    assert shelf.draft.status == "draft"
