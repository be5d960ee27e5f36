"""What a page's Content-Security-Policy lets a browser load: as much of the standard as a script and a frame need."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_USUAL = {"http": "80", "https": "443", "ws": "80", "wss": "443"}
Policy = dict[str, list[str]]


def parse(values: Iterable[str]) -> list[Policy]:
    """Every policy that the headers (or meta elements) carry; a browser obeys all of them."""
    found = []
    for text in values:
        for one in text.split(","):
            policy: Policy = {}
            for directive in one.split(";"):
                name, *sources = directive.split()[:200] or [""]
                if name:
                    policy.setdefault(name.lower(), sources)
            if policy:
                found.append(policy)
    return found


def allows_script(policies: Iterable[Policy], address: str, page: str, nonce: str = "") -> bool:
    """Whether a `<script src>` of this address, with this nonce, would run on the page."""
    return all(
        _script(_first(policy, "script-src-elem", "script-src", "default-src"), address, page, nonce)
        for policy in policies
    )


def allows_frame(policies: Iterable[Policy], address: str, page: str) -> bool:
    """Whether a frame of this address would be shown on the page."""
    return all(_listed(_first(policy, "frame-src", "child-src", "default-src"), address, page) for policy in policies)


def _first(policy: Policy, *names: str) -> list[str] | None:
    return next((policy[name] for name in names if name in policy), None)


def _script(sources: list[str] | None, address: str, page: str, nonce: str) -> bool:
    if sources is None or (nonce and f"'nonce-{nonce}'" in sources):
        return True
    # With it, a host that is listed counts for nothing.
    return "'strict-dynamic'" not in [source.lower() for source in sources] and _listed(sources, address, page)


def _listed(sources: list[str] | None, address: str, page: str) -> bool:
    return sources is None or any(_matches(source.lower(), address, page) for source in sources)


def _matches(source: str, address: str, page: str) -> bool:
    wanted, own = urlsplit(address.lower()), urlsplit(page.lower())
    if source == "*":
        return wanted.scheme in ("http", "https")
    if source == "'self'":
        return (wanted.scheme, wanted.netloc) == (own.scheme, own.netloc)
    if source.endswith(":") and "/" not in source:
        return _scheme(source[:-1], wanted.scheme)
    if source.startswith("'"):
        return False
    found = re.fullmatch(r"(?:([a-z][a-z0-9+.-]*)://)?(\*|\*\.[^:/]+|\[[^\]]+\]|[^:/]+)(?::(\*|\d+))?(/.*)?", source)
    if not found:
        return False
    scheme, host, port, path = found.groups()
    return (
        _scheme(scheme or own.scheme, wanted.scheme)
        and _host(host, wanted.hostname or "")
        and _port(port, wanted.scheme, str(wanted.port or _USUAL.get(wanted.scheme, "")))
        and _path(path or "", wanted.path)
    )


def _scheme(listed: str, wanted: str) -> bool:
    return listed == wanted or (listed, wanted) == ("http", "https")


def _host(listed: str, wanted: str) -> bool:
    if listed == "*":
        return True
    return wanted.endswith(listed[1:]) if listed.startswith("*.") else listed.strip("[]") == wanted


def _port(listed: str | None, scheme: str, wanted: str) -> bool:
    if listed == "*":
        return True
    return wanted == (listed or _USUAL.get(scheme, "")) or (listed == "80" and wanted == "443")


def _path(listed: str, wanted: str) -> bool:
    if listed in ("", "/"):
        return True
    return wanted.startswith(listed) if listed.endswith("/") else wanted == listed
