"""A reply on its way out: held a moment, taken back in time, one delivery per recipient, tried again, shown when it fails."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from helpdesk.events.models import Event
from helpdesk.jobs import outbox as jobs
from helpdesk.lib import clock, sealed
from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, User
from tests import factories, servers
from tests.certificates import Authority
from tests.conftest import Api
from tests.servers import SmtpSink
from tests.tickets.channels.conftest import outbox
from tickets import attachments, conversation, deliveries, sending
from tickets.channels import email_out
from tickets.conversation import Line
from tickets.models import Delivery, Mailbox, MailboxState, Message, Participant, Queue, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Any) -> None:
    settings.EMAIL_BACKEND = "helpdesk.lib.mail.OutboxBackend"
    settings.OUTBOX_ROOT, settings.MAIL_ROOT = tmp_path / "outbox", tmp_path / "mail"
    settings.JOBS_HAND_OVER, settings.UNSEND_SECONDS = False, 10


@pytest.fixture
def mailbox(billing: Queue) -> Mailbox:
    return Mailbox.objects.create(queue=billing, address="support@acme.example", name="Acme Support")


@pytest.fixture
def ticket(mailbox: Mailbox, dana: Customer, alice: User) -> Ticket:
    made = factories.make_ticket(dana, queue=mailbox.queue, channel="email", reply_address="dana@example.com")
    jobs.drain()
    return made


@pytest.fixture
def now() -> Iterator[datetime]:
    moment = timezone.now()
    with clock.pretend(moment):
        yield moment


def post(api: Api, who: User, ticket: Ticket, **given: Any) -> Any:
    body = {"kind": "public", "body": "We have corrected it.", "origin_id": str(uuid.uuid4()), **given}
    return api(who).post(f"/api/v1/tickets/{ticket.pk}/messages/", body, format="json")


def unsend(api: Api, who: User, ticket: Ticket, seq: int) -> Any:
    return api(who).post(f"/api/v1/tickets/{ticket.pk}/messages/{seq}/unsend/", {}, format="json")


def answers() -> list[str]:
    return [str(found["To"]) for found in outbox() if found["Auto-Submitted"] is None]


def test_a_reply_waits_ten_seconds_and_says_so(api: Api, alice: User, bob: User, ticket: Ticket, now: datetime) -> None:
    made = post(api, alice, ticket).json()
    assert (made["leaves_at"], made["can_unsend"]) == ((now + timedelta(seconds=10)).isoformat(), True)
    assert [(row["state"], row["kind"], row["text"]) for row in made["deliveries"]] == [("queued", "to", "")]
    url = f"/api/v1/tickets/{ticket.pk}/messages/{made['seq']}/"
    assert api(bob).get(url).json()["can_unsend"] is False
    jobs.drain()
    assert answers() == []
    assert ticket.messages.public().count() == 1  # the customer does not see it yet
    with clock.pretend(now + timedelta(seconds=11)):
        jobs.drain()
        after = api(alice).get(url).json()
        assert ticket.messages.public().count() == 2
    assert (after["leaves_at"], after["can_unsend"], after["deliveries"][0]["state"]) == (None, False, "sent")
    assert answers() == ["dana@example.com"]


def test_taken_back_in_time_it_is_the_draft_again_and_nothing_leaves(
    api: Api, alice: User, ticket: Ticket, now: datetime
) -> None:
    before: dict[str, Any] = {**Ticket.objects.filter(pk=ticket.pk).values()[0]}
    file = attachments.store(b"%PDF-1.4 x", "a.pdf", uploader=f"user:{alice.pk}")
    made = post(api, alice, ticket, attachments=[str(file.pk)], status="solved").json()
    assert Ticket.objects.filter(pk=ticket.pk, status="solved").exists()
    back = unsend(api, alice, ticket, made["seq"])
    assert back.status_code == 200, back.content
    given = back.json()
    assert (given["draft"]["reply"], [one["id"] for one in given["attachments"]]) == (
        "We have corrected it.",
        [str(file.pk)],
    )
    assert (given["message"]["kind"], given["message"]["body"], given["message"]["deliveries"]) == ("note", "", [])
    assert given["message"]["unsent_at"] is not None
    with clock.pretend(now + timedelta(hours=1)):
        jobs.drain()
    assert (answers(), Delivery.objects.count()) == ([], 0)
    after: dict[str, Any] = {**Ticket.objects.filter(pk=ticket.pk).values()[0]}
    same = ("last_public_seq", "preview", "last_message_at", "waiting_since", "first_replied_at", "solved_at")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert (after["status"], after["last_seq"]) == ("open", before["last_seq"] + 1)
    again = post(api, alice, ticket, attachments=[str(file.pk)])
    assert (again.status_code, again.json()["seq"]) == (201, made["seq"] + 1)
    assert Event.objects.filter(name="message.unsent", subject_id=ticket.pk).count() == 1


def test_what_cannot_be_taken_back_is_refused_and_nothing_changes(
    api: Api, alice: User, bob: User, charlie: User, rita: User, ticket: Ticket, now: datetime
) -> None:
    seq = post(api, alice, ticket).json()["seq"]
    note = post(api, alice, ticket, kind="note").json()["seq"]
    first = unsend(api, alice, ticket, note)
    assert (first.status_code, first.json()["code"]) == (409, "not_held")
    assert [unsend(api, who, ticket, seq).status_code for who in (bob, charlie, rita)] == [403, 404, 403]
    assert unsend(api, alice, ticket, 99).status_code == 404
    with clock.pretend(now + timedelta(seconds=10)):
        late = unsend(api, alice, ticket, seq)
    assert (late.status_code, late.json()["code"]) == (409, "already_left")
    assert Message.objects.get(ticket=ticket, seq=seq).body == "We have corrected it."
    assert Event.objects.filter(name="message.unsent").count() == 0
    assert unsend(api, alice, ticket, seq).status_code == 200
    twice = unsend(api, alice, ticket, seq)
    assert (twice.status_code, twice.json()["code"]) == (409, "already_unsent")


def test_whoever_comes_first_decides_the_one_who_sends_or_the_one_who_takes_back(
    api: Api, alice: User, ticket: Ticket, now: datetime
) -> None:
    """Another worker's clock is ahead: it has begun to send while our ten seconds still run."""
    seq = post(api, alice, ticket).json()["seq"]
    email_out.send(Delivery.objects.get().pk)
    assert answers() == ["dana@example.com"]
    late = unsend(api, alice, ticket, seq)
    assert (late.status_code, late.json()["code"]) == (409, "already_left")


