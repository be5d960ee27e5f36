"""Requests that went on in others: what was written again there, and how both stood before."""

from django.db import models
from django.db.models import Q

from helpdesk.people.models import User
from tickets.models.ticket import Ticket


class MergeQuerySet(models.QuerySet["Merge"]):
    """Reads of merges."""

    def standing(self) -> "MergeQuerySet":
        """Those that nobody undid."""
        return self.filter(undone_at__isnull=True)


class Merge(models.Model):
    """What `merging.undo` needs. The messages `first_seq` to `last_seq` of the target were written again from the source."""

    source = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", db_index=False)
    target = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", db_index=False)
    first_seq = models.PositiveIntegerField()
    last_seq = models.PositiveIntegerField()
    # How both stood ("source", "target"), what the merge made of the target ("set"), what it added ("tags", "people"), and
    # the links that it took along as they were ("links")
    before = models.JSONField(default=dict)
    merged_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    merged_at = models.DateTimeField()
    undone_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        constraints = [
            # a request goes on in one other; `merging.standing`
            models.UniqueConstraint(fields=["source"], condition=Q(undone_at__isnull=True), name="merge_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} into {self.target_id}"
