"""What leaves by mail: threaded, once, in the customer's language, and nothing that is not meant for the customer."""

import smtplib
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from helpdesk.events.models import Event
from helpdesk.jobs import outbox as jobs
from helpdesk.jobs.models import Job
from helpdesk.lib import clock, errors, mail
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, User
from tests import factories
from tests.servers import SmtpSink
from tests.tickets.channels.conftest import Pipe, compose, outbox
from tickets import attachments, conversation
from tickets.channels import email_out, email_threads, mail_words
from tickets.conversation import Line
from tickets.models import Delivery, Mailbox, Receipt, Ticket

pytestmark = pytest.mark.django_db


def only_answers(mails: list[EmailMessage]) -> list[EmailMessage]:
    return [found for found in mails if found["Auto-Submitted"] is None]


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def opened(pipe: Pipe, raw: bytes | None = None) -> Ticket:
    return Ticket.objects.filter(pk=int(pipe(raw or compose())["ticket"])).select_related("requester")[0]


def test_a_reply_is_threaded_under_the_mail_it_answers(pipe: Pipe, mailbox: Mailbox, alice: User) -> None:
    ticket = opened(pipe)
    factories.answer(ticket, alice, "We have corrected it.")
    jobs.drain()
    (sent,) = only_answers(outbox())
    header_id = email_threads.message_id(ticket.pk, 2, "acme.example")
    reply_to = email_threads.reply_address("support@acme.example", ticket_id=ticket.pk, customer_id=ticket.requester_id)
    assert {
        name: sent[name] for name in ("From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Reply-To")
    } == {
        "From": "Acme Support <support@acme.example>",
        "To": "dana@example.com",
        "Subject": f"Re: Invoice [#{ticket.number}]",
        "Message-ID": header_id,
        "In-Reply-To": "<first@example.com>",
        "References": "<first@example.com>",
        "Reply-To": reply_to,
    }
    assert [sent[name] for name in ("Cc", "Bcc", "Auto-Submitted", "Precedence", "List-Id")] == [None] * 5
    assert text_of(sent) == (
        "We have corrected it.\n\n-- \nAlice Martin\n\n"
        f"Request #{ticket.number}. Reply to this mail to continue the conversation.\n"
    )
    assert "<p>We have corrected it.</p>" in text_of(sent, "html")
    delivery = Delivery.objects.get()
    assert (delivery.address, delivery.state, delivery.header_id, delivery.attempts) == (
        "dana@example.com",
        "sent",
        header_id,
        1,
    )


def test_the_chain_of_references_grows_in_order(pipe: Pipe, mailbox: Mailbox, alice: User) -> None:
    ticket = opened(pipe)
    factories.answer(ticket, alice)
    jobs.drain()
    first_id = Delivery.objects.get().header_id
    pipe(compose("One thing more.", message_id="<second@example.com>", in_reply_to=first_id))
    factories.answer(ticket, alice, "Done.")
    factories.answer(ticket, alice, "And forgot to say.")
    jobs.drain()
    third, fourth = only_answers(outbox())[1:]
    assert third["In-Reply-To"] == fourth["In-Reply-To"] == "<second@example.com>"
    assert third["References"] == f"<first@example.com> {first_id} <second@example.com>"
    assert fourth["References"] == f"<first@example.com> {first_id} {third['Message-ID']} <second@example.com>"


def test_a_conversation_goes_both_ways_over_real_smtp(
    pipe: Pipe, mailbox: Mailbox, alice: User, smtp: SmtpSink
) -> None:
    ticket = opened(pipe)
    factories.answer(ticket, alice)
    jobs.drain()
    sent = [message_from_bytes(raw, policy=policy.default) for raw in smtp.messages]
    answer = next(found for found in sent if found["Auto-Submitted"] is None)
    assert smtp.recipients == [["dana@example.com"]] * 2
    reply = pipe(
        compose(
            "Perfect, thank you.\n\nOn Sat, 21 Nov 2026 at 11:00, Acme Support <support@acme.example> wrote:\n"
            "> I am looking into it.\n",
            to=str(answer["Reply-To"]),
            message_id="<third@example.com>",
            in_reply_to=str(answer["Message-ID"]),
        )
    )
    assert (reply["outcome"], reply["ticket"], reply["seq"]) == ("message", ticket.number, 3)
    assert ticket.messages.get(seq=3).body == "Perfect, thank you."


def test_notes_and_the_customers_own_words_never_leave(pipe: Pipe, mailbox: Mailbox, alice: User) -> None:
    ticket = opened(pipe)
    factories.answer(ticket, alice, "canary: he always complains", kind="note")
    factories.write(ticket)
    jobs.drain()
    assert only_answers(outbox()) == []
    assert Delivery.objects.count() == 0


