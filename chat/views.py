"""What a website loads: the one script, the frame it opens, and a demo shop that carries the script."""

import json
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from chat import line, sessions
from chat import sites as embedding
from chat.models import Site
from helpdesk.lib import errors

CONFIG = "__GUICHET_CONFIG__"
_USUAL = {"position": "right", "x": 20, "y": 20, "z": 2_147_483_000, "theme": "auto"}
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


def _site(key: str) -> Site:
    try:
        return sessions.site(key)
    except errors.NotFound as error:
        raise Http404 from error


@require_safe
@gzip_page
def loader(request: HttpRequest, key: str) -> HttpResponse:
    """The script with the site's configuration in it; the same for every visitor, so caches may keep it for minutes."""
    site = _site(key)
    script = Path(settings.FRONTEND_DIST) / "loader.js"
    if not script.is_file():
        raise Http404("The widget is not built.")
    response = HttpResponse(
        script.read_text().replace(CONFIG, in_script(looks(site))), content_type="text/javascript; charset=utf-8"
    )
    response["Cache-Control"] = "public, max-age=300, stale-while-revalidate=86400"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def looks(site: Site) -> dict[str, Any]:
    """What the button needs to know; whatever is as usual is left out, for every page carries these bytes."""
    config: dict[str, Any] = {"site": site.key, "base": settings.PUBLIC_URL}
    if _COLOR.fullmatch(site.color):
        config["color"] = site.color
    chosen = {"position": site.position, "x": site.offset_x, "y": site.offset_y, "z": site.z_index, "theme": site.theme}
    config |= {name: value for name, value in chosen.items() if value != _USUAL[name]}
    if site.language:
        config["language"] = site.language
    if site.is_hidden:
        config["hidden"] = True
    labels = {"en": site.label_en, "fr": site.label_fr}
    if words := {language: {"open": label} for language, label in labels.items() if label}:
        config["labels"] = words
    return config


def in_script(value: Any) -> str:
    """JSON that neither ends a script element nor a line of JavaScript."""
    return json.dumps(value, ensure_ascii=True).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@require_safe
@xframe_options_exempt
def frame(request: HttpRequest, key: str) -> HttpResponse:
    """The widget's frame; only the site's own origins may embed it. It sets no cookie."""
    site = _site(key)
    asked = request.GET.get("lang", "")
    # The page that embeds us says its language; the visitor may change it inside the frame.
    language = asked if asked in dict(settings.LANGUAGES) else site.language
    language = language or (get_language() or settings.LANGUAGE_CODE)[:2]
    available, wait = line.of_site(site)
    config = {
        "site": site.key,
        "name": site.name,
        "language": language,
        "color": site.color,
        "greetings": {"en": site.greeting_en, "fr": site.greeting_fr},
        "available": available,
        "wait_s": wait,
        "contact": f"/{language}/contact/",
        "privacy": site.privacy_url,
        "accessibility": site.accessibility_url,
        "theme": site.theme,
        "region": site.default_region,
    }
    with translation.override(language):
        words = f"widget/app/locales/{language}.json"
        shown = {"frame": config, "site": site, "language": language, "words": words}
        response = render(request, "chat/frame.html", shown)
    response._csp_replace = {"frame-ancestors": ["'self'", *embedding.embedders(site)]}  # type: ignore[attr-defined]
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def shop(request: HttpRequest) -> HttpResponse:
    """A plain page that carries the script, where the demo's site exists."""
    return render(request, "demo/shop.html", {"site": _site("shop").key})
