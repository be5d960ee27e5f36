"""Django's entry for this room."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "helpdesk.events"
