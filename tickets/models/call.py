"""Telephone systems, and the calls they tell of: what was told is kept as it came, the call is what follows from all of it."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import Customer, User
from tickets.models.message import Message
from tickets.models.ticket import Ticket


class PhoneSystem(models.Model):
    """A telephone system that posts its calls here. Of its token only the hash is kept; '' once it was revoked."""

    name = models.CharField(max_length=80)
    # The country of numbers that come without one
    region = models.CharField(max_length=2, default="FR")
    digest = models.CharField(max_length=64, blank=True, default="")
    token_made_at = models.DateTimeField(null=True, blank=True)
    last_told_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            # whose token is this?
            models.UniqueConstraint(fields=["digest"], condition=~Q(digest=""), name="phone_system_token"),
        ]

    def __str__(self) -> str:
        return self.name


class CallQuerySet(models.QuerySet["Call"]):
    """Reads of calls."""

    def visible_to(self, user: User) -> Self:
        """Calls that rang at the user or that he had, those that rang at nobody we know, his people's; all for admins."""
        if not user.may("call.read"):
            return self.none()
        if user.role == User.Role.ADMIN:
            return self
        people = (
            User.objects.filter(teams__members=user) if user.may("team.manage") else User.objects.filter(pk=user.pk)
        )
        rung = Call.rung.through.objects.filter(user__in=people.values("pk")).values("call")
        return self.filter(Q(agent__in=people.values("pk")) | Q(pk__in=rung) | Q(is_shared=True))

    def of_customer(self, customer: Customer) -> Self:
        """The customer's own, the newest first. Uses index: call_customer."""
        return self.filter(customer=customer).order_by("-id")

    def going_on(self) -> Self:
        """Ringing or being talked in. Uses index: call_going_on."""
        return self.filter(state__in=[Call.State.RINGING, Call.State.ANSWERED])

    def missed(self) -> Self:
        """Who called in vain and was not looked after since. Uses index: call_missed."""
        return self.filter(state=Call.State.MISSED, direction=Call.Direction.IN, settled_at__isnull=True)

    def with_people(self) -> Self:
        """Everything a card shows but whose number it is, in a fixed number of queries."""
        return self.select_related("system", "customer__organization", "agent", "ticket").prefetch_related("rung")


class Call(models.Model):
    """One call. All but `ticket`, `message` and `settled` follows from its events (`channels.phone_folding`)."""

    class Direction(models.TextChoices):
        IN = "in", _("Incoming")
        OUT = "out", _("Outgoing")

    class State(models.TextChoices):
        RINGING = "ringing", _("Ringing")
        ANSWERED = "answered", _("In conversation")
        ENDED = "ended", _("Ended")
        MISSED = "missed", _("Not answered")

    system = models.ForeignKey(PhoneSystem, on_delete=models.PROTECT, related_name="calls", db_index=False)
    # The telephone system's own id of the call
    key = models.CharField(max_length=250)
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.IN)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RINGING)
    # The other side's number in E.164, '' when it is withheld or none; as it was told; and the number of ours
    number = models.CharField(max_length=20, blank=True, default="")
    told_number = models.CharField(max_length=80, blank=True, default="")
    line = models.CharField(max_length=80, blank=True, default="")
    cause = models.CharField(max_length=60, blank=True, default="")
    # At whom it rang, and who talked
    rung = models.ManyToManyField(User, related_name="+")
    agent = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # It rang at nobody we know: everybody who takes calls sees it
    is_shared = models.BooleanField(default=False)
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="calls", db_index=False
    )
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.PROTECT, related_name="calls")
    # Its line in the conversation
    message = models.OneToOneField(Message, null=True, blank=True, on_delete=models.PROTECT, related_name="call")
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # Somebody put it on a ticket, or said that nothing is left to do
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()

    objects = CallQuerySet.as_manager()

    class Meta:
        constraints = [
            # the same call told again is the same row
            models.UniqueConstraint(fields=["system", "key"], name="call_once"),
            models.CheckConstraint(
                condition=Q(message__isnull=True) | Q(ticket__isnull=False), name="call_line_on_ticket"
            ),
        ]
        indexes = [
            # what rings or is talked in now, and what nobody ended
            models.Index(fields=["-id"], condition=Q(state__in=["ringing", "answered"]), name="call_going_on"),
            # who called in vain
            models.Index(
                fields=["-id"],
                condition=Q(state="missed", direction="in", settled_at__isnull=True),
                name="call_missed",
            ),
            # an agent's own
            models.Index("agent", F("id").desc(), name="call_agent"),
            # a customer's own
            models.Index("customer", F("id").desc(), name="call_customer"),
        ]

    def __str__(self) -> str:
        return f"call {self.pk} {self.state}"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.ENDED, self.State.MISSED)

    @property
    def seconds(self) -> int | None:
        """How long was talked; None while nobody knows."""
        if not self.answered_at or not self.ended_at or self.ended_at < self.answered_at:
            return None
        return int((self.ended_at - self.answered_at).total_seconds())


class CallEvent(models.Model):
    """One thing that was told of a call, as it was told: the same again adds nothing but further people it rang at."""

    class Kind(models.TextChoices):
        RINGING = "ringing", _("Ringing")
        ANSWERED = "answered", _("Answered")
        ENDED = "ended", _("Ended")
        MISSED = "missed", _("Missed")

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()
    # Who calls whom, at whom it rings, why it ended: `phone_folding.Told` without kind and moment
    told: Any = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "kind"], name="call_event_once")]

    def __str__(self) -> str:
        return f"{self.kind} of call {self.call_id}"
