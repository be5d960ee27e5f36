"""News of a process that serves no screens travel through the database to the one that does."""

import pytest
from pytest_django.fixtures import Settings

from helpdesk.events import record
from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import live
from helpdesk.people.models import Customer
from tickets import intake
from tickets.channels.inbound import Inbound
from tickets.models import Queue


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(live, "send_all", lambda groups, frame: heard.extend(frame["type"] for _ in groups))
    return heard


@pytest.mark.django_db(transaction=True)
def test_a_process_apart_leaves_its_news_to_a_job(
    technical: Queue, dana: Customer, told: list[str], settings: Settings
) -> None:
    settings.REDIS_URL = ""
    with live.apart():
        intake.receive(Inbound(channel="web", who=dana, subject="Hello", body="Is anybody there?"))
    assert told == []
    assert Job.objects.filter(task=outbox.path_of(record.retell)).count() == 2
    outbox.drain()
    assert "ticket.changed" in told
    assert "message.new" in told


@pytest.mark.django_db(transaction=True)
def test_a_process_that_serves_tells_at_once(technical: Queue, dana: Customer, told: list[str]) -> None:
    intake.receive(Inbound(channel="web", who=dana, subject="Hello", body="Is anybody there?"))
    assert "message.new" in told
    assert not Job.objects.filter(task=outbox.path_of(record.retell)).exists()
