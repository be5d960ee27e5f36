"""Django's entry for this room."""

from importlib import import_module

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"

    def ready(self) -> None:
        # What this room does by the clock must be known to every worker, also to one that serves no page.
        import_module("chat.sessions")
