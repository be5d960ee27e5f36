"""Questions of many lines, asked together: a thousand lines at once ask a few dozen.

That is what makes a process bear that everybody comes back to it at once, after a network that failed or a deploy.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)
Q = TypeVar("Q")
A = TypeVar("A")
AT_ONCE = 200


class Gathered(Generic[Q, A]):
    """Questions that come while others are answered are asked together afterwards; whoever comes alone does not wait.

    `look` answers many at once, in their order; `run` calls it in a thread. When it fails, each is asked singly: a
    question that breaks it costs the others nothing.
    """

    def __init__(self, look: Callable[[Sequence[Q]], Sequence[A]], run: Callable[..., Awaitable[Any]]) -> None:
        self._look, self._run = look, run
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        return self._task is not None and not self._task.done()

    async def ask(self, question: Q) -> A:
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._waiting = []
            self._task = loop.create_task(self._go())
        answer: asyncio.Future[A] = loop.create_future()
        self._waiting.append((question, answer))
        return await answer

    async def _go(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            try:
                answers = await self._run(self._look, [question for question, _answer in batch])
            except Exception as error:
                log.warning("gathered.failed", asked=len(batch), error=type(error).__name__)
                await asyncio.gather(*(self._singly(question, answer) for question, answer in batch))
                continue
            for (_question, answer), found in zip(batch, answers, strict=True):
                if not answer.done():
                    answer.set_result(found)

    async def _singly(self, question: Q, answer: "asyncio.Future[A]") -> None:
        try:
            found = (await self._run(self._look, [question]))[0]
        except Exception as error:
            if not answer.done():
                answer.set_exception(error)
        else:
            if not answer.done():
                answer.set_result(found)
