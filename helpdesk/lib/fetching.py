"""GET over the web through `egress`: TLS verified, the address checked, no proxy, no cookie, within a time and a size."""

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from urllib.parse import quote, urlsplit

from helpdesk.lib import egress

_PORTS = {"http": 80, "https": 443}
_MOVED = (301, 302, 303, 307, 308)
# Everything that may stand in an address as it is; the rest is encoded as browsers do
_PLAIN = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent, or where it sends us: redirects are the caller's to follow, if he wants to."""

    data: bytes
    type: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whatever its status: of a redirect no body, of a long one the first `limit` bytes and some."""

    status: int
    headers: Message
    data: bytes

    @property
    def location(self) -> str:
        return self.headers.get("Location", "") if self.status in _MOVED else ""


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
    reply = ask(url, headers=headers, deadline=deadline, limit=limit, schemes=schemes)
    if reply.status in _MOVED:
        return Answer(b"", location=reply.location)
    if reply.status != 200:
        raise ValueError(f"status {reply.status}")
    if len(reply.data) > limit:
        raise ValueError("too big")
    return Answer(reply.data, reply.headers.get("Content-Type", ""))


def ask(
    url: str, *, headers: Mapping[str, str], deadline: Deadline, limit: int, schemes: tuple[str, ...] = ("https",)
) -> Reply:
    """The same for who looks at the status himself. Raises ValueError for what is no such address, else as `get`."""
    parts = urlsplit(url)
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError("not an address of the web")
    host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
    path = quote(f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", safe=_PLAIN)
    with egress.connect(host, port, timeout=deadline.left(), strict=True) as plain, _until(deadline) as lines:
        lines.append(plain)
        plain.settimeout(deadline.left())
        if parts.scheme == "https":
            line = egress.tls_context().wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
            lines.append(line)
            line.do_handshake()
        connection = http.client.HTTPConnection(host, port)
        connection.sock = lines[-1]
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        data = b"" if answer.status in _MOVED else _read(answer, deadline, limit)
        return Reply(answer.status, answer.headers, data)


@contextlib.contextmanager
def _until(deadline: Deadline) -> Iterator[list[socket.socket]]:
    """The line that stands last in the list is cut when the time is over.

    A socket's own time is that of one step: whoever sends a byte now and then would keep a thread for hours.
    """
    lines: list[socket.socket] = []
    timer = threading.Timer(deadline.left(), _cut, [lines])
    timer.daemon = True
    timer.start()
    try:
        yield lines
    finally:
        timer.cancel()
        for line in lines:
            line.close()


def _cut(lines: list[socket.socket]) -> None:
    with contextlib.suppress(OSError, IndexError):
        # Not the method of a TLS line, which would say farewell in the middle of what another thread reads.
        socket.socket.shutdown(lines[-1], socket.SHUT_RDWR)


def _read(answer: http.client.HTTPResponse, deadline: Deadline, limit: int) -> bytes:
    data = bytearray()
    while len(data) <= limit and (chunk := answer.read1(65_536)):
        data += chunk
        deadline.left()
    # A line that was cut looks like one that ended
    deadline.left()
    return bytes(data)
