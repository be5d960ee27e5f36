"""Sites that carry the widget, and sessions: live stretches of a ticket."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import Customer, User
from tickets.models import Queue, Ticket


class Site(models.Model):
    """A website that carries the widget; `origins` are the exact origins that may embed it."""

    class Position(models.TextChoices):
        RIGHT = "right", _("Right")
        LEFT = "left", _("Left")

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the visitor's device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT)
    origins = models.JSONField(default=list, blank=True)
    color = models.CharField(max_length=7, default="#1F5FBF")
    greeting_en = models.CharField(max_length=200, blank=True, default="")
    greeting_fr = models.CharField(max_length=200, blank=True, default="")
    # Sealed shared secret with which the host site signs its visitors' identity (JWT, HS256)
    identity_secret = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=True)
    # Whoever waits longer is offered the other ways, and no chat is offered where the wait would be longer
    wait_limit_s = models.PositiveIntegerField(default=300, db_default=300)
    callback_enabled = models.BooleanField(default=True, db_default=True)
    # Calls in one stretch of time; empty: as many as agents are on shift
    callbacks_per_slot = models.PositiveSmallIntegerField(null=True, blank=True)
    # The country of numbers typed without one
    default_region = models.CharField(max_length=2, default="FR", db_default="FR")
    # How the button looks and where it stands; it may also be hidden, for sites that open the panel by their own links
    position = models.CharField(max_length=5, choices=Position.choices, default=Position.RIGHT, db_default="right")
    offset_x = models.PositiveSmallIntegerField(default=20, db_default=20)
    offset_y = models.PositiveSmallIntegerField(default=20, db_default=20)
    z_index = models.PositiveIntegerField(default=2_147_483_000, db_default=2_147_483_000)
    theme = models.CharField(max_length=5, choices=Theme.choices, default=Theme.AUTO, db_default="auto")
    # Empty: the language of the page that carries it
    language = models.CharField(max_length=2, blank=True, default="", db_default="")
    is_hidden = models.BooleanField(default=False, db_default=False)
    label_en = models.CharField(max_length=30, blank=True, default="", db_default="")
    label_fr = models.CharField(max_length=30, blank=True, default="", db_default="")
    # One small invitation beside the button, after so many seconds before the visitor's eyes; without words there is none
    teaser_en = models.CharField(max_length=140, blank=True, default="", db_default="")
    teaser_fr = models.CharField(max_length=140, blank=True, default="", db_default="")
    teaser_after_s = models.PositiveSmallIntegerField(default=30, db_default=30)
    privacy_url = models.URLField(max_length=500, blank=True, default="", db_default="")
    accessibility_url = models.URLField(max_length=500, blank=True, default="", db_default="")

    def __str__(self) -> str:
        return self.name


class SessionQuerySet(models.QuerySet["Session"]):
    """Reads of sessions."""

    def visible_to(self, user: User) -> Self:
        """Sessions in the queues of the user's teams and his own; all for administrators."""
        if not user.may("chat.read"):
            return self.none()
        if user.role == User.Role.ADMIN:
            return self
        return self.filter(Q(queue__in=Queue.objects.served_by(user).values("id")) | Q(agent=user))

    def waiting(self) -> Self:
        """The line: begun, taken by nobody; by priority, then whom an agent put back, then who waits longest.

        Uses index: session_line.
        """
        rows = self.filter(state=Session.State.WAITING)
        return rows.order_by(F("ticket__priority").desc(nulls_last=True), "-is_ahead", "waiting_at", "id")

    def live(self) -> Self:
        """Taken by an agent and not ended. Uses index: session_load."""
        return self.filter(state=Session.State.LIVE)

    def open(self) -> Self:
        """Waiting or live: what makes a ticket a chat at this moment."""
        return self.filter(state__in=[Session.State.WAITING, Session.State.LIVE])

    def with_people(self) -> Self:
        """Everything a card of the line shows, in a fixed number of queries."""
        return self.select_related("site", "ticket", "customer", "queue", "agent").prefetch_related(
            "customer__identities"
        )


class Session(models.Model):
    """`opened` until the first message makes the ticket, then `waiting`, `live`, `ended`."""

    class State(models.TextChoices):
        OPENED = "opened", _("Opened")
        WAITING = "waiting", _("Waiting")
        LIVE = "live", _("Live")
        ENDED = "ended", _("Ended")

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    kind = models.CharField(max_length=8, default="chat")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPENED)
    # Tells one browser's lines from another's (`Origin.by`): stays the same when a new stretch follows an ended one
    sender = models.CharField(max_length=40)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="sessions")
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.PROTECT, related_name="sessions")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, db_index=False)
    agent = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    # Begun, and only ever opened again, by the website's signed word: it alone may show what else this person asked
    is_vouched = models.BooleanField(default=False, db_default=False)
    offered_to = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # How often it was offered: the one job that may offer it next carries this number
    offers = models.PositiveIntegerField(default=0)
    language = models.CharField(max_length=5, blank=True, default="")
    # The page he is on and those before it, kept only while he agrees to it: [{"page", "title", "at"}]
    page = models.CharField(max_length=500, blank=True, default="")
    trail = models.JSONField(null=True, blank=True)
    page_consent_at = models.DateTimeField(null=True, blank=True)
    first_seq = models.PositiveIntegerField(null=True, blank=True)
    last_seq = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    waiting_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=10, blank=True, default="")
    # Put back into a line by an agent: he has waited before, so he goes before the others
    is_ahead = models.BooleanField(default=False, db_default=False)
    # Its agent asks a supervisor for help, since then and with these words
    help_at = models.DateTimeField(null=True, blank=True)
    help_line = models.CharField(max_length=300, blank=True, default="", db_default="")
    # How it came out, as its agent says after the end
    outcome = models.CharField(max_length=12, blank=True, default="", db_default="")
    seen_at = models.DateTimeField()

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "kind"],
                condition=Q(state__in=["waiting", "live"]),
                name="session_one_open_per_ticket",
            ),
            models.CheckConstraint(condition=~Q(state="live") | Q(agent__isnull=False), name="session_live_has_agent"),
        ]
        indexes = [
            # the line of a queue
            models.Index(fields=["queue", "waiting_at"], condition=Q(state="waiting"), name="session_line"),
            # an agent's load
            models.Index(fields=["agent"], condition=Q(state="live"), name="session_load"),
            # line.typical_wait: how long the last ones of a queue waited
            models.Index(
                fields=["queue", "-accepted_at"], condition=Q(accepted_at__isnull=False), name="session_accepted"
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk} {self.state}"


class Key(models.Model):
    """A secret of 256 bits, as its hash: `token` speaks, `resume` opens anew later, `move` opens once elsewhere."""

    class Purpose(models.TextChoices):
        TOKEN = "token", _("Token")
        RESUME = "resume", _("Resume handle")
        MOVE = "move", _("Link to another device")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="keys")
    purpose = models.CharField(max_length=6, choices=Purpose.choices)
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            # keys.sweep: what has run out
            models.Index(fields=["expires_at"], name="key_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of session {self.session_id}"