def test_the_same_job_twice_sends_once(pipe: Pipe, mailbox: Mailbox, alice: User) -> None:
    ticket = opened(pipe)
    factories.answer(ticket, alice)
    for _time in range(3):
        email_out.send(Delivery.objects.get().pk)
    jobs.drain()
    assert len(only_answers(outbox())) == 1
    assert Delivery.objects.get().attempts == 1


def test_a_customer_who_writes_again_before_our_answer_left_still_gets_it(
    pipe: Pipe, mailbox: Mailbox, alice: User
) -> None:
    ticket = opened(pipe)
    factories.answer(ticket, alice, "The answer.")
    factories.write(ticket, "Are you there?", channel="email")
    jobs.drain()
    (sent,) = only_answers(outbox())
    assert text_of(sent).startswith("The answer.")


def test_chat_lines_leave_together_when_they_stay_unseen(mailbox: Mailbox, alice: User, dana: Customer) -> None:
    ticket = factories.make_ticket(dana, channel="chat", queue=mailbox.queue)
    for words in ("First line.", "Second line."):
        conversation.reply(ticket, Line(body=words, channel="chat"), by=alice)
    jobs.drain()
    assert outbox() == []
    with clock.pretend(clock.now() + timedelta(hours=1)):
        jobs.drain()
    (sent,) = outbox()
    assert sent["To"] == "dana@example.com"
    assert text_of(sent).startswith("First line.\n\nSecond line.\n")
    assert list(Delivery.objects.values_list("state", flat=True)) == ["sent", "sent"]


def test_chat_lines_that_were_seen_are_not_mailed(mailbox: Mailbox, alice: User, dana: Customer) -> None:
    ticket = factories.make_ticket(dana, channel="chat", queue=mailbox.queue)
    message, _new = conversation.reply(ticket, Line(body="Hello.", channel="chat"), by=alice)
    conversation.mark_seen(ticket, message.seq)
    with clock.pretend(clock.now() + timedelta(hours=1)):
        jobs.drain()
    assert outbox() == []


def test_a_visitors_typed_address_gets_nothing_until_it_is_proved(
    mailbox: Mailbox, alice: User, eric: Customer
) -> None:
    ticket = factories.make_ticket(eric, channel="chat", queue=mailbox.queue)
    conversation.reply(ticket, Line(body="Hello.", channel="chat"), by=alice)
    with clock.pretend(clock.now() + timedelta(hours=1)):
        jobs.drain()
    assert outbox() == []


def test_a_french_customer_is_written_to_in_french(mailbox: Mailbox, alice: User, eric: Customer) -> None:
    ticket = factories.make_ticket(
        eric,
        channel="phone",
        queue=mailbox.queue,
        subject="RE: Facture",
        body="La facture est fausse, merci de la corriger.",
    )
    factories.answer(ticket, alice, "C'est corrigé.")
    jobs.drain()
    (sent,) = outbox()
    assert (sent["Subject"], sent["Content-Language"]) == (f"Re: Facture [#{ticket.number}]", "fr")
    assert f"Demande n° {ticket.number}. Répondez à ce courriel pour poursuivre l’échange." in text_of(sent)
    assert sent["References"] == email_threads.message_id(ticket.pk, 0, "acme.example")


def test_files_go_along(pipe: Pipe, mailbox: Mailbox, alice: User) -> None:
    ticket = opened(pipe)
    file = attachments.store(b"%PDF-1.4 corrected", "facture corrigée.pdf", uploader="user:1")
    conversation.reply(ticket, Line(body="Here it is.", channel="email", attachments=[file]), by=alice)
    jobs.drain()
    (sent,) = only_answers(outbox())
    assert [(part.get_filename(), part.get_content()) for part in sent.iter_attachments()] == [
        ("facture corrigée.pdf", b"%PDF-1.4 corrected")
    ]


def test_a_server_that_is_down_is_tried_again_and_one_that_refuses_is_shown(
    pipe: Pipe, mailbox: Mailbox, alice: User, smtp: SmtpSink
) -> None:
    ticket = opened(pipe)
    jobs.drain()
    smtp.refuse = "451 try later"
    factories.answer(ticket, alice)
    jobs.drain()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.reason) == ("queued", 1, "temporary")
    assert delivery.error == "451 try later"
    assert Job.objects.get(task__endswith="email_out.send").run_at == delivery.next_try_at
    smtp.refuse = "554 5.7.1 we do not like this"
    with clock.pretend(clock.now() + timedelta(minutes=5)):
        jobs.drain()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.reason) == ("failed", 2, "content_refused")
    assert delivery.error == "554 5.7.1 we do not like this"
    assert not Job.objects.filter(task__endswith="email_out.send").exists()
    event = Event.objects.get(name="mail.failed")
    assert (event.subject_id, event.data) == (ticket.pk, {"seq": 2, "reason": "content_refused"})


