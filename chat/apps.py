"""Django's entry for this room."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"
