"""The post: mail that left the product, and mail that Postfix pipes into it."""

import email
import email.policy
import json
import re
import time
import uuid
from email.message import EmailMessage
from typing import Any

from tests.e2e.product import Site


def sent(site: Site, to: str) -> list[EmailMessage]:
    """Every message that left to this address, the oldest first."""
    found = []
    for path in sorted(site.outbox.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        if to in str(message["To"]):
            found.append(message)
    return found


def wait(site: Site, to: str, words: str, seconds: float = 60) -> EmailMessage:
    """The message to this address whose subject or text holds these words, as soon as it has left."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for message in sent(site, to):
            if words in str(message["Subject"]) or words in text(message):
                return message
        time.sleep(0.2)
    subjects = [str(message["Subject"]) for message in sent(site, to)]
    raise AssertionError(f"no mail to {to} with “{words}” in {seconds} s; there were {subjects}")


def text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    return str(part.get_content()) if part else ""


def link(message: EmailMessage, site: Site, path: str) -> str:
    """The address in a mail that leads to this part of the site."""
    found = re.search(re.escape(site.url) + path + r"[^\s)>]*", text(message))
    assert found, text(message)
    return found[0]


def write(sender: str, to: str, subject: str, body: str, **headers: str) -> bytes:
    """A mail as a customer's program makes it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<{uuid.uuid4()}@mailer.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message.as_bytes(policy=email.policy.SMTP)


def answer(to: EmailMessage, sender: str, body: str) -> bytes:
    """A customer's reply to a mail of ours, threaded as mail programs do."""
    return write(
        sender,
        str(to["Reply-To"]),
        f"Re: {to['Subject']}",
        body,
        In_Reply_To=str(to["Message-ID"]),
        References=f"{to['References'] or ''} {to['Message-ID']}".strip(),
    )


def pipe(site: Site, raw: bytes, mailbox: str) -> dict[str, Any]:
    """What the mail server does with a mail that comes in; returns the one line it is told."""
    done = site.manage("receive_mail", "--mailbox", mailbox, text=raw)
    assert done.returncode == 0, done.stderr.decode()
    told: dict[str, Any] = json.loads(done.stdout)
    return told
