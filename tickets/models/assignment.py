"""Giving work out: what a ticket asks of its agent, to whom it is offered, and the account of every decision."""

from typing import Self

from django.db import models
from django.db.models import Q

from helpdesk.people.models import Skill, User
from tickets.models.queue import Queue
from tickets.models.ticket import Ticket


class TicketSkill(models.Model):
    """A skill that a rule asks for on this ticket, beside what its queue and language ask."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="asked_skills", db_index=False)
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "skill"], name="ticket_skill_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.skill_id}"


class OfferQuerySet(models.QuerySet["Offer"]):
    """Reads of offers."""

    def open(self) -> Self:
        """Those that wait for the agent's word. Uses index: offer_one_open, offer_of_user."""
        return self.filter(state=Offer.State.OPEN)


class Offer(models.Model):
    """A ticket held out to one agent until a moment; the row stays, so that nobody is asked twice in a row."""

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        EXPIRED = "expired"
        WITHDRAWN = "withdrawn"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="offers")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(state="open"), name="offer_one_open"),
        ]
        indexes = [
            # an agent's open offers: his load, his list
            models.Index(fields=["user"], condition=Q(state="open"), name="offer_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} to {self.user_id}: {self.state}"


class AssignmentDecision(models.Model):
    """Why a ticket went to whom, or to nobody: ids and codes, bounded; names and words are found when it is read."""

    class Outcome(models.TextChoices):
        ASSIGNED = "assigned"
        OFFERED = "offered"
        NOBODY = "nobody"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="decisions")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="+", db_index=False)
    # No index: it is only read with its ticket
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    cause = models.CharField(max_length=16)
    data = models.JSONField(default=dict)
    # How often in a row the same was found, and when last
    times = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.outcome}"
