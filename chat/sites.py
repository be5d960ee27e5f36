"""The websites that carry the widget: who may embed it, how it looks, and who changes that."""

import re
import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from chat.models import Site
from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import errors, sealed
from helpdesk.lib.actor import Actor

MOST_ORIGINS = 50
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-fA-F:]+\](:[0-9]{1,5})?")


def embedders(site: Site) -> list[str]:
    """The site's origins that are exactly scheme, host and port; anything else could widen the policy."""
    return [origin for origin in site.origins if isinstance(origin, str) and _ORIGIN.fullmatch(origin)]


def snippet(site: Site) -> str:
    """The one line that a website adds."""
    return f'<script async src="{settings.PUBLIC_URL}/w/{site.key}.js"></script>'


def origin_of(address: str) -> str:
    """Scheme, host and port of an address as browsers name it, or '' when it has none."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return ""
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if scheme not in ("http", "https") or not host:
        return ""
    usual = {"http": 80, "https": 443}[scheme]
    shown = f"[{host}]" if ":" in host else host
    origin = f"{scheme}://{shown}" + (f":{port}" if port and port != usual else "")
    return origin if _ORIGIN.fullmatch(origin) else ""


# --- changing them ---------------------------------------------------------------------------------------------------
def create(given: dict[str, Any], *, by: Actor) -> Site:
    """A new site under a key of its own. Raises Invalid that names the field."""
    with transaction.atomic():
        row = Site(key=_free_key(given["name"]))
        _apply(row, given)
        row.save(force_insert=True)
        record(names.SITE_CHANGED, row, by=by, data={"change": "created", "fields": []})
    return row


def change(site: Site, given: dict[str, Any], *, by: Actor) -> Site:
    """Change what is given. A site is switched off, never deleted: its conversations stay."""
    with transaction.atomic():
        row = Site.objects.select_for_update().get(pk=site.pk)
        _apply(row, given)
        row.save()
        record(names.SITE_CHANGED, row, by=by, data={"change": "changed", "fields": sorted(given)})
    return row


def renew_secret(site: Site, *, by: Actor) -> str:
    """A fresh secret for the site's signed identities, shown this once; tokens signed with the former one stop at once."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        row = Site.objects.select_for_update().get(pk=site.pk)
        row.identity_secret = sealed.seal(secret)
        row.save(update_fields=["identity_secret"])
        record(names.SITE_CHANGED, row, by=by, data={"change": "secret", "fields": []})
    return secret


def _apply(row: Site, given: dict[str, Any]) -> None:
    for name, value in given.items():
        setattr(row, name, _origins(value) if name == "origins" else value)


def _origins(typed: Iterable[str]) -> list[str]:
    """Exact origins; an address with a path is somebody's mistake, and is named."""
    found = []
    for entry in typed:
        origin = origin_of(entry)
        if not origin or urlsplit(entry.strip()).path not in ("", "/") or "?" in entry or "#" in entry or "@" in entry:
            raise errors.Invalid(
                fields={
                    "origins": [_("“%(entry)s” is not an address such as https://www.example.org.") % {"entry": entry}]
                }
            )
        found.append(origin)
    return list(dict.fromkeys(found))


def _free_key(name: str) -> str:
    """The name as an address writes it, or with a number when another site has that."""
    base = slugify(name)[:40] or "site"
    taken = set(Site.objects.filter(key__startswith=base).values_list("key", flat=True))
    return next(
        key for number in range(len(taken) + 1) if (key := f"{base}-{number + 1}" if number else base) not in taken
    )
