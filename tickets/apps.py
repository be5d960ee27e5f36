"""Django's entry for this room."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
