"""The outbox: with the transaction or not at all, once claimed once run, and visible when it fails for good."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock

ran: list[str] = []


def note(word: str = "ran") -> None:
    ran.append(word)


def fail() -> None:
    raise ValueError("no luck")


def chain() -> None:
    outbox.enqueue(note, word="second")


@pytest.fixture(autouse=True)
def _forget() -> None:
    ran.clear()


def test_a_job_is_part_of_its_transaction(db: None) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        outbox.enqueue(note)
        raise RuntimeError
    assert Job.objects.count() == 0


def test_a_job_runs_and_is_gone(db: None) -> None:
    outbox.enqueue(note, word="hello")
    assert outbox.drain() == 1
    assert ran == ["hello"]
    assert Job.objects.count() == 0


def test_a_drain_runs_what_jobs_enqueue(db: None) -> None:
    outbox.enqueue(chain)
    assert outbox.drain() == 2
    assert ran == ["second"]


def test_a_delayed_job_waits_for_its_time(db: None) -> None:
    outbox.enqueue(note, delay=timedelta(minutes=5))
    assert outbox.drain() == 0
    with clock.pretend(clock.now() + timedelta(minutes=6)):
        assert outbox.drain() == 1


def test_a_failing_job_backs_off_and_then_stays_with_its_reason(db: None, settings: pytest.FixtureRequest) -> None:
    settings.JOB_MAX_ATTEMPTS = 3  # type: ignore[attr-defined]
    outbox.enqueue(fail)
    moment = clock.now()
    for attempt in range(1, 4):
        with clock.pretend(moment):
            assert outbox.drain() == 1
        job = Job.objects.get()
        assert job.attempts == attempt
        moment = job.run_at + timedelta(seconds=1)
    assert job.error == "ValueError: no luck"
    assert job.failed_at is not None
    with clock.pretend(moment + timedelta(days=1)):
        assert outbox.drain() == 0
    outbox.retry(job)
    assert Job.objects.get().failed_at is None


def test_a_worker_killed_in_the_middle_leaves_the_job_to_the_next_when_its_lease_ends(db: None) -> None:
    job = outbox.enqueue(note)
    assert job is not None
    assert outbox._claim(job.pk) is not None  # the killed worker got this far
    assert outbox.drain() == 0
    with clock.pretend(clock.now() + timedelta(seconds=300)):
        assert outbox.drain() == 1
    assert ran == ["ran"]


def test_a_unique_key_waits_once(db: None) -> None:
    assert outbox.enqueue(note, unique_key="k") is not None
    assert outbox.enqueue(note, unique_key="k") is None
    assert outbox.drain() == 1


def test_a_periodic_slot_fires_once_whoever_asks(db: None) -> None:
    for _process in range(3):
        outbox.enqueue_slot(note, 600)
        outbox.drain()
    assert ran == ["ran"]
    outbox.enqueue_slot(note, 1200)
    outbox.drain()
    assert ran == ["ran", "ran"]


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_runs_it() -> None:
    job = outbox.enqueue(note)
    assert job is not None
    start = threading.Barrier(4)
    wins: list[bool] = []

    def work() -> None:
        start.wait()
        wins.append(outbox.run(job.pk))
        connection.close()

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wins) == [False, False, False, True]
    assert ran == ["ran"]
