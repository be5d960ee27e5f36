"""Counters in the cache that may vanish: they slow strangers down, nothing durable depends on them."""

import hashlib
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from helpdesk.lib.errors import TooMany


def allow(bucket: str, key: str, *, limit: int, seconds: int) -> bool:
    """Count one more in a fixed window; False once `limit` is passed. Keys are hashed: no address lies in the cache."""
    name = f"rate:{bucket}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    cache.add(name, 0, timeout=seconds)
    try:
        return cache.incr(name) <= limit
    except ValueError:  # the window ended between the two calls
        return True


def check(bucket: str, key: str, *, limit: int, seconds: int) -> None:
    """Raise TooMany once the limit is passed."""
    if not allow(bucket, key, limit=limit, seconds=seconds):
        raise TooMany(retry_after=seconds)


def client_ip(request: HttpRequest) -> str:
    """The peer's address, or that of who stands before our proxies."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    return before_proxies(request.META.get("HTTP_X_FORWARDED_FOR", "")) or peer


def before_proxies(forwarded: str) -> str:
    """Whom a forwarded header names; it counts only behind the number of proxies that the operator declared."""
    hops: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    named = [part.strip() for part in forwarded.split(",") if part.strip()]
    return named[-hops] if hops and len(named) >= hops else ""


def source(request: HttpRequest) -> str:
    """Where a call comes from, as limits count it: who holds a whole IPv6 network is one."""
    return network(client_ip(request))


def network(address: str) -> str:
    """What one customer of a provider holds: an IPv4 address, or the first half of an IPv6 one."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(ip_network((found, 64), strict=False))
