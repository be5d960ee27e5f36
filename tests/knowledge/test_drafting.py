"""The next text of an article: written, handed in, given back, approved now or for a time, thrown away, brought back."""

from datetime import timedelta

import pytest

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock, errors
from helpdesk.people.models import User
from knowledge import drafting, publishing
from knowledge.models import Article, ArticleDraft, ArticleVersion, Category
from tests.knowledge.conftest import Shelf


def _write(article: Article, by: User, body: str, number: int = 0, title: str = "") -> ArticleDraft:
    return drafting.write(article, number=number, title=title or article.title, summary="", body=body, by=by)


def _events() -> list[str]:
    return list(Event.objects.filter(name__startswith="article.").order_by("id").values_list("name", flat=True))


def test_readers_see_the_last_approved_text_while_the_next_is_written(shelf: Shelf, alice: User, bob: User) -> None:
    draft = _write(shelf.kettle_fr, alice, "Citron.")
    shelf.kettle_fr.refresh_from_db()
    assert (draft.state, draft.number, shelf.kettle_fr.body[:5]) == ("open", 1, "Verse")
    drafting.submit(shelf.kettle_fr, number=1, by=alice)
    article = drafting.approve(shelf.kettle_fr, number=1, by=bob)
    assert (article.status, article.body) == ("published", "Citron.")
    version = ArticleVersion.objects.filter(article=article).latest("pk")
    assert (version.body, version.author, version.approved_by, version.change) == ("Citron.", alice, bob, "news")
    assert ArticleDraft.objects.count() == 0
    assert _events()[-3:] == ["article.submitted", "article.approved", "article.published"]


def test_nobody_overwrites_or_approves_what_he_has_not_read(shelf: Shelf, alice: User, bob: User) -> None:
    _write(shelf.kettle_fr, alice, "Citron.")
    for step in (
        lambda: _write(shelf.kettle_fr, bob, "Sel.", 0),
        lambda: drafting.approve(shelf.kettle_fr, number=0, by=bob),
        lambda: drafting.approve(shelf.kettle_fr, number=2, by=bob),
        lambda: drafting.submit(shelf.kettle_fr, number=2, by=alice),
        lambda: drafting.give_back(shelf.kettle_fr, number=2, note="x", by=bob),
        lambda: drafting.discard(shelf.kettle_fr, number=0),
    ):
        with pytest.raises(errors.Conflict) as refusal:
            step()
        assert refusal.value.extra == {"by": "Alice Martin"}
    draft = ArticleDraft.objects.get()
    assert (draft.body, draft.state, draft.number) == ("Citron.", "open", 1)
    shelf.kettle_fr.refresh_from_db()
    assert shelf.kettle_fr.body.startswith("Versez")


def test_what_changed_after_a_review_is_open_again(shelf: Shelf, alice: User, bob: User) -> None:
    _write(shelf.kettle_fr, alice, "Citron.")
    drafting.submit(shelf.kettle_fr, number=1, by=alice)
    assert _write(shelf.kettle_fr, alice, "Citron vert.", 1).state == "open"
    drafting.submit(shelf.kettle_fr, number=2, by=alice)
    draft = drafting.give_back(shelf.kettle_fr, number=2, note="Et le vinaigre ?", by=bob)
    assert (draft.state, draft.note) == ("open", "Et le vinaigre ?")
    assert _write(shelf.kettle_fr, alice, "Citron ou vinaigre.", 2).note == ""


def test_a_draft_that_was_never_published_bears_its_own_name(section: Category, alice: User, bob: User) -> None:
    article = publishing.create(section, language="fr", title="Colis", body="x", by=alice)
    _write(article, alice, "Dans le camion.", title="Où est mon colis ?")
    article.refresh_from_db()
    assert (article.title, article.slug, article.status) == ("Où est mon colis ?", "ou-est-mon-colis", "draft")
    with pytest.raises(errors.Conflict):
        drafting.discard(article, number=1)
    article = drafting.approve(article, number=1, by=bob)
    assert (article.status, article.body, article.versions.count()) == ("published", "Dans le camion.", 1)


