"""What a subscriber follows, changed by the link that stands in each of his mails; it opens nothing else."""

from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors, signing
from helpdesk.lib.actor import SYSTEM, Actor
from knowledge.models import AlertDue, Article, Category, Subscriber, Subscription

_PURPOSE = "alerts"


def reference(subscriber: Subscriber) -> str:
    """What his links carry. It lasts as long as he is subscribed."""
    return signing.sign(_PURPOSE, subscriber.pk)


def url(page: str, subscriber: Subscriber) -> str:
    """The whole address of his page to manage topics (`alerts-manage`) or to end them (`alerts-end`)."""
    return f"{settings.PUBLIC_URL}{reverse(page, args=[reference(subscriber)])}"


def open_link(token: str) -> Subscriber | None:
    """Whose link it is; None when he is no longer subscribed. Raises NotFound for one that we never mailed."""
    key = signing.read(_PURPOSE, token)
    if not isinstance(key, int):
        raise errors.NotFound()
    return Subscriber.objects.filter(pk=key).first()


def offered() -> QuerySet[Category]:
    """The sections in which anybody can read something; of the others nobody learns the name."""
    public = Article.objects.readable_by(None)
    return Category.objects.filter(Exists(public.filter(category=OuterRef("pk")))).order_by("position", "id")


def topics(subscriber: Subscriber) -> set[int]:
    """The ids of the sections that he follows."""
    return set(subscriber.topics.values_list("category_id", flat=True))


@transaction.atomic
def change(subscriber: Subscriber, *, topics: Collection[str], language: str) -> Subscriber | None:
    """Follow exactly these sections, in this language; None when that is none, which ends it."""
    row = Subscriber.objects.select_for_update().filter(pk=subscriber.pk).first()
    if row is None:
        return None
    had = set(row.topics.values_list("category_id", flat=True))
    sections = Category.objects.filter(Q(pk__in=had) | Q(pk__in=offered().values("pk")), slug__in=topics)
    wanted = {section.pk for section in sections}
    if not wanted:
        end(row, how="topics")
        return None
    row.topics.exclude(category_id__in=wanted).delete()
    AlertDue.objects.filter(subscriber=row).exclude(article__category_id__in=wanted).delete()
    now = clock.now()
    new = sorted(wanted - had)
    Subscription.objects.bulk_create(Subscription(subscriber=row, category_id=pk, created_at=now) for pk in new)
    if language in dict(settings.LANGUAGES):
        row.language = language
        row.save(update_fields=["language"])
    record(names.ALERTS_CHANGED, row, by=SYSTEM, data={"topics": len(wanted), "language": row.language})
    return row


@transaction.atomic
def end(subscriber: Subscriber, *, how: str, by: Actor = SYSTEM) -> None:
    """No more mail; the address is forgotten. `how`: link, one_click, topics, refused, staff. Twice is once."""
    row = Subscriber.objects.select_for_update().filter(pk=subscriber.pk).first()
    if row is None:
        return
    record(names.ALERTS_ENDED, row, by=by, data={"how": how})
    row.delete()
