"""Queues and the mail addresses that feed them."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import Team, User


class QueueQuerySet(models.QuerySet["Queue"]):
    """Reads of queues."""

    def served_by(self, user: User) -> "QueueQuerySet":
        """Queues of the user's teams; administrators serve all."""
        if user.role == User.Role.ADMIN:
            return self.filter(is_active=True)
        return self.filter(is_active=True, team__members=user)


class Queue(models.Model):
    """A line of tickets served by one team."""

    class Strategy(models.TextChoices):
        MANUAL = "manual", _("Agents take tickets themselves")
        ROUND_ROBIN = "round_robin", _("In turn")
        LEAST_BUSY = "least_busy", _("To the least busy")

    name = models.CharField(max_length=80)
    # The same in French; '' where one name serves both
    name_fr = models.CharField(max_length=80, blank=True, default="")
    slug = models.SlugField(unique=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="queues")
    strategy = models.CharField(max_length=12, choices=Strategy.choices, default=Strategy.MANUAL)
    is_active = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    # Seconds between solving and asking how it went; empty: the installation's SURVEY_DELAY_SECONDS
    survey_delay = models.PositiveIntegerField(null=True, blank=True)
    # Whose turn was last, for round robin
    last_assignee = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = QueueQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            # what no rule places must always have one place to go
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="queue_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return (self.name_fr if (get_language() or "").startswith("fr") else "") or self.name


class Mailbox(models.Model):
    """An e-mail address that feeds a queue; passwords are sealed (`lib.sealed`)."""

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="mailboxes")
    address = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True, default="")
    signature = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=True)
    imap_host = models.CharField(max_length=255, blank=True, default="")
    imap_port = models.PositiveIntegerField(default=993)
    imap_security = models.CharField(
        max_length=8, default="ssl", choices=[("ssl", "TLS"), ("starttls", "STARTTLS"), ("none", _("none"))]
    )
    imap_user = models.CharField(max_length=255, blank=True, default="")
    imap_secret = models.TextField(blank=True, default="")
    imap_folder = models.CharField(max_length=255, default="INBOX")
    imap_done_folder = models.CharField(max_length=255, default="Guichet")

    class Meta:
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return self.address
