"""What our own mail server found out about who sent a mail: only its topmost Authentication-Results are believed."""

import re
from collections.abc import Collection

from tickets.channels.email_headers import Headers
from tickets.channels.email_shapes import Trust

_RESULT = re.compile(r"^([a-z0-9-]{1,30})(?:/\d+)?\s*=\s*([a-z]{1,20})", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(header\.from|header\.d|header\.i|smtp\.mailfrom)\s*=\s*\"?([^\s;\"]{1,320})", re.IGNORECASE)


def read(headers: Headers, sender: str, authserv_ids: Collection[str], problems: list[str]) -> Trust:
    """What our own server found out: its line is the topmost, anything below may have come with the mail."""
    topmost = headers.raw("authentication-results")
    authserv, _, rest = topmost.partition(";")
    known = {name.strip().lower() for name in authserv_ids}
    if not authserv.split() or authserv.split()[0].lower() not in known:
        return "unverified"
    domain = sender.rpartition("@")[2]
    results: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for statement in re.sub(r"\([^()]{0,500}\)", " ", rest).split(";"):
        match = _RESULT.match(statement.strip())
        if match:
            found = {name.lower(): value.lower() for name, value in _PROPERTY.findall(statement)}
            results.setdefault(match[1].lower(), []).append((match[2].lower(), found))
    if "several_senders" in problems or not domain:
        return "failed" if _said(results, "dmarc", "fail") else "unverified"
    if "dmarc" in results:
        outcome, found = results["dmarc"][0]
        if outcome == "pass" and found.get("header.from", domain) == domain:
            return "verified"
        return "failed" if outcome == "fail" else "unverified"
    signed = [found.get("header.d", "") for outcome, found in results.get("dkim", []) if outcome == "pass"]
    sent = [
        found.get("smtp.mailfrom", "").rpartition("@")[2]
        for outcome, found in results.get("spf", [])
        if outcome == "pass"
    ]
    if any(_aligned(proved, domain) for proved in (*signed, *sent)):
        return "verified"
    return "failed" if _said(results, "spf", "fail") or _said(results, "dkim", "fail") else "unverified"


def _said(results: dict[str, list[tuple[str, dict[str, str]]]], method: str, outcome: str) -> bool:
    return any(said == outcome for said, _ in results.get(method, []))


def _aligned(proved: str, domain: str) -> bool:
    return "." in proved and (proved == domain or domain.endswith(f".{proved}"))
