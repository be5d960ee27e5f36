"""What every customer page needs: its own address, and the same page in the other languages."""

from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url

register = template.Library()
# Each language names itself in its own words.
NAMES = {"en": "English", "fr": "Français"}


@register.simple_tag(takes_context=True)
def languages(context: dict[str, Any]) -> list[dict[str, str]]:
    """The languages of this page: code, name, path and whole address.

    A page that is elsewhere in another language says so: `alternates` in its context maps codes to paths.
    """
    request: HttpRequest | None = context.get("request")
    path = request.get_full_path() if request else "/"
    own: dict[str, str] = context.get("alternates") or {}
    return [_language(code, own.get(code) or _translated(path, code)) for code, _name in settings.LANGUAGES]


@register.simple_tag(takes_context=True)
def this_address(context: dict[str, Any]) -> str:
    """The one address of this page, without what was asked of it."""
    request: HttpRequest | None = context.get("request")
    return f"{settings.PUBLIC_URL}{request.path if request else '/'}"


def _translated(path: str, code: str) -> str:
    translated = translate_url(path, code)
    # An address without a language (a survey's) stays; the language is then asked for.
    if translated != path or path.startswith(f"/{code}/"):
        return translated
    return f"/{code}/help/"


def _language(code: str, path: str) -> dict[str, str]:
    return {"code": code, "name": NAMES.get(code, code), "path": path, "url": f"{settings.PUBLIC_URL}{path}"}
