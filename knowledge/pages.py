"""What the templates of the help centre show, put together from articles."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from knowledge import finding, render
from knowledge.models import Article, ArticleQuerySet, Category, Feedback

# Inside a script element nothing may look like markup.
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


@dataclass(frozen=True, slots=True)
class Section:
    """A section as one language names it."""

    category: Category
    language: str
    size: int

    @property
    def name(self) -> str:
        return self.category.name(self.language)

    @property
    def url(self) -> str:
        with translation.override(self.language):
            return reverse("knowledge:section", args=[self.category.slug])


def article(found: Article, rows: ArticleQuerySet, language: str) -> dict[str, Any]:
    """Everything the page of one article shows to a reader of `rows` in a language."""
    page = render.page(found.body)
    twins = list(rows.translations_of(found))
    return {
        "here": "help",
        "article": found,
        "page": page,
        "section": Section(found.category, language, 0),
        "related": finding.related(found, rows),
        "newer": next((twin for twin in twins if found.is_behind(twin)), None),
        "is_foreign": found.language != language,
        "is_indexed": found.is_public and found.language == language,
        "alternates": _alternates(found, twins),
        "translations": [found, *twins] if twins else [],
        "canonical": f"{settings.PUBLIC_URL}{found.get_absolute_url()}",
        "json_ld": _json_ld(found, language) if found.is_public else "",
        "reasons": Feedback.Reason.choices,
    }


def _alternates(found: Article, twins: Sequence[Article]) -> dict[str, str]:
    """Where the language switch leads: to the translation, or else to this text among the other language's pages."""
    written = {one.language: one for one in [*twins, found]}
    return {code: written.get(code, found).url_in(code) for code, _name in settings.LANGUAGES}


def _json_ld(found: Article, language: str) -> SafeString:
    section = Section(found.category, language, 0)
    with translation.override(language):
        home = reverse("knowledge:home")
    crumbs = [(_("Help"), home), (section.name, section.url), (found.title, found.get_absolute_url())]
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "Article",
                "headline": found.title,
                "description": found.summary,
                "inLanguage": found.language,
                "datePublished": found.published_at.isoformat() if found.published_at else "",
                "dateModified": found.updated_at.isoformat(),
                "mainEntityOfPage": f"{settings.PUBLIC_URL}{found.get_absolute_url()}",
            },
            {
                "@type": "BreadcrumbList",
                "itemListElement": [
                    {"@type": "ListItem", "position": at, "name": name, "item": f"{settings.PUBLIC_URL}{path}"}
                    for at, (name, path) in enumerate(crumbs, 1)
                ],
            },
        ],
    }
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_ESCAPES))  # noqa: S308
