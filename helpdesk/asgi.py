"""The ASGI entry: pages and API over HTTP, the two sockets beside them."""

import os
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

from django.core.asgi import get_asgi_application

_pages = get_asgi_application()

from channels.routing import URLRouter  # noqa: E402  (needs Django to be set up)

from chat import sockets  # noqa: E402
from chat.routing import websocket_urlpatterns  # noqa: E402
from helpdesk.lib import live  # noqa: E402
from tickets import qualify  # noqa: E402

_sockets = URLRouter(websocket_urlpatterns)
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Any], Awaitable[None]]


def _warm_up() -> None:
    """The first text of a process loads the model of languages, for seconds: not while a visitor waits for his ack."""
    qualify.qualify("Hello", "How do I return my order?")


threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()


def _drain_at_the_end() -> None:
    """Before Daphne closes its connections, the sockets are told to come back and resume; a moment for that to leave."""
    reactor: Any = sys.modules.get("twisted.internet.reactor")
    if reactor is None:
        return
    from twisted.internet.task import deferLater  # only where Daphne has chosen the reactor

    def drain() -> object:
        return deferLater(reactor, DRAIN_SECONDS) if sockets.drain() else None

    reactor.addSystemEventTrigger("before", "shutdown", drain)


DRAIN_SECONDS = 1.0
_drain_at_the_end()


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Every request and every socket passes here; news are handed to the loop that serves them."""
    live.use_running_loop()
    if scope["type"] == "http":
        await _pages(scope, receive, send)
    elif scope["type"] == "websocket":
        await _socket(scope, receive, send)
    else:
        raise NotImplementedError(scope["type"])


async def _socket(scope: Message, receive: Receive, send: Send) -> None:
    try:
        await _sockets(scope, receive, send)
    except ValueError as error:
        if "No route found" not in str(error):
            raise
        await send({"type": "websocket.close"})
