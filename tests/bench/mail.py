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
from tickets.channels import email_in, email_sandbox, imap
from tickets.models import Mailbox, Queue, RawMail, Rule
from tickets.rules import content, published

ROUNDS, MAILS, RULES = 4, 150, 200
MAILS_OF_WORKERS = 600
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
    one, two = (_by_workers(count, mailbox, choose) for count in (1, 2))
    name, goal = "mails read from the store, two workers", "≥ 1.7 ×"
    figures.tell(figures.Figure(name, two, "/s", one, "one worker /s", goal, two >= 1.7 * one))
    alone, beside = (_by_loops(count) for count in (1, 2))
    name = "for comparison: two processes that only compute"
    figures.tell(figures.Figure(name, beside, "loops/s", alone, "one process loops/s", "what 2 cores give", True))


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
    """Kept a few at a time, as a fetcher does, then read by the jobs that this left."""
    _store(raws, mailbox, salt)
    _read_all()


def _store(raws: Iterable[bytes], mailbox: Mailbox, salt: str) -> None:
    salted = [raw.replace(b"@example.net", f"@{salt}.example.net".encode()) for raw in raws]
    for start in range(0, len(salted), imap.TOGETHER):
        email_in.store_all([(raw, "") for raw in salted[start : start + imap.TOGETHER]], mailbox)


def _read_all(most: int = 100_000) -> int:
    """What a worker does, without the jobs that follow from what it read."""
    path, done = outbox.path_of(email_in.process), 0
    while done < most and (job := Job.objects.due(clock.now()).filter(task=path).first()) is not None:
        done += outbox.run(job.pk)
    return done


def _by_workers(count: int, mailbox: Mailbox, choose: random.Random) -> float:
    """Mails per second that so many processes read together, warm, from what was stored before they began."""
    _store(mail_corpus.mixed(choose, 25 * count), mailbox, f"warm{count}")
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(count)
    ]
    for worker in workers:
        _hear(worker)
    _store(mail_corpus.mixed(choose, MAILS_OF_WORKERS), mailbox, f"w{count}")
    began = time.perf_counter()
    for worker in workers:
        _tell(worker)
    for worker in workers:
        _hear(worker)
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.communicate()
    return MAILS_OF_WORKERS / seconds


def _tell(worker: "subprocess.Popen[bytes]") -> None:
    assert worker.stdin is not None
    worker.stdin.write(b"go\n")
    worker.stdin.flush()


def _hear(worker: "subprocess.Popen[bytes]") -> None:
    assert worker.stdout is not None
    if not worker.stdout.readline():
        raise SystemExit("a worker died")


def work_when_told() -> None:
    """A worker's process: reads a batch, says that it is ready, waits for a line, reads what there is, says so."""
    _read_all(most=1)
    _say("ready")
    sys.stdin.readline()
    _read_all()
    _say("done")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _by_loops(count: int) -> float:
    """The same of processes that share nothing: what the machine itself gives two at a time."""
    code = "import sys; sys.stdin.readline(); [sum(range(1000)) for _ in range(60_000)]; print('done', flush=True)"
    loops = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(count)
    ]
    time.sleep(0.3)
    began = time.perf_counter()
    for loop in loops:
        _tell(loop)
    for loop in loops:
        _hear(loop)
    seconds = time.perf_counter() - began
    for loop in loops:
        loop.communicate()
    return count / seconds


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
