"""What an agent keeps at his desk: drafts, read marks, macros."""

from django.db import models

from helpdesk.people.models import Team, User
from tickets.models.ticket import Ticket


class ReadMark(models.Model):
    """How far a user has read a ticket."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE)
    seq = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "ticket"], name="read_mark_once")]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.ticket_id}#{self.seq}"


class Draft(models.Model):
    """Unsent text of a user on a ticket: one for the reply, with who shall be in copy, one for the note."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE)
    reply = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    # Who shall be in copy of the reply, as {name, address}; null: whom the ticket has in copy
    cc = models.JSONField(null=True, blank=True, default=None)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "ticket"], name="draft_once")]

    def __str__(self) -> str:
        return f"draft of {self.user_id} on {self.ticket_id}"


class Macro(models.Model):
    """Reply text and actions on one click; without actions it is a canned response."""

    name = models.CharField(max_length=120)
    language = models.CharField(max_length=5, blank=True, default="")
    body = models.TextField(blank=True, default="")
    actions = models.JSONField(default=dict, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
