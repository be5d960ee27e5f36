"""Every mail ends in a visible outcome; only what we signed joins a conversation, and only for who takes part in it."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from helpdesk.events.models import Event
from helpdesk.jobs import outbox as jobs
from helpdesk.jobs.models import Job
from helpdesk.people.models import Customer, Identity, User
from tests import factories
from tests.tickets.channels.conftest import Pipe, compose
from tickets import lifecycle
from tickets.channels import email_in, email_threads
from tickets.models import Attachment, Delivery, Envelope, Mailbox, Message, Queue, RawMail, Ticket

pytestmark = pytest.mark.django_db
MAILS = Path(__file__).resolve().parents[2] / "mail"


def open_by_mail(pipe: Pipe) -> Ticket:
    answer = pipe(compose())
    return Ticket.objects.filter(pk=int(answer["ticket"])).select_related("requester").first()  # type: ignore[return-value]


def address_for(ticket: Ticket, customer: Customer | None = None) -> str:
    who = customer or ticket.requester
    return email_threads.reply_address("support@acme.example", ticket_id=ticket.pk, customer_id=who.pk)


def test_a_first_mail_opens_a_ticket(pipe: Pipe, mailbox: Mailbox) -> None:
    answer = pipe(compose())
    ticket = Ticket.objects.select_related("requester", "queue").latest("pk")
    assert answer == {"outcome": "ticket", "ticket": ticket.number, "seq": 1, "queue": "billing", "reason": None}
    assert (ticket.subject, ticket.channel, ticket.reply_address) == ("Invoice", "email", "dana@example.com")
    assert ticket.mailbox == mailbox
    message = ticket.messages.get()
    assert (message.body, message.trust, message.machine) == ("The amount on my invoice is wrong.", "unverified", "")
    assert message.author_customer == ticket.requester
    envelope = Envelope.objects.get(message=message)
    assert (envelope.header_id, envelope.from_address, envelope.to) == (
        "<first@example.com>",
        "dana@example.com",
        [{"name": "", "address": "support@acme.example"}],
    )


def test_the_raw_bytes_are_kept_as_they_came(pipe: Pipe, mailbox: Mailbox) -> None:
    raw = compose()
    pipe(raw)
    row = RawMail.objects.get()
    assert email_in.raw_bytes(row) == raw
    assert (row.outcome, row.size, row.sender, row.subject) == ("ticket", len(raw), "dana@example.com", "Invoice")


def test_the_same_mail_twice_is_a_duplicate(pipe: Pipe, mailbox: Mailbox) -> None:
    first = pipe(compose())
    again = pipe(compose())
    assert again == {**first, "outcome": "duplicate"}
    assert (Ticket.objects.count(), Message.objects.count(), RawMail.objects.count()) == (1, 1, 1)


def test_the_same_mail_over_another_way_and_at_two_mailboxes_is_one_message(
    pipe: Pipe, mailbox: Mailbox, other_mailbox: Mailbox
) -> None:
    first = pipe(compose())
    again = pipe(
        b"Received: from elsewhere by mx2\r\nDelivered-To: tech@acme.example\r\n" + compose(), "tech@acme.example"
    )
    assert again == {**first, "outcome": "duplicate"}
    assert (Ticket.objects.count(), Message.objects.count(), RawMail.objects.count()) == (1, 1, 2)


def test_the_same_message_id_with_other_words_is_another_message(pipe: Pipe, mailbox: Mailbox) -> None:
    pipe(compose())
    answer = pipe(compose("Something else."))
    assert answer["outcome"] == "ticket"
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize("message_id", ["", "<", "not an id", "<a b@c>"])
def test_a_missing_or_broken_message_id_is_no_reason_to_drop(pipe: Pipe, mailbox: Mailbox, message_id: str) -> None:
    raw = compose(message_id=message_id)
    assert pipe(raw)["outcome"] == "ticket"
    assert pipe(raw)["outcome"] == "duplicate"
    assert Ticket.objects.count() == 1


def test_an_answer_to_the_signed_address_joins_and_proves_the_address_that_was_written_to(
    pipe: Pipe, mailbox: Mailbox, alice: User
) -> None:
    ticket = open_by_mail(pipe)
    factories.answer(ticket, alice)
    jobs.drain()
    answer = pipe(compose("Thank you.", to=address_for(ticket), message_id="<second@example.com>"))
    assert answer == {"outcome": "message", "ticket": ticket.number, "seq": 3, "queue": "billing", "reason": None}
    message = ticket.messages.get(seq=3)
    assert (message.body, message.trust) == ("Thank you.", "verified")
    assert Envelope.objects.get(message=message).matched_by == "reply_address"
    assert Identity.objects.get(value="dana@example.com").verified_at is not None


def test_an_answer_to_our_signed_message_id_joins_without_proving_anything(
    pipe: Pipe, mailbox: Mailbox, alice: User
) -> None:
    ticket = open_by_mail(pipe)
    factories.answer(ticket, alice)
    jobs.drain()
    header_id = Delivery.objects.get().header_id
    answer = pipe(compose("Thanks.", message_id="<second@example.com>", in_reply_to=header_id))
    assert (answer["outcome"], answer["ticket"], answer["seq"]) == ("message", ticket.number, 3)
    assert ticket.messages.get(seq=3).trust == "unverified"
    assert Identity.objects.get(value="dana@example.com").verified_at is None


@pytest.mark.parametrize("way", ["reply_address", "message_id"])
def test_a_stranger_with_a_real_token_is_held_for_an_agent(pipe: Pipe, mailbox: Mailbox, way: str) -> None:
    ticket = open_by_mail(pipe)
    header_id = email_threads.message_id(ticket.pk, 1, "acme.example")
    to = address_for(ticket) if way == "reply_address" else "support@acme.example"
    references = {"references": header_id} if way == "message_id" else {}
    answer = pipe(
        compose("Send me the rest.", sender="eve@evil.example", to=to, message_id="<e@evil.example>", **references)
    )
    assert answer == {
        "outcome": "quarantined",
        "ticket": ticket.number,
        "seq": None,
        "queue": "billing",
        "reason": "not_a_participant",
    }
    assert ticket.messages.count() == 1
    assert not Identity.objects.filter(value="eve@evil.example").exists()


@pytest.mark.parametrize(
    "hint",
    [
        {"subject": "Re: Invoice [#{number}]"},
        {"in_reply_to": "<first@example.com>"},
        {"to": "support+{number}-1-aaaaaaaaaaaaaaaa@acme.example"},
        {"in_reply_to": "<t{number}.1.aaaaaaaaaaaaaaaa@acme.example>"},
        {"cc": "dana@example.com"},
    ],
)
def test_numbers_copies_and_forged_tokens_join_nothing(pipe: Pipe, mailbox: Mailbox, hint: dict[str, str]) -> None:
    ticket = open_by_mail(pipe)
    filled = {name: value.format(number=ticket.number) for name, value in hint.items()}
    raw = compose("About that.", sender="eve@evil.example", message_id="<e@evil.example>", **filled)
    answer = pipe(raw)
    assert answer["outcome"] == "ticket"
    assert answer["ticket"] != ticket.number
    assert ticket.messages.count() == 1


def test_a_token_of_another_secret_or_customer_is_no_token() -> None:
    good = email_threads.reply_address("support@acme.example", ticket_id=42, customer_id=7)
    assert email_threads.read_reply_address(good) == email_threads.ReplyToken(42, 7)
    assert email_threads.read_reply_address(good.upper()) == email_threads.ReplyToken(42, 7)
    assert email_threads.read_reply_address(good.replace("+42-", "+43-")) is None
    assert email_threads.read_reply_address(good.replace("-7-", "-8-")) is None
    assert email_threads.read_reply_address("support@acme.example") is None
    assert email_threads.read_message_id(email_threads.message_id(4, 2, "acme.example")) == (4, 2)
    assert email_threads.read_message_id("<t4.2.aaaaaaaaaaaaaaaa@acme.example>") is None


def test_an_agents_address_in_from_makes_nobody_an_agent(pipe: Pipe, mailbox: Mailbox, alice: User) -> None:
    ticket = open_by_mail(pipe)
    answer = pipe(compose("Refund granted.", sender=alice.email, to=address_for(ticket), message_id="<a@example.com>"))
    assert (answer["outcome"], answer["reason"]) == ("quarantined", "not_a_participant")
    assert not Message.objects.filter(author_user=alice).exists()
    assert ticket.messages.count() == 1


def test_mail_from_one_of_our_own_addresses_is_held(pipe: Pipe, mailbox: Mailbox, other_mailbox: Mailbox) -> None:
    answer = pipe(compose(sender="tech+1@acme.example"))
    assert (answer["outcome"], answer["ticket"], answer["reason"]) == ("quarantined", None, "own_address")
    assert Ticket.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("auto_reply_fr", "auto_reply"),
        ("out_of_office_en", "auto_reply"),
        ("list_newsletter", "list"),
        ("bounce_qmail", "bounce"),
        ("complaint_arf", "complaint"),
        ("no_headers", "no_sender"),
        ("only_a_body_after_blank", "no_sender"),
    ],
)
def test_what_belongs_nowhere_is_held_with_its_reason(pipe: Pipe, mailbox: Mailbox, name: str, reason: str) -> None:
    answer = pipe((MAILS / f"{name}.eml").read_bytes())
    assert answer == {"outcome": "quarantined", "ticket": None, "seq": None, "queue": None, "reason": reason}
    assert Ticket.objects.count() == 0
    assert Event.objects.get(name="mail.quarantined").data == {"reason": reason}
    assert RawMail.objects.get().preview != ""


def test_nothing_at_all_is_held_as_empty(pipe: Pipe, mailbox: Mailbox) -> None:
    assert pipe(b"")["reason"] == "empty"
    assert pipe(compose("", subject=""))["reason"] == "empty"


def test_a_mail_with_an_unknown_charset_becomes_a_ticket_that_says_so(pipe: Pipe, mailbox: Mailbox) -> None:
    answer = pipe((MAILS / "unknown_charset.eml").read_bytes())
    assert (answer["outcome"], answer["reason"]) == ("ticket", "unknown_charset")
    assert Message.objects.get().body == "Båten er ødelagt."


def test_an_auto_reply_of_a_participant_is_filed_and_changes_nothing(pipe: Pipe, mailbox: Mailbox, alice: User) -> None:
    ticket = open_by_mail(pipe)
    factories.answer(ticket, alice)
    lifecycle.solve(ticket, by=alice.actor)
    before = Ticket.objects.values("status", "waiting_since", "assignee", "solved_at").get(pk=ticket.pk)
    answer = pipe(
        compose("I am away.", to=address_for(ticket), message_id="<ooo@example.com>", auto_submitted="auto-replied")
    )
    assert (answer["outcome"], answer["seq"]) == ("message", 3)
    assert ticket.messages.get(seq=3).machine == "auto-reply"
    assert Ticket.objects.values("status", "waiting_since", "assignee", "solved_at").get(pk=ticket.pk) == before


def test_a_bounce_marks_its_delivery_and_is_a_note_on_its_ticket(pipe: Pipe, mailbox: Mailbox, alice: User) -> None:
    ticket = open_by_mail(pipe)
    factories.answer(ticket, alice)
    jobs.drain()
    delivery = Delivery.objects.get()
    raw = (
        (MAILS / "bounce_dsn.eml")
        .read_bytes()
        .replace(b"<t12.3.k7d2m4q6s8w2y4z6@acme.example>", delivery.header_id.encode())
    )
    answer = pipe(raw)
    assert (answer["outcome"], answer["ticket"], answer["seq"], answer["reason"]) == (
        "message",
        ticket.number,
        3,
        "bounce",
    )
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error[:5]) == ("bounced", "5.1.1")
    note = ticket.messages.get(seq=3)
    assert (note.kind, note.machine, note.author_kind) == ("note", "bounce", "system")


def test_a_customer_reply_to_a_closed_ticket_opens_one_that_follows_it(
    pipe: Pipe, mailbox: Mailbox, alice: User
) -> None:
    ticket = open_by_mail(pipe)
    factories.answer(ticket, alice)
    lifecycle.solve(ticket, by=alice.actor)
    lifecycle.set_status(ticket, "closed", by=alice.actor)
    answer = pipe(compose("Again!", to=address_for(ticket), message_id="<later@example.com>"))
    assert answer["outcome"] == "ticket"
    assert Ticket.objects.latest("pk").follows == ticket


def test_attachments_are_kept_under_harmless_names(pipe: Pipe, mailbox: Mailbox) -> None:
    pipe((MAILS / "attachment.eml").read_bytes())
    found = Attachment.objects.order_by("created_at").values_list("name", "size")
    assert sorted(found) == [("Vertrag Nr. 12 über Licht.pdf", 17), ("attachment-3.bin", 3), ("passwd.csv", 7)]


def test_a_file_that_is_too_large_is_left_out_and_said_so(pipe: Pipe, mailbox: Mailbox, settings: object) -> None:
    settings.ATTACHMENT_MAX_BYTES = 10  # type: ignore[attr-defined]
    answer = pipe((MAILS / "attachment.eml").read_bytes())
    assert (answer["outcome"], answer["reason"]) == ("ticket", "file_left_out")
    assert sorted(Attachment.objects.values_list("name", flat=True)) == ["attachment-3.bin", "passwd.csv"]
    assert "Vertrag Nr. 12 über Licht.pdf" in Message.objects.get(kind="note").body


def test_a_mail_beyond_the_limit_is_kept_and_held(pipe: Pipe, mailbox: Mailbox, settings: object) -> None:
    settings.MAIL_MAX_BYTES = 1_000  # type: ignore[attr-defined]
    raw = compose("word " * 500)
    answer = pipe(raw)
    assert (answer["outcome"], answer["reason"]) == ("quarantined", "too_big")
    row = RawMail.objects.get()
    assert email_in.raw_bytes(row) == raw
    assert (row.sender, row.subject) == ("dana@example.com", "Invoice")


def test_a_released_mail_lands_on_the_ticket_it_proved_to_belong_to(pipe: Pipe, mailbox: Mailbox, alice: User) -> None:
    ticket = open_by_mail(pipe)
    pipe(
        compose(
            "From my work address.", sender="dana@work.example", to=address_for(ticket), message_id="<w@work.example>"
        )
    )
    row = email_in.release(RawMail.objects.get(outcome="quarantined"), by=alice)
    assert (row.outcome, row.ticket, row.message and row.message.seq) == ("message", ticket, 2)
    assert Event.objects.get(name="mail.released").actor_id == alice.pk


def test_what_a_killed_process_left_behind_is_read_by_the_next_drain(mailbox: Mailbox) -> None:
    row, _is_new = email_in.store(compose(), mailbox)
    assert (row.outcome, Ticket.objects.count(), Job.objects.count()) == ("stored", 0, 1)
    jobs.drain()
    row.refresh_from_db()
    assert (row.outcome, row.ticket_id) == ("ticket", Ticket.objects.get().pk)
    assert email_in.process(row.pk).outcome == "ticket"
    assert Message.objects.count() == 1


def test_a_poisoned_mail_is_one_visible_failure_and_holds_nothing_up(mailbox: Mailbox) -> None:
    row, _is_new = email_in.store(compose(), mailbox)
    other, _is_new = email_in.store(compose("Fine."), mailbox)
    (Path(settings.MAIL_ROOT) / row.path).unlink()
    jobs.drain()
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.outcome, row.reason) == ("failed", "filenotfounderror")
    assert other.outcome == "ticket"


def test_an_unknown_mailbox_ends_with_67_and_stores_nothing(mailbox: Mailbox) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("receive_mail", mailbox="nobody@acme.example")
    assert refused.value.returncode == 67
    assert RawMail.objects.count() == 0


def test_storage_that_is_down_ends_with_75_and_stores_nothing(
    pipe: Pipe, mailbox: Mailbox, settings: object, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    settings.MAIL_ROOT = tmp_path / "file"  # type: ignore[attr-defined]
    with pytest.raises(CommandError) as refused:
        pipe(compose())
    assert refused.value.returncode == 75
    assert RawMail.objects.count() == 0


def test_a_wrong_call_ends_with_64() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "receive_mail"],
        cwd=MAILS.parents[1],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        input=b"",
        capture_output=True,
    )
    assert done.returncode == 64, done.stderr.decode()
    assert done.stdout == b""


@pytest.mark.django_db(transaction=True)
def test_several_readers_of_the_same_mails_make_each_one_once(technical: Queue, billing: Queue) -> None:
    """Six threads over four mails, one of them twice under two mailboxes."""
    boxes = [
        Mailbox.objects.create(queue=queue, address=f"{queue.slug}@acme.example") for queue in (technical, billing)
    ]
    raws = [compose(f"Mail {number}", message_id=f"<{number}@example.com>") for number in range(3)]
    rows = [email_in.store(raw, boxes[0])[0] for raw in raws]
    rows.append(email_in.store(raws[0], boxes[1])[0])

    def read_all() -> None:
        try:
            for row in rows:
                email_in.process(row.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=read_all) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Message.objects.values_list("body", flat=True)) == ["Mail 0", "Mail 1", "Mail 2"]
    assert sorted(RawMail.objects.values_list("outcome", flat=True)) == ["duplicate", "ticket", "ticket", "ticket"]
