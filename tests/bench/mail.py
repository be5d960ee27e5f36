"""Mails through the whole path in — raw bytes kept, parsed, threaded, judged by 200 rules, committed — beside parsing alone."""

import email
import email.policy
import random
import time
from collections.abc import Callable
from email.message import EmailMessage

import django

django.setup()

from django.core import management

from helpdesk.lib import clock
from helpdesk.people.models import Team
from tests.bench import figures
from tickets.channels import email_in
from tickets.models import Mailbox, Queue, RawMail, Rule

MAILS, RULES = 300, 200
WORDS = """account address amount answer article basket blue broken bridge cancel card change colour contract customer
damaged date delay delivery discount door email exchange friday garden green handle help hour invoice january kettle label
late letter list lost manual march meter missing model monday money month morning number office open order paper parcel part
password payment phone piece price product question receipt red refund repair reply return screen serial service shelf ship
shop size small spring start step store street summer table time today track train transfer tuesday update value warranty
week wheel window winter word wrong year yellow yesterday""".split()


def main() -> None:
    management.call_command("migrate", verbosity=0)
    mailbox = _desk()
    raws = _corpus(random.Random(7))
    parse_rate = _per_second(raws, _parse)
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
            conditions={"all": [{"field": "text", "op": "words", "value": [f"{choose.choice(WORDS)}{n}", f"zz{n}*"]}]},
            actions={"queue": queues[n % 4].slug},
            created_at=clock.now(),
        )
        for n in range(RULES)
    )
    return Mailbox.objects.create(queue=queues[0], address="support@example.com")


def _corpus(choose: random.Random) -> list[bytes]:
    """Plain, HTML, with an attachment, and answers with quoted text, as they come mixed."""
    return [_mail(number, ("plain", "html", "attached", "quoted")[number % 4], choose) for number in range(MAILS)]


def _mail(number: int, kind: str, choose: random.Random) -> bytes:
    paragraphs = [" ".join(choose.choices(WORDS, k=60)) for _ in range(5)]
    message = EmailMessage()
    message["From"] = f"Customer {number} <customer{number}@example.net>"
    message["To"] = "support@example.com"
    message["Subject"] = " ".join(choose.choices(WORDS, k=6))
    message["Message-ID"] = f"<bench-{number}@example.net>"
    message["Date"] = "Sat, 21 Nov 2026 10:00:00 +0100"
    text = "\n\n".join(paragraphs)
    if kind == "quoted":
        text += "\n\nOn Fri, 20 Nov 2026 at 09:00, Shop <shop@example.com> wrote:\n> " + "\n> ".join(paragraphs)
    message.set_content(text)
    if kind == "html":
        message.add_alternative("".join(f"<p>{line}</p>" for line in paragraphs), subtype="html")
    if kind == "attached":
        message.add_attachment(
            choose.randbytes(60_000), maintype="application", subtype="octet-stream", filename="a.bin"
        )
    return message.as_bytes()


def _parse(raw: bytes) -> None:
    for part in email.message_from_bytes(raw, policy=email.policy.default).walk():
        if not part.is_multipart():
            part.get_content()


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
