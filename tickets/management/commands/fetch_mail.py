"""`fetch_mail --once`: one pass over every active IMAP mailbox, with a JSON summary."""

import json
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from helpdesk.lib import live
from tickets.channels import imap


class Command(BaseCommand):
    """The worker fetches by itself every minute; this is for cron, for trying out and for tests."""

    help = "Fetch mail from every active IMAP mailbox."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one pass, then end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        while True:
            with live.apart():
                summaries = imap.fetch_all()
            self.stdout.write(json.dumps(_total(summaries), ensure_ascii=False))
            if once:
                return
            time.sleep(settings.MAIL_POLL_SECONDS)


def _total(summaries: list[imap.Summary]) -> dict[str, Any]:
    return {
        "fetched": sum(summary.fetched for summary in summaries),
        "stored": sum(summary.stored for summary in summaries),
        "duplicates": sum(summary.duplicates for summary in summaries),
        "errors": sum(bool(summary.error) for summary in summaries),
        "mailboxes": [summary.as_dict() for summary in summaries],
    }
