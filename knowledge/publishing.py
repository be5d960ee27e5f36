"""Articles are written, published, changed and archived here and nowhere else; each published text is kept."""

import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors, search, text
from helpdesk.people.models import User
from knowledge.models import Article, ArticleVersion, Category

MAX_BODY = 200_000
_WRITABLE = frozenset({"category", "title", "summary", "body", "audience", "slug", "position"})


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
) -> Article:
    """A draft. `group` is that of the article it translates; without a slug the title makes one.

    Raises Invalid, with the fields to mend, when a text is missing or too long or the subject has this language already.
    """
    now = clock.now()
    article = Article(
        category=category, language=language, author=by, created_at=now, updated_at=now, position=position
    )
    article.group = group or uuid.uuid4()
    _write(article, {"title": title, "body": body, "summary": summary, "audience": audience, "slug": slug})
    if Article.objects.translations_of(article).in_language(language).exists():
        raise errors.Invalid(fields={"language": [_("This article exists in this language already.")]})
    article.save(force_insert=True)
    return article


@transaction.atomic
def update(article: Article, *, by: User, **changes: Any) -> Article:
    """Change what an article says. A published one is so at once, and its former text stays in its versions."""
    if unknown := changes.keys() - _WRITABLE:
        raise TypeError(f"not a field of an article: {sorted(unknown)}")
    row = _locked(article)
    _write(row, changes)
    row.updated_at = clock.now()
    row.save()
    if row.is_published:
        _keep_version(row, by)
    return row


@transaction.atomic
def publish(article: Article, *, by: User) -> Article:
    """Show a draft or an archived article to its audience. Publishing twice changes nothing."""
    row = _locked(article)
    if row.is_published:
        return row
    now = clock.now()
    row.status, row.published_at, row.updated_at = Article.Status.PUBLISHED, row.published_at or now, now
    row.save(update_fields=["status", "published_at", "updated_at"])
    _keep_version(row, by)
    return row


@transaction.atomic
def archive(article: Article, *, by: User) -> Article:
    """Take an article off every shelf; it can be published again."""
    row = _locked(article)
    if row.status == Article.Status.ARCHIVED:
        return row
    row.status, row.updated_at = Article.Status.ARCHIVED, clock.now()
    row.save(update_fields=["status", "updated_at"])
    record(names.ARTICLE_ARCHIVED, row, by=by.actor)
    return row


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
    if not article.title:
        fields["title"] = [_("Give it a title.")]
    if not article.body:
        fields["body"] = [_("Write the text.")]
    elif len(article.body) > MAX_BODY:
        fields["body"] = [_("This text is too long for one article.")]
    if fields:
        raise errors.Invalid(fields=fields)


def _free_slug(article: Article, wanted: str) -> str:
    """The slug, with a number behind it when another article of the language bears it."""
    others = Article.objects.in_language(article.language).filter(slug__startswith=wanted).exclude(pk=article.pk)
    taken = set(others.values_list("slug", flat=True))
    return next(slug for slug in (wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


def _keep_version(article: Article, by: User) -> None:
    version = ArticleVersion.objects.create(
        article=article,
        title=article.title,
        summary=article.summary,
        body=article.body,
        author=by,
        created_at=article.updated_at,
    )
    data = {"version": version.pk, "language": article.language, "audience": article.audience}
    record(names.ARTICLE_PUBLISHED, article, by=by.actor, data=data)