def test_chat_is_not_held(api: Api, alice: User, mailbox: Mailbox, dana: Customer) -> None:
    chat = factories.make_ticket(dana, channel="chat", queue=mailbox.queue)
    made = post(api, alice, chat).json()
    assert (made["leaves_at"], made["can_unsend"], made["deliveries"]) == (None, False, [])
    assert chat.messages.public().count() == 2


def test_everybody_in_copy_gets_one_of_his_own_and_is_seen(
    api: Api, alice: User, ticket: Ticket, settings: Any, smtp: SmtpSink
) -> None:
    settings.UNSEND_SECONDS = 0
    boss = customers.create(Who(name="The Boss", email="boss@example.com"))
    Participant.objects.create(ticket=ticket, customer=boss, kind="cc")
    post(api, alice, ticket)
    jobs.drain()
    assert smtp.recipients == [["dana@example.com"], ["boss@example.com"]]
    texts = [raw.decode() for raw in smtp.messages]
    assert all("To: dana@example.com" in text and "Cc: boss@example.com" in text for text in texts)
    tokens = {line for text in texts for line in text.splitlines() if line.startswith("Reply-To:")}
    ids = {line for text in texts for line in text.splitlines() if line.startswith("Message-ID:")}
    assert (len(tokens), len(ids)) == (2, 1)
    nobody = post(api, alice, ticket, cc=[]).json()
    assert [row["address"] for row in nobody["deliveries"]] == ["dana@example.com"]
    other = post(api, alice, ticket, cc=["New@Example.com", "new@example.com"]).json()
    assert [(row["address"], row["kind"]) for row in other["deliveries"]] == [
        ("dana@example.com", "to"),
        ("new@example.com", "cc"),
    ]
    assert Participant.objects.filter(ticket=ticket, kind="cc").count() == 2
    for bad in ("no address", "support@acme.example"):
        refused = post(api, alice, ticket, cc=[bad])
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["cc"])
    assert ticket.messages.count() == 4


