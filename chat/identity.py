"""Who the host site says its visitor is: a JWT it signed with the secret shared with this site's widget."""

from dataclasses import dataclass

import jwt
from django.utils.translation import gettext_lazy as _
from jwt.types import Options

from chat.models import Session, Site
from helpdesk.lib import clock, errors, sealed
from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, Identity

LONGEST_LIFE = 3600
# How far the host's clock may be ahead of ours when it grants a full hour
SKEW = 30
_OPTIONS: Options = {"require": ["exp", "aud"], "verify_iat": False}


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a valid token says."""

    subject: str
    email: str
    name: str


def read(site: Site, token: str) -> Vouched:
    """The claims of a token; raises NotAllowed (code `identity`) for anything but a valid one for this very site.

    The algorithm is fixed, never the token's choice; `aud` must be the site's key; it may live an hour at most.
    """
    secret = sealed.unseal(site.identity_secret)
    if not secret:
        raise _refused()
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], audience=site.key, options=_OPTIONS)
    except (jwt.PyJWTError, ValueError, OverflowError) as error:
        raise _refused() from error
    if not _is_short(claims):
        raise _refused()
    vouched = Vouched(*(_text(claims.get(name)) for name in ("sub", "email", "name")))
    if not vouched.subject and not customers.normalise_email(vouched.email):
        raise _refused()
    return vouched


def _is_short(claims: dict[str, object]) -> bool:
    expires, issued = claims.get("exp"), claims.get("iat")
    if not isinstance(expires, int | float) or expires - clock.now().timestamp() > LONGEST_LIFE + SKEW:
        return False
    return not isinstance(issued, int | float) or expires - issued <= LONGEST_LIFE


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _refused() -> errors.NotAllowed:
    return errors.NotAllowed(_("The website's proof of who you are was not accepted."), code="identity")


def customer_of(site: Site, vouched: Vouched) -> Customer:
    """The customer a site vouches for: by his address when it names one (which proves it), else by its own id of him."""
    subject = f"{site.key}:{vouched.subject}" if vouched.subject else ""
    email = customers.normalise_email(vouched.email)
    return customers.resolve(Who(name=vouched.name, email=email, external=subject, is_proved=bool(email), opens=True))


def known_by(session: Session) -> str | None:
    """How it is known who holds a session: by his website's word ('site'), by an address he proved ('email'), or not."""
    if session.is_vouched:
        return "site"
    proved = session.customer.identities.filter(kind=Identity.Kind.EMAIL, verified_at__isnull=False)
    return "email" if proved.exists() else None
