"""Call-backs: a ticket with a number and a moment by which it is called."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chat.models.session import Session, Site
from helpdesk.people.models import Customer, User
from tickets.models import Queue, Ticket


class CallbackQuerySet(models.QuerySet["Callback"]):
    """Reads of call-backs."""

    def visible_to(self, user: User) -> Self:
        """Those of the queues of the user's teams and those he took; all for administrators."""
        if not user.may("chat.read"):
            return self.none()
        if user.role == User.Role.ADMIN:
            return self
        return self.filter(Q(queue__in=Queue.objects.served_by(user).values("id")) | Q(agent=user))

    def of_customer(self, customer: Customer) -> Self:
        """What this customer asked for, the newest first. Uses index: callback_customer."""
        return self.filter(customer=customer).order_by("-id")

    def open(self) -> Self:
        """Still to be called, or being called. Uses index: callback_due."""
        return self.filter(state__in=[Callback.State.WAITING, Callback.State.TAKEN])

    def with_people(self) -> Self:
        """Everything a card shows, in a fixed number of queries."""
        return self.select_related("site", "ticket", "customer", "queue", "agent").prefetch_related(
            "customer__identities", "tries__user"
        )


class Callback(models.Model):
    """`waiting` until an agent takes it, `taken` while he calls; then how it ended. `missed` went on in writing."""

    class State(models.TextChoices):
        WAITING = "waiting", _("To be called")
        TAKEN = "taken", _("Being called")
        REACHED = "reached", _("Reached")
        MISSED = "missed", _("Not reached")
        WRONG_NUMBER = "wrong_number", _("Wrong number")
        CANCELLED = "cancelled", _("Cancelled")

    site = models.ForeignKey(Site, on_delete=models.PROTECT, db_index=False, related_name="+")
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="callbacks")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="callbacks")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, db_index=False, related_name="callbacks")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, db_index=False, related_name="+")
    agent = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="callbacks")
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    # E.164, and the country whose people write it without the prefix
    number = models.CharField(max_length=20)
    region = models.CharField(max_length=2, blank=True, default="")
    zone = models.CharField(max_length=60)
    language = models.CharField(max_length=5, blank=True, default="")
    topic = models.CharField(max_length=200, blank=True, default="")
    # Where confirmations go; '' while none is known. Nothing anybody typed stands in them.
    address = models.CharField(max_length=320, blank=True, default="")
    is_asap = models.BooleanField(default=False)
    # The moment promised: the beginning of the slot, or what was estimated
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    consent_at = models.DateTimeField()
    may_record = models.BooleanField(default=False)
    # The sender's own id of the request, and a hash of what was asked
    origin_by = models.CharField(max_length=40)
    origin_id = models.CharField(max_length=100)
    origin_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CallbackQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin_by", "origin_id"], name="callback_origin_once"),
            # one open request per number: nobody is rung twice, nobody books all slots for one phone
            models.UniqueConstraint(
                fields=["number"], condition=Q(state__in=["waiting", "taken"]), name="callback_one_open_per_number"
            ),
            models.CheckConstraint(
                condition=~Q(state="taken") | Q(agent__isnull=False), name="callback_taken_has_agent"
            ),
        ]
        indexes = [
            # agents' list and the slots that are taken: open ones of a queue by due time
            models.Index(fields=["queue", "due_at"], condition=Q(state__in=["waiting", "taken"]), name="callback_due"),
            # a customer's own
            models.Index("customer", models.F("id").desc(), name="callback_customer"),
        ]

    def __str__(self) -> str:
        return f"callback {self.pk} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.TAKEN)


class CallbackTry(models.Model):
    """One attempt to call, and what came of it."""

    class Outcome(models.TextChoices):
        REACHED = "reached", _("Reached")
        NO_ANSWER = "no_answer", _("No answer")
        WRONG_NUMBER = "wrong_number", _("Wrong number")

    callback = models.ForeignKey(Callback, on_delete=models.CASCADE, related_name="tries", db_index=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    origin_id = models.CharField(max_length=100)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["callback", "origin_id"], name="callback_try_once")]

    def __str__(self) -> str:
        return f"{self.outcome} of callback {self.callback_id}"
