"""Who stands at a socket's door: exact origins first, then a session cookie, a token, or a visitor's session.

A browser always names its origin, and it must be one of `settings.SOCKET_ORIGINS` to the letter: scheme, host and port.
A program names none; then cookies count for nothing, because only a browser could be tricked into sending them.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from ipaddress import ip_address
from itertools import islice
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.models import Session as Cookie
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from knox.crypto import hash_token
from knox.models import AuthToken

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
def proofs(scope: Scope) -> tuple[Proof, ...]:
    """How whoever opens this socket may show that he is staff, in the order in which it counts."""
    shown = [Proof(token_digest=hash_token(token)) for token in islice(_tokens(scope), MOST_SECRETS)]
    if has_origin(scope) and (cookie := _cookie(scope)):
        shown.append(Proof(cookie=cookie))
    return tuple(shown)


def _tokens(scope: Scope) -> Iterator[str]:
    for value in headers(scope, b"authorization"):
        scheme, _space, token = value.partition(" ")
        if scheme.lower() == "token":
            yield token.strip()
    yield from _offered(scope)


def _cookie(scope: Scope) -> str:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load("; ".join(headers(scope, b"cookie")))
    except CookieError:
        return ""
    morsel = jar.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel else ""


def holders(shown: Collection[Proof]) -> dict[Proof, User]:
    """The users of these proofs as they are now; without those who signed out, were deactivated, or whose token is gone."""
    tokens = {proof.token_digest: proof for proof in shown if proof.token_digest}
    found = {}
    for row in AuthToken.objects.filter(digest__in=tokens).select_related("user"):
        if (row.expiry is None or row.expiry > clock.now()) and row.user.is_active:
            found[tokens[row.digest]] = row.user
    return found | _by_cookie({proof.cookie: proof for proof in shown if proof.cookie})


def _by_cookie(cookies: dict[str, Proof]) -> dict[Proof, User]:
    if not cookies:
        return {}
    if settings.SESSION_ENGINE != "django.contrib.sessions.backends.db":
        return {proof: user for cookie, proof in cookies.items() if (user := _signed_in(cookie))}
    rows = Cookie.objects.filter(session_key__in=cookies, expire_date__gt=clock.now())
    held = {row.session_key: row.get_decoded() for row in rows}
    users = User.objects.in_bulk({int(data[auth.SESSION_KEY]) for data in held.values() if auth.SESSION_KEY in data})
    found: dict[Proof, User] = {}
    for cookie, data in held.items():
        user = users.get(int(data.get(auth.SESSION_KEY, 0)))
        if user is None or not user.is_active:
            continue
        is_same = constant_time_compare(data.get(auth.HASH_SESSION_KEY, ""), user.get_session_auth_hash())
        # Another hash may be that of a former secret key: Django knows
        if is_same or (user := _signed_in(cookie)) is not None:
            found[cookies[cookie]] = user
    return found


def _signed_in(cookie: str) -> User | None:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(cookie)
    user = auth.get_user(request)
    return user if isinstance(user, User) and user.is_active else None


# --- visitors --------------------------------------------------------------------------------------------------------
def tokens(scope: Scope) -> tuple[str, ...]:
    """The tokens of a visitor's session that the address, a header or a subprotocol names."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return tuple(islice([*query.get("session", []), *_authorized(scope), *_offered(scope)], MOST_SECRETS))


def _authorized(scope: Scope) -> Iterator[str]:
    for value in headers(scope, b"authorization"):
        scheme, _space, token = value.partition(" ")
        if scheme.lower() == "session":
            yield token.strip()
