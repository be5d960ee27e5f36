"""Magic links: asked for by anybody, mailed only to an address we know, and nobody learns which those are."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from helpdesk.jobs import outbox
from helpdesk.lib import mail, ratelimit
from helpdesk.people import customers, tokens
from helpdesk.people.models import Identity

MAILS_PER_HOUR = 5


def ask(email: str, *, language: str, number: int | None = None) -> None:
    """Mail a sign-in link if the address is known. Known or not, the same is written and the same is answered."""
    address = customers.normalise_email(email)
    identity = _known(address)
    is_allowed = ratelimit.allow("magic-link", address, limit=MAILS_PER_HOUR, seconds=3600)
    outbox.enqueue(
        mail_link,
        identity_id=identity.pk if identity and is_allowed else 0,
        language=language,
        number=number,
        priority=2,
    )


def _known(address: str) -> Identity | None:
    """The identity of whoever owns the address, else of who claimed it first; never a mere visitor's."""
    found = Identity.objects.filter(
        kind=Identity.Kind.EMAIL, value=address, customer__is_visitor=False, customer__erased_at__isnull=True
    )
    claims = sorted(found, key=lambda identity: (identity.verified_at is None, identity.pk))
    return claims[0] if claims else None


def mail_link(identity_id: int, language: str, number: int | None = None) -> None:
    """Job: make the token and mail it; nothing for an address that nobody has."""
    identity = Identity.objects.select_related("customer__merged_into").filter(pk=identity_id).first()
    if identity is None:
        return
    owner = identity.customer.merged_into or identity.customer
    token = tokens.issue(tokens.LOGIN, owner, identity.value)
    mail.send(
        to=identity.value,
        subject=_("Your sign-in link"),
        template="tickets/mail/magic_link",
        context={"url": address_of("my-link", token, language, number), "name": owner.name, "minutes": lifetime()},
        language=language,
        automatic=True,
    )


def address_of(page: str, token: str, language: str, number: int | None = None) -> str:
    """The page that a mailed token opens, in the reader's language."""
    with translation.override(language):
        path = reverse(page, kwargs={"token": token})
    return f"{settings.PUBLIC_URL}{path}" + (f"?request={number}" if number else "")


def lifetime() -> int:
    """For how many minutes a link works."""
    return int(settings.MAGIC_LINK_MINUTES)
