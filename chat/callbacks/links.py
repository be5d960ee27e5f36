"""Signed links of one call-back: they change it, call it off and give its calendar file, and open nothing else."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from chat.models import Callback
from helpdesk.lib import signing

PURPOSE = "callback"
LIFE = timedelta(days=30)


def token(callback: Callback) -> str:
    return signing.sign(PURPOSE, callback.pk)


def open_link(given: str) -> Callback | None:
    """The call-back of a link; None when it is forged or too old."""
    key = signing.read(PURPOSE, given, max_age=LIFE)
    return Callback.objects.with_people().filter(pk=key).first() if key else None


def manage(callback: Callback) -> str:
    """Where the customer changes it, in his language."""
    with translation.override(callback.language or settings.LANGUAGE_CODE):
        return reverse("callback", kwargs={"token": token(callback)})


def calendar(callback: Callback) -> str:
    return reverse("callback-calendar", kwargs={"token": token(callback)})
