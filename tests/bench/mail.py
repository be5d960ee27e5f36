"""Mails through the whole path in — raw bytes kept, parsed, threaded, judged by 200 rules, committed — beside parsing alone.

Neither the database nor the disk promises durability here (see `tests.servers`): the program is measured, not the machine.
The anchor is measured between the rounds, for other programs may share the machine.
"""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import django

django.setup()

from django.conf import settings
from django.core import management

from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock
from helpdesk.people.models import Team
from tests.bench import figures, mail_corpus
from tickets.channels import email_in, email_sandbox
from tickets.models import Mailbox, Queue, RawMail, Rule
from tickets.rules import content, published

ROUNDS, MAILS, RULES = 4, 150, 200
WORKER = "import tests.bench.mail as bench; bench.work_when_told()"


def main() -> None:
    management.call_command("migrate", verbosity=0)
    mailbox = _desk()
    choose = random.Random(7)
    email_sandbox.parse(b"Subject: warm\r\n\r\nup")
    _receive(mail_corpus.mixed(choose, 30), mailbox, "warm")
    parsed, ours = 0.0, 0.0
    for number in range(ROUNDS):
        raws = mail_corpus.mixed(choose, MAILS)
        parsed += _seconds(_parse, raws)
        ours += _seconds(_receive, raws, mailbox, f"r{number}")
    taken = RawMail.objects.filter(outcome__in=["ticket", "message"]).count()
    if taken != ROUNDS * MAILS + 30:
        raise SystemExit(f"only {taken} of {ROUNDS * MAILS + 30} mails became messages")
    rate, anchor = ROUNDS * MAILS / ours, ROUNDS * MAILS / parsed
    name = f"mails taken in, {RULES} rules, one worker"
    figures.tell(figures.Figure(name, rate, "/s", anchor, "stdlib parsing /s", "≥ 0.3 ×", rate >= 0.3 * anchor))
    one, two = _by_workers(1, mailbox, choose), _by_workers(2, mailbox, choose)
    figures.tell(
        figures.Figure(
            "mails read from the store, two workers", two, "/s", one, "one worker /s", "≥ 1.7 ×", two >= 1.7 * one
        )
    )


def _desk() -> Mailbox:
    team = Team.objects.create(name="Support", slug="support")
    queues = [Queue.objects.create(name=f"Queue {n}", slug=f"q{n}", team=team, is_default=n == 0) for n in range(4)]
    choose = random.Random(3)
    published.publish([published.Item(None, _rule(n, queues, choose)) for n in range(RULES)], by=None)
    return Mailbox.objects.create(queue=queues[0], address="support@example.com")


def _rule(number: int, queues: list[Queue], choose: random.Random) -> dict[str, Any]:
    words = [f"{choose.choice(mail_corpus.WORDS)}{number}", f"zz{number}*"]
    rule = Rule(
        name=f"Rule {number}",
        position=number,
        conditions={"all": [{"field": "text", "op": "words", "value": words}]},
        actions={"queue": queues[number % 4].slug},
        created_at=clock.now(),
    )
    return content.of_row(rule)


def _receive(raws: Iterable[bytes], mailbox: Mailbox, salt: str) -> None:
    """Kept one by one, as a fetcher does, then read by the jobs that this left."""
    _store(raws, mailbox, salt)
    _read_all()


def _store(raws: Iterable[bytes], mailbox: Mailbox, salt: str) -> None:
    for raw in raws:
        email_in.store(raw.replace(b"@example.net", f"@{salt}.example.net".encode()), mailbox)


def _read_all() -> int:
    """What a worker does, without the jobs that follow from what it read."""
    path, done = outbox.path_of(email_in.process), 0
    while (job := Job.objects.due(clock.now()).filter(task=path).first()) is not None:
        done += outbox.run(job.pk)
    return done


def _by_workers(count: int, mailbox: Mailbox, choose: random.Random) -> float:
    """Mails per second that so many processes read together, from what was stored before they began."""
    _store(mail_corpus.mixed(choose, 400), mailbox, f"w{count}")
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(count)
    ]
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()
    began = time.perf_counter()
    for worker in workers:
        worker.communicate(b"go\n")
    return 400 / (time.perf_counter() - began)


def work_when_told() -> None:
    """A worker's process: says that it is ready, waits for a line, reads what there is."""
    email_sandbox.parse(b"Subject: warm\r\n\r\nup")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    _read_all()


def _parse(raws: Iterable[bytes]) -> None:
    for raw in raws:
        mail_corpus.stdlib_parse(raw)


def _seconds(work: Callable[..., object], *given: object) -> float:
    began = time.perf_counter()
    work(*given)
    return time.perf_counter() - began


if __name__ == "__main__":
    settings.JOB_LEASE_SECONDS = 600
    main()
