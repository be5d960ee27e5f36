"""GET over the web through `egress`: TLS verified, the address checked, no proxy, no cookie, within a time and a size."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from helpdesk.lib import egress

_PORTS = {"http": 80, "https": 443}
_MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent, or where it sends us: redirects are the caller's to follow, if he wants to."""

    data: bytes
    type: str = ""
    location: str = ""


class Deadline:
    """What is left of a time that several steps share."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds; raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def get(
    url: str, *, headers: Mapping[str, str], deadline: Deadline, limit: int, schemes: tuple[str, ...] = ("https",)
) -> Answer:
    """What is there. Raises ValueError for what is no such address, another status than 200, or more than `limit` bytes;
    OSError (with `egress.Forbidden`) or HTTPException when it cannot be had.
    """
    parts = urlsplit(url)
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError("not an address of the web")
    port = parts.port or _PORTS[parts.scheme]
    with egress.connect(parts.hostname, port, timeout=deadline.left(), strict=True) as plain:
        is_tls = parts.scheme == "https"
        line = egress.tls_context().wrap_socket(plain, server_hostname=parts.hostname) if is_tls else plain
        connection = http.client.HTTPConnection(parts.hostname, port)
        connection.sock = line
        line.settimeout(deadline.left())
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        if answer.status in _MOVED:
            return Answer(b"", location=answer.headers.get("Location", ""))
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        return Answer(_read(answer, deadline, limit), answer.headers.get("Content-Type", ""))


def _read(answer: http.client.HTTPResponse, deadline: Deadline, limit: int) -> bytes:
    data = bytearray()
    while chunk := answer.read1(65_536):
        data += chunk
        deadline.left()
        if len(data) > limit:
            raise ValueError("too big")
    return bytes(data)
