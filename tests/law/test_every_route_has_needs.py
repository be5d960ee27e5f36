"""Deny by default is kept by walking every address: each API view says what each of its methods needs."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from helpdesk.lib.api.permissions import PUBLIC, SIGNED_IN, Needs
from helpdesk.people import capabilities

METHODS = ("get", "post", "put", "patch", "delete")
# What anybody may call without signing in. A new line here is a decision, not an accident.
PUBLIC_CALLS: set[tuple[str, str]] = {
    ("GET", "api/v1/articles/"),
    ("GET", "api/v1/articles/<int:article_id>/"),
    ("GET", "api/v1/articles/suggest/"),
    ("GET", "api/v1/chat/availability/"),
    ("GET", "api/v1/chat/callbacks/"),
    ("POST", "api/v1/chat/callbacks/"),
    ("GET", "api/v1/chat/callbacks/<int:callback_id>/"),
    ("PATCH", "api/v1/chat/callbacks/<int:callback_id>/"),
    ("DELETE", "api/v1/chat/callbacks/<int:callback_id>/"),
    ("GET", "api/v1/chat/callbacks/number/"),
    ("GET", "api/v1/chat/callbacks/slots/"),
    ("GET", "api/v1/chat/channels/"),
    ("POST", "api/v1/chat/continue/"),
    ("DELETE", "api/v1/chat/session/"),
    ("GET", "api/v1/chat/session/"),
    ("POST", "api/v1/chat/session/continue/"),
    ("POST", "api/v1/chat/session/end/"),
    ("POST", "api/v1/chat/session/files/"),
    ("DELETE", "api/v1/chat/session/files/<uuid:key>/"),
    ("GET", "api/v1/chat/session/files/<uuid:key>/"),
    ("POST", "api/v1/chat/session/forget/"),
    ("POST", "api/v1/chat/session/identify/"),
    ("POST", "api/v1/chat/session/logout/"),
    ("GET", "api/v1/chat/session/messages/"),
    ("POST", "api/v1/chat/session/messages/"),
    ("POST", "api/v1/chat/session/page/"),
    ("POST", "api/v1/chat/session/rating/"),
    ("GET", "api/v1/chat/session/requests/"),
    ("POST", "api/v1/chat/session/requests/<int:number>/open/"),
    ("POST", "api/v1/chat/session/seen/"),
    ("POST", "api/v1/chat/session/transcript/"),
    ("POST", "api/v1/chat/session/write/"),
    ("POST", "api/v1/chat/sessions/"),
    ("GET", "api/v1/schema/"),
}


def _routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def _need(view: Any, method: str) -> str | None:
    return getattr(view, "needs", {}).get(method)


def _calls() -> list[tuple[str, str, type[APIView]]]:
    """(route, METHOD, view) for every call that the API answers."""
    found = []
    for route, callback in _routes(get_resolver().url_patterns):
        view = getattr(callback, "cls", None)
        if view is not None and issubclass(view, APIView):
            handled = getattr(callback, "actions", None) or {name for name in METHODS if hasattr(view, name)}
            found += [(route, name.upper(), view) for name in METHODS if name in handled]
    return found


def test_every_call_says_what_it_needs() -> None:
    """A view may add a permission, not replace the one that denies by default."""
    calls, known = _calls(), {PUBLIC, SIGNED_IN, *capabilities.ADMIN}
    assert len(calls) > 30
    silent = [f"{method} {route}" for route, method, view in calls if _need(view, method) not in known]
    undone = [f"{method} {route}" for route, method, view in calls if Needs not in view.permission_classes]
    assert (silent, undone) == ([], [])


def test_only_the_listed_calls_are_public() -> None:
    assert {(method, route) for route, method, view in _calls() if _need(view, method) == PUBLIC} == PUBLIC_CALLS


def test_every_address_under_the_api_is_an_api_view() -> None:
    """A plain Django view there would bypass the rights and the error format."""
    others = [
        route
        for route, callback in _routes(get_resolver().url_patterns)
        if route.startswith("api/") and not issubclass(getattr(callback, "cls", object), APIView)
    ]
    assert others == []
