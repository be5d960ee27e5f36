"""From an article that was published to one mail a day: noted per subscriber, gathered, sent once.

A mail is claimed before it leaves, a day ahead. What surely did not leave is tried again after an hour; what may have
left is not: its articles stay noted and stand in the mail of the next day. So nothing is lost, and nobody gets two.
"""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

import structlog
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.events.record import record
from helpdesk.jobs import engine, outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock, errors, mail
from helpdesk.lib.actor import SYSTEM
from helpdesk.people.models import Customer, Identity
from knowledge.alerts import following
from knowledge.models import AlertDue, Article, ArticleVersion, Subscriber, Subscription

log = structlog.get_logger(__name__)
# Articles that one mail names; what is beyond stands on the pages of the topics
MOST = 30
_AT_ONCE = 500
_AGAIN = timedelta(hours=1)
# How far an article reaches: news is what reaches further than before
_REACH = {Article.Audience.SIGNED_IN: 1, Article.Audience.PUBLIC: 2}


@dataclass(frozen=True, slots=True)
class News:
    """One article in a mail."""

    article: Article
    is_new: bool

    @property
    def url(self) -> str:
        return f"{settings.PUBLIC_URL}{self.article.get_absolute_url()}"


@dataclass(frozen=True, slots=True)
class Topic:
    """The news of one section, as the reader's language names it."""

    name: str
    news: Sequence[News]


# --- what is news, and for whom --------------------------------------------------------------------------------------
def is_heard(event: Event) -> bool:
    """Whether anybody wants to hear of articles in this language."""
    return Subscription.objects.filter(subscriber__language=event.data["language"]).exists()


def note(event_id: int) -> None:
    """Job after `article.published`: one row for each who follows the topic in this language. Twice is once."""
    event = Event.objects.get(pk=event_id)
    article = Article.objects.filter(pk=event.subject_id, status=Article.Status.PUBLISHED).first()
    if article is None or article.audience not in _REACH:
        return
    version = ArticleVersion.objects.filter(article=article, pk=event.data["version"] or 0).first()
    is_opened = _REACH[Article.Audience(article.audience)] > _REACH.get(event.data.get("was", article.audience), 0)
    if not is_opened and (version is None or version.change == Article.Change.MINOR):
        return
    is_first = version is not None and not article.versions.filter(pk__lt=version.pk).exists()
    now = clock.now()
    followers = Subscription.objects.filter(category=article.category_id, subscriber__language=article.language)
    is_new = is_opened or is_first
    rows = [
        AlertDue(subscriber_id=pk, article=article, is_new=is_new, created_at=now)
        for pk in followers.order_by("pk").values_list("subscriber_id", flat=True)
    ]
    AlertDue.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)


@engine.every(300)
def look() -> None:
    """A job for each who has waited long enough: news of one hour goes together, and a day lies between two mails."""
    if Job.objects.filter(task=outbox.path_of(send), failed_at__isnull=True).exists():
        return  # those of the last look are still being sent
    now = clock.now()
    ripe = now - timedelta(seconds=settings.ALERT_GATHER_SECONDS)
    rows = AlertDue.objects.filter(created_at__lte=ripe, subscriber__next_at__lte=now)
    due = rows.order_by("subscriber_id").values_list("subscriber_id", flat=True).distinct()[:_AT_ONCE]
    outbox.enqueue_each(send, "subscriber_id", list(due))


# --- sending ---------------------------------------------------------------------------------------------------------
def send(subscriber_id: int) -> None:
    """Job: one mail with all that is due and that he may read now."""
    subscriber = _claim(subscriber_id)
    if subscriber is None:
        return
    due = list(AlertDue.objects.filter(subscriber=subscriber))
    news = _readable(subscriber, due)
    if not news:
        AlertDue.objects.filter(pk__in=[row.pk for row in due]).delete()
        _put_off(subscriber, timedelta(0))
        return
    is_open = False
    try:
        connection: BaseEmailBackend = get_connection()
        with connection:
            is_open = True
            _mail(subscriber, news, connection)
    except DatabaseError:
        raise
    except Exception as error:
        _not_sent(subscriber, error, may_have_left=is_open and not _is_said(error))
    else:
        _sent(subscriber, due, len(news))


