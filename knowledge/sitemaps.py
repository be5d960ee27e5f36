"""What search engines may list: the help centre's front pages, sections and public articles."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation

from knowledge.models import Article, Category


class _Ours(Sitemap):  # type: ignore[type-arg]
    """Addresses begin as the operator's public address does, whatever name the request came by."""

    def get_domain(self, site: Any = None) -> str:
        return str(urlsplit(settings.PUBLIC_URL).netloc)

    def get_protocol(self, protocol: str | None = None) -> str:
        return str(urlsplit(settings.PUBLIC_URL).scheme)


class Articles(_Ours):
    """Each article at the address of its own language."""

    def items(self) -> QuerySet[Article]:
        return Article.objects.readable_by(None).only("id", "language", "slug", "updated_at").order_by("id")

    def lastmod(self, article: Article) -> datetime:
        return article.updated_at


class Fronts(_Ours):
    """The front page in each language, and every section that holds something in it."""

    def items(self) -> list[tuple[str, str]]:
        articles = Article.objects.readable_by(None)
        shelves = Category.objects.filter(articles__in=articles).values_list("articles__language", "slug").distinct()
        return [(code, "") for code, _name in settings.LANGUAGES] + sorted(shelves)

    def location(self, item: tuple[str, str]) -> str:
        language, slug = item
        with translation.override(language):
            return reverse("knowledge:section", args=[slug]) if slug else reverse("knowledge:home")


SITEMAPS: dict[str, type[_Ours]] = {"fronts": Fronts, "articles": Articles}
