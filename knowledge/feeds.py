"""Atom feeds of what is public: the newest articles of a language, of all sections or of one."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from knowledge import finding, pages
from knowledge.models import Article, ArticleQuerySet, Category

_NEWEST = 30


@require_safe
def newest(request: HttpRequest) -> HttpResponse:
    """The newest articles of a language."""
    return _answer(request, _("Help centre"), f"/{_language()}/help/", _rows())


@require_safe
def section(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest articles of one section."""
    found = get_object_or_404(Category, slug=slug)
    shown = pages.Section(found, _language(), 0)
    return _answer(request, f"{_('Help centre')} – {shown.name}", shown.url, _rows().filter(category=found))


def _rows() -> ArticleQuerySet:
    return finding.readable(None, _language())


def _answer(request: HttpRequest, title: str, page: str, rows: ArticleQuerySet) -> HttpResponse:
    feed: Any = Atom1Feed(
        title=title,
        link=f"{settings.PUBLIC_URL}{page}",
        description="",
        language=_language(),
        feed_url=f"{settings.PUBLIC_URL}{request.path}",
    )
    for one in rows.select_related("category").order_by("-updated_at", "-id")[:_NEWEST]:
        feed.add_item(
            title=one.title,
            link=f"{settings.PUBLIC_URL}{one.get_absolute_url()}",
            description=one.summary,
            unique_id=_name(one),
            pubdate=one.published_at,
            updateddate=one.updated_at,
            categories=[one.category.name(one.language)],
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _name(article: Article) -> str:
    """A name that stays when the address changes."""
    return f"tag:{urlsplit(settings.PUBLIC_URL).hostname},{article.created_at:%Y-%m-%d}:article/{article.pk}"


def _language() -> str:
    return (get_language() or settings.LANGUAGE_CODE)[:2]
