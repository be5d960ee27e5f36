"""Fill an empty database with the demo company and say who may sign in."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpdesk.demo import company, now, seed


class Command(BaseCommand):
    help = "Fill an empty database with the demo company; refuses another."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print what was made as JSON")
        parser.add_argument("--waiting", action="store_true", help="visitors wait for a chat and for calls right now")
        parser.add_argument("--if-empty", action="store_true", help="do nothing to a database in use")

    def handle(self, *args: Any, **options: Any) -> None:
        if not seed.is_empty():
            if not options["if_empty"]:
                raise CommandError("This database is in use: the demo company only moves into an empty one.")
            self._sign_ins()
            return
        made = seed.fill(self.stderr.write)
        if options["waiting"]:
            now.arrive(made.site, made.users)
        if options["json"]:
            self.stdout.write(json.dumps(seed.described(made)))
        else:
            self._sign_ins()

    def _sign_ins(self) -> None:
        say = self.stdout.write
        say(f"\n  Help centre  {settings.PUBLIC_URL}/en/help/   {settings.PUBLIC_URL}/fr/help/")
        say(f"  Demo shop    {settings.PUBLIC_URL}/demo/shop/")
        say(f"  Desk         {settings.PUBLIC_URL}/desk/\n")
        say(f"  Sign in with the password {seed.PASSWORD}:")
        for staff in company.STAFF:
            say(f"    {staff.email:36} {staff.role:11} {staff.name}")
        say("")
