"""Mail that the demo's desk holds back, each for another reason: written here, read and judged by the product itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import NamedTuple

from helpdesk.demo import company
from helpdesk.jobs import outbox
from helpdesk.lib import clock
from tickets.channels import email_in
from tickets.models import Delivery, Mailbox


class Letter(NamedTuple):
    """A mail as it comes; `headers` are those that a person does not write."""

    ago: timedelta
    mailbox: str
    sender: str
    subject: str
    body: str
    headers: dict[str, str] = {}
    # The subject of one of the demo's conversations: it answers our last mail of it
    answers: str = ""


# `reason` is what the desk must say of each; a test compares.
HELD: dict[str, tuple[Letter, ...]] = {
    "list": (
        Letter(
            timedelta(hours=3, minutes=12),
            company.SUPPORT,
            "La Lettre du deux-roues <redaction@lettre-deux-roues.example>",
            "Le vélo cargo cet automne : nos sept essais",
            "Cette semaine : sept vélos cargo à l'essai, le point sur les aides régionales\n"
            "et le calendrier des salons de novembre.\n\nVous recevez cette lettre parce que vous vous êtes abonné.\n",
            {
                "List-Id": "La Lettre du deux-roues <lettre.lettre-deux-roues.example>",
                "List-Unsubscribe": "<https://lettre-deux-roues.example/stop>",
                "Precedence": "bulk",
            },
        ),
        Letter(
            timedelta(hours=27),
            company.BILLING,
            "Parcel Ledger <news@parcel-ledger.example>",
            "Carrier surcharges for the winter: what changes on 1 December",
            "Dear reader,\n\nFrom 1 December most carriers add a peak surcharge. Our table compares twelve of them.\n",
            {"List-Id": "<news.parcel-ledger.example>", "Precedence": "list"},
        ),
    ),
    "auto_reply": (
        Letter(
            timedelta(hours=21, minutes=40),
            company.SUPPORT,
            "Bureau Lenoir <contact@transports-lenoir.example>",
            "Réponse automatique : absence jusqu'à lundi",
            "Bonjour,\n\nNotre bureau est fermé jusqu'à lundi 9 h. Votre message sera lu à notre retour.\n\n"
            "Transports Lenoir\n",
            {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"},
        ),
    ),
    "bounce": (
        Letter(
            timedelta(days=2, hours=4),
            company.SUPPORT,
            "Mail Delivery System <mailer-daemon@letterbox.example>",
            "Undelivered Mail Returned to Sender",
            "This is the mail system at host mx1.letterbox.example.\n\n"
            "Your message could not be delivered to one or more recipients.\n\n"
            "<j.ashdown@letterbox.example>: 550 5.1.1 User unknown\n",
            {"Auto-Submitted": "auto-replied", "Return-Path": "<>", "X-Failed-Recipients": "j.ashdown@letterbox.example"},
        ),
    ),
    "own_address": (
        Letter(
            timedelta(hours=5, minutes=25),
            company.SUPPORT,
            f"{company.NAME} <{company.SUPPORT}>",
            "Your mailbox is almost full",
            "Your storage has reached 98 %. Confirm your password within 24 hours to keep receiving messages:\n\n"
            "https://storage-check.example/confirm\n",
        ),
    ),
    "not_a_participant": (
        Letter(
            timedelta(minutes=48),
            company.BILLING,
            "Fernhill Bookkeeping <books@ledger-and-lamb.example>",
            "Re: VAT shown separately on invoice F-2284",
            "Hello,\n\nHelen passed your mail on to us. Could you send the corrected invoice for the second order as well?\n"
            "We close the quarter on Friday.\n\nMarjorie Lamb\nLedger & Lamb, bookkeepers to Fernhill\n",
            answers="VAT shown separately on invoice F-2284",
        ),
    ),
    "empty": (
        Letter(timedelta(minutes=19), company.SUPPORT, "Awa Diallo <awa.diallo@postale.example>", "", ""),
    ),
}  # fmt: skip


def arrive(mailboxes: dict[str, Mailbox], now: datetime) -> None:
    """Each at its moment, stored and read as any other mail."""
    letters = sorted((letter for letters in HELD.values() for letter in letters), key=lambda letter: -letter.ago)
    for letter in letters:
        moment = now - letter.ago
        with clock.pretend(moment):
            email_in.store(_written(letter, moment), mailboxes[letter.mailbox])
            outbox.drain()


def _written(letter: Letter, moment: datetime) -> bytes:
    mail = EmailMessage(policy=SMTP)
    host = letter.sender.rpartition("@")[2].rstrip(">")
    mail["From"], mail["To"], mail["Subject"] = letter.sender, letter.mailbox, letter.subject
    mail["Date"] = format_datetime(moment)
    mail["Message-ID"] = f"<{moment:%Y%m%d%H%M}.{len(letter.body)}@{host}>"
    for name, value in letter.headers.items():
        mail[name] = value
    if letter.answers:
        sent = Delivery.objects.filter(message__ticket__subject=letter.answers).latest("pk")
        mail["In-Reply-To"] = mail["References"] = sent.header_id
    mail.set_content(letter.body)
    return mail.as_bytes()
