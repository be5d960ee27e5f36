"""The tables of this room; `alert` knows `article`, never the other way round."""

from knowledge.models.alert import AlertDue, AlertRequest, Subscriber, Subscription
from knowledge.models.article import (
    Article,
    ArticleDraft,
    ArticleQuerySet,
    ArticleVersion,
    Category,
    Feedback,
    Reader,
    SearchMiss,
)

__all__ = [
    "AlertDue",
    "AlertRequest",
    "Article",
    "ArticleDraft",
    "ArticleQuerySet",
    "ArticleVersion",
    "Category",
    "Feedback",
    "Reader",
    "SearchMiss",
    "Subscriber",
    "Subscription",
]
