"""The event log, to read only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from helpdesk.events.models import Event


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Nobody writes or removes what happened."""

    list_display = ("id", "name", "subject", "subject_id", "actor_kind", "actor_id", "created_at")
    list_filter = ("name",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
