"""A visitor and an agent as programs: the sockets and calls of the contract, without a browser."""

import contextlib
import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.e2e.product import Site


@dataclass(frozen=True)
class Answer:
    status: int
    content: Any


def call(
    method: str, url: str, content: Any = None, *, token: str = "", session: str = "", language: str = "en"
) -> Answer:
    """A call of the API as a program makes it; `token` is an agent's, `session` a visitor's."""
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Language": language}
    if token or session:
        headers["Authorization"] = f"Token {token}" if token else f"Session {session}"
    body = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return Answer(answer.status, json.loads(answer.read() or b"null"))
    except urllib.error.HTTPError as error:
        return Answer(error.code, json.loads(error.read() or b"null"))


def start_chat(site: Site, web: str | None = None) -> str:
    """A new visitor's session, opened on one web process; returns its handle."""
    started = call("POST", f"{web or site.url}/api/v1/chat/sessions/", {"site": site.demo["site"], "language": "en"})
    assert started.status == 201, started
    return str(started.content["session"])


def visitor(site: Site, session: str, web: str | None = None) -> "Socket":
    return Socket(web or site.url, f"/ws/visitor/?session={session}", site.url)


def agent(site: Site, name: str, web: str | None = None) -> "Socket":
    return Socket(web or site.url, "/ws/desk/", site.url, {"Authorization": f"Token {token(site, name)}"})


@contextlib.contextmanager
def at_the_desk(site: Site, name: str) -> Iterator[None]:
    """An agent who is there, hears everything and takes chats."""
    with agent(site, name) as socket:
        # Whoever does not read is cut
        threading.Thread(target=socket.listen, daemon=True).start()
        be(site, name, "available")
        yield
        be(site, name, "away")


def end_all(site: Site) -> None:
    """Nobody waits and nobody chats any more: whom one story leaves behind would fill the places of the next one's agents."""
    badge = token(site, "admin")
    waiting = call("GET", f"{site.url}/api/v1/chat/line/", token=badge).content["waiting"]
    live = call("GET", f"{site.url}/api/v1/chat/live/", token=badge).content["results"]
    for chat in [*waiting, *live]:
        ended = call("POST", f"{site.url}/api/v1/chat/sessions/{chat['id']}/end/", token=badge)
        assert ended.status == 200, ended


def be(site: Site, name: str, availability: str) -> None:
    """The agent says whether chats may come."""
    answer = call("PATCH", f"{site.url}/api/v1/me/", {"availability": availability}, token=token(site, name))
    assert answer.status == 200, answer


def token(site: Site, name: str) -> str:
    return str(site.demo["agents"][name]["token"])


class Socket:
    """One open socket; remembers every frame it heard."""

    def __init__(self, url: str, path: str, origin: str, headers: dict[str, str] | None = None) -> None:
        address = url.replace("http", "ws", 1) + path
        self._connection: ClientConnection = connect(
            address, origin=Origin(origin), additional_headers=headers, proxy=None, legacy=True
        )
        self.heard: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._connection.close()

    def send(self, **frame: Any) -> None:
        self._connection.send(json.dumps(frame))

    def say(self, body: str, origin_id: str | None = None) -> dict[str, Any]:
        """Send a message and return its acknowledgement."""
        origin = origin_id or str(uuid.uuid4())
        self.send(type="message.send", origin_id=origin, body=body)
        return self.wait(type="message.ack", origin_id=origin)

    def subscribe(self, ticket: int) -> None:
        """Hear the ticket's messages from now on."""
        self.send(type="subscribe", ticket=ticket)
        self.wait(type="subscribed", ticket=ticket)

    def listen(self) -> None:
        """Hear whatever comes until the line closes."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                self._connection.recv()

    def closed(self, seconds: float = 30) -> int:
        """The code with which the server closes the line; what comes before it is heard."""
        deadline = time.monotonic() + seconds
        try:
            while True:
                self.heard.append(json.loads(self._connection.recv(timeout=max(0.0, deadline - time.monotonic()))))
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 1006

    def wait(self, seconds: float = 15, **expected: Any) -> dict[str, Any]:
        """The next frame with these values."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                frame: dict[str, Any] = json.loads(self._connection.recv(timeout=left))
            except TimeoutError:
                break
            self.heard.append(frame)
            if all(frame.get(name) == value for name, value in expected.items()):
                return frame
        raise AssertionError(f"no frame {expected} in {seconds} s; heard {self.heard}")
