"""Fetching over a real IMAP server: stored and committed first, moved afterwards, never lost and never doubled."""

import contextlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from imapclient import IMAPClient

from helpdesk.jobs import outbox as jobs
from helpdesk.jobs.models import Job
from helpdesk.lib import clock, sealed
from tests.servers import Imap
from tests.tickets.channels.conftest import compose
from tickets import mailboxes
from tickets.channels import email_in, imap
from tickets.models import Mailbox, MailboxState, Message, Queue, RawMail, Ticket

pytestmark = pytest.mark.django_db
Server = Imap


@pytest.fixture
def account(imap: Server) -> Iterator[IMAPClient]:
    """The customer's side of the server: an empty INBOX to deliver into."""
    with IMAPClient(imap.host, port=imap.port, ssl=False) as client:
        client.login(imap.user, imap.password)
        for folder in ("INBOX", "Guichet"):
            if client.folder_exists(folder):
                client.select_folder(folder)
                if uids := client.search():
                    client.delete_messages(uids)
                    client.expunge()
                client.close_folder()
        yield client


@pytest.fixture
def fetched(imap: Server, billing: Queue) -> Mailbox:
    return Mailbox.objects.create(
        queue=billing,
        address="support@acme.example",
        imap_host=imap.host,
        imap_port=imap.port,
        imap_security="none",
        imap_user=imap.user,
        imap_secret=sealed.seal(imap.password),
    )


def count(account: IMAPClient, folder: str) -> int:
    return int(account.folder_status(folder, ["MESSAGES"])[b"MESSAGES"])


