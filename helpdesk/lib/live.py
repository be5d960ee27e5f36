"""News to open screens: best effort, after commit, repaired by `seq` when lost.

The in-memory layer is not thread-safe: a send from a worker thread is seen only when the server's loop wakes for another
reason (2.8 s measured). So every send is handed to one loop: the server's own where there is one, else a private one.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import structlog
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction

log = structlog.get_logger(__name__)
_loop: asyncio.AbstractEventLoop | None = None
_guard = threading.Lock()
_is_apart = False
_sending: set[futures.Future[None]] = set()
LEAVE_SECONDS = 2

Frame = dict[str, Any]


def use_running_loop() -> None:
    """Called by the ASGI entry: from now on sends go to the loop that serves the sockets."""
    global _loop
    _loop = asyncio.get_running_loop()


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
        futures.wait(list(_sending), timeout=LEAVE_SECONDS)


def is_heard() -> bool:
    """Whether what this process sends reaches the screens."""
    return bool(settings.REDIS_URL) or not _is_apart


def publish(group: str, frame: Frame) -> None:
    """Send `frame` to everybody in `group` once the surrounding transaction has committed."""
    transaction.on_commit(lambda: send(group, frame), robust=True)


def send(group: str, frame: Frame) -> None:
    """Send now. A dead layer costs liveness, never an answer: the error is logged and swallowed."""
    layer = get_channel_layer()
    if layer is None:
        return
    message = {"type": "deliver", "frame": frame}
    future = asyncio.run_coroutine_threadsafe(layer.group_send(group, message), _running_loop())
    _sending.add(future)
    future.add_done_callback(_report)


def _running_loop() -> asyncio.AbstractEventLoop:
    global _loop
    with _guard:
        if _loop is None or _loop.is_closed() or not _loop.is_running():
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="live", daemon=True).start()
        return _loop


def _report(future: Any) -> None:
    _sending.discard(future)
    if not future.cancelled() and (error := future.exception()):
        log.warning("live.send_failed", error=type(error).__name__)
