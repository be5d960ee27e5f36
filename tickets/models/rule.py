"""Routing rules, and for each ticket the account of why it is where it is."""

from django.db import models

from tickets.models.queue import Queue
from tickets.models.ticket import Ticket


class Rule(models.Model):
    """Conditions and actions in one order without ties (`tickets.rules`)."""

    name = models.CharField(max_length=120)
    position = models.PositiveIntegerField()
    is_active = models.BooleanField(default=True)
    stops = models.BooleanField(default=True)
    conditions = models.JSONField(default=dict)
    actions = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Routing(models.Model):
    """The stored explanation: every rule tried, its version, what matched or failed, and the winner."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="routing")
    # No constraint: the account outlives the rule it tells of
    rule = models.ForeignKey(Rule, null=True, on_delete=models.SET_NULL)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT)
    trace = models.JSONField()
    matched = models.JSONField(default=list)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"routing of {self.ticket_id}"
