"""What an administrator sets up for tickets: queues, canned words. Tickets and mailboxes live on the desk."""

from django.contrib import admin

from tickets.models import Macro, Queue, Tag


@admin.register(Queue)
class QueueAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "name_fr", "slug", "team", "strategy", "is_default", "is_active", "position")
    list_filter = ("team", "is_active")
    exclude = ("last_assignee",)


@admin.register(Macro)
class MacroAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "language", "team")
    list_filter = ("language", "team")
    search_fields = ("name", "body")


admin.site.register(Tag)
