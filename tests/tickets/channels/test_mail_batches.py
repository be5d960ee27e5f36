"""Twenty-five mails in one transaction: one that cannot be written fails alone, and signal 9 loses and doubles nothing."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from structlog.testing import capture_logs

from helpdesk.events.models import Event
from helpdesk.jobs import outbox as jobs
from helpdesk.jobs.models import Job
from tests import servers
from tests.tickets.channels.conftest import compose
from tests.tickets.channels.test_mail_kill_points import Desk
from tickets.channels import email_in
from tickets.models import Envelope, Mailbox, Message, RawMail, Routing, Ticket

MANY = 25
# The database refuses one text: a defect that shows only while the rows of the batch are written
POISON = {
    "postgresql": """
CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.body LIKE '%%poison%%' THEN RAISE EXCEPTION 'poison' USING ERRCODE = '{code}'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER poison BEFORE INSERT ON tickets_message FOR EACH ROW EXECUTE FUNCTION poison();
""",
    "sqlite": """
CREATE TRIGGER poison BEFORE INSERT ON tickets_message WHEN NEW.body LIKE '%%poison%%'
BEGIN SELECT RAISE(ABORT, 'poison'); END;
""",
}


def letters(salt: str, poisoned: int | None = None) -> list[bytes]:
    return [
        compose(
            "This is poison." if number == poisoned else f"Lamp {number} of {salt} is broken.",
            sender=f"c{number}-{salt}@example.com",
            subject=f"Lamp {number} {salt}",
            message_id=f"<{number}-{salt}@example.com>",
        )
        for number in range(MANY)
    ]


def poison(code: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(POISON[connection.vendor].format(code=code).replace("%%", "%"))


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["P0001", "23514"], ids=["any error", "a constraint"])
def test_one_mail_that_cannot_be_written_fails_alone(mailbox: Mailbox, code: str) -> None:
    poison(code)
    rows = [email_in.store(raw, mailbox)[0] for raw in letters("a", poisoned=12)]
    with capture_logs() as said:
        jobs.drain()
    assert [line["mails"] for line in said if line["event"] == "mail.group_failed"] == [MANY]
    outcomes = [RawMail.objects.get(pk=row.pk).outcome for row in rows]
    assert outcomes == ["ticket"] * 12 + ["failed"] + ["ticket"] * 12
    assert RawMail.objects.get(pk=rows[12].pk).reason in ("internalerror", "integrityerror", "programmingerror")
    assert_whole(MANY - 1)
    assert not Job.objects.filter(task=jobs.path_of(email_in.process)).exists()


@pytest.mark.django_db
@pytest.mark.skipif(os.environ.get("GUICHET_TEST_SHAPE") != "production", reason="SQLite's triggers know one error")
def test_one_mail_at_which_the_database_gives_up_is_tried_again_alone(mailbox: Mailbox) -> None:
    poison("54000")
    rows = [email_in.store(raw, mailbox)[0] for raw in letters("b", poisoned=0)]
    jobs.drain()
    outcomes = [RawMail.objects.get(pk=row.pk).outcome for row in rows]
    assert outcomes == ["stored"] + ["ticket"] * 24
    assert_whole(MANY - 1)
    waiting = Job.objects.filter(task=jobs.path_of(email_in.process), args={"raw_mail_id": rows[0].pk}).get()
    assert (waiting.attempts > 0, waiting.failed_at, waiting.error.startswith("OperationalError")) == (True, None, True)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER poison ON tickets_message")
    Job.objects.update(run_at=rows[0].received_at, leased_until=None)
    jobs.drain()
    assert RawMail.objects.get(pk=rows[0].pk).outcome == "ticket"
    assert_whole(MANY)


def assert_whole(count: int) -> None:
    """Each has its message, head, account of routing and fact, once."""
    assert Ticket.objects.count() == Message.objects.count() == count
    assert Message.objects.values("body").distinct().count() == count
    assert Envelope.objects.count() == Routing.objects.count() == count
    assert Event.objects.filter(name="ticket.opened").count() == count


# --- signal 9 --------------------------------------------------------------------------------------------------------

SET_UP = """
from helpdesk.people.models import Team
from tickets.models import Mailbox, Queue
team = Team.objects.create(name="Billing", slug="billing")
queue = Queue.objects.create(name="Billing", slug="billing", team=team, is_default=True)
Mailbox.objects.create(queue=queue, address="support@acme.example")
"""
STORE = """
from tests.tickets.channels.test_mail_batches import letters
from tickets.channels import email_in
from tickets.models import Mailbox
for raw in letters("{salt}"):
    email_in.store(raw, Mailbox.objects.get())
"""
COUNT = """
import json
from helpdesk.events.models import Event
from helpdesk.jobs.models import Job
from helpdesk.people.models import Customer
from tickets.models import Envelope, Message, RawMail, Routing, Ticket
print(json.dumps([Ticket.objects.count(), Message.objects.count(), Message.objects.values("body").distinct().count(),
    Envelope.objects.count(), Routing.objects.count(), Customer.objects.count(),
    Event.objects.filter(name="ticket.opened").count(), RawMail.objects.filter(outcome="ticket").count(),
    RawMail.objects.count(), Job.objects.filter(task="tickets.channels.email_in.process").count()]))
"""
LEASE_IS_OVER = "from helpdesk.jobs.models import Job; Job.objects.update(leased_until=None)"
# Where, and at which call, and how many of the 25 are there before anybody tries again
DEATHS = [
    ("tickets.channels.email_in.read", "before", 13, 0),
    ("tickets.channels.email_in._settle_one", "after", 13, 0),
    ("helpdesk.lib.together._write", "before", 1, 0),
    ("tickets.channels.email_in._write", "before", 1, 0),
    ("tickets.channels.email_in._write", "after", 1, 0),
    # Committed, and the jobs still stand there
    ("tickets.channels.email_in._settle", "after", 1, MANY),
]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An installation on a PostgreSQL of its own."""
    with servers.postgres() as database:
        key = "only-for-tests-" + "7" * 50
        home = tmp_path_factory.mktemp("batches")
        desk = Desk(home, DATABASE_URL=database, SECRET_KEY=key, JOB_LEASE_SECONDS="600")
        desk.run("migrate", "-v0")
        desk.run(code=SET_UP)
        yield desk
        desk.process.kill()
        desk.process.wait()


def counted(desk: Desk) -> list[int]:
    found: list[Any] = json.loads(desk.run(code=COUNT).splitlines()[-1])
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("path", "when", "call", "committed"), DEATHS, ids=lambda value: str(value).rpartition(".")[2])
def test_killed_in_the_middle_of_a_batch_every_mail_is_there_once(
    stage: Desk, path: str, when: str, call: int, committed: int
) -> None:
    *before, _jobs = counted(stage)
    stage.run(code=STORE.format(salt=f"{path}-{when}".replace("_", "")))
    stage.dies(path, when, "worker", "--drain", call=call)
    *rest, raw_mails, waiting = counted(stage)
    assert rest == [count + committed for count in before[:-1]]
    assert (raw_mails, waiting) == (before[-1] + MANY, MANY)
    stage.run(code=LEASE_IS_OVER)
    stage.run("worker", "--drain")
    assert counted(stage) == [*(count + MANY for count in before), 0]
