"""Finding articles: what a reader searches, what is near a text he writes, what stands beside an article."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from helpdesk.lib import clock, search, text
from knowledge import render
from knowledge.models import Article, ArticleQuerySet, Reader, SearchMiss

# Who writes about an order writes its number and his address: such words are not kept for the authors.
_PERSONAL = re.compile(r"@|\d{5}")
_MAX_MISSES = 20_000
# How much of what a text says an article must speak of to be worth showing unasked
_LEAST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Hit:
    """An article and the place in it that answers."""

    article: Article
    passage: Sequence[search.Part]


def readable(reader: Reader, language: str | None = None) -> ArticleQuerySet:
    """Every door to articles begins here."""
    rows = Article.objects.readable_by(reader)
    return rows.in_language(language) if language else rows


def search_for(question: str, rows: ArticleQuerySet, *, limit: int = 20, prefix: bool = True) -> list[Hit]:
    """The articles among `rows` that answer best, best first."""
    return _hits(question, rows, search.rank(rows, question, limit=limit, prefix=prefix))


def suggest(written: str, rows: ArticleQuerySet, *, limit: int = 3) -> list[Hit]:
    """The few articles that may answer what somebody is writing; none rather than a far-fetched one."""
    ranked = search.rank(rows, written, limit=limit, prefix=False)
    near = [one for one in ranked if _is_near(one) and one.score >= ranked[0].score / 3]
    return _hits(written, rows, near)


def related(article: Article, rows: ArticleQuerySet, *, limit: int = 3) -> list[Article]:
    """Other articles that speak of the same."""
    near = rows.in_language(article.language)
    ranked = search.rank(near, f"{article.title} {article.summary}", limit=limit + 1, prefix=False)
    found = near.select_related("category").in_bulk([one.pk for one in ranked if one.pk != article.pk][:limit])
    return [found[one.pk] for one in ranked if one.pk in found]


@transaction.atomic
def note_miss(question: str, language: str) -> None:
    """Remember a search that found nothing, for the authors; not when it seems to hold something personal."""
    query = text.one_line(text.fold(question), 200)
    if len(query) < 3 or _PERSONAL.search(query):
        return
    known = SearchMiss.objects.filter(language=language, query=query)
    if known.update(count=F("count") + 1, last_at=clock.now()) or SearchMiss.objects.count() >= _MAX_MISSES:
        return
    SearchMiss.objects.get_or_create(language=language, query=query, defaults={"last_at": clock.now()})


def _is_near(one: search.Ranked) -> bool:
    """One word in passing is chance; in a title, or beside another, it is not."""
    return one.share >= _LEAST_SHARE and (one.words > 1 or one.in_title)


def _hits(question: str, rows: ArticleQuerySet, ranked: list[search.Ranked]) -> list[Hit]:
    articles = rows.select_related("category").in_bulk([one.pk for one in ranked])
    return [Hit(article, _passage(article, question)) for one in ranked if (article := articles.get(one.pk))]


def _passage(article: Article, question: str) -> Sequence[search.Part]:
    return search.passage(f"{article.summary}\n{render.plain(article.body)}".strip(), question)
