"""A site that carries the widget, visitors, and both sides' sockets as the server serves them."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, get_args, get_type_hints, is_typeddict

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client
from knox.models import AuthToken
from rest_framework.test import APIClient

from chat import frames, sessions, sockets
from chat.models import Site
from chat.sessions import Opened, Visit
from helpdesk.asgi import application
from helpdesk.lib import sealed
from helpdesk.people.models import User
from tickets import qualify
from tickets.models import Queue

SECRET = "a-secret-shared-with-the-shop-of-32-bytes"
Frame = dict[str, Any]
_SHAPES = [shape for shape in vars(frames).values() if is_typeddict(shape)]


@pytest.fixture(autouse=True, scope="session")
def _warm() -> None:
    """The first text of a process loads the model of languages: no socket's patience should pay for it."""
    qualify.qualify("Hello", "Bonjour", locale="")


@pytest.fixture
def shop(technical: Queue) -> Site:
    """A site whose chats go to charlie's queue."""
    return Site.objects.create(
        key="shop",
        name="Shop",
        queue=technical,
        origins=["https://shop.example"],
        identity_secret=sealed.seal(SECRET),
    )


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of every five seconds, thirty times as often."""
    monkeypatch.setattr(sockets, "TICK_SECONDS", 0.15)


@pytest.fixture
def visitor(shop: Site) -> Opened:
    return sessions.open(shop, Visit(language="en"))


def bearer(token: str) -> APIClient:
    """A visitor's browser without a socket."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Session {token}")
    return client


def token_of(user: User) -> str:
    _row, token = AuthToken.objects.create(user)
    return str(token)


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def read(text: str) -> Frame:
    """A frame of the server's; it has to be one of those that are documented and exported."""
    frame: Frame = json.loads(text)
    shapes = [shape for shape in _SHAPES if frame["type"] in get_args(get_type_hints(shape).get("type"))]
    fits = [shape for shape in shapes if shape.__required_keys__ <= frame.keys() <= set(get_type_hints(shape))]
    assert fits, f"no frame of chat.frames has these members: {frame}"
    return frame


class Line:
    """One open socket of a test."""

    def __init__(self, path: str, headers: list[tuple[bytes, bytes]], subprotocols: list[str] | None = None) -> None:
        self.socket = WebsocketCommunicator(application, path, headers=headers, subprotocols=subprotocols)

    async def open(self) -> bool:
        """Connected, and admitted or closed: the handshake does not wait for that."""
        before = set(sockets.lines())
        connected, _protocol = await self.socket.connect(timeout=20)
        deadline = time.monotonic() + 20
        while connected and not any(line.is_settled for line in set(sockets.lines()) - before):
            assert time.monotonic() < deadline, "neither admitted nor refused"
            await asyncio.sleep(0.01)
        return bool(connected)

    async def say(self, type_: str, **members: Any) -> None:
        await self.socket.send_to(text_data=json.dumps({"type": type_, **members}))

    async def raw(self, text: str) -> None:
        await self.socket.send_to(text_data=text)

    async def hear(self, type_: str, *, within: float = 20) -> Frame:
        """The next frame of a type; others are passed over."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            frame = read(await self.socket.receive_from(timeout=within))
            if frame["type"] == type_:
                return frame
        raise AssertionError(f"no {type_} within {within} s")

    async def everything(self, *, quiet: float = 0.4) -> list[Frame]:
        """All that comes until the line is quiet."""
        heard: list[Frame] = []
        while not await self.socket.receive_nothing(timeout=quiet):
            heard.append(read(await self.socket.receive_from(timeout=1)))
        return heard

    async def closed(self, *, within: float = 20) -> int:
        """The code with which the server closes; frames before it are passed over."""
        while True:
            message = await self.socket.receive_output(timeout=within)
            if message["type"] == "websocket.close":
                return int(message.get("code") or 1000)

    async def close(self) -> None:
        await self.socket.disconnect(timeout=20)


Desk = Callable[..., Awaitable[Line]]


@pytest.fixture
async def lines() -> AsyncIterator[list[Line]]:
    """Whatever a test opens is closed after it, and the layer forgets."""
    opened: list[Line] = []
    yield opened
    for line in opened:
        try:
            await line.close()
        except (Exception, asyncio.CancelledError):
            continue
    layer = get_channel_layer()
    if layer is not None:
        await layer.flush()


@pytest.fixture
def desk(lines: list[Line]) -> Desk:
    """A colleague's desk, opened with a token."""

    async def open_desk(user: User) -> Line:
        token = await sync_to_async(token_of)(user)
        line = Line("/ws/desk/", [(b"authorization", f"Token {token}".encode())])
        lines.append(line)
        assert await line.open()
        return line

    return open_desk


@pytest.fixture
def widget(lines: list[Line]) -> Desk:
    """A visitor's widget, as a browser on our own origin opens it."""

    async def open_widget(token: str) -> Line:
        line = Line(f"/ws/visitor/?session={token}", [(b"origin", settings.SOCKET_ORIGINS[0].encode())])
        lines.append(line)
        assert await line.open()
        return line

    return open_widget
