"""Models in force are remembered by the process: no test may see another's."""

from collections.abc import Iterator

import pytest

from tickets.qualification import policy


@pytest.fixture(autouse=True)
def _no_models_remembered() -> Iterator[None]:
    policy.forget()
    yield
    policy.forget()
