"""What every test stands on: nothing remembered from the test before."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """Rate limits and presence live in the cache; each xdist worker has one of its own."""
    cache.clear()
    yield
    cache.clear()
