"""Mailboxes watched as they fill: an IMAP connection each that hears of new mail (IDLE), polling where a server cannot.

`serve` and `worker` start one `Watchers`. Several processes share the mailboxes by a lease on `MailboxState`; were two
ever to fetch the same one, only work would be doubled (`imap`).
"""

import contextlib
import random
import threading
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import close_old_connections, connections
from imapclient import IMAPClient

from tickets import mailboxes
from tickets.channels import imap
from tickets.models import Mailbox

log = structlog.get_logger(__name__)
LOOK_SECONDS = 5
# How soon a watcher notices that it is to stop
STEP_SECONDS = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 5, 600


class Watchers(threading.Thread):
    """Starts a watcher for every mailbox that nobody watches, and ends those whose mailbox changed or was switched off."""

    def __init__(self) -> None:
        super().__init__(name="mail-watchers", daemon=True)
        self._stop_asked = threading.Event()
        self._watchers: dict[int, Watcher] = {}

    def run(self) -> None:
        while not self._stop_asked.is_set():
            try:
                close_old_connections()
                self._look()
            except Exception as error:
                log.warning("mail.watchers_failed", error=type(error).__name__)
            finally:
                connections.close_all()
            self._stop_asked.wait(LOOK_SECONDS)

    def _look(self) -> None:
        wanted = {mailbox.pk: mailbox for mailbox in imap.watched()} if settings.MAIL_WATCHERS else {}
        for pk, watcher in list(self._watchers.items()):
            if pk not in wanted or _setup(wanted[pk]) != watcher.setup:
                watcher.stop()
            if not watcher.is_alive():
                del self._watchers[pk]
        for pk, mailbox in wanted.items():
            if pk in self._watchers or len(self._watchers) >= settings.MAIL_WATCHERS:
                continue
            name = mailboxes.holder()
            if mailboxes.take(mailbox, name, settings.MAIL_LEASE_SECONDS):
                self._watchers[pk] = Watcher(mailbox, name)
                self._watchers[pk].start()

    def stop(self) -> None:
        """End all of them; a mail that is just being stored is stored and moved first."""
        self._stop_asked.set()
        deadline = time.monotonic() + 8
        for watcher in list(self._watchers.values()):
            watcher.stop()
        if self.is_alive():  # it may be starting one more at this moment
            self.join(2)
        for watcher in list(self._watchers.values()):
            watcher.stop()
            watcher.join(max(0.0, deadline - time.monotonic()))


def _setup(mailbox: Mailbox) -> tuple[object, ...]:
    """What a connection depends on: when it changes, a new one is made."""
    names = ("host", "port", "security", "user", "secret", "folder", "done_folder")
    return tuple(getattr(mailbox, f"imap_{name}") for name in names)


class Watcher(threading.Thread):
    """One mailbox: fetch what is there, wait for news, fetch again; after a failure pause, longer each time."""

    def __init__(self, mailbox: Mailbox, holder: str) -> None:
        super().__init__(name=f"mail-{mailbox.pk}", daemon=True)
        self.mailbox, self.holder, self.setup = mailbox, holder, _setup(mailbox)
        self._stop_asked = threading.Event()
        self._renewed = time.monotonic()
        self._failures = 0

    def stop(self) -> None:
        self._stop_asked.set()

    def run(self) -> None:
        try:
            while not self._stop_asked.is_set() and self._keeps():
                self._watch()
        finally:
            with contextlib.suppress(Exception):
                mailboxes.let_go(self.mailbox, self.holder)
            connections.close_all()

    def _watch(self) -> None:
        """One connection, from log-in to its end."""
        summary = imap.Summary(self.mailbox.address)
        try:
            with imap.connect(self.mailbox) as client:
                self._stay(client, summary)
        except Exception as error:  # the server's, the network's or the database's: all of them pass
            self._failures += 1
            imap.note_failure(self.mailbox, summary, error)
            self._pause()

    def _stay(self, client: IMAPClient, summary: imap.Summary) -> None:
        hears = client.has_capability("IDLE")
        while not self._stop_asked.is_set() and self._keeps():
            summary.error = ""
            imap.drain(client, self.mailbox, summary, read=False, goes_on=self._goes_on)
            self._failures = 0
            connections.close_all()  # a connection to the database is not held while nothing happens
            if hears:
                self._listen(client)
            elif not self._wait(settings.MAIL_POLL_SECONDS):
                return

    def _listen(self, client: IMAPClient) -> None:
        """Until the server speaks of new mail, or long enough that it is asked whether it still lives."""
        client.idle()
        try:
            self._wait(settings.MAIL_IDLE_SECONDS, lambda: _is_news(client.idle_check(timeout=STEP_SECONDS)))
        finally:
            client.idle_done()

    def _goes_on(self) -> bool:
        """Between two mails of a long pass: not asked to stop, and still the one who fetches."""
        return not self._stop_asked.is_set() and self._keeps()

    def _pause(self) -> None:
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (self._failures - 1)) * random.uniform(0.8, 1.2)
        self._wait(pause)

    def _wait(self, seconds: float, is_over: Callable[[], bool] | None = None) -> bool:
        """False when it ended because of a stop or a lost lease."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._stop_asked.is_set() or not self._keeps():
                return False
            if is_over is None:
                self._stop_asked.wait(min(STEP_SECONDS, max(0.0, end - time.monotonic())))
            elif is_over():
                return True
        return True

    def _keeps(self) -> bool:
        """Whether the lease is still ours, renewed when a third of it is over. A database that is away is waited for."""
        if time.monotonic() - self._renewed < settings.MAIL_LEASE_SECONDS / 3:
            return True
        try:
            is_ours = mailboxes.take(self.mailbox, self.holder, settings.MAIL_LEASE_SECONDS)
        except Exception as error:
            log.warning("mail.lease_failed", mailbox=self.mailbox.pk, error=type(error).__name__)
            connections.close_all()
            return True
        self._renewed = time.monotonic()
        return is_ours


def _is_news(answers: list[tuple[object, ...]]) -> bool:
    """EXISTS: there is more mail than before. Anything else (a keep-alive, a flag, a mail gone) is none."""
    return any(len(answer) > 1 and answer[1] == b"EXISTS" for answer in answers)
