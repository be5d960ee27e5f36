"""Signed, purpose-bound references that need no row: reply addresses, survey, file and resume links.

What must be single-use or revocable is a stored row instead (`people.tokens`). Signatures are HMAC-SHA-256 by
django.core.signing; the purpose is the salt, so that a token of one purpose opens nothing else.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing


def sign(purpose: str, value: Any) -> str:
    """A URL-safe token that carries `value` (JSON) for `purpose`."""
    return signing.dumps(value, salt=f"guichet.{purpose}", compress=True)


def read(purpose: str, token: str, *, max_age: timedelta | None = None) -> Any:
    """The value of a token, or None when it is forged, of another purpose, or older than `max_age`."""
    if not token:
        return None
    try:
        return signing.loads(token, salt=f"guichet.{purpose}", max_age=max_age)
    except signing.BadSignature:
        return None


def short_code(purpose: str, *parts: object) -> str:
    """80 bits of HMAC as 16 lower-case letters and digits: for mail addresses, whose local part is short and case-blind."""
    message = "\x1f".join([purpose, *map(str, parts)]).encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()


def check_short_code(code: str, purpose: str, *parts: object) -> bool:
    """Whether `code` is the short code of these parts, in constant time; an empty code never is."""
    try:
        return bool(code) and hmac.compare_digest(code.lower().encode("ascii"), short_code(purpose, *parts).encode())
    except (UnicodeEncodeError, binascii.Error):
        return False


def digest(token: str) -> str:
    """What is stored of a secret: its SHA-256 in hex. Tokens hold 256 random bits, so no salt or stretching is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
