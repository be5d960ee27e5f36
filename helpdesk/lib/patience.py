"""Whoever did not answer is left alone for a while: one call pays for a helper that is away, not every call."""

import time


class Patience:
    """Lost by a failure, back after some seconds. Shared by the threads of a process; a race costs one more question."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = 0.0

    @property
    def is_lost(self) -> bool:
        return time.monotonic() < self._until

    def lose(self) -> None:
        self._until = time.monotonic() + self._seconds
