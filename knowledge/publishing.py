"""Articles are written, published, changed and archived here and nowhere else; each published text is kept.

The next text of an article, while readers still see this one, is `drafting`'s.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors, search, text
from helpdesk.lib.actor import SYSTEM
from helpdesk.people.models import Team, User
from knowledge.models import Article, ArticleVersion, Category

MAX_BODY = 200_000
_TEXTS = ("title", "summary", "body")
_WRITABLE = frozenset({*_TEXTS, "category", "audience", "slug", "position", "expires_at"})


@dataclass(frozen=True, slots=True)
class Said:
    """Whose text it is, and what it means for the other languages: see `Article.Change`."""

    change: str = Article.Change.NEWS
    author: User | None = None


_OWN_NEWS = Said()


@transaction.atomic
def add_section(slug: str, *, name_en: str, name_fr: str, position: int = 0) -> Category:
    """A section of the help centre; the same slug again renames it."""
    section, _created = Category.objects.update_or_create(
        slug=slug, defaults={"name_en": name_en, "name_fr": name_fr, "position": position}
    )
    return section


@transaction.atomic
def create(
    category: Category,
    *,
    language: str,
    title: str,
    body: str,
    by: User,
    summary: str = "",
    audience: str = Article.Audience.PUBLIC,
    slug: str = "",
    group: uuid.UUID | None = None,
    position: int = 0,
    teams: Iterable[Team] = (),
    expires_at: datetime | None = None,
) -> Article:
    """A draft. `group` is that of the article it translates; without a slug the title makes one.

    Raises Invalid, with the fields to mend, when a text is missing or too long or the subject has this language already.
    """
    now = clock.now()
    article = Article(category=category, language=language, author=by, created_at=now, updated_at=now)
    article.position, article.expires_at = position, expires_at
    article.group = group or uuid.uuid4()
    _write(article, {"title": title, "body": body, "summary": summary, "audience": audience, "slug": slug})
    if Article.objects.translations_of(article).in_language(language).exists():
        raise errors.Invalid(fields={"language": [_("This article exists in this language already.")]})
    article.save(force_insert=True)
    _name_teams(article, list(teams))
    return article


@transaction.atomic
def update(
    article: Article, *, by: User, said: Said = _OWN_NEWS, teams: Iterable[Team] | None = None, **changes: Any
) -> Article:
    """Change what an article says or who may read it. A published one is so at once; its former text stays in its versions."""
    if unknown := changes.keys() - _WRITABLE:
        raise TypeError(f"not a field of an article: {sorted(unknown)}")
    row = _locked(article)
    before, was = [getattr(row, name) for name in _TEXTS], row.audience
    _write(row, changes)
    _name_teams(row, teams)
    row.updated_at = clock.now()
    is_new_text = before != [getattr(row, name) for name in _TEXTS]
    if row.is_published and (is_new_text or said.change == Article.Change.FOLLOWS):
        _mark(row, said.change)
    row.save()
    if row.expires_at and row.is_published:
        _watch(row)
    if row.is_published:
        _tell(row, _keep_version(row, by, said) if is_new_text else None, by, was=was)
    return row


@transaction.atomic
def publish(article: Article, *, by: User, said: Said = _OWN_NEWS) -> Article:
    """Show a draft or an archived article to its audience. Publishing twice changes nothing."""
    row = _locked(article)
    if row.is_published:
        return row
    now = clock.now()
    is_first = row.published_at is None
    row.status, row.published_at, row.updated_at = Article.Status.PUBLISHED, row.published_at or now, now
    # A first text is news to nobody where the subject stands in another language already.
    twins = Article.objects.translations_of(row).filter(status=Article.Status.PUBLISHED)
    _mark(row, Article.Change.FOLLOWS if is_first and twins.exists() else said.change)
    if row.expires_at and row.expires_at <= now:
        row.expires_at = None
    row.save()
    if row.expires_at:
        _watch(row)
    _tell(row, _keep_version(row, by, said), by)
    return row


@transaction.atomic
def confirm(article: Article, *, by: User) -> Article:
    """A translation says what the other language says, though nothing of its text was changed."""
    return update(article, by=by, said=Said(change=Article.Change.FOLLOWS))


@transaction.atomic
def archive(article: Article, *, by: User) -> Article:
    """Take an article off every shelf; it can be published again."""
    row = _locked(article)
    if row.status == Article.Status.ARCHIVED:
        return row
    _shelve(row)
    record(names.ARTICLE_ARCHIVED, row, by=by.actor)
    return row


@transaction.atomic
def expire(article_id: int) -> None:
    """A job: take an article off the shelves when its time is over; one that was given more time stays."""
    row = Article.objects.select_for_update().filter(pk=article_id, status=Article.Status.PUBLISHED).first()
    if row is None or row.expires_at is None or row.expires_at > clock.now():
        return
    _shelve(row)
    record(names.ARTICLE_ARCHIVED, row, by=SYSTEM, data={"expired": True})


def _shelve(row: Article) -> None:
    row.status, row.updated_at = Article.Status.ARCHIVED, clock.now()
    row.save(update_fields=["status", "updated_at"])


def _watch(row: Article) -> None:
    """One job for each moment that was set; `expire` asks whether it still holds."""
    moment = row.expires_at
    if moment is not None:
        key = f"article-expires:{row.pk}:{int(moment.timestamp())}"
        outbox.enqueue(expire, at=moment, unique_key=key, article_id=row.pk)


def _mark(row: Article, change: str) -> None:
    """Say when it last was news, and until when it follows the other languages."""
    now = clock.now()
    if change == Article.Change.NEWS:
        row.revised_at = now
    if change == Article.Change.FOLLOWS or row.aligned_at is None:
        row.aligned_at = now


def _name_teams(row: Article, teams: Iterable[Team] | None) -> None:
    named = list(teams) if teams is not None else None
    if named is not None:
        row.teams.set(named)
    if row.audience == Article.Audience.TEAMS and not (named or (named is None and row.teams.exists())):
        raise errors.Invalid(fields={"teams": [_("Name the teams that may read it.")]})


def _locked(article: Article) -> Article:
    return Article.objects.select_for_update().get(pk=article.pk)


def _write(article: Article, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(article, name, value)
    article.title, article.summary = text.one_line(article.title), text.one_line(article.summary, 400)
    article.body = text.clean(article.body)
    _refuse_unusable(article)
    wanted = changes.get("slug") or (article.title if "title" in changes else article.slug)
    article.slug = _free_slug(article, slugify(text.fold(wanted))[:100].strip("-") or "article")
    article.title_terms = search.analyse(article.title)
    article.terms = search.analyse(f"{article.title}\n{article.summary}\n{article.body}")


def _refuse_unusable(article: Article) -> None:
    fields: dict[str, list[errors.Text]] = {}
    if article.language not in dict(settings.LANGUAGES):
        fields["language"] = [_("Choose one of the languages offered.")]
    if article.audience not in Article.Audience.values:
        fields["audience"] = [_("Choose who may read it.")]
    refuse_unusable(article.title, article.body, fields)


def refuse_unusable(title: str, body: str, others: dict[str, list[errors.Text]] | None = None) -> None:
    """Raise Invalid, with the fields to mend, unless this can be an article."""
    fields = dict(others or {})
    if not title:
        fields["title"] = [_("Give it a title.")]
    if not body:
        fields["body"] = [_("Write the text.")]
    elif len(body) > MAX_BODY:
        fields["body"] = [_("This text is too long for one article.")]
    if fields:
        raise errors.Invalid(fields=fields)


def _free_slug(article: Article, wanted: str) -> str:
    """The slug, with a number behind it when another article of the language bears it."""
    others = Article.objects.in_language(article.language).filter(slug__startswith=wanted).exclude(pk=article.pk)
    taken = set(others.values_list("slug", flat=True))
    return next(slug for slug in (wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


def _keep_version(article: Article, by: User, said: Said) -> ArticleVersion:
    return ArticleVersion.objects.create(
        article=article,
        title=article.title,
        summary=article.summary,
        body=article.body,
        author=said.author or by,
        approved_by=by,
        change=said.change,
        created_at=article.updated_at,
    )


def _tell(article: Article, version: ArticleVersion | None, by: User, *, was: str = "") -> None:
    data = {"version": version.pk if version else None, "language": article.language, "audience": article.audience}
    if was not in ("", article.audience):
        data["was"] = was
    record(names.ARTICLE_PUBLISHED, article, by=by.actor, data=data)
