"""What Huey is told: the urgent first, what takes minutes never, and nobody else's."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from helpdesk.jobs import engine, outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock

ran: list[str] = []


def note(word: str) -> None:
    ran.append(word)


@pytest.fixture(autouse=True)
def _bell(settings: Settings) -> Iterator[None]:
    """Huey's real queue, empty."""
    settings.JOBS_HAND_OVER = True
    ran.clear()
    engine.huey.flush()
    yield
    engine.huey.flush()


def heard() -> list[Any]:
    """The arguments of what Huey would run, in its order."""
    return [task.args for task in iter(engine.huey.dequeue, None)]


def enqueue(word: str, priority: int = 5) -> int:
    job = outbox.enqueue(note, priority=priority, word=word)
    assert job is not None
    return job.pk


@pytest.mark.django_db(transaction=True)
def test_the_urgent_is_told_first_and_what_takes_long_not_at_all() -> None:
    usual, later, urgent = enqueue("usual"), enqueue("later"), enqueue("urgent", 2)
    enqueue("heavy", outbox.HEAVY)
    assert heard() == [(urgent,), (usual,), (later,)]
    engine.tick()
    told = heard()
    assert told[0] == (urgent,)
    assert {(usual,), (later,)} <= set(told)
    assert ran == []


@pytest.mark.django_db(transaction=True)
def test_what_takes_long_is_done_one_after_another_beside_the_rest() -> None:
    enqueue("usual")
    for word in ("first", "second"):
        enqueue(word, outbox.HEAVY)
    assert outbox.is_waiting(note)
    engine.do_heavy()
    assert ran == ["first", "second"]
    assert [job.args["word"] for job in Job.objects.all()] == ["usual"]
    outbox.drain()
    assert not outbox.is_waiting(note)


def look_at_lease() -> None:
    (job,) = Job.objects.all()
    assert job.leased_until is not None
    ran.append(str((job.leased_until - clock.now()) > timedelta(minutes=15)))


@pytest.mark.django_db(transaction=True)
def test_nobody_takes_over_what_may_take_long() -> None:
    outbox.enqueue(look_at_lease, priority=outbox.HEAVY)
    engine.do_heavy()
    outbox.enqueue(look_at_lease)
    outbox.drain()
    assert ran == ["True", "False"]


@pytest.mark.django_db(transaction=True)
def test_two_desks_on_one_redis_do_not_hear_each_other(settings: Settings, tmp_path: Path) -> None:
    settings.REDIS_PREFIX, settings.VAR = "another-desk", tmp_path
    other = engine._build()
    job_id = enqueue("ours")
    assert other.dequeue() is None
    assert heard() == [(job_id,)]