def run(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    call_command("fetch_mail", once=True)
    summary: dict[str, Any] = json.loads(capsys.readouterr().out)
    return summary


def test_one_pass_stores_reads_and_moves(
    account: IMAPClient, fetched: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    account.append("INBOX", compose("First."))
    account.append("INBOX", compose("Second.", message_id="<2@example.com>"))
    assert run(capsys) == {
        "fetched": 2,
        "stored": 2,
        "duplicates": 0,
        "errors": 0,
        "mailboxes": [
            {"mailbox": "support@acme.example", "fetched": 2, "stored": 2, "duplicates": 0, "error": ""},
        ],
    }
    assert sorted(Message.objects.values_list("body", flat=True)) == ["First.", "Second."]
    assert (count(account, "INBOX"), count(account, "Guichet")) == (0, 2)
    assert all(":" in uid for uid in RawMail.objects.values_list("uid", flat=True))
    assert run(capsys)["fetched"] == 0


def test_killed_after_storing_and_before_moving_nothing_is_lost_or_doubled(
    account: IMAPClient, fetched: Mailbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account.append("INBOX", compose())

    class Killed(BaseException):
        pass

    def die(*_args: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(imap, "_put_away", die)
        with pytest.raises(Killed):
            imap.fetch(fetched)
    assert (RawMail.objects.get().outcome, count(account, "INBOX")) == ("stored", 1)
    jobs.drain()
    summary = run(capsys)
    assert (summary["stored"], summary["duplicates"]) == (0, 1)
    assert (Ticket.objects.count(), Message.objects.count(), RawMail.objects.count()) == (1, 1, 1)
    assert (count(account, "INBOX"), count(account, "Guichet")) == (0, 1)


def test_storage_that_is_down_leaves_the_mail_on_the_server(
    account: IMAPClient, fetched: Mailbox, capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Any
) -> None:
    account.append("INBOX", compose())
    (tmp_path / "file").write_text("no folder")
    settings.MAIL_ROOT = tmp_path / "file"
    assert run(capsys)["errors"] == 1
    assert (RawMail.objects.count(), count(account, "INBOX")) == (0, 1)
    settings.MAIL_ROOT = tmp_path / "mail"
    assert run(capsys)["stored"] == 1
    assert Ticket.objects.count() == 1


def test_a_mailbox_that_fails_does_not_hold_up_the_next(
    account: IMAPClient, fetched: Mailbox, billing: Queue, capsys: pytest.CaptureFixture[str]
) -> None:
    Mailbox.objects.filter(pk=fetched.pk).update(imap_secret=sealed.seal("wrong"))
    second = Mailbox.objects.create(
        queue=billing,
        address="second@acme.example",
        imap_host=fetched.imap_host,
        imap_port=fetched.imap_port,
        imap_security="none",
        imap_user=fetched.imap_user,
        imap_secret=fetched.imap_secret,
    )
    account.append("INBOX", compose())
    summary = run(capsys)
    assert [(entry["mailbox"], entry["stored"], entry["error"]) for entry in summary["mailboxes"]] == [
        ("support@acme.example", 0, "login_refused"),
        (second.address, 1, ""),
    ]


def test_without_encryption_no_password_is_sent(account: IMAPClient, fetched: Mailbox) -> None:
    for security, expected in (("starttls", "no_starttls"), ("ssl", "tls_failed")):
        fetched.imap_security = security
        assert imap.fetch(fetched).error == expected
    assert RawMail.objects.count() == 0


def test_a_server_that_is_away_is_said_so(fetched: Mailbox) -> None:
    fetched.imap_port = 1
    assert imap.fetch(fetched).error == "refused"


def test_a_poisoned_mail_is_put_away_and_the_next_one_is_read(account: IMAPClient, fetched: Mailbox) -> None:
    account.append("INBOX", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 5_000)
    account.append("INBOX", compose())
    summary = imap.fetch(fetched)
    assert (summary.stored, summary.error) == (2, "")
    assert sorted(RawMail.objects.values_list("outcome", "reason")) == [("quarantined", "no_sender"), ("ticket", "")]


def test_two_fetchers_at_once_make_one_message(account: IMAPClient, fetched: Mailbox) -> None:
    account.append("INBOX", compose())
    with contextlib.ExitStack() as stack:
        first, second = (stack.enter_context(imap.connect(fetched)) for _ in range(2))
        for client in (first, second):
            client.select_folder("INBOX")
        (uid,) = first.search()
        for client in (first, second):
            raw = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
            row, _is_new = email_in.store(raw, fetched)
            email_in.process(row.pk)
        for client in (first, second):
            if not client.folder_exists("Guichet"):
                client.create_folder("Guichet")
            imap._put_away(client, uid, "Guichet")
    assert (Message.objects.count(), count(account, "INBOX"), count(account, "Guichet")) == (1, 0, 1)


def test_without_a_done_folder_mail_stays_and_what_somebody_read_elsewhere_is_not_missed(
    account: IMAPClient, fetched: Mailbox
) -> None:
    Mailbox.objects.filter(pk=fetched.pk).update(imap_done_folder="")
    fetched.refresh_from_db()
    account.append("INBOX", compose("Old.", message_id="<0@example.com>"), flags=[rb"\Seen"])
    account.append("INBOX", compose())
    assert imap.fetch(fetched).stored == 1
    account.append("INBOX", compose("Second.", message_id="<2@example.com>"), flags=[rb"\Seen"])
    assert imap.fetch(fetched).stored == 1
    assert imap.fetch(fetched).fetched == 0
    assert (count(account, "INBOX"), RawMail.objects.count()) == (3, 2)


def test_a_mailbox_that_was_rebuilt_doubles_and_skips_nothing(account: IMAPClient, fetched: Mailbox) -> None:
    """The server numbers its mail anew (UIDVALIDITY): all since the first pass is looked at again, and known by content."""
    Mailbox.objects.filter(pk=fetched.pk).update(imap_done_folder="", imap_folder="Rebuilt")
    fetched.refresh_from_db()
    first = [compose(), compose("Second.", message_id="<2@example.com>")]
    for mails in (first, [*first, compose("Third.", message_id="<3@example.com>")]):
        if account.folder_exists("Rebuilt"):
            account.delete_folder("Rebuilt")
        account.create_folder("Rebuilt")
        for raw in mails:
            account.append("Rebuilt", raw, flags=[rb"\Seen"] if mails is not first else [])
        summary = imap.fetch(fetched)
        assert summary.error == ""
    account.delete_folder("Rebuilt")
    assert (summary.fetched, summary.stored, summary.duplicates) == (3, 1, 2)
    assert Message.objects.count() == 3


def test_a_mail_beyond_all_measure_leaves_its_headers_and_a_word(
    account: IMAPClient, fetched: Mailbox, settings: Any
) -> None:
    settings.MAIL_FETCH_MAX_BYTES = 5000
    account.append("INBOX", compose("x" * 6000))
    account.append("INBOX", compose("Small.", message_id="<2@example.com>"))
    assert imap.fetch(fetched).stored == 2
    large, small = Message.objects.order_by("pk")
    assert (large.ticket.subject, small.body) == ("Invoice", "Small.")
    assert large.body.startswith("This mail is too large to be taken in")
    assert (count(account, "INBOX"), count(account, "Guichet")) == (0, 2)


def test_a_folder_that_takes_nothing_is_said_so_and_mail_is_still_read(account: IMAPClient, fetched: Mailbox) -> None:
    Mailbox.objects.filter(pk=fetched.pk).update(imap_done_folder="bad\x01name/..")
    fetched.refresh_from_db()
    account.append("INBOX", compose())
    account.append("INBOX", compose("Second.", message_id="<2@example.com>"))
    summary = imap.fetch(fetched)
    assert (summary.stored, summary.error) == (2, "move_failed")
    assert MailboxState.objects.get(mailbox=fetched).imap_error == "move_failed"
    assert (Message.objects.count(), count(account, "INBOX")) == (2, 2)
    again = imap.fetch(fetched)
    assert (again.stored, again.duplicates) == (0, 2)


def test_a_mailbox_with_a_backlog_waits_for_its_readers(
    account: IMAPClient, fetched: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the mail of others is read between its own."""
    monkeypatch.setattr(imap, "TOGETHER", 1)
    monkeypatch.setattr(imap, "AHEAD", 2)
    for number in range(5):
        account.append("INBOX", compose(f"Lamp {number}.", message_id=f"<{number}@example.com>"))
    summary = imap.Summary(fetched.address)
    waiting, asked_at = [], [-1]

    def goes_on() -> bool:
        waiting.append(email_in.waiting(fetched, 10))
        if asked_at[-1] == summary.fetched:  # it fetches nothing: now somebody reads
            jobs.drain()
        asked_at.append(summary.fetched)
        return True

    with imap.connect(fetched) as client:
        imap.drain(client, fetched, summary, read=False, goes_on=goes_on)
    assert (summary.stored, max(waiting)) == (5, 2)


def fetch_jobs() -> list[dict[str, Any]]:
    return [job.args for job in Job.objects.filter(task__endswith="imap.fetch_one").order_by("pk")]


def test_a_job_gives_its_worker_back_after_a_turn_and_the_next_goes_on(
    account: IMAPClient, fetched: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "TOGETHER", 2)
    monkeypatch.setattr(imap, "TURN_MAILS", 4)
    for number in range(9):
        account.append("INBOX", compose(f"Lamp {number}.", message_id=f"<{number}@example.com>"))
    imap.poll()
    validity = account.folder_status("INBOX", ["UIDVALIDITY"])[b"UIDVALIDITY"]
    turns = []
    for expected in (4, 8, 9):
        (job,) = Job.objects.filter(task__endswith="imap.fetch_one")
        turns.append(job.args.get("turn", 0))
        jobs.run(job.pk)
        assert RawMail.objects.count() == expected
        imap.poll()  # no second pass is begun beside it
    assert (turns, len(fetch_jobs())) == ([0, 1, 2], 1)
    assert (mailboxes.held(), fetch_jobs()) == ([], [{"mailbox_id": fetched.pk}])
    jobs.drain()
    assert Message.objects.count() == 9
    assert [raw.uid.partition(":")[0] for raw in RawMail.objects.all()] == [str(validity)] * 9
    assert (count(account, "INBOX"), count(account, "Guichet")) == (0, 9)


def test_mail_that_cannot_be_moved_holds_up_no_turn(
    account: IMAPClient, fetched: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "TOGETHER", 1)
    monkeypatch.setattr(imap, "TURN_MAILS", 2)

    def refuse(*_args: object) -> None:
        raise imap._NotMoved("no")

    monkeypatch.setattr(imap, "_put_away", refuse)
    for number in range(5):
        account.append("INBOX", compose(message_id=f"<{number}@example.com>"))
    imap.poll()
    jobs.drain()
    assert (RawMail.objects.count(), fetch_jobs(), mailboxes.held()) == (5, [], [])
    assert MailboxState.objects.get(mailbox=fetched).imap_error == "move_failed"


def test_a_turn_waits_for_readers_that_are_behind(
    account: IMAPClient, fetched: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("TOGETHER", 1), ("AHEAD", 2)):
        monkeypatch.setattr(imap, name, value)
    for number in range(4):
        account.append("INBOX", compose(message_id=f"<{number}@example.com>"))
    imap.poll()
    for stored in (2, 2):
        (job,) = Job.objects.filter(task__endswith="imap.fetch_one")
        with clock.pretend(clock.now() + timedelta(seconds=2)):
            jobs.run(job.pk)
        assert RawMail.objects.count() == stored
    assert job.args["turn"] == 1
    for turn in range(1, 4):
        with clock.pretend(clock.now() + timedelta(seconds=10 * turn)):
            jobs.drain()
    assert (RawMail.objects.count(), fetch_jobs(), mailboxes.held()) == (4, [], [])


def test_a_mailbox_whose_mail_nobody_reads_is_fetched_all_the_same(
    account: IMAPClient, fetched: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("TOGETHER", 1), ("AHEAD", 1), ("PATIENCE_SECONDS", 0)):
        monkeypatch.setattr(imap, name, value)
    for number in range(3):
        account.append("INBOX", compose(message_id=f"<{number}@example.com>"))
    summary = imap.Summary(fetched.address)
    with imap.connect(fetched) as client:
        imap.drain(client, fetched, summary, read=False)
    assert (summary.stored, email_in.waiting(fetched, 10), count(account, "INBOX")) == (3, 3, 0)
