"""Records of one person that became one: how both stood before, so that it can be undone."""

from django.db import models
from django.db.models import Q

from helpdesk.people.models.customer import Customer
from helpdesk.people.models.user import User


class CustomerMerge(models.Model):
    """A merge that somebody of the staff made; those that follow a proof are not kept here and are not undone."""

    source = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    target = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Identities and fields of both as they were, and what the merge made of the fields
    before = models.JSONField(default=dict)
    # What rooms above moved along: kind → ids
    moved = models.JSONField(default=dict)
    merged_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    merged_at = models.DateTimeField()
    undone_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # a record goes on in one other
            models.UniqueConstraint(fields=["source"], condition=Q(undone_at__isnull=True), name="customer_merge_once"),
        ]
        indexes = [
            # what became part of a record, the newest first
            models.Index(fields=["target", "-id"], name="customer_merge_into"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} into {self.target_id}"
