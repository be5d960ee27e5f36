"""The whole product in one process: web, sockets and background work."""

import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Serve web, sockets and background work in one process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.PORT)

    def handle(self, *args: Any, **options: Any) -> None:
        from daphne.server import Server  # installs the asyncio reactor: only in the process that serves

        from helpdesk.asgi import application
        from helpdesk.jobs import engine
        from tickets.channels.watching import Watchers

        workers: list[Any] = []

        def start_background() -> None:
            # Daphne has no ASGI lifespan; its ready callback is the moment at which the loop runs.
            workers.extend([Watchers(), engine.Background()])
            for worker in workers:
                worker.start()
            self.stdout.write(f"Serving on {settings.PUBLIC_URL} (port {options['port']})")

        signal.signal(signal.SIGTERM, _interrupt)
        server = Server(
            application,
            endpoints=[f"tcp:port={options['port']}:interface={options['host'].replace(':', chr(92) + ':')}"],
            ready_callable=start_background,
            signal_handlers=True,
            websocket_timeout=-1,
            websocket_connect_timeout=10,
            application_close_timeout=10,
            # The consumer refuses frames over SOCKET_FRAME_MAX_BYTES with a word; this bounds what is read before that.
            websocket_max_message_size=4 * settings.SOCKET_FRAME_MAX_BYTES,
            websocket_max_frame_size=4 * settings.SOCKET_FRAME_MAX_BYTES,
            proxy_forwarded_address_header=None,
            server_name="guichet",
        )
        try:
            server.run()
        finally:
            for worker in workers:
                worker.stop()


def _interrupt(signum: int, frame: Any) -> None:
    raise KeyboardInterrupt
