"""What authors should see to: searches that found nothing, articles that did not help, translations left behind, reviews."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, QuerySet

from helpdesk.lib import clock, errors
from helpdesk.people.models import User
from knowledge import access
from knowledge.models import Article, ArticleDraft, ArticleQuerySet, Feedback, SearchMiss

MOST = 50
_SOON = timedelta(days=30)
_WORDS = 3


@dataclass(frozen=True, slots=True)
class Unhelpful:
    """An article that did not help, how often, and what its readers missed, newest first."""

    article: Article
    times: int
    words: list[Feedback]


def misses() -> list[SearchMiss]:
    """What was searched and not found, most often first."""
    return list(SearchMiss.objects.order_by("-count", "-last_at", "-id")[:MOST])


def unhelpful(user: User) -> list[Unhelpful]:
    """The articles with the most unsettled answers 'no'. Uses index: feedback_open."""
    rows = access.articles(user).filter(status=Article.Status.PUBLISHED)
    counted = _open(rows).values("article").annotate(times=Count("pk")).order_by("-times", "article")[:MOST]
    times: dict[int, int] = {row["article"]: row["times"] for row in counted}
    found = _shown(rows).in_bulk(list(times))
    words: dict[int, list[Feedback]] = {}
    for one in _open(rows).exclude(reason="", text="").order_by("-pk")[: MOST * _WORDS]:
        words.setdefault(one.article_id, []).append(one)
    return [Unhelpful(found[pk], n, words.get(pk, [])[:_WORDS]) for pk, n in times.items()]


def behind(user: User) -> ArticleQuerySet:
    """Published translations whose other language has said something new since."""
    return _shown(access.articles(user).behind()).order_by("-updated_at", "-id")[:MOST]


def in_review(user: User) -> ArticleQuerySet:
    """Texts that wait for a reviewer, those handed in first coming first."""
    rows = access.articles(user).filter(draft__state=ArticleDraft.State.REVIEW)
    return _shown(rows).order_by("draft__updated_at", "id")[:MOST]


def ending(user: User) -> ArticleQuerySet:
    """Published articles whose time is over within a month."""
    soon = clock.now() + _SOON
    rows = access.articles(user).filter(status=Article.Status.PUBLISHED, expires_at__lte=soon)
    return _shown(rows).order_by("expires_at", "id")[:MOST]


@transaction.atomic
def settle(article: Article) -> int:
    """Its readers' answers were seen to; returns how many."""
    return _open(Article.objects.filter(pk=article.pk)).update(settled_at=clock.now())


@transaction.atomic
def dismiss(miss_id: int) -> None:
    """A search that found nothing was seen to; asked again in vain, it comes back."""
    if not SearchMiss.objects.filter(pk=miss_id).delete()[0]:
        raise errors.NotFound()


def _shown(rows: ArticleQuerySet) -> ArticleQuerySet:
    """With what a row of a list shows."""
    return rows.with_behind().select_related("category", "draft").prefetch_related("teams")


def _open(articles: ArticleQuerySet) -> QuerySet[Feedback]:
    return Feedback.objects.filter(article__in=articles, helpful=False, settled_at__isnull=True)
