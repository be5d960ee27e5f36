"""Pictures that a mail only points to, fetched for an agent who asked: their owner learns our address, never the agent's.

Nothing else can be fetched this way: the address is read from a stored message, never from the request.
"""

import http.client
import re
import time
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from helpdesk.lib import egress, errors
from tickets import attachments
from tickets.models import Message

MAX_BYTES = 5 * 1024 * 1024
SECONDS = 10
MAX_REDIRECTS = 3
_PORTS = {"http": 80, "https": 443}
_SOURCE = re.compile(r'<img\b[^>]*?\bdata-remote-src="([^"]*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Picture:
    """The bytes of a picture and what they are, by their content."""

    data: bytes
    type: str


def fetch(message: Message, number: int) -> Picture:
    """The picture behind the `number`-th remote image of a message, in the order of its HTML, from 0.

    Raises NotFound: no such image, an address we do not connect to, an answer that is no picture, too big or too late.
    """
    sources = _SOURCE.findall(message.html)
    if number >= len(sources):
        raise errors.NotFound()
    try:
        data = _get(unescape(sources[number]))
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise errors.NotFound() from error
    kind = attachments.detect(data, "")
    if kind not in attachments.SHOWN_IN_PAGE:
        raise errors.NotFound()
    return Picture(data, kind)


def _get(url: str) -> bytes:
    deadline = time.monotonic() + SECONDS
    for _ in range(MAX_REDIRECTS + 1):
        answer = _ask(url, deadline)
        if isinstance(answer, bytes):
            return answer
        url = urljoin(url, answer)
    raise ValueError("too many redirects")


def _ask(url: str, deadline: float) -> bytes | str:
    """What the server sends, or where it sends us. Without cookies, referrer, or anything that tells who asks."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("not an address of the web")
    port = parts.port or _PORTS[parts.scheme]
    with egress.connect(parts.hostname, port, timeout=_left(deadline), strict=True) as plain:
        line = egress.tls_context().wrap_socket(plain, server_hostname=parts.hostname) if _is_tls(url) else plain
        connection = http.client.HTTPConnection(parts.hostname, port)
        connection.sock = line
        line.settimeout(_left(deadline))
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        connection.request("GET", path, headers={"User-Agent": "Mozilla/5.0", "Accept": "image/*"})
        answer = connection.getresponse()
        if answer.status in (301, 302, 303, 307, 308):
            return answer.headers.get("Location", "")
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        return _read(answer, deadline)


def _read(answer: http.client.HTTPResponse, deadline: float) -> bytes:
    data = bytearray()
    while chunk := answer.read1(65_536):
        data += chunk
        _left(deadline)
        if len(data) > MAX_BYTES:
            raise ValueError("too big")
    return bytes(data)


def _is_tls(url: str) -> bool:
    return urlsplit(url).scheme == "https"


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
