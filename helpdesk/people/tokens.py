"""Magic links: made, mailed, and used once. What is stored is only the hash."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from helpdesk.lib import clock, signing
from helpdesk.people import customers
from helpdesk.people.models import Customer, LoginToken

LOGIN = "login"
PROVE = "prove"


def issue(purpose: str, customer: Customer, email: str) -> str:
    """A fresh token of 256 bits for one purpose; the caller mails it to `email` and nowhere else."""
    token = secrets.token_urlsafe(32)
    LoginToken.objects.create(
        purpose=purpose,
        digest=signing.digest(token),
        customer=customer,
        email=email,
        expires_at=clock.now() + timedelta(minutes=settings.MAGIC_LINK_MINUTES),
    )
    return token


def peek(purpose: str, token: str) -> LoginToken | None:
    """The usable token without using it: a GET shows a page, because mail scanners follow links."""
    usable = LoginToken.objects.filter(purpose=purpose, used_at__isnull=True, expires_at__gt=clock.now())
    return usable.select_related("customer").filter(digest=signing.digest(token)).first() if token else None


def revoke(customer: Customer) -> None:
    """No link that was mailed for him proves anything any more."""
    LoginToken.objects.filter(customer=customer, used_at__isnull=True).delete()


@transaction.atomic
def use(purpose: str, token: str) -> Customer | None:
    """Use the token up and return whom it proves; None when it is unknown, used, expired or of another purpose.

    Clicking a link in a mail proves the address it was sent to.
    """
    found = peek(purpose, token)
    if found is None:
        return None
    won = LoginToken.objects.filter(pk=found.pk, used_at__isnull=True).update(used_at=clock.now())
    if not won:
        return None
    customer = found.customer.merged_into or found.customer
    return customers.prove(customer, found.email, by=customer.actor)
