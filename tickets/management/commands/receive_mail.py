"""`receive_mail --mailbox ADDRESS`: one raw message on standard input, as Postfix or procmail pipes it.

Exit codes are those that mail servers understand (sysexits.h): 75 means "try again later", and then nothing was stored.
"""

import json
import os
import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from helpdesk.lib import live
from tickets import mailboxes
from tickets.channels import email_in
from tickets.models import Mailbox, RawMail

WRONG_CALL = os.EX_USAGE
UNKNOWN_MAILBOX = os.EX_NOUSER
TRY_AGAIN = os.EX_TEMPFAIL


class _Parser(CommandParser):
    """Wrong arguments end with 64: a mail server then bounces instead of trying for days."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_CALL, f"{self.prog}: {message}\n")


class Command(BaseCommand):
    """Exit 0 means that the raw bytes are stored, whatever becomes of them; the outcome is one JSON line."""

    help = "Take in one raw e-mail from standard input."
    # The checks of the whole site would cost every single mail a second.
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = _Parser  # Django makes its own class and leaves no place to name another
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mailbox", required=True, help="the address the mail was delivered to")

    def handle(self, *args: Any, mailbox: str, **options: Any) -> None:
        try:
            found = mailboxes.ours(mailbox)
        except Exception as error:
            raise _storage_is_down(error) from error
        if found is None or not found.is_active:
            raise CommandError(f"no mailbox has the address {mailbox}", returncode=UNKNOWN_MAILBOX)
        with live.apart():
            summary = _take(sys.stdin.buffer.read(), found)
        self.stdout.write(json.dumps(summary, ensure_ascii=False))


def _take(raw: bytes, mailbox: Mailbox) -> dict[str, Any]:
    try:
        row, is_new = email_in.store(raw, mailbox)
    except Exception as error:
        raise _storage_is_down(error) from error
    try:
        row = email_in.process(row.pk)
    except Exception as error:
        # Stored is acknowledged: its job tries again, and a server that sent it twice would only make work.
        return _summary(row, "failed", reason=f"later_{type(error).__name__.lower()}")
    if not is_new and row.outcome in (RawMail.Outcome.TICKET, RawMail.Outcome.MESSAGE):
        return _summary(row, "duplicate", reason=None)
    return _summary(row, row.outcome, reason=row.reason or None)


def _storage_is_down(error: Exception) -> CommandError:
    return CommandError(f"storage is down: {type(error).__name__}", returncode=TRY_AGAIN)


def _summary(row: RawMail, outcome: str, *, reason: str | None) -> dict[str, Any]:
    ticket, message = row.ticket, row.message
    return {
        "outcome": str(outcome),
        "ticket": ticket.number if ticket else None,
        "seq": message.seq if message else None,
        "queue": ticket.queue.slug if ticket else None,
        "reason": reason,
    }