@transaction.atomic
def _claim(subscriber_id: int) -> Subscriber | None:
    """Whether the caller alone may write to him now."""
    now = clock.now()
    until = now + timedelta(hours=settings.ALERT_EVERY_HOURS)
    if not Subscriber.objects.filter(pk=subscriber_id, next_at__lte=now).update(next_at=until):
        return None
    return Subscriber.objects.get(pk=subscriber_id)


def _readable(subscriber: Subscriber, due: Sequence[AlertDue]) -> list[News]:
    """The articles that he may read at this moment, in his language, of the topics that he still follows."""
    rows = Article.objects.readable_by(_reader(subscriber)).in_language(subscriber.language)
    rows = rows.filter(pk__in=[row.article_id for row in due], category__followers__subscriber=subscriber)
    new = {row.article_id for row in due if row.is_new}
    return [News(article, article.pk in new) for article in rows.shelved()]


def _reader(subscriber: Subscriber) -> Customer | None:
    """The customer whose proved address it is."""
    proved = Identity.objects.filter(
        kind=Identity.Kind.EMAIL, value=subscriber.email, verified_at__isnull=False, is_apart=False
    )
    identity = proved.select_related("customer__merged_into").first()
    found = (identity.customer.merged_into or identity.customer) if identity else None
    return found if found is not None and found.erased_at is None else None


def _mail(subscriber: Subscriber, news: Sequence[News], connection: BaseEmailBackend) -> None:
    shown = news[:MOST]
    topics = [
        Topic(category.name(subscriber.language), list(some))
        for category, some in groupby(shown, key=lambda one: one.article.category)
    ]
    one_click = following.url("alerts-end", subscriber)
    context = {
        "topics": topics,
        "rest": len(news) - len(shown),
        "manage": following.url("alerts-manage", subscriber),
        "end": one_click,
    }
    mail.send(
        to=subscriber.email,
        subject=_("New and changed articles in our help centre"),
        template="knowledge/mail/digest",
        context=context,
        language=subscriber.language,
        headers={
            "List-Unsubscribe": f"<{one_click}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": f"<articles.{mail.domain_of(settings.DEFAULT_FROM_EMAIL)}>",
            "Precedence": "bulk",
        },
        automatic=True,
        connection=connection,
    )


@transaction.atomic
def _sent(subscriber: Subscriber, due: Sequence[AlertDue], count: int) -> None:
    AlertDue.objects.filter(pk__in=[row.pk for row in due]).delete()
    Subscriber.objects.filter(pk=subscriber.pk).update(sent_at=clock.now())
    record(names.ALERTS_SENT, subscriber, by=SYSTEM, data={"count": count})


def _is_said(error: Exception) -> bool:
    """Whether the server itself said no, or we did: whoever only hung up may have taken the mail."""
    clear = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError)
    return isinstance(error, (*clear, errors.DomainError, ValueError))


def _not_sent(subscriber: Subscriber, error: Exception, *, may_have_left: bool) -> None:
    log.warning("alerts.not_sent", subscriber=subscriber.pk, error=type(error).__name__)
    if _is_nobody(error):
        following.end(subscriber, how="refused")
    elif not may_have_left:
        _put_off(subscriber, _AGAIN)


def _is_nobody(error: Exception) -> bool:
    """Whether the server knows for good that this mailbox does not exist (enhanced codes 5.1.x); no other refusal ends it."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
        return bool(answers) and all(code >= 500 and b"5.1." in bytes(words) for code, words in answers)
    return isinstance(error, errors.Invalid)


def _put_off(subscriber: Subscriber, wait: timedelta) -> None:
    Subscriber.objects.filter(pk=subscriber.pk).update(next_at=clock.now() + wait)
