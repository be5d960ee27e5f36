"""Machines that answer each other fall silent, nobody is written to on a stranger's word, bounces are seen where they belong."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from helpdesk.jobs import outbox as jobs
from helpdesk.people.models import User
from tests import factories
from tests.tickets.channels.conftest import Pipe, compose, outbox
from tickets import lifecycle
from tickets.models import Delivery, Mailbox, Message, RawMail, Receipt, Ticket

pytestmark = pytest.mark.django_db
MAILS = Path(__file__).resolve().parents[2] / "mail"


def other_desk(number: int, heard: EmailMessage) -> bytes:
    """A badly behaved desk: it acknowledges every mail as a new request, under no mark of a machine."""
    raw: bytes = compose(
        f"Dear customer, we opened request {number} for you.",
        sender="Other desk <help@desk.example>",
        subject=f"Request {number} received",
        message_id=f"<{number}@desk.example>",
        authentication_results="mx.acme.example; dmarc=pass header.from=desk.example",
    )
    assert str(heard["To"]) == "help@desk.example"
    return raw


@pytest.mark.parametrize("is_proved", [False, True])
def test_two_desks_that_acknowledge_each_other_fall_silent(
    pipe: Pipe, mailbox: Mailbox, settings: object, is_proved: bool
) -> None:
    settings.MAIL_AUTHSERV_IDS = ["mx.acme.example"] if is_proved else []  # type: ignore[attr-defined]
    pipe(compose(sender="help@desk.example", subject="Hello", message_id="<0@desk.example>"))
    jobs.drain()
    answered = 0
    while answered < len(outbox()) and answered < 50:
        for heard in outbox()[answered:]:
            answered += 1
            pipe(other_desk(answered, heard))
        jobs.drain()
    assert len(outbox()) == (3 if is_proved else 1)
    assert Ticket.objects.count() == len(outbox()) + 1


def test_a_desk_that_repeats_itself_is_held_after_a_fixed_number(
    pipe: Pipe, mailbox: Mailbox, settings: object
) -> None:
    settings.MAIL_SAME_SUBJECT_PER_HOUR = 5  # type: ignore[attr-defined]
    outcomes = []
    for number in range(8):
        raw = compose(
            f"No. {number}", sender="help@desk.example", subject="Re: Your request", message_id=f"<{number}@d>"
        )
        outcomes.append((pipe(raw)["outcome"], RawMail.objects.latest("pk").reason))
    assert outcomes == [("ticket", "")] * 6 + [("quarantined", "loop")] * 2
    assert pipe(compose("Mine", subject="Your request", message_id="<a@b>"))["outcome"] == "ticket"


def test_the_same_mail_again_counts_once_towards_a_loop(pipe: Pipe, mailbox: Mailbox, settings: object) -> None:
    settings.MAIL_SAME_SUBJECT_PER_HOUR = 2  # type: ignore[attr-defined]
    for number in range(6):
        pipe(f"X-Hop: {number}\r\n".encode() + compose())
    assert Ticket.objects.count() == 1
    assert pipe(compose("Second", message_id="<2@x>"))["outcome"] == "ticket"


def test_two_mailboxes_of_ours_never_answer_each_other(pipe: Pipe, mailbox: Mailbox, other_mailbox: Mailbox) -> None:
    answer = pipe(compose(sender=other_mailbox.address, auto_submitted="auto-replied"))
    assert (answer["outcome"], answer["reason"]) == ("quarantined", "own_address")
    jobs.drain()
    assert outbox() == []


def test_many_requests_in_somebodys_name_bring_him_one_mail_without_a_word_of_theirs(
    pipe: Pipe, mailbox: Mailbox
) -> None:
    for number in range(25):
        sender = f"victim+{number}@example.com" if number % 2 else "victim@example.com"
        pipe(
            compose(f"BUY {number}", sender=f"BUY NOW <{sender}>", subject=f"BUY {number}", message_id=f"<{number}@x>")
        )
    jobs.drain()
    (receipt,) = outbox()
    assert "BUY" not in receipt.as_string()
    assert receipt["Auto-Submitted"] == "auto-generated"
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize("kind", ["auto-reply", "bounce", "out of office"])
def test_machine_mail_is_never_answered(pipe: Pipe, mailbox: Mailbox, alice: User, kind: str) -> None:
    answer = pipe(compose())
    ticket = Ticket.objects.filter(pk=int(answer["ticket"])).get()
    factories.answer(ticket, alice)
    lifecycle.solve(ticket, by=alice.actor)
    jobs.drain()
    before = len(outbox())
    marks = {
        "auto-reply": {"auto_submitted": "auto-replied", "subject": "Automatic"},
        "bounce": {"return_path": "<>", "subject": "Undeliverable: Invoice", "sender": "MAILER-DAEMON@x.example"},
        "out of office": {"x_autoreply": "yes", "subject": "Absence du bureau"},
    }[kind]
    pipe(compose("Automatic words", message_id="<m@x>", in_reply_to="<first@example.com>", **marks))
    jobs.drain()
    ticket.refresh_from_db()
    assert (len(outbox()), ticket.status) == (before, "solved")


def bounce_of(delivery: Delivery, *, status: str = "5.1.1", action: str = "failed") -> bytes:
    raw = (MAILS / "bounce_dsn.eml").read_bytes()
    raw = raw.replace(b"<t12.3.k7d2m4q6s8w2y4z6@acme.example>", delivery.header_id.encode())
    return raw.replace(b"5.1.1", status.encode()).replace(b"Action: failed", f"Action: {action}".encode())


def test_a_delay_is_told_and_leaves_the_delivery_as_sent(pipe: Pipe, mailbox: Mailbox, alice: User) -> None:
    ticket = Ticket.objects.filter(pk=int(pipe(compose())["ticket"])).get()
    factories.answer(ticket, alice)
    jobs.drain()
    delivery = Delivery.objects.get()
    answer = pipe(bounce_of(delivery, status="4.4.1", action="delayed"))
    delivery.refresh_from_db()
    assert (answer["ticket"], delivery.state) == (ticket.number, "sent")


def test_the_same_bounce_at_two_mailboxes_is_one_note(
    pipe: Pipe, mailbox: Mailbox, other_mailbox: Mailbox, alice: User
) -> None:
    ticket = Ticket.objects.filter(pk=int(pipe(compose())["ticket"])).get()
    factories.answer(ticket, alice)
    jobs.drain()
    raw = bounce_of(Delivery.objects.get())
    first = pipe(raw)
    assert pipe(b"X-Hop: 2\r\n" + raw, other_mailbox.address) == {**first, "outcome": "duplicate", "reason": None}
    assert Message.objects.filter(ticket=ticket, machine="bounce").count() == 1
