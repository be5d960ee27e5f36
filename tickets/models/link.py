"""Requests that have to do with each other."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from helpdesk.people.models import User
from tickets.models.ticket import Ticket


class TicketLinkQuerySet(models.QuerySet["TicketLink"]):
    """Reads of links."""

    def of(self, *tickets: Ticket) -> Self:
        """Those of these tickets, from either end. Uses indexes: ticket_link_once, ticket_link_reverse."""
        return self.filter(Q(first__in=tickets) | Q(second__in=tickets))

    def with_ends(self) -> Self:
        """Both tickets as a list shows them, in the same query."""
        ends = [f"{end}__{what}" for end in ("first", "second") for what in ("queue", "assignee")]
        return self.select_related("created_by", *ends)


class TicketLink(models.Model):
    """One link of two tickets: the first is the parent of the second, or blocks it; *related* has no direction."""

    class Kind(models.TextChoices):
        RELATED = "related"
        PARENT = "parent"
        BLOCKS = "blocks"

    first = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    objects = TicketLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second", "kind"], name="ticket_link_once"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="ticket_link_of_two"),
            models.CheckConstraint(condition=~Q(kind="related") | Q(first__lt=F("second")), name="ticket_link_ordered"),
        ]
        indexes = [
            # links of a ticket from their other end; the parents of one, what blocks one
            models.Index(fields=["second", "kind"], name="ticket_link_reverse"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.kind} {self.second_id}"
