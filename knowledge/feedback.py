"""Whether an article helped. Nobody's name is kept: the reader's own reference is a sealed number for an hour."""

from datetime import timedelta

from django.db import transaction

from helpdesk.lib import clock, errors, signing, text
from knowledge.models import Article, Feedback

MAX_TEXT = 1_000
_PURPOSE = "article-feedback"


@transaction.atomic
def give(article: Article, *, helpful: bool) -> str:
    """Count an answer; returns the reference by which its giver may say more."""
    row = Feedback.objects.create(article=article, helpful=helpful, created_at=clock.now())
    return signing.sign(_PURPOSE, row.pk)


@transaction.atomic
def explain(article: Article, reference: str, *, reason: str, words: str) -> None:
    """Add why it did not help. Raises NotFound for a reference that is none, of another article, or too old."""
    number = read(reference)
    found = Feedback.objects.filter(pk=number or 0, article=article, helpful=False).first()
    if found is None:
        raise errors.NotFound()
    found.reason = reason if reason in Feedback.Reason.values else ""
    found.text = text.clean(words)[:MAX_TEXT]
    found.save(update_fields=["reason", "text"])


def read(reference: str) -> int | None:
    """The answer's number, or None when the reference does not hold."""
    number = signing.read(_PURPOSE, reference, max_age=timedelta(hours=1))
    return number if isinstance(number, int) else None
