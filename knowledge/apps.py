"""Django's entry for this room."""

from django.apps import AppConfig

from helpdesk.lib import search


class KnowledgeConfig(AppConfig):
    name = "knowledge"

    def ready(self) -> None:
        search.keep(self, Article="terms")
