"""The cache in Redis. What lies there may vanish: when Redis does not answer, every key is missing and nothing fails.

A Redis that is away or frozen costs one call a second; then nobody asks for a few seconds.
"""

from functools import cached_property
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

from helpdesk.lib.patience import Patience

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 1.0
REST_SECONDS = 3.0
_patience = Patience(REST_SECONDS)
_clients: dict[str, "Forgiving"] = {}


class Forgiving:
    """Django's own client of Redis, with the answer to each question that holds while Redis is away."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        self._client = RedisCacheClient(servers, **options)

    def _ask(self, otherwise: Any, name: str, *args: Any) -> Any:
        if _patience.is_lost:
            return otherwise
        try:
            return getattr(self._client, name)(*args)
        except (RedisError, OSError) as error:
            _patience.lose()
            log.warning("cache.away", error=type(error).__name__)
            return otherwise

    def add(self, *args: Any) -> Any:
        return self._ask(False, "add", *args)

    def get(self, key: str, default: Any) -> Any:
        return self._ask(default, "get", key, default)

    def set(self, *args: Any) -> None:
        self._ask(None, "set", *args)

    def touch(self, *args: Any) -> Any:
        return self._ask(False, "touch", *args)

    def delete(self, *args: Any) -> Any:
        return self._ask(False, "delete", *args)

    def get_many(self, *args: Any) -> Any:
        return self._ask({}, "get_many", *args)

    def has_key(self, *args: Any) -> Any:
        return self._ask(False, "has_key", *args)

    def incr(self, key: str, delta: int) -> Any:
        found = self._ask(None, "incr", key, delta)
        if found is None:
            raise ValueError(f"Key {key!r} not found.")
        return found

    def set_many(self, *args: Any) -> None:
        self._ask(None, "set_many", *args)

    def delete_many(self, *args: Any) -> None:
        self._ask(None, "delete_many", *args)

    def clear(self) -> Any:
        return self._ask(False, "clear")


class Cache(RedisCache):
    """Django makes a cache for each thread, and a request is a thread: all of them share one pool of connections."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._server, self._more = server, params.get("OPTIONS", {})

    @cached_property
    def _cache(self) -> Forgiving:  # type: ignore[override]
        if self._server not in _clients:
            waits = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
            _clients[self._server] = Forgiving([self._server], **waits | self._more)
        return _clients[self._server]
