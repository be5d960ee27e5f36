"""Django's entry for this room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "helpdesk.people"
