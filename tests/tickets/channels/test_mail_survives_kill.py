"""The real commands as a mail server calls them, one of them killed by signal 9 between storing and reading."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tickets.channels.conftest import compose

HOME = Path(__file__).resolve().parents[3]
DESK = """
from helpdesk.people.models import Team
from tickets.models import Mailbox, Queue
team = Team.objects.create(name="Billing", slug="billing")
queue = Queue.objects.create(name="Billing", slug="billing", team=team, is_default=True)
Mailbox.objects.create(queue=queue, address="support@acme.example")
"""
KILLED = """
import os, signal, sys
import django
django.setup()
from tickets.channels import email_in
from tickets.models import Mailbox
email_in.store(sys.stdin.buffer.read(), Mailbox.objects.get())
os.kill(os.getpid(), signal.SIGKILL)
"""


def run(home: Path, *command: str, sent: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    env |= {"GUICHET_VAR": str(home), "DJANGO_SETTINGS_MODULE": "helpdesk.settings", "JOBS_HAND_OVER": "false"}
    return subprocess.run([sys.executable, *command], cwd=HOME, env=env, input=sent, capture_output=True)


@pytest.mark.timeout(300)
def test_a_mail_whose_reader_was_killed_is_read_by_the_next_drain(tmp_path: Path) -> None:
    assert run(tmp_path, "manage.py", "migrate", "-v0").returncode == 0
    assert run(tmp_path, "manage.py", "shell", "-v0", "-c", DESK).returncode == 0
    assert run(tmp_path, "-c", KILLED, sent=compose()).returncode == -9
    assert run(tmp_path, "manage.py", "worker", "--drain").returncode == 0
    again = run(tmp_path, "manage.py", "receive_mail", "--mailbox", "support@acme.example", sent=compose())
    assert (again.returncode, again.stdout.count(b"\n")) == (0, 1)
    expected = {"outcome": "duplicate", "ticket": "1", "seq": 1, "queue": "billing", "reason": None}
    assert json.loads(again.stdout) == expected
    (receipt,) = (tmp_path / "outbox").glob("*.eml")
    assert b"To: dana@example.com" in receipt.read_bytes()
