"""Asking for alerts: anybody may type an address, only its owner can confirm it, and nobody learns whether it is known."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import engine, outbox
from helpdesk.lib import clock, errors, mail, ratelimit, signing
from helpdesk.lib.actor import SYSTEM
from helpdesk.people import customers
from knowledge.models import AlertRequest, Category, Subscriber, Subscription

# Requests that may wait for one address: as many mails, at most, until they are confirmed or too old
MOST_WAITING = 3


@transaction.atomic
def ask(email: str, category: Category, *, language: str, source: str) -> None:
    """Have a link mailed that confirms the wish. What is answered does not depend on the address.

    Raises Invalid for what is no address, TooMany when this source, or all together, asked too often.
    """
    address = customers.normalise_email(email)
    if not address:
        raise errors.Invalid(fields={"email": [_("Enter a valid e-mail address.")]})
    ratelimit.check("alerts-source", source, limit=settings.ALERT_REQUESTS_PER_SOURCE, seconds=3600)
    ratelimit.check("alerts", "all", limit=settings.ALERT_REQUESTS_PER_HOUR, seconds=3600)
    now = clock.now()
    if AlertRequest.objects.filter(email=address, expires_at__gt=now).count() >= MOST_WAITING:
        return
    until = now + timedelta(hours=settings.ALERT_CONFIRM_HOURS)
    row = AlertRequest.objects.create(
        email=address, language=language, category=category, created_at=now, expires_at=until
    )
    outbox.enqueue(mail_link, priority=2, request_id=row.pk)


def mail_link(request_id: int) -> None:
    """Job: make the token and mail it. One that was confirmed or is too old gets none."""
    found = _waiting().select_related("category").filter(pk=request_id).first()
    if found is None:
        return
    token = secrets.token_urlsafe(32)
    found.digest = signing.digest(token)
    found.save(update_fields=["digest"])
    with translation.override(found.language):
        path = reverse("knowledge:alerts-confirm", args=[token])
    mail.send(
        to=found.email,
        subject=_("Please confirm: news on our help topics"),
        template="knowledge/mail/confirm",
        context={
            "url": f"{settings.PUBLIC_URL}{path}",
            "topic": found.category.name(found.language),
            "hours": settings.ALERT_CONFIRM_HOURS,
        },
        language=found.language,
        automatic=True,
    )


def peek(token: str) -> AlertRequest | None:
    """What a link would confirm, without confirming it: mail scanners follow links."""
    rows = _waiting().select_related("category")
    return rows.filter(digest=signing.digest(token)).first() if token else None


@transaction.atomic
def confirm(token: str) -> Subscriber | None:
    """The owner of the address wants it: from now on he follows the topic. None for a link that works no longer."""
    found = peek(token)
    if found is None or not AlertRequest.objects.filter(pk=found.pk).delete()[0]:
        return None
    now = clock.now()
    subscriber, _made = Subscriber.objects.get_or_create(
        email=found.email, defaults={"language": found.language, "next_at": now, "created_at": now}
    )
    if subscriber.language != found.language:
        subscriber.language = found.language
        subscriber.save(update_fields=["language"])
    Subscription.objects.get_or_create(subscriber=subscriber, category=found.category, defaults={"created_at": now})
    data = {"topic": found.category.slug, "language": found.language}
    record(names.ALERTS_CONFIRMED, subscriber, by=SYSTEM, data=data)
    return subscriber


@engine.every(3600)
def forget_unconfirmed() -> None:
    """Addresses that nobody confirmed are not kept."""
    AlertRequest.objects.filter(expires_at__lte=clock.now()).delete()


def _waiting() -> QuerySet[AlertRequest]:
    return AlertRequest.objects.filter(expires_at__gt=clock.now())
