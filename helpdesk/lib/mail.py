"""The one place from which mail leaves: rendered in the reader's language, text and HTML, to exactly one address."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formataddr, make_msgid, parseaddr
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import translation

from helpdesk.lib import clock, disk, errors, ratelimit, text

AUTOMATIC_HEADERS = {
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
    "Precedence": "auto_reply",
    "X-Guichet-Automatic": "yes",
}
_ONE_ADDRESS = re.compile(r"[^\s@,;:<>\"()\[\]\\]{1,64}@[^\s@,;:<>\"()\[\]\\]{1,255}")


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes along."""

    name: str
    type: str
    content: bytes


def send(
    *,
    to: str,
    subject: errors.Text,
    template: str,
    context: Mapping[str, Any],
    language: str,
    headers: Mapping[str, str] | None = None,
    automatic: bool = False,
    sender: str = "",
    sender_name: str = "",
    reply_to: str = "",
    message_id: str = "",
    files: Sequence[File] = (),
    shown_to: Sequence[str] = (),
    shown_cc: Sequence[str] = (),
    connection: BaseEmailBackend | None = None,
) -> str:
    """Send `template`.txt and .html and return the Message-ID. `shown_to` and `shown_cc` only stand in the mail.

    `connection`: another server than that of the settings. Raises Invalid when `to` is not one address, TooMany when
    automatic mail to it exceeds its budget; whatever the transport raises goes through, so that a job tries again.
    """
    address = text.one_line(to, 320)
    if not _ONE_ADDRESS.fullmatch(address):
        raise errors.Invalid(code="bad_address")
    if automatic:
        ratelimit.check("mail", address.lower(), limit=settings.MAIL_AUTOMATIC_PER_HOUR, seconds=3600)
    message = _build(address, subject, template, context, language, sender, sender_name)
    header_id = message_id or make_msgid(domain=domain_of(message.from_email))
    message.extra_headers = {
        "Message-ID": header_id,
        "Content-Language": language,
        **({"Reply-To": reply_to} if reply_to else {}),
        **(AUTOMATIC_HEADERS if automatic else {}),
        **(headers or {}),
    }
    for file in files:
        message.attach(text.one_line(file.name, 150), file.content, file.type)
    if shown_to or shown_cc:
        message.to, message.cc = list(shown_to), list(shown_cc)
    message.connection = connection
    message.send()
    return header_id


class _ToOne(EmailMultiAlternatives):
    """Goes to the one address it was made for, whoever else is seen to get one of his own."""

    def __init__(self, *, to: list[str], **kwargs: Any) -> None:
        super().__init__(to=to, **kwargs)
        self._reader = to[0]

    def recipients(self) -> list[str]:
        return [self._reader]


def _build(
    address: str,
    subject: errors.Text,
    template: str,
    context: Mapping[str, Any],
    language: str,
    sender: str,
    sender_name: str,
) -> "_ToOne":
    with translation.override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        values = {"language": translation.get_language(), "public_url": settings.PUBLIC_URL, **context}
        message = _ToOne(
            subject=text.one_line(str(subject), 250),
            body=render_to_string(f"{template}.txt", values).strip() + "\n",
            from_email=from_header(sender, sender_name),
            to=[address],
        )
        message.attach_alternative(render_to_string(f"{template}.html", values).strip() + "\n", "text/html")
    return message


def from_header(address: str, name: str) -> str:
    """A From value; without an address the one of the settings."""
    if not address:
        return str(settings.DEFAULT_FROM_EMAIL)
    return formataddr((text.one_line(name, 100), address)) if name else address


def domain_of(sender: str) -> str:
    """The domain of a From value, for Message-IDs."""
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


class OutboxBackend(BaseEmailBackend):
    """Without an SMTP server every message becomes one file in var/outbox, complete or not at all."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.OUTBOX_ROOT)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in email_messages:
            content = message.message().as_bytes()
            name = f"{clock.now():%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}.eml"
            disk.write_whole(folder / name, content)
        return len(email_messages)
