"""Opening hours of the desk and of single queues."""

from django.db import models
from django.db.models import Q

from helpdesk.lib.hours import Week, parse


class Calendar(models.Model):
    """Weekly hours and holidays in a time zone (`lib.hours`); the default one is the desk's own."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    timezone = models.CharField(max_length=60)
    # [{"weekday": 0, "starts": "09:00", "ends": "17:30"}], 0 is Monday
    hours = models.JSONField(default=list, blank=True)
    # ["2026-12-25"]
    holidays = models.JSONField(default=list, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="calendar_one_default"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def week(self) -> Week:
        return parse(self.timezone, self.hours, self.holidays)