def test_one_recipient_who_is_refused_does_not_hold_up_the_other(
    api: Api, alice: User, ticket: Ticket, settings: Any, smtp: SmtpSink
) -> None:
    settings.UNSEND_SECONDS = 0
    smtp.refuse_to["boss@example.com"] = "550 5.1.1 no such user here"
    made = post(api, alice, ticket, cc=["boss@example.com"]).json()
    jobs.drain()
    url = f"/api/v1/tickets/{ticket.pk}/messages/{made['seq']}/"
    rows = api(alice).get(url, headers={"accept-language": "fr"}).json()["deliveries"]
    assert [(row["address"], row["state"], row["reason"], row["text"]) for row in rows] == [
        ("dana@example.com", "sent", "", ""),
        ("boss@example.com", "failed", "unknown_address", "Cette adresse n’existe pas."),
    ]
    assert rows[1]["error"] == "550 5.1.1 no such user here"
    smtp.refuse_to.clear()
    again = api(alice).post(f"{url}retry/", {}, format="json")
    assert again.status_code == 200
    jobs.drain()
    assert smtp.recipients == [["dana@example.com"], ["boss@example.com"]]
    nothing = api(alice).post(f"{url}retry/", {}, format="json")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_failed")


def test_pauses_grow_and_after_two_days_it_is_given_up(
    api: Api, alice: User, ticket: Ticket, settings: Any, smtp: SmtpSink, now: datetime
) -> None:
    settings.UNSEND_SECONDS, smtp.refuse = 0, "451 4.3.2 busy"
    post(api, alice, ticket)
    moment, pauses = now, []
    for _number in range(60):
        with clock.pretend(moment):
            jobs.drain()
        row = Delivery.objects.get()
        if row.next_try_at is None:
            break
        pauses.append((row.next_try_at - moment).total_seconds())
        moment = row.next_try_at
    assert (row.state, row.reason) == ("failed", "temporary")
    assert timedelta(hours=48) <= moment - now < timedelta(hours=51)
    assert all(24 * 2**n <= pause <= 36 * 2**n for n, pause in enumerate(pauses[:8]))
    assert max(pauses) <= 2 * 3600 * 1.2
    assert smtp.messages == []
    assert Event.objects.get(name="mail.failed").data == {"seq": 2, "reason": "temporary"}


def test_a_delivery_is_claimed_by_one_worker_and_outlives_a_dead_one(
    ticket: Ticket, alice: User, now: datetime
) -> None:
    factories.answer(ticket, alice)
    (delivery,) = Delivery.objects.all()
    assert [row.attempts for row in deliveries.claim([delivery])] == [1]
    with pytest.raises(deliveries.Busy):
        deliveries.claim([delivery])
    with clock.pretend(now + timedelta(seconds=121)):
        assert [row.attempts for row in deliveries.claim([delivery])] == [2]


def test_what_bounced_is_told_once(ticket: Ticket, alice: User, now: datetime) -> None:
    factories.answer(ticket, alice)
    with clock.pretend(now + timedelta(seconds=11)):
        jobs.drain()
    (delivery,) = Delivery.objects.all()
    for _time in range(2):
        deliveries.bounced(delivery, code="5.2.2", words="mailbox full")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, delivery.error) == ("bounced", "mailbox_full", "5.2.2 mailbox full")
    assert Event.objects.filter(name="mail.bounced").count() == 1


