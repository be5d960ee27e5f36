"""Background work only: run as many as needed beside the web processes."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from helpdesk.jobs import engine, outbox
from tickets.channels.watching import Watchers


class Command(BaseCommand):
    help = "Run background work. With --drain, end when nothing is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--drain", action="store_true", help="run what is due and end")
        parser.add_argument("--threads", type=int, default=None)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["drain"]:
            self.stdout.write(f"{outbox.drain()} jobs run")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        background, watchers = engine.Background(options["threads"]), Watchers()
        background.start()
        watchers.start()
        self.stdout.write("Worker started")
        stop.wait()
        watchers.stop()
        background.stop(graceful=True)
