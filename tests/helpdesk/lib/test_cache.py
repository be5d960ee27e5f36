"""A cache whose Redis is away or frozen: keys are missing, nothing fails, and nobody waits twice."""

import time
from collections.abc import Iterator

import pytest

from helpdesk.lib import cache as patient
from helpdesk.lib.cache import Cache
from helpdesk.lib.patience import Patience
from tests import servers
from tests.servers import Server


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Cache, Server]]:
    monkeypatch.setattr(patient, "_patience", Patience(30))
    with servers.cache_server() as (address, server):
        yield Cache(address, {"KEY_PREFIX": "test"}), server


def test_it_keeps_and_counts_what_it_is_given(redis: tuple[Cache, Server]) -> None:
    cache, _server = redis
    cache.set("a", {"b": 1}, timeout=60)
    assert (cache.add("a", 2), cache.add("n", 1, timeout=60)) == (False, True)
    assert (cache.get("a"), cache.incr("n"), cache.get_many(["a", "n", "x"])) == ({"b": 1}, 2, {"a": {"b": 1}, "n": 2})
    cache.delete_many(["a", "n"])
    assert cache.get("a") is None


@pytest.mark.parametrize("how", ["ended", "frozen"])
def test_without_redis_every_key_is_missing_and_only_the_first_question_waits(
    redis: tuple[Cache, Server], how: str
) -> None:
    cache, server = redis
    cache.set("a", 1, timeout=60)
    server.end() if how == "ended" else server.freeze()
    assert cache.get("a", "missing") == "missing"
    began = time.monotonic()
    for _ in range(100):
        assert (cache.get("a"), cache.add("a", 1), cache.get_many(["a"]), cache.touch("a")) == (None, False, {}, False)
        cache.set("a", 2)
        cache.delete("a")
    assert time.monotonic() - began < 100 * patient.ANSWER_SECONDS / 4, "nobody asked again"
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")


def test_a_redis_that_came_back_is_asked_again(redis: tuple[Cache, Server], monkeypatch: pytest.MonkeyPatch) -> None:
    cache, server = redis
    cache.set("a", 1, timeout=60)
    server.freeze()
    assert cache.get("a") is None
    server.thaw()
    assert cache.get("a") is None
    monkeypatch.setattr(patient, "_patience", Patience(30))
    assert cache.get("a") == 1
