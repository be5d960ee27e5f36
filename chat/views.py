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
    """The script with the site's configuration in it; the same for every visitor, so caches may keep it for minutes.

    `?inline` is the one for pages that show the frame in a part of their own.
    """
    site = _site(key)
    if "inline" in request.GET:
        return _script("inline.js", looks(site))
    return _script("loader.js", looks(site), _teaser_line(site))


@require_safe
@gzip_page
def teaser(request: HttpRequest, key: str) -> HttpResponse:
    """The invitation of sites that want one."""
    site = _site(key)
    if not (words := _teaser_words(site)):
        raise Http404("This site has no teaser.")
    return _script("teaser.js", {**looks(site), "teaser": words, "after": site.teaser_after_s})


def _script(name: str, config: dict[str, Any], after: str = "") -> HttpResponse:
    script = Path(settings.FRONTEND_DIST) / name
    if not script.is_file():
        raise Http404("The widget is not built.")
    content = script.read_text().replace(CONFIG, in_script(config)) + after
    response = HttpResponse(content, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300, stale-while-revalidate=86400"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _teaser_words(site: Site) -> dict[str, str]:
    return {language: text for language, text in (("en", site.teaser_en), ("fr", site.teaser_fr)) if text}


def _teaser_line(site: Site) -> str:
    """Only the loader of a site with a teaser asks for it, and not before the page has settled."""
    if not _teaser_words(site) or site.is_hidden:
        return ""
    address = in_script(f"{settings.PUBLIC_URL}/w/{site.key}/teaser.js")
    load = f'Object.assign(document.createElement("script"),{{src:{address}}})'
    return f";setTimeout(()=>document.head.append({load}),3e3)"


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
@gzip_page
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
