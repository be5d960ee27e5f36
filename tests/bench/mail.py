"""Mails through the whole path in — raw bytes kept, parsed, threaded, judged by 200 rules, committed — beside parsing alone."""

import random
import time
from collections.abc import Callable

import django

django.setup()

from django.core import management

from helpdesk.lib import clock
from helpdesk.people.models import Team
from tests.bench import figures, mail_corpus
from tickets.channels import email_in
from tickets.models import Mailbox, Queue, RawMail, Rule

MAILS, RULES = 300, 200


def main() -> None:
    management.call_command("migrate", verbosity=0)
    mailbox = _desk()
    raws = mail_corpus.mixed(random.Random(7), MAILS)
    parse_rate = _per_second(raws, mail_corpus.stdlib_parse)
    ours = _per_second(raws, lambda raw: _receive(raw, mailbox))
    taken = RawMail.objects.filter(outcome__in=["ticket", "message"]).count()
    if taken != MAILS:
        raise SystemExit(f"only {taken} of {MAILS} mails became messages")
    name = f"mails taken in, {RULES} rules"
    figures.tell(figures.Figure(name, ours, "/s", parse_rate, "stdlib parsing /s", "≥ 0.3 ×", ours >= 0.3 * parse_rate))


def _desk() -> Mailbox:
    team = Team.objects.create(name="Support", slug="support")
    queues = [Queue.objects.create(name=f"Queue {n}", slug=f"q{n}", team=team, is_default=n == 0) for n in range(4)]
    choose = random.Random(3)
    Rule.objects.bulk_create(
        Rule(
            name=f"Rule {n}",
            position=n,
            conditions={
                "all": [
                    {"field": "text", "op": "words", "value": [f"{choose.choice(mail_corpus.WORDS)}{n}", f"zz{n}*"]}
                ]
            },
            actions={"queue": queues[n % 4].slug},
            created_at=clock.now(),
        )
        for n in range(RULES)
    )
    return Mailbox.objects.create(queue=queues[0], address="support@example.com")


def _receive(raw: bytes, mailbox: Mailbox) -> None:
    row, _is_new = email_in.store(raw, mailbox)
    email_in.process(row.pk)


def _per_second(raws: list[bytes], work: Callable[[bytes], None]) -> float:
    began = time.perf_counter()
    for raw in raws:
        work(raw)
    return len(raws) / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
