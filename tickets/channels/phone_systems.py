"""Telephone systems that may tell of calls: made, changed, and their token renewed or revoked."""

import secrets
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors, text
from helpdesk.lib.actor import Actor
from helpdesk.lib.signing import digest
from tickets.models import PhoneSystem


def of_token(token: str) -> PhoneSystem | None:
    """Whose token this is; looked up by its hash, so that no time tells how much of a guess was right."""
    return PhoneSystem.objects.filter(digest=digest(token)).first() if token else None


def url(token: str) -> str:
    """What is pasted into the telephone system."""
    return f"{settings.PUBLIC_URL}/api/v1/cti/{token}"


@transaction.atomic
def create(given: dict[str, Any], *, by: Actor) -> tuple[PhoneSystem, str]:
    """A new one with its token, which is shown this once."""
    row, token = PhoneSystem(created_at=clock.now()), secrets.token_urlsafe(32)
    _apply(row, given)
    row.digest, row.token_made_at = digest(token), row.created_at
    row.save(force_insert=True)
    record(names.PHONE_SYSTEM_CHANGED, row, by=by, data={"change": "created"})
    return row, token


@transaction.atomic
def change(row: PhoneSystem, given: dict[str, Any], *, by: Actor) -> PhoneSystem:
    _apply(row, given)
    row.save(update_fields=["name", "region"])
    record(names.PHONE_SYSTEM_CHANGED, row, by=by, data={"change": "changed"})
    return row


@transaction.atomic
def renew(row: PhoneSystem, *, by: Actor) -> str:
    """A fresh token, shown this once; the former one opens nothing any more."""
    token = secrets.token_urlsafe(32)
    row.digest, row.token_made_at = digest(token), clock.now()
    row.save(update_fields=["digest", "token_made_at"])
    record(names.PHONE_SYSTEM_CHANGED, row, by=by, data={"change": "renewed"})
    return token


@transaction.atomic
def revoke(row: PhoneSystem, *, by: Actor) -> PhoneSystem:
    """Nobody speaks for it any more; its calls stay. Doing it twice is a no-op."""
    if row.digest:
        row.digest, row.token_made_at = "", None
        row.save(update_fields=["digest", "token_made_at"])
        record(names.PHONE_SYSTEM_CHANGED, row, by=by, data={"change": "revoked"})
    return row


def _apply(row: PhoneSystem, given: dict[str, Any]) -> None:
    if "name" in given:
        row.name = text.one_line(given["name"], 80)
    if not row.name:
        raise errors.Invalid(fields={"name": [_("Give it a name.")]})
    if "region" in given:
        row.region = given["region"].upper()
