"""Write, claim, run and sweep jobs: at least once, with back-off, visible when they fail for good."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from helpdesk.jobs.models import Job, Slot
from helpdesk.lib import causes, clock, together

log = structlog.get_logger(__name__)
Task = Callable[..., object]
# More than the effects of one fact: a batch
MANY = 8
# From this priority on: what may take minutes. One at a time in a thread of its own, so that no mail waits behind it
HEAVY = 9
HEAVY_LEASE_SECONDS = 1200


def path_of(task: Task) -> str:
    """The dotted path by which a worker finds the function again."""
    return f"{task.__module__}.{task.__qualname__}"


def enqueue(
    task: Task,
    *,
    delay: timedelta = timedelta(0),
    at: datetime | None = None,
    priority: int = 5,
    unique_key: str | None = None,
    **args: int | str | None,
) -> Job | None:
    """Write the row in the caller's transaction and, on commit, tell the engine.

    Returns None when `unique_key` is already waiting: the effect is on its way. Lower `priority` runs first; what may
    take minutes is `HEAVY`.
    """
    moment = clock.now()
    job = Job(
        task=path_of(task),
        args=args,
        run_at=at or moment + delay,
        priority=priority,
        unique_key=unique_key,
        created_at=moment,
    )
    return job if _keep([job]) else None


def enqueue_all(tasks: Iterable[Task], **args: int | str | None) -> None:
    """Several effects of one fact, due now, in one statement."""
    moment = clock.now()
    _keep([Job(task=path_of(task), args=args, run_at=moment, created_at=moment) for task in tasks])


def enqueue_each(task: Task, argument: str, values: Iterable[int]) -> None:
    """One job of the same task for each value, due now, in one statement."""
    moment = clock.now()
    path = path_of(task)
    _keep([Job(task=path, args={argument: value}, run_at=moment, created_at=moment) for value in values])


def _keep(jobs: list[Job]) -> bool:
    """Write the rows and, on commit, tell the engine what is due; False when a unique key is waiting already."""
    if not any(job.unique_key for job in jobs):
        # Only a unique key can be refused: without one there is nothing to come back from.
        together.insert(*jobs, then=lambda: _announce(jobs))
        return True
    try:
        with transaction.atomic():
            Job.objects.bulk_create(jobs)
    except IntegrityError:
        return False
    _announce(jobs)
    return True


def _announce(jobs: list[Job]) -> None:
    due = [(job.pk, job.priority) for job in jobs if job.run_at <= job.created_at and job.priority < HEAVY]
    waiting = together.shared("jobs", _tell_on_commit)
    if waiting is not None:
        waiting.extend(due)
    elif due:
        _tell_on_commit(due)


def _tell_on_commit(due: list[tuple[int, int]]) -> None:
    if due:
        transaction.on_commit(lambda: _tell_engine(due), robust=True)


def enqueue_slot(task: Task, slot: int) -> None:
    """Enqueue a periodic task once per slot (seconds since 1970), whichever process asks first."""
    Slot.objects.get_or_create(task=path_of(task), defaults={"slot": 0})
    with transaction.atomic():
        if Slot.objects.filter(task=path_of(task), slot__lt=slot).update(slot=slot):
            enqueue(task)


def _tell_engine(due: list[tuple[int, int]]) -> None:
    from helpdesk.jobs import engine  # the engine imports this module to run what it is told

    if len(due) > MANY:
        engine.hand_over_all([job_id for job_id, _priority in due])
        return
    for job_id, priority in due:
        engine.hand_over(job_id, priority)


@dataclass(frozen=True, slots=True)
class _Batch:
    """How many jobs of a task are done by one call, and which argument it gets of each."""

    task: Callable[[list[Any]], object]
    argument: str
    most: int


_batches: dict[str, _Batch] = {}


def at_once(single: Task, argument: str, *, most: int) -> Callable[[Callable[[list[Any]], Any]], Callable[..., Any]]:
    """Mark a function that does up to `most` jobs of `single` by one call with the list of their `argument`.

    It must leave no job undone when it returns; when it raises, all of them are tried again.
    """

    def mark(task: Callable[[list[Any]], Any]) -> Callable[..., Any]:
        _batches[path_of(single)] = _Batch(task, argument, most)
        return task

    return mark


def run(job_id: int, *, lease_seconds: int | None = None) -> bool:
    """Claim and run one job, with it what may be done at once. False when it is not ours: done, held, or not yet due."""
    job = _claim(job_id, lease_seconds)
    if job is None:
        return False
    task = import_string(job.task)
    batch = _batches.get(job.task)
    jobs = [job, *(_claim_more(job, batch.most - 1) if batch else [])]
    try:
        with causes.answering(job.args.get("event_id")):
            if batch:
                batch.task([one.args[batch.argument] for one in jobs])
            else:
                task(**job.args)
    except Exception as error:
        for one in jobs:
            _postpone(one, error)
    else:
        Job.objects.filter(pk__in=[one.pk for one in jobs]).delete()
    return True


def _claim_more(job: Job, most: int) -> list[Job]:
    """Further due jobs of the same task, oldest first, that no other worker holds."""
    moment = clock.now()
    with transaction.atomic():
        rows = Job.objects.select_for_update(skip_locked=True).due(moment).filter(task=job.task)
        found = list(rows.order_by("pk")[:most])
        lease = moment + timedelta(seconds=settings.JOB_LEASE_SECONDS)
        Job.objects.filter(pk__in=[one.pk for one in found]).update(leased_until=lease)
    return found


def _claim(job_id: int, lease_seconds: int | None = None) -> Job | None:
    """One conditional UPDATE decides who runs it, the same on both databases."""
    moment = clock.now()
    lease = moment + timedelta(seconds=lease_seconds or settings.JOB_LEASE_SECONDS)
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=moment)
    claimed = Job.objects.filter(free, pk=job_id, failed_at__isnull=True, run_at__lte=moment).update(leased_until=lease)
    return Job.objects.filter(pk=job_id).first() if claimed else None


def _postpone(job: Job, error: Exception) -> None:
    """Back off 2, 4, 8 … seconds with jitter up to an hour; after the last attempt the row stays, visible, with its reason."""
    job.attempts += 1
    job.error = f"{type(error).__name__}: {error}"[:2000]
    job.leased_until = None
    wait = min(3600, 2**job.attempts) * random.uniform(0.8, 1.2)
    job.run_at = clock.now() + timedelta(seconds=wait)
    if job.attempts >= settings.JOB_MAX_ATTEMPTS:
        job.failed_at = clock.now()
    job.save(update_fields=["attempts", "error", "leased_until", "run_at", "failed_at"])
    log.warning("job.failed", task=job.task, job=job.pk, attempts=job.attempts, error=type(error).__name__)


def retry(job: Job) -> None:
    """Give a failed job another round of attempts."""
    job.failed_at, job.attempts, job.run_at = None, 0, clock.now()
    job.save(update_fields=["failed_at", "attempts", "run_at"])


def is_waiting(task: Task) -> bool:
    """Whether a job of this task is still to be done, or being done."""
    return Job.objects.filter(task=path_of(task), failed_at__isnull=True).exists()


def due(limit: int = 100) -> list[tuple[int, int]]:
    """Ids and priorities of the jobs to run now, most urgent first."""
    return list(Job.objects.due(clock.now()).values_list("id", "priority")[:limit])


def due_ids(limit: int = 100) -> list[int]:
    """Ids of the jobs to run now, most urgent first."""
    return [job_id for job_id, _priority in due(limit)]


def heavy_ids() -> list[int]:
    """Ids of the heavy jobs to run now."""
    return list(Job.objects.due(clock.now()).filter(priority__gte=HEAVY).values_list("id", flat=True)[:100])


def drain(limit: int = 100_000) -> int:
    """Run everything that is due, including what the jobs themselves enqueue; returns how many ran."""
    ran = 0
    while ran < limit and (ids := due_ids()):
        ran += sum(run(job_id) for job_id in ids)
    return ran
