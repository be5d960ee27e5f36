"""Who stands at a socket's door: exact origins first, then a session cookie, a token, or a visitor's session.

A browser always names its origin, and it must be one of `settings.SOCKET_ORIGINS` to the letter: scheme, host and port.
A program names none; then cookies count for nothing, because only a browser could be tricked into sending them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from ipaddress import ip_address
from itertools import islice
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from chat import keys
from chat.models import Session
from helpdesk.lib import clock, ratelimit
from helpdesk.people.models import User

Scope = dict[str, Any]
PROTOCOL = "guichet"
_PREFIXES = ("token.", "session.")
# Each one shown costs a look into the database, and a handshake has room for hundreds
MOST_SECRETS = 3


@dataclass(frozen=True, slots=True)
class Proof:
    """How a member of staff showed who he is; asked again every few seconds while the socket is open."""

    cookie: str = ""
    token_digest: str = ""


def headers(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope.get("headers", []) if key.lower() == name]


def has_origin(scope: Scope) -> bool:
    return bool(headers(scope, b"origin"))


def is_welcome(scope: Scope) -> bool:
    """Whether the page that opens this socket is ours; a program without a page is let on to show a token."""
    origins = headers(scope, b"origin")
    return not origins or (len(origins) == 1 and origins[0] in settings.SOCKET_ORIGINS)


def source(scope: Scope) -> str:
    """The network that a line comes from; '' where it is our own machine or a private one, as that of a proxy is."""
    if known := ratelimit.before_proxies(",".join(headers(scope, b"x-forwarded-for"))):
        return ratelimit.network(known)
    peer = str(next(iter(scope.get("client") or ()), ""))
    try:
        return ratelimit.network(peer) if ip_address(peer).is_global else ""
    except ValueError:
        return ""


def subprotocol(scope: Scope) -> str | None:
    """The one to answer with: ours when it was offered, else the first, because a browser wants one of its own."""
    offered = scope.get("subprotocols") or []
    return PROTOCOL if PROTOCOL in offered else next(iter(offered), None)


def _offered(scope: Scope) -> Iterator[str]:
    """Secrets that came as subprotocols: browsers cannot set headers on a socket."""
    for name in scope.get("subprotocols") or []:
        if name != PROTOCOL:
            yield next((name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix)), name)


# --- staff -----------------------------------------------------------------------------------------------------------
def staff(scope: Scope) -> tuple[User, Proof] | None:
    """The member of staff and his proof, or None."""
    for token in islice(_tokens(scope), MOST_SECRETS):
        if found := _by_token(token):
            return found
    if has_origin(scope) and (cookie := _cookie(scope)):
        proof = Proof(cookie=cookie)
        if user := still(proof):
            return user, proof
    return None


def _tokens(scope: Scope) -> Iterator[str]:
    for value in headers(scope, b"authorization"):
        scheme, _space, token = value.partition(" ")
        if scheme.lower() == "token":
            yield token.strip()
    yield from _offered(scope)


def _by_token(token: str) -> tuple[User, Proof] | None:
    try:
        user, row = TokenAuthentication().authenticate_credentials(token.encode())
    except AuthenticationFailed:
        return None
    return (user, Proof(token_digest=row.digest)) if isinstance(user, User) and user.is_active else None


def _cookie(scope: Scope) -> str:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load("; ".join(headers(scope, b"cookie")))
    except CookieError:
        return ""
    morsel = jar.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel else ""


def still(proof: Proof) -> User | None:
    """The user of a proof as he is now; None once he signed out, was deactivated, or the token is gone."""
    if proof.token_digest:
        rows = AuthToken.objects.filter(digest=proof.token_digest).select_related("user")
        row = rows.first()
        is_valid = row is not None and (row.expiry is None or row.expiry > clock.now()) and row.user.is_active
        return row.user if is_valid else None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(proof.cookie)
    user = auth.get_user(request)
    return user if isinstance(user, User) and user.is_active else None


# --- visitors --------------------------------------------------------------------------------------------------------
def visitor(scope: Scope) -> tuple[Session, str] | None:
    """The session that the address or a subprotocol names, and its token."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    for token in islice([*query.get("session", []), *_authorized(scope), *_offered(scope)], MOST_SECRETS):
        if session := keys.session_of(token):
            return session, token
    return None


def _authorized(scope: Scope) -> Iterator[str]:
    for value in headers(scope, b"authorization"):
        scheme, _space, token = value.partition(" ")
        if scheme.lower() == "session":
            yield token.strip()
