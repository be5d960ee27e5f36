"""Django's entry for this room."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "knowledge"
