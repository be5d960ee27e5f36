"""Mailboxes, mails and the programs that carry them."""

import io
import json
import sys
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from tickets.models import Mailbox, Queue

Pipe = Callable[..., dict[str, Any]]


@pytest.fixture
def mailbox(billing: Queue) -> Mailbox:
    return Mailbox.objects.create(queue=billing, address="support@acme.example", name="Acme Support")


@pytest.fixture
def other_mailbox(technical: Queue) -> Mailbox:
    return Mailbox.objects.create(queue=technical, address="tech@acme.example", name="Acme Tech")


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Pipe:
    """Pipe raw bytes into `receive_mail` as a mail server does and read its one line of JSON."""

    def run(raw: bytes, mailbox: str = "support@acme.example") -> dict[str, Any]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        capsys.readouterr()
        call_command("receive_mail", mailbox=mailbox)
        out = capsys.readouterr().out
        assert out.count("\n") == 1
        answer: dict[str, Any] = json.loads(out)
        return answer

    return run


def compose(
    body: str = "The amount on my invoice is wrong.",
    *,
    sender: str = "Dana Dupont <dana@example.com>",
    to: str = "support@acme.example",
    subject: str = "Invoice",
    message_id: str = "<first@example.com>",
    **headers: str,
) -> bytes:
    """A plain mail; `in_reply_to="<x>"` becomes the header In-Reply-To."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = "Sat, 21 Nov 2026 10:00:00 +0000"
    lines = [f"Message-ID: {message_id}"] if message_id else []
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
    mail.set_content(body)
    return "".join(f"{line}\r\n" for line in lines).encode() + mail.as_bytes()


def outbox() -> list[EmailMessage]:
    """What left when no SMTP server is set, in order."""
    files = sorted(Path(settings.OUTBOX_ROOT).glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path) -> None:
    """No test reads the mail of another."""
    settings.EMAIL_BACKEND = "helpdesk.lib.mail.OutboxBackend"
    settings.OUTBOX_ROOT, settings.MAIL_ROOT = tmp_path / "outbox", tmp_path / "mail"
    settings.JOBS_HAND_OVER = False
