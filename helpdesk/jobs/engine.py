"""Huey, chosen by settings alone: a file in var/ when embedded, Redis in production.

Huey brings threads, timing and cron; it may lose a task when a process dies, so it is only ever handed the id of a Job
row, and a sweep hands over again whatever is due.
"""

import threading
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections
from huey import PriorityRedisHuey, SqliteHuey
from huey.consumer import Consumer
from huey.serializer import SignedSerializer
from redis import ConnectionPool

from helpdesk.jobs import outbox
from helpdesk.lib import clock
from helpdesk.lib.patience import Patience


def _build() -> Any:
    serializer = SignedSerializer(secret=settings.SECRET_KEY)
    if settings.REDIS_URL:
        # More than the second for which an idle worker waits there for a task
        waits = {"socket_timeout": 3.0, "socket_connect_timeout": 2.0}
        pool = ConnectionPool.from_url(settings.REDIS_URL, **waits)
        return PriorityRedisHuey(settings.REDIS_PREFIX, connection_pool=pool, results=False, serializer=serializer)
    return SqliteHuey("guichet", filename=str(settings.VAR / "jobs.sqlite3"), results=False, serializer=serializer)


log = structlog.get_logger(__name__)
huey = _build()
IDLE_SECONDS = 0.5
TOGETHER = 5
USUAL = 5
_schedule: list[tuple[Callable[[], object], int]] = []
_patience = Patience(5.0)


@huey.task()
def run_job(job_id: int) -> None:
    """What Huey executes: claim the row and run it."""
    close_old_connections()
    try:
        outbox.run(job_id)
    finally:
        close_old_connections()


@huey.task()
def run_jobs(job_ids: list[int]) -> None:
    """The same for a few that came together."""
    for job_id in job_ids:
        run_job.call_local(job_id)


def hand_over_all(job_ids: list[int]) -> None:
    """Several at once, a few to a thread: one that takes long keeps only its neighbours waiting."""
    for start in range(0, len(job_ids), TOGETHER):
        _ring(run_jobs, job_ids[start : start + TOGETHER])


def hand_over(job_id: int, priority: int) -> bool:
    """Tell Huey that a row is due; where no worker listens (tests, commands) the sweep or a drain finds it."""
    return _ring(run_job, job_id, priority)


def _ring(task: Callable[..., object], argument: object, priority: int = USUAL) -> bool:
    """A doorbell, not the post: whoever rings never waits twice for a Redis that is away. False: nobody heard it."""
    if not settings.JOBS_HAND_OVER:
        return True
    if _patience.is_lost:
        return False
    try:
        # Huey's most urgent is the highest
        task(argument, priority=-priority)
    except Exception as error:
        _patience.lose()
        log.warning("jobs.not_handed_over", error=type(error).__name__)
        return False
    return True


def every(seconds: int) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Mark a function as due every so many seconds. Each slot is one Job row, so two schedulers cannot fire twice."""

    def mark(task: Callable[[], object]) -> Callable[[], object]:
        _schedule.append((task, seconds))
        return task

    return mark


def tick() -> None:
    """Enqueue the slots that have begun and hand over every due row. Called every few seconds by each worker.

    What nobody takes, for Redis is away, is run here: slower, but mail leaves and chats are offered.
    """
    close_old_connections()
    stamp = int(clock.now().timestamp())
    for task, seconds in _schedule:
        outbox.enqueue_slot(task, stamp - stamp % seconds)
    for job_id, priority in outbox.due():
        if priority < outbox.HEAVY and not hand_over(job_id, priority):
            outbox.run(job_id)
    close_old_connections()


def do_heavy() -> None:
    """What may take minutes, one after another."""
    close_old_connections()
    for job_id in outbox.heavy_ids():
        outbox.run(job_id, lease_seconds=outbox.HEAVY_LEASE_SECONDS)
    close_old_connections()


class Again(threading.Thread):
    """A thread that does something every few seconds; when it fails (a database restart) that is logged and tried again."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__(name=act.__name__, daemon=True)
        self._act = act
        self._stop_asked = threading.Event()

    def run(self) -> None:
        while not self._stop_asked.wait(settings.JOB_SWEEP_SECONDS):
            try:
                self._act()
            except Exception as error:
                log.warning("jobs.act_failed", act=self.name, error=type(error).__name__)

    def stop(self) -> None:
        self._stop_asked.set()


class Worker(Consumer):
    """Huey's consumer as threads inside our own process: the process, not Huey, handles signals."""

    def _set_signal_handlers(self) -> None:
        return None


class Background:
    """All threads that do jobs in this process."""

    def __init__(self, threads: int | None = None) -> None:
        """Huey's file is polled: left to itself, an idle thread would let an answer wait ten seconds for its mail."""
        count = threads or settings.WORKER_THREADS
        self._worker = Worker(huey, workers=count, periodic=False, check_worker_health=False, max_delay=IDLE_SECONDS)
        self._again = [Again(tick), Again(do_heavy)]

    def start(self) -> None:
        self._worker.start()
        for thread in self._again:
            thread.start()

    def stop(self, *, graceful: bool = False) -> None:
        """Begin nothing more; with `graceful` what Huey has begun is brought to its end. Heavy jobs begin anew elsewhere."""
        for thread in self._again:
            thread.stop()
        self._worker.stop(graceful=graceful)
