"""Django's entry for this room."""

from importlib import import_module

from django.apps import AppConfig

from helpdesk.lib import search


class TicketsConfig(AppConfig):
    name = "tickets"

    def ready(self) -> None:
        search.keep(self, Ticket="terms", Message="terms")
        # What this room does by the clock must be known to every worker, also to one that serves no page.
        import_module("tickets.channels.imap")
        import_module("tickets.imports")
        import_module("tickets.channels.phone_in")
        import_module("tickets.qualification.training")
        import_module("tickets.assignment.waking")
        import_module("tickets.rules.runs")
        import_module("tickets.rules.stats")
