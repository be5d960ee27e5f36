"""Queues and the mail addresses that feed them."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import Skill, Team, User
from tickets.models.calendar import Calendar


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

    class Away(models.TextChoices):
        KEEP = "keep", _("Stays with the agent")
        ABSENT = "absent", _("Back to the team when the agent is absent")
        OFF_SHIFT = "off_shift", _("Back to the team when the agent is absent or off shift")

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
    # What an agent must have to be given work, and whether he must know the ticket's language
    skills = models.ManyToManyField(Skill, blank=True, related_name="queues")
    match_language = models.BooleanField(default=False, db_default=False)
    # After so many seconds without anybody who has them, skills are no longer asked; empty: never
    skill_relax_seconds = models.PositiveIntegerField(null=True, blank=True, default=900, db_default=900)
    # Seconds in which an agent accepts what he is offered, else the next one is asked; empty: work is given outright
    offer_seconds = models.PositiveIntegerField(null=True, blank=True)
    # What becomes of a ticket whose customer writes while its agent is away
    when_agent_away = models.CharField(
        max_length=10, choices=Away.choices, default=Away.OFF_SHIFT, db_default=Away.OFF_SHIFT.value
    )
    # Opening hours of its own; empty: the desk's
    calendar = models.ForeignKey(Calendar, null=True, blank=True, on_delete=models.SET_NULL, related_name="queues")
    # Under every mail that leaves for a ticket of this queue, in the customer's language; '' leaves it to the mailbox
    signature = models.TextField(blank=True, default="")
    signature_fr = models.TextField(blank=True, default="")

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


SECURITY = [("ssl", "TLS"), ("starttls", "STARTTLS"), ("none", _("none"))]


class Mailbox(models.Model):
    """An e-mail address that feeds a queue; passwords are sealed (`lib.sealed`)."""

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="mailboxes")
    address = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True, default="")
    # Other addresses whose mail arrives here, in lower case
    aliases = models.JSONField(blank=True, default=list)
    signature = models.TextField(blank=True, default="")
    signature_fr = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=True)
    imap_host = models.CharField(max_length=255, blank=True, default="")
    imap_port = models.PositiveIntegerField(default=993)
    imap_security = models.CharField(max_length=8, default="ssl", choices=SECURITY)
    imap_user = models.CharField(max_length=255, blank=True, default="")
    imap_secret = models.TextField(blank=True, default="")
    imap_folder = models.CharField(max_length=255, default="INBOX")
    imap_done_folder = models.CharField(max_length=255, blank=True, default="Guichet")
    # Without a host its mail leaves through the server of the settings
    smtp_host = models.CharField(max_length=255, blank=True, default="")
    smtp_port = models.PositiveIntegerField(default=587)
    smtp_security = models.CharField(max_length=8, default="starttls", choices=SECURITY)
    smtp_user = models.CharField(max_length=255, blank=True, default="")
    smtp_secret = models.TextField(blank=True, default="")

    class Meta:
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return self.address


class MailboxState(models.Model):
    """How a mailbox fares: who fetches it, how far it was read, what went wrong last. Changes often, so it stands apart."""

    mailbox = models.OneToOneField(Mailbox, on_delete=models.CASCADE, related_name="state")
    # One fetcher at a time; two at once would do no harm, only the same work twice
    holder = models.CharField(max_length=80, blank=True, default="")
    leased_until = models.DateTimeField(null=True, blank=True)
    # Where the next pass begins when mail is left in its folder
    uid_validity = models.PositiveBigIntegerField(default=0)
    last_uid = models.PositiveBigIntegerField(default=0)
    first_fetched_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    first_reply_at = models.DateTimeField(null=True, blank=True)
    # Codes of `channels.mail_words`; '' while the last try went well
    imap_error = models.CharField(max_length=40, blank=True, default="")
    imap_error_at = models.DateTimeField(null=True, blank=True)
    smtp_error = models.CharField(max_length=40, blank=True, default="")
    smtp_error_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.mailbox_id} {self.imap_error or 'well'}"