def test_a_text_approved_for_a_time_is_published_by_the_job_then_and_not_before(
    shelf: Shelf, alice: User, bob: User
) -> None:
    _write(shelf.kettle_fr, alice, "Citron.")
    due = clock.now() + timedelta(days=2)
    drafting.approve(shelf.kettle_fr, number=1, by=bob, publish_at=due)
    outbox.drain()
    drafting.publish_due(shelf.kettle_fr.pk)
    shelf.kettle_fr.refresh_from_db()
    assert shelf.kettle_fr.body.startswith("Versez")
    assert ArticleDraft.objects.get().state == "approved"
    assert Job.objects.get(task="knowledge.drafting.publish_due").run_at == due
    with clock.pretend(due + timedelta(seconds=1)):
        outbox.drain()
    shelf.kettle_fr.refresh_from_db()
    assert (shelf.kettle_fr.body, ArticleDraft.objects.count()) == ("Citron.", 0)
    assert Event.objects.filter(name="article.published").latest("pk").actor_id == bob.pk


def test_what_was_changed_after_its_approval_is_not_published(shelf: Shelf, alice: User, bob: User) -> None:
    _write(shelf.kettle_fr, alice, "Citron.")
    due = clock.now() + timedelta(hours=1)
    drafting.approve(shelf.kettle_fr, number=1, by=bob, publish_at=due)
    _write(shelf.kettle_fr, alice, "Acide.", 1)
    with clock.pretend(due + timedelta(seconds=1)):
        outbox.drain()
    shelf.kettle_fr.refresh_from_db()
    assert shelf.kettle_fr.body.startswith("Versez")
    assert (ArticleDraft.objects.get().state, ArticleDraft.objects.get().publish_at) == ("open", None)


def test_a_former_text_comes_back_as_a_draft(shelf: Shelf, alice: User, bob: User) -> None:
    publishing.update(shelf.kettle_fr, by=bob, body="Citron.")
    first = shelf.kettle_fr.versions.earliest("pk")
    draft = drafting.restore(shelf.kettle_fr, first, number=0, by=alice)
    assert draft.body == first.body
    shelf.kettle_fr.refresh_from_db()
    assert shelf.kettle_fr.body == "Citron."
    assert drafting.approve(shelf.kettle_fr, number=1, by=bob).body == first.body
    assert shelf.kettle_fr.versions.count() == 3
    with pytest.raises(errors.NotFound):
        drafting.restore(shelf.refund_fr, first, number=0, by=alice)


def test_an_article_leaves_the_shelf_when_its_time_is_over(shelf: Shelf, bob: User) -> None:
    end = clock.now() + timedelta(days=1)
    publishing.update(shelf.kettle_fr, by=bob, expires_at=end)
    later = end + timedelta(days=1)
    publishing.update(shelf.kettle_en, by=bob, expires_at=end)
    publishing.update(shelf.kettle_en, by=bob, expires_at=later)
    assert shelf.kettle_fr.versions.count() == 1
    publishing.expire(shelf.kettle_fr.pk)
    assert shelf.kettle_fr in Article.objects.readable_by(None)
    with clock.pretend(end + timedelta(seconds=1)):
        outbox.drain()
    assert shelf.kettle_fr not in Article.objects.readable_by(None)
    assert shelf.kettle_en in Article.objects.readable_by(None)
    event = Event.objects.filter(name="article.archived").latest("pk")
    assert (event.actor_kind, event.data) == ("system", {"expired": True})
    with clock.pretend(end + timedelta(hours=1)):
        assert publishing.publish(shelf.kettle_fr, by=bob).expires_at is None


@pytest.mark.parametrize(("title", "body", "field"), [(" ", "x", "title"), ("x", "\x00", "body")])
def test_unusable_drafts_are_refused(shelf: Shelf, alice: User, title: str, body: str, field: str) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        drafting.write(shelf.kettle_fr, number=0, title=title, summary="", body=body, by=alice)
    assert list(refusal.value.fields) == [field]
    assert ArticleDraft.objects.count() == 0
