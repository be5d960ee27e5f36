"""Prove what must hold (see `helpdesk.invariants`); exit 1 on a violation."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from helpdesk import invariants


class Command(BaseCommand):
    help = "Check everything that must hold, whatever was killed; exit 1 on a violation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        found = invariants.violations()
        broken = {name: rows for name, rows in found.items() if rows}
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not broken, "checks": list(found), "violations": broken}))
        else:
            for name, rows in found.items():
                self.stdout.write(f"{'BROKEN' if rows else 'ok':7} {name}")
                for row in rows:
                    self.stdout.write(f"        {row}")
        if broken:
            sys.exit(1)
