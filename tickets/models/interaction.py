"""What happened with a customer outside of this desk: a visit, an order, a letter, a request in an older system."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import Customer


class InteractionQuerySet(models.QuerySet["Interaction"]):
    """Reads of interactions."""

    def of_customer(self, customer: Customer, *, before: datetime | None = None) -> Self:
        """The customer's, newest first, and those of records that were merged into his. Uses index: interaction_of."""
        rows = self.filter(Q(customer=customer) | Q(customer__merged_into=customer))
        return (rows.filter(at__lt=before) if before else rows).order_by("-at", "-id")


class Interaction(models.Model):
    """Told by an import; it is read in the customer's timeline and never answered."""

    class Kind(models.TextChoices):
        REQUEST = "request", _("Request")
        EMAIL = "email", _("E-mail")
        CALL = "call", _("Call")
        CHAT = "chat", _("Chat")
        VISIT = "visit", _("Visit")
        ORDER = "order", _("Order")
        LETTER = "letter", _("Letter")
        FAX = "fax", _("Fax")
        SMS = "sms", _("SMS")
        OTHER = "other", _("Other")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="interactions", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OTHER)
    at = models.DateTimeField()
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, default="")
    external_id = models.CharField(max_length=320, unique=True)
    created_at = models.DateTimeField()

    objects = InteractionQuerySet.as_manager()

    class Meta:
        indexes = [
            # the customer's timeline
            models.Index(fields=["customer", "-at"], name="interaction_of"),
        ]

    def __str__(self) -> str:
        return self.title
