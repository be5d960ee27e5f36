"""What a visitor takes along: a copy of his conversation, asked for and sent once its address is proved."""

from django.db import models
from django.db.models import Q

from helpdesk.people.models import Customer
from tickets.models import Ticket


class Transcript(models.Model):
    """One request for a copy by mail. It leaves only to an address that its customer has proved."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, db_index=False, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, db_index=False, related_name="+")
    address = models.CharField(max_length=320)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # asked again before it left: one copy
            models.UniqueConstraint(
                fields=["ticket", "address"], condition=Q(sent_at__isnull=True), name="transcript_waiting_once"
            ),
        ]
        indexes = [
            # leaving.follow_proof: what waits for an address to be proved
            models.Index(fields=["address"], condition=Q(sent_at__isnull=True), name="transcript_waiting"),
        ]

    def __str__(self) -> str:
        return f"transcript of {self.ticket_id}"
