"""A live chat changes hands: held out by one agent to another, or put back into a line."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chat.models.session import Session
from helpdesk.people.models import User
from tickets.models import Queue


class Handover(models.Model):
    """To a person (`to_user`) or to a line (`to_queue`). Until a person accepts, whoever has the chat keeps it."""

    class State(models.TextChoices):
        OFFERED = "offered", _("Offered")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Not answered")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="handovers")
    from_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_queue = models.ForeignKey(
        Queue, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # What the next one must know; also a note in the conversation
    line = models.TextField()
    # Both see the chat after it was accepted, until the former agent leaves (`left_at`)
    is_warm = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OFFERED)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session"], condition=Q(state="offered"), name="handover_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(to_user__isnull=False) ^ Q(to_queue__isnull=False), name="handover_to_one"
            ),
        ]
        indexes = [
            # handovers.offered_to: what is held out to an agent
            models.Index(fields=["to_user"], condition=Q(state="offered"), name="handover_offered"),
            # handovers.beside: the chats that an agent still accompanies
            models.Index(
                fields=["from_user"],
                condition=Q(state="accepted", is_warm=True, left_at__isnull=True),
                name="handover_beside",
            ),
        ]

    def __str__(self) -> str:
        return f"handover {self.pk} of session {self.session_id}: {self.state}"
