"""`reparse_mail [ID …]`: read stored mail again that became nothing yet, as after an upgrade.

Prints one JSON line; a second call changes nothing.
"""

import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import QuerySet

from helpdesk.lib import live
from tickets.channels import email_in
from tickets.models import RawMail


class Command(BaseCommand):
    """Without arguments: everything that could not be read. What people deleted and what is a message stays as it is."""

    help = "Read failed or held mail again from its stored bytes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="*", type=int, help="numbers of raw mails; default: all that failed")
        parser.add_argument("--held", action="store_true", help="also what is held, not only what failed")
        parser.add_argument("--reason", default="", help="only what is held or failed for this reason")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be read")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = _chosen(options)
        before: Counter[str] = Counter(rows.values_list("outcome", flat=True))
        after: Counter[str] = Counter()
        if not options["dry_run"]:
            with live.apart():
                for row in rows.select_related("mailbox__queue").iterator(chunk_size=100):
                    after[str(email_in.read_again(row).outcome)] += 1
        self.stdout.write(json.dumps({"chosen": sum(before.values()), "before": before, "after": after}))


def _chosen(options: dict[str, Any]) -> QuerySet[RawMail]:
    outcomes = [RawMail.Outcome.STORED, RawMail.Outcome.FAILED]
    if options["held"] or options["ids"] or options["reason"]:
        outcomes.append(RawMail.Outcome.QUARANTINED)
    rows = RawMail.objects.filter(outcome__in=outcomes).order_by("pk")
    if options["ids"]:
        rows = rows.filter(pk__in=options["ids"])
    return rows.filter(reason=options["reason"]) if options["reason"] else rows
