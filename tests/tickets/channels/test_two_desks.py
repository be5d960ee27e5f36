"""Two installations, each with a database, a worker and a mailbox of its own, that acknowledge each other's mail.

Between them stands a real mail server, behind them real mailboxes. They stop by themselves: after one mail where both see
what a machine wrote, after three each where a gateway between them takes every mark of a machine away.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import mta, servers
from tests.certificates import Authority
from tests.mta import Mta
from tests.servers import Imap
from tests.tickets.channels.conftest import compose

HOME = Path(__file__).resolve().parents[3]
QUIET_SECONDS = 3
SET_UP = """
from helpdesk.lib import sealed
from helpdesk.people.models import Team
from tickets.models import Mailbox, Queue
team = Team.objects.create(name="Desk", slug="desk")
queue = Queue.objects.create(name="Desk", slug="desk", team=team, is_default=True)
for address in {addresses}:
    Mailbox.objects.create(
        queue=queue, address=address, imap_host="localhost", imap_port={imap_port}, imap_security="ssl",
        imap_user=address, imap_secret=sealed.seal({imap_secret!r}), smtp_host="localhost", smtp_port={smtp_port},
        smtp_security="starttls", smtp_user={smtp_user!r}, smtp_secret=sealed.seal({smtp_secret!r}),
    )
"""


@dataclass(frozen=True)
class Installation:
    """One help desk: its folder and how its commands are called."""

    home: Path
    env: dict[str, str]

    def run(self, *command: str) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=HOME, env=self.env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-2000:]

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        with (self.home / "worker.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "worker"], cwd=HOME, env=self.env, stdout=log, stderr=log
            )
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)

    def count(self, rows: str) -> int:
        with contextlib.closing(sqlite3.connect(f"file:{self.home}/guichet.sqlite3?mode=ro", uri=True)) as database:
            (found,) = database.execute(f"SELECT count(*) FROM {rows}").fetchone()
        return int(found)


def desk(
    home: Path, addresses: list[str], server: Mta, imap: Imap, authority: Authority, *, empty: Path | None = None
) -> Installation:
    """`empty`: a database that is migrated already. The key is each one's own."""
    home.mkdir()
    if empty is not None:
        shutil.copy(empty, home / "guichet.sqlite3")
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    env |= {
        "GUICHET_VAR": str(home),
        "DJANGO_SETTINGS_MODULE": "helpdesk.settings",
        "MAIL_CA_FILE": str(authority.file),
        "MAIL_NETWORKS": "127.0.0.0/8",
        "MAIL_AUTHSERV_IDS": "mx.test",
        "MAIL_POLL_SECONDS": "1",
    }
    made = Installation(home, env)
    if empty is None:
        made.run("migrate", "-v0")
        shutil.copy(home / "guichet.sqlite3", home / "empty.sqlite3")
    given = {"imap_port": imap.tls_port, "imap_secret": imap.password, "smtp_port": server.port}
    given |= {"smtp_user": server.user, "smtp_secret": server.password, "addresses": addresses}
    made.run("shell", "-v0", "-c", SET_UP.format(**given))
    return made


def settle(server: Mta, least: int) -> int:
    """How many mails went over the server when at least so many had and then for some seconds none any more."""
    deadline, quiet_since, seen = time.monotonic() + 90, time.monotonic(), -1
    while time.monotonic() < deadline:
        if (now := server.taken()) != seen:
            seen, quiet_since = now, time.monotonic()
        if seen >= least and time.monotonic() - quiet_since > QUIET_SECONDS:
            return seen
        time.sleep(0.1)
    return seen


@pytest.mark.timeout(300)
def test_two_installations_that_answer_each_other_stop_by_themselves(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    authority = Authority(tmp_path)
    pair = authority.issue("mx", "localhost")
    ours = ["support@a.example", "careless@a.example"]
    theirs = ["help@b.example", "careless@b.example"]
    with (
        mta.exim([*ours, *theirs], pair, is_proving=True) as server,
        servers.dovecot(ours[0], tls=pair, mail=server.mail, others=[ours[1], *theirs]) as imap,
    ):
        one = desk(tmp_path / "one", ours, server, imap, authority)
        other = desk(tmp_path / "other", theirs, server, imap, authority, empty=tmp_path / "one" / "empty.sqlite3")
        with one.working(), other.working():
            server.hand_in(
                compose("Hello.", sender=theirs[0], to=ours[0], message_id="<first@b.example>"),
                sender=theirs[0],
                to=[ours[0]],
            )
            # The mail itself and one receipt, which the other desk files and leaves unanswered
            assert settle(server, 2) == 2
            assert (one.count("tickets_ticket"), other.count("tickets_ticket")) == (1, 0)
            held = "tickets_rawmail WHERE outcome = 'quarantined' AND reason = 'auto_reply'"
            assert (one.count(held), other.count(held)) == (0, 1)

            server.hand_in(
                compose("Hello.", sender=theirs[1], to=ours[1], message_id="<second@b.example>"),
                sender=theirs[1],
                to=[ours[1]],
            )
            # Three receipts each, then both are silent although nothing tells them that it is a machine
            assert settle(server, 9) == 9
            assert (one.count("tickets_receipt"), other.count("tickets_receipt")) == (4, 3)
            assert (one.count("tickets_ticket"), other.count("tickets_ticket")) == (5, 3)
        assert server.queued() == 0
