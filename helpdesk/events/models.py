"""The event log. It names its subject and actor by code and id, so that it outlives what it tells of."""

from django.db import models


class EventQuerySet(models.QuerySet["Event"]):
    """Reads of the log."""

    def of(self, subject: str, subject_id: int) -> "EventQuerySet":
        """Everything that happened to one thing, oldest first. Uses index: event_subject."""
        return self.filter(subject=subject, subject_id=subject_id).order_by("id")


class Event(models.Model):
    """One fact. `data` holds codes and ids, never message text or personal data: the trail survives an erasure."""

    name = models.CharField(max_length=60)
    subject = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    cause = models.BigIntegerField(null=True)
    # How many rules acted, one because of the other, before this happened
    depth = models.PositiveSmallIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField()

    # Subject and message as they are in memory where the event was just recorded: no need to read them again
    at_hand: tuple[models.Model | None, models.Model | None] = (None, None)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            # EventQuerySet.of: timeline and audit of one subject
            models.Index(fields=["subject", "subject_id", "id"], name="event_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.subject}#{self.subject_id}"
