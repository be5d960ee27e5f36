"""The next text of an article: written, handed in, approved now or for a time, given back; readers see the last approved one."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors, text
from helpdesk.people.models import User
from knowledge import publishing
from knowledge.models import Article, ArticleDraft, ArticleVersion

MAX_NOTE = 1_000
_State = ArticleDraft.State


@transaction.atomic
def write(article: Article, *, number: int, title: str, summary: str, body: str, by: User) -> ArticleDraft:
    """Save the next text. `number` is that of the draft it was written over, 0 where there was none.

    What was handed in or approved is open again: nobody has read this text. Raises Conflict with what another wrote.
    """
    row = _locked(article)
    draft = _draft_of(row)
    _expect(draft, number)
    draft = draft or ArticleDraft(article=row, number=0)
    draft.title, draft.summary = text.one_line(title), text.one_line(summary, 400)
    draft.body = text.clean(body)
    publishing.refuse_unusable(draft.title, draft.body)
    draft.number += 1
    draft.author, draft.updated_at = by, clock.now()
    _open_again(draft)
    draft.save()
    if row.published_at is None:
        # Nobody reads it yet: the article bears the name of its draft.
        publishing.update(row, by=by, **_changed(row, draft))
    return draft


@transaction.atomic
def submit(article: Article, *, number: int, by: User) -> ArticleDraft:
    """Ask for a review of exactly this text."""
    draft = _expected(article, number)
    if draft.state == _State.OPEN:
        draft.state, draft.note = _State.REVIEW, ""
        draft.save(update_fields=["state", "note"])
        record(names.ARTICLE_SUBMITTED, article, by=by.actor, data={"language": article.language})
    return draft


@transaction.atomic
def give_back(article: Article, *, number: int, note: str, by: User) -> ArticleDraft:
    """The reviewer wants something changed, and says what; an approval that still waits for its time is withdrawn."""
    draft = _expected(article, number)
    _open_again(draft)
    draft.note = text.clean(note)[:MAX_NOTE]
    draft.save(update_fields=["state", "note", "approved_by", "publish_at"])
    record(names.ARTICLE_RETURNED, article, by=by.actor, data={"language": article.language})
    return draft


@transaction.atomic
def approve(
    article: Article, *, number: int, by: User, change: str = Article.Change.NEWS, publish_at: datetime | None = None
) -> Article:
    """Publish exactly this text: now, or when its time has come."""
    draft = _expected(article, number)
    if change not in Article.Change.values:
        raise errors.Invalid(fields={"change": [_("Choose what changes.")]})
    draft.change, draft.approved_by = change, by
    data: dict[str, Any] = {"language": article.language}
    if publish_at is None or publish_at <= clock.now():
        record(names.ARTICLE_APPROVED, article, by=by.actor, data=data)
        return _put_live(draft, by)
    draft.state, draft.publish_at, draft.note = _State.APPROVED, publish_at, ""
    draft.save(update_fields=["state", "publish_at", "note", "change", "approved_by"])
    record(names.ARTICLE_APPROVED, article, by=by.actor, data={**data, "publish_at": publish_at.isoformat()})
    key = f"article-due:{article.pk}:{int(publish_at.timestamp())}"
    outbox.enqueue(publish_due, at=publish_at, unique_key=key, article_id=article.pk)
    return draft.article


@transaction.atomic
def publish_due(article_id: int) -> None:
    """A job: publish what was approved for now; what was changed, withdrawn or put off since stays a draft."""
    row = Article.objects.select_for_update().filter(pk=article_id).first()
    draft = _draft_of(row) if row else None
    if draft is None or draft.state != _State.APPROVED or not draft.publish_at or draft.publish_at > clock.now():
        return
    if draft.approved_by is not None:
        _put_live(draft, draft.approved_by)


@transaction.atomic
def discard(article: Article, *, number: int) -> None:
    """Throw the next text away; what is published stays. An article that never was keeps its draft: archive it."""
    row = _locked(article)
    _expect(_draft_of(row), number)
    if row.published_at is None:
        raise errors.Conflict(_("It was never published: archive it instead."), code="never_published")
    ArticleDraft.objects.filter(article=row).delete()


@transaction.atomic
def restore(article: Article, version: ArticleVersion, *, number: int, by: User) -> ArticleDraft:
    """Begin the next text with a former one; it goes the way of every text."""
    if version.article_id != article.pk:
        raise errors.NotFound()
    return write(article, number=number, title=version.title, summary=version.summary, body=version.body, by=by)


def _put_live(draft: ArticleDraft, by: User) -> Article:
    """Change and publish in one; the text is its writer's, the approval another's."""
    said = publishing.Said(change=draft.change, author=draft.author)
    row = _locked(draft.article)
    row = publishing.update(row, by=by, said=said, **_changed(row, draft))
    row = publishing.publish(row, by=by, said=said)
    ArticleDraft.objects.filter(pk=draft.pk).delete()
    return row


def _changed(row: Article, draft: ArticleDraft) -> dict[str, Any]:
    """Only what differs: an unchanged title keeps the address it was given."""
    return {
        name: getattr(draft, name)
        for name in ("title", "summary", "body")
        if getattr(draft, name) != getattr(row, name)
    }


def _open_again(draft: ArticleDraft) -> None:
    draft.state, draft.note, draft.approved_by, draft.publish_at = _State.OPEN, "", None, None


def _expected(article: Article, number: int) -> ArticleDraft:
    draft = _draft_of(_locked(article))
    _expect(draft, number)
    if draft is None:
        raise errors.Conflict(_("There is no draft."), code="no_draft")
    return draft


def _expect(draft: ArticleDraft | None, number: int) -> None:
    if (draft.number if draft else 0) != number:
        who = draft.author.name if draft else ""
        raise errors.Conflict(_("Somebody changed this draft in the meantime."), by=who)


def _draft_of(row: Article) -> ArticleDraft | None:
    return ArticleDraft.objects.select_related("author", "article", "approved_by").filter(article=row).first()


def _locked(article: Article) -> Article:
    return Article.objects.select_for_update().get(pk=article.pk)
