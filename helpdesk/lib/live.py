"""News to open screens: best effort, after commit, repaired by `seq` when lost.

Whatever thread tells of something, one loop hands it out: the server's own where there is one, else a private one. What
is told in one go crosses to that loop by one call.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from channels.layers import get_channel_layer
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from helpdesk.lib.layer import Layer, Parcel

log = structlog.get_logger(__name__)
_loop: asyncio.AbstractEventLoop | None = None
_guard = threading.Lock()
_is_apart = False
_told: deque[tuple[str, Parcel]] = deque()
_is_called = False
_settling: dict[str, "_Settling"] = {}
LEAVE_SECONDS = 2
SETTLE_SECONDS = 1.0

Frame = dict[str, Any]


@dataclass
class _Settling:
    """What was told of something a moment ago, and what is to be told when the moment is over."""

    until: float
    held: tuple[list[str], Frame] | None = None


def use_running_loop() -> None:
    """Called by the ASGI entry: from now on news go to the loop that serves the sockets."""
    global _loop
    _loop = asyncio.get_running_loop()


def layer() -> Layer:
    """The product's own channel layer."""
    found = get_channel_layer()
    if not isinstance(found, Layer):
        raise ImproperlyConfigured("CHANNEL_LAYERS must name helpdesk.lib.layer.Layer")
    return found


@contextlib.contextmanager
def apart() -> Iterator[None]:
    """For commands that run beside the serving process: without Redis nothing they send reaches its screens.

    With Redis it does, if they do not end before it has left.
    """
    global _is_apart
    before, _is_apart = _is_apart, True
    try:
        yield
    finally:
        _is_apart = before
        if _loop is not None and _loop.is_running() and settings.REDIS_URL:
            with contextlib.suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(_leave(), _loop).result(LEAVE_SECONDS)


async def _leave() -> None:
    _hand_out()
    await layer().settled()


def is_heard() -> bool:
    """Whether what this process sends reaches the screens."""
    return bool(settings.REDIS_URL) or not _is_apart


def publish(group: str, frame: Frame) -> None:
    """Send `frame` to everybody in `group` once the surrounding transaction has committed."""
    transaction.on_commit(lambda: send(group, frame), robust=True)


def send(group: str, frame: Frame) -> None:
    """Send now. A dead layer costs liveness, never an answer: the error is logged and swallowed."""
    send_all([group], frame)


def send_all(groups: list[str], frame: Frame) -> None:
    """The same to several groups, encoded once."""
    global _is_called
    parcel = Parcel({"type": "deliver", "frame": frame})
    _told.extend((group, parcel) for group in groups)
    with _guard:
        if _is_called:
            return
        _is_called = True
        loop = _running_loop()
    try:
        loop.call_soon_threadsafe(_hand_out)
    except RuntimeError:  # the loop ended this moment: nobody is left to hear
        _is_called = False


def send_settled(key: str, groups: list[str], frame: Frame) -> None:
    """For marks by which lists fetch again: the first at once, of those in the second after it only the last."""
    now = time.monotonic()
    with _guard:
        settling = _settling.get(key)
        if settling is not None and now < settling.until + SETTLE_SECONDS:
            settling.held = (groups, frame)
            return
        _settling[key] = _Settling(now + SETTLE_SECONDS)
        loop = _running_loop()
    send_all(groups, frame)
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(loop.call_later, SETTLE_SECONDS, _settle, key)


def _settle(key: str) -> None:
    with _guard:
        settling = _settling.pop(key, None)
    if settling is not None and settling.held is not None:
        send_settled(key, *settling.held)


def _running_loop() -> asyncio.AbstractEventLoop:
    global _loop
    if _loop is None or _loop.is_closed() or not _loop.is_running():
        _loop = asyncio.new_event_loop()
        threading.Thread(target=_loop.run_forever, name="live", daemon=True).start()
    return _loop


def _hand_out() -> None:
    global _is_called
    _is_called = False
    parcels = [_told.popleft() for _ in range(len(_told))]
    try:
        layer().tell(parcels)
    except Exception as error:
        log.warning("live.send_failed", error=type(error).__name__)
