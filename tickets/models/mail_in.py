"""What people decide about incoming mail: whom they trust, and where a message may belong."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import User
from tickets.models.message import Message
from tickets.models.ticket import Ticket


class TrustedSender(models.Model):
    """An address whose automatic mail is wanted. Trust that ended stays as a trace."""

    address = models.CharField(max_length=320)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # is this sender trusted now?
            models.UniqueConstraint(fields=["address"], condition=Q(ended_at__isnull=True), name="trusted_sender_once"),
        ]

    def __str__(self) -> str:
        return self.address


class Hint(models.Model):
    """Where a message may belong, or whose it may be: nothing happens until an agent says so."""

    class Kind(models.TextChoices):
        NUMBER = "number", _("The subject names a request")
        RECEIVED_ID = "received_id", _("It answers a mail of a request in which the sender takes no part")
        COPY = "copy", _("Somebody in copy has a request with this subject")
        ORIGINAL_SENDER = "original_sender", _("It was passed on for somebody else")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CONFIRMED = "confirmed", _("Confirmed")
        DISMISSED = "dismissed", _("Dismissed")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="hints")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # The request it may belong to; empty where the hint is about a person
    ticket = models.ForeignKey(
        Ticket, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(max_length=200, blank=True, default="")
    address = models.CharField(max_length=320, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    settled_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "ticket"], condition=Q(ticket__isnull=False), name="hint_ticket_once"
            ),
            models.CheckConstraint(condition=Q(ticket__isnull=True) ^ Q(address=""), name="hint_ticket_xor_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.message_id}"
