"""Jobs as an administrator sees them: what waits, what gave up and why, and another try."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Read and retry; jobs are made by services only."""

    list_display = ("id", "task", "run_at", "attempts", "failed_at", "error")
    list_filter = ("task", ("failed_at", admin.EmptyFieldListFilter))
    readonly_fields = tuple(field.name for field in Job._meta.fields)
    actions = ("retry",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description=_("Try again"))
    def retry(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset:
            outbox.retry(job)
