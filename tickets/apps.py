"""Django's entry for this room."""

from django.apps import AppConfig

from helpdesk.lib import search


class TicketsConfig(AppConfig):
    name = "tickets"

    def ready(self) -> None:
        search.keep(self, Ticket="terms", Message="terms")
