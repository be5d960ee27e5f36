"""Mailboxes watched over real IMAP servers: told of new mail at once, shared by a lease, back after an outage, then ended."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from imapclient import IMAPClient

from helpdesk.lib import sealed
from tests import servers
from tests.servers import Imap
from tests.tickets.channels.conftest import compose
from tickets import mailboxes
from tickets.channels import imap, watching
from tickets.channels.watching import Watchers
from tickets.models import Mailbox, MailboxState, Queue, RawMail

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]


@pytest.fixture(params=["IDLE", "polling"])
def server(request: pytest.FixtureRequest, settings: Any) -> Iterator[Imap]:
    settings.MAIL_POLL_SECONDS = 1
    with servers.dovecot(lacks="" if request.param == "IDLE" else "IDLE MOVE") as found:
        yield found


@pytest.fixture
def quick(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(watching, "FIRST_PAUSE", 0.2)
    monkeypatch.setattr(watching, "STEP_SECONDS", 0.2)


def mailbox_of(server: Imap, queue: Queue) -> Mailbox:
    return Mailbox.objects.create(
        queue=queue,
        address="support@acme.example",
        imap_host=server.host,
        imap_port=server.port,
        imap_security="none",
        imap_user=server.user,
        imap_secret=sealed.seal(server.password),
    )


def deliver(server: Imap, raw: bytes) -> None:
    with IMAPClient(server.host, port=server.port, ssl=False) as client:
        client.login(server.user, server.password)
        client.append("INBOX", raw)


def count(server: Imap, folder: str) -> int:
    with IMAPClient(server.host, port=server.port, ssl=False) as client:
        client.login(server.user, server.password)
        return int(client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"])


def until(is_so: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.05)
    return False


def test_new_mail_is_taken_in_as_it_comes_by_one_of_two_processes(quick: None, server: Imap, billing: Queue) -> None:
    mailbox = mailbox_of(server, billing)
    deliver(server, compose())
    both = [Watchers(), Watchers()]
    try:
        for watchers in both:
            watchers.start()
        assert until(lambda: RawMail.objects.count() == 1)
        assert until(lambda: MailboxState.objects.filter(last_seen_at__isnull=False).exists())
        deliver(server, compose("Second.", message_id="<2@example.com>"))
        assert until(lambda: RawMail.objects.count() == 2)
        assert until(lambda: count(server, "Guichet") == 2)
        assert sum(len(watchers._watchers) for watchers in both) == 1
        assert mailboxes.held() == [mailbox.pk]
    finally:
        began = time.monotonic()
        for watchers in both:
            watchers.stop()
        assert time.monotonic() - began < 10
    assert mailboxes.held() == []
    assert count(server, "INBOX") == 0


def test_after_an_outage_it_comes_back_by_itself_and_says_meanwhile_what_is_wrong(
    quick: None, billing: Queue, imap: Imap
) -> None:
    mailbox = mailbox_of(imap, billing)
    Mailbox.objects.filter(pk=mailbox.pk).update(imap_secret=sealed.seal("wrong"))
    watchers = Watchers()
    try:
        watchers.start()
        assert until(lambda: MailboxState.objects.filter(imap_error="login_refused").exists())
        Mailbox.objects.filter(pk=mailbox.pk).update(imap_secret=sealed.seal(imap.password))
        assert until(lambda: MailboxState.objects.filter(imap_error="", last_seen_at__isnull=False).exists())
        Mailbox.objects.filter(pk=mailbox.pk).update(is_active=False)
        assert until(lambda: mailboxes.held() == [])
    finally:
        watchers.stop()


def test_a_watched_mailbox_is_not_polled_and_one_nobody_watches_is(billing: Queue, imap_server: Imap) -> None:
    from helpdesk.jobs.models import Job

    mailbox = mailbox_of(imap_server, billing)
    assert mailboxes.take(mailbox, "somebody", 60) is True
    assert mailboxes.take(mailbox, "somebody else", 60) is False
    imap.poll()
    assert Job.objects.filter(task__endswith="fetch_one").count() == 0
    mailboxes.let_go(mailbox, "somebody")
    imap.poll()
    assert Job.objects.filter(task__endswith="fetch_one").count() == 1


@pytest.fixture
def imap_server(request: pytest.FixtureRequest) -> Imap:
    found: Imap = request.getfixturevalue("imap")
    return found