def test_a_server_that_comes_back_gets_the_mail_once(pipe: Pipe, mailbox: Mailbox, alice: User, smtp: SmtpSink) -> None:
    ticket = opened(pipe)
    jobs.drain()
    smtp.refuse = "451 try later"
    factories.answer(ticket, alice)
    jobs.drain()
    smtp.refuse = ""
    before = len(smtp.messages)
    with clock.pretend(clock.now() + timedelta(minutes=5)):
        jobs.drain()
        jobs.drain()
    assert len(smtp.messages) == before + 1
    assert Delivery.objects.get().state == "sent"


# --- receipts --------------------------------------------------------------------------------------------------------


def test_a_first_mail_gets_one_receipt_with_fixed_words(pipe: Pipe, mailbox: Mailbox) -> None:
    ticket = opened(pipe, compose("CANARY body", subject="CANARY subject", sender="CANARY <dana@example.com>"))
    jobs.drain()
    (sent,) = outbox()
    assert "CANARY" not in sent.as_string()
    assert (sent["To"], sent["Subject"]) == ("dana@example.com", "We have received your request")
    assert sent["Message-ID"] == email_threads.message_id(ticket.pk, 0, "acme.example")
    assert {name: sent[name] for name in mail.AUTOMATIC_HEADERS} == mail.AUTOMATIC_HEADERS


def test_many_requests_for_one_victim_are_one_mail(mailbox: Mailbox) -> None:
    for number in range(25):
        who = Who(name="Buy now", email="victim@example.org")
        factories.make_ticket(who, queue=mailbox.queue, body=f"spam {number}", reply_address="victim@example.org")
    jobs.drain()
    assert [sent["To"] for sent in outbox()] == ["victim@example.org"]
    assert Receipt.objects.count() == 1


def test_machines_and_our_own_addresses_get_no_receipt(pipe: Pipe, mailbox: Mailbox) -> None:
    pipe(compose(auto_submitted="auto-generated"))
    pipe(compose(sender="support@acme.example", message_id="<own@acme.example>"))
    jobs.drain()
    assert outbox() == []


def test_two_desks_that_answer_each_other_stop_by_themselves(pipe: Pipe, mailbox: Mailbox) -> None:
    """The other desk marks nothing as automatic and answers every mail of ours with a new request."""
    for number in range(10):
        before = len(outbox())
        pipe(
            compose(f"We have received your request {number}.", sender="desk@other.example", message_id=f"<{number}@o>")
        )
        jobs.drain()
        if len(outbox()) == before:
            break
    assert len(outbox()) == 1


# --- the one way out -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["a@x.example, b@x.example", "a@x.example\nBcc: b@x.example", "nobody", "", "a@x@y"]
)
def test_mail_leaves_to_exactly_one_address(address: str) -> None:
    with pytest.raises(errors.Invalid):
        mail.send(to=address, subject="x", template="tickets/mail/receipt", context={"number": "1"}, language="en")
    assert outbox() == []


def test_a_subject_of_several_lines_adds_no_header(mailbox: Mailbox, alice: User, dana: Customer) -> None:
    ticket = factories.make_ticket(
        dana, queue=mailbox.queue, subject="a\r\nBcc: everyone@example.org", reply_address="dana@example.com"
    )
    factories.answer(ticket, alice, "{{ settings.SECRET_KEY }} {% now 'Y' %}")
    jobs.drain()
    (sent,) = only_answers(outbox())
    assert (sent["Subject"], sent["Bcc"]) == (f"Re: a Bcc: everyone@example.org [#{ticket.number}]", None)
    assert text_of(sent).startswith("{{ settings.SECRET_KEY }} {% now 'Y' %}")


def test_automatic_mail_to_one_address_has_a_budget(settings: Any) -> None:
    settings.MAIL_AUTOMATIC_PER_HOUR = 2
    call = {"to": "a@x.example", "subject": "x", "template": "tickets/mail/receipt", "context": {"number": "1"}}
    for _time in range(2):
        mail.send(**call, language="en", automatic=True)  # type: ignore[arg-type]
    with pytest.raises(errors.TooMany):
        mail.send(**call, language="en", automatic=True)  # type: ignore[arg-type]
    assert len(outbox()) == 2


def test_what_a_server_refuses_for_good_is_told_from_what_may_pass() -> None:
    permanent = smtplib.SMTPRecipientsRefused({"a@x.example": (550, b"5.1.1 no such user")})
    passing = smtplib.SMTPRecipientsRefused({"a@x.example": (450, b"4.2.0 grey-listed")})
    login = smtplib.SMTPAuthenticationError(535, b"5.7.8 bad credentials")
    faults = [mail_words.of(error) for error in (permanent, passing, login)]
    assert [(fault.code, fault.is_permanent, fault.is_ours) for fault in faults] == [
        ("unknown_address", True, False),
        ("temporary", False, False),
        ("login_refused", False, True),
    ]