@pytest.mark.parametrize(("language", "house"), [("en", "Acme billing\n01 23"), ("fr", "Acme facturation\n01 23")])
def test_the_signature_is_the_queues_in_the_customers_language(
    api: Api, alice: User, ada: User, mailbox: Mailbox, settings: Any, language: str, house: str
) -> None:
    settings.UNSEND_SECONDS = 0
    given = {"signature": "Acme billing\n01 23", "signature_fr": "Acme facturation\n01 23"}
    assert api(ada).patch("/api/v1/signatures/billing/", given, format="json").json() == {
        "queue": {"slug": "billing", "name": "Billing"},
        **given,
    }
    assert api(alice).patch("/api/v1/signatures/billing/", {"signature": "x"}, format="json").status_code == 403
    who = Who(name="Zoé", email="zoe@example.com", locale=language)
    made = factories.make_ticket(
        who, queue=mailbox.queue, channel="web", language=language, reply_address="zoe@example.com"
    )
    factories.answer(made, alice)
    jobs.drain()
    sent = next(found for found in outbox() if found["Auto-Submitted"] is None)
    part = sent.get_body(("plain",))
    assert part is not None
    assert f"-- \nAlice Martin\n{house}\n" in str(part.get_content()).replace("\r\n", "\n")
    rich = sent.get_body(("html",))
    assert rich is not None
    assert house.splitlines()[0] in str(rich.get_content())
    assert sent["Content-Language"] == language


def test_a_mailbox_sends_through_its_own_server_with_its_certificate_checked(
    api: Api, alice: User, ticket: Ticket, mailbox: Mailbox, settings: Any, tmp_path: Any
) -> None:
    settings.UNSEND_SECONDS = 0
    authority = Authority(tmp_path)
    pair = authority.issue("good", "localhost")
    with servers.smtp(starttls=pair, user="support", password="smtp-secret") as sink:
        own = {"smtp_host": "localhost", "smtp_port": sink.port, "smtp_security": "starttls", "smtp_user": "support"}
        Mailbox.objects.filter(pk=mailbox.pk).update(**own, smtp_secret=sealed.seal("smtp-secret"))
        post(api, alice, ticket)
        jobs.drain()
        row = Delivery.objects.get()
        assert (row.state, row.reason, sink.messages) == ("queued", "certificate_untrusted", [])
        assert MailboxState.objects.get(mailbox=mailbox).smtp_error == "certificate_untrusted"
        settings.MAIL_CA_FILE = str(authority.file)
        with clock.pretend(clock.now() + timedelta(minutes=5)):
            jobs.drain()
        assert sink.recipients == [["dana@example.com"]]
    row.refresh_from_db()
    state = MailboxState.objects.get(mailbox=mailbox)
    assert (row.state, state.smtp_error, state.first_reply_at is not None) == ("sent", "", True)
    assert answers() == []


def test_a_server_that_hangs_up_after_it_took_the_mail_has_it_once(
    api: Api, alice: User, ticket: Ticket, settings: Any, smtp: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    import smtplib

    def hang_up(self: smtplib.SMTP) -> None:
        raise TimeoutError("no answer to QUIT")

    settings.UNSEND_SECONDS = 0
    monkeypatch.setattr(smtplib.SMTP, "quit", hang_up)
    post(api, alice, ticket)
    jobs.drain()
    assert (Delivery.objects.get().state, len(smtp.messages)) == ("sent", 1)


def test_a_redacted_reply_does_not_leave(alice: User, ticket: Ticket, now: datetime) -> None:
    message = factories.answer(ticket, alice)
    conversation.redact(message, by=alice)
    with clock.pretend(now + timedelta(seconds=11)):
        jobs.drain()
    assert answers() == []


def test_the_draft_that_was_there_stays_below_the_words_that_came_back(alice: User, ticket: Ticket) -> None:
    from tickets import drafts

    message = conversation.reply(ticket, Line(body="First."), by=alice)[0]
    drafts.keep(alice, ticket, reply="Second.", note="n")
    back = sending.unsend(ticket, message.seq, by=alice)
    assert (back.draft.reply, back.draft.note, back.draft.cc) == ("First.\n\nSecond.", "n", None)


def test_whom_the_author_had_in_copy_comes_back_with_the_words(alice: User, ticket: Ticket) -> None:
    for cc, kept in ((["paul@kunde.example"], None), ([], [])):
        message = conversation.reply(ticket, Line(body="To whom?", cc=cc), by=alice)[0]
        assert sending.unsend(ticket, message.seq, by=alice).draft.cc == kept
