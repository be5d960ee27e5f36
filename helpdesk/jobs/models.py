"""The outbox: one row per effect that must survive a crash."""

from django.db import models


class JobQuerySet(models.QuerySet["Job"]):
    """Reads of the outbox."""

    def due(self, moment: object) -> "JobQuerySet":
        """Rows to run now: their time has come and nobody holds them. Uses index: job_due."""
        free = models.Q(leased_until__isnull=True) | models.Q(leased_until__lt=moment)
        return self.filter(free, failed_at__isnull=True, run_at__lte=moment).order_by("priority", "run_at", "id")

    def failed(self) -> "JobQuerySet":
        """Rows that gave up after the last attempt; an operator retries them."""
        return self.filter(failed_at__isnull=False)


class Job(models.Model):
    """`task` is a dotted path of a function, `args` holds ids only: no text of a customer lies in the outbox."""

    task = models.CharField(max_length=200)
    args = models.JSONField(default=dict)
    run_at = models.DateTimeField()
    priority = models.SmallIntegerField(default=5)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    unique_key = models.CharField(max_length=200, null=True, blank=True)
    error = models.TextField(blank=True, default="")
    failed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unique_key"], condition=models.Q(unique_key__isnull=False), name="job_unique_key"
            ),
        ]
        indexes = [
            # JobQuerySet.due: the sweep and the drain
            models.Index(fields=["priority", "run_at"], condition=models.Q(failed_at__isnull=True), name="job_due"),
        ]

    def __str__(self) -> str:
        return f"{self.task} #{self.pk}"


class Slot(models.Model):
    """The last slot of a periodic task that was enqueued, so that several schedulers fire it once."""

    task = models.CharField(max_length=200, unique=True)
    slot = models.BigIntegerField()

    def __str__(self) -> str:
        return self.task
