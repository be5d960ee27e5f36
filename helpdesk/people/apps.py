"""Django's entry for this room."""

from importlib import import_module

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "helpdesk.people"

    def ready(self) -> None:
        """Whatever process runs jobs knows what is swept up."""
        import_module("helpdesk.people.imports.exporting")
