"""Django's entry for this room."""

from django.apps import AppConfig


class HelpdeskConfig(AppConfig):
    name = "helpdesk"
