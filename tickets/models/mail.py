"""What mail leaves behind: raw bytes, envelopes, deliveries, receipts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import User
from tickets.models.message import Message
from tickets.models.queue import Mailbox
from tickets.models.ticket import Ticket


class RawMailQuerySet(models.QuerySet["RawMail"]):
    """Reads of raw mail."""

    def quarantined(self) -> "RawMailQuerySet":
        """What did not become a message, newest first."""
        return self.filter(outcome__in=["quarantined", "failed"]).order_by("-id")


class RawMail(models.Model):
    """One mail as it came: stored before it is understood, and what became of it."""

    class Outcome(models.TextChoices):
        STORED = "stored", _("Stored")
        TICKET = "ticket", _("New ticket")
        MESSAGE = "message", _("Message of a ticket")
        DUPLICATE = "duplicate", _("Seen before")
        QUARANTINED = "quarantined", _("Held back")
        FAILED = "failed", _("Could not be read")
        DELETED = "deleted", _("Deleted from the held mail")

    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, db_index=False)
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    # Where it lay on the IMAP server: 'UIDVALIDITY:UID', or '' when it was piped
    uid = models.CharField(max_length=60, blank=True, default="")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.STORED)
    reason = models.CharField(max_length=40, blank=True, default="")
    sender = models.CharField(max_length=320, blank=True, default="")
    subject = models.CharField(max_length=200, blank=True, default="")
    preview = models.CharField(max_length=300, blank=True, default="")
    # What was odd about it, as codes of `email_parse`
    problems = models.JSONField(default=list, db_default=[])
    trust = models.CharField(max_length=10, choices=Message.Trust.choices, blank=True, default="", db_default="")
    machine = models.CharField(max_length=12, blank=True, default="", db_default="")
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.PROTECT)
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.PROTECT)
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    # Who let it in, deleted it or took it back, and when
    settled_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    # Since when the bytes of a deleted mail are gone; the row stays
    purged_at = models.DateTimeField(null=True, blank=True)

    objects = RawMailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "sha256"], name="raw_mail_once"),
        ]
        indexes = [
            # the quarantine screen, and what a killed worker left behind
            models.Index(
                fields=["outcome", "-id"],
                condition=Q(outcome__in=["stored", "quarantined", "failed"]),
                name="raw_mail_unsettled",
            ),
            # what people let in or deleted
            models.Index(fields=["-id"], condition=Q(settled_at__isnull=False), name="raw_mail_settled"),
        ]

    def __str__(self) -> str:
        return f"{self.mailbox} {self.pk} {self.outcome}"


class Envelope(models.Model):
    """The headers of a mail message, kept out of the hot message table."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="envelope")
    header_id = models.CharField(max_length=500, blank=True, default="")
    header_id_hash = models.CharField(max_length=64, db_index=True)
    in_reply_to = models.CharField(max_length=500, blank=True, default="")
    from_address = models.CharField(max_length=320, blank=True, default="")
    from_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    reply_to = models.CharField(max_length=320, blank=True, default="", db_default="")
    # [{"name", "address"}], whole and in their order
    to = models.JSONField(default=list)
    cc = models.JSONField(default=list)
    matched_by = models.CharField(max_length=20, blank=True, default="")
    # Whether the mail holds more than the message shows: quoted history, a signature
    is_folded = models.BooleanField(default=False, db_default=False)
    # What is special about it (a calendar part, an encrypted one …), as `SpecialPart.as_dict` gives it
    parts = models.JSONField(default=list, db_default=[])

    def __str__(self) -> str:
        return self.header_id

    def people(self, field: str) -> list[dict[str, str]]:
        """`to` or `cc` with names; older rows hold bare addresses."""
        return [entry if isinstance(entry, dict) else {"name": "", "address": entry} for entry in getattr(self, field)]


class Delivery(models.Model):
    """One mail to one address: the unique row, claimed before it is sent, makes an at-least-once job send once."""

    class Kind(models.TextChoices):
        TO = "to", _("To")
        CC = "cc", _("In copy")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        BOUNCED = "bounced", _("Bounced")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    address = models.CharField(max_length=320)
    kind = models.CharField(max_length=2, choices=Kind.choices, default=Kind.TO, db_default=Kind.TO)
    header_id = models.CharField(max_length=250, blank=True, default="")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Code of `channels.mail_words`, '' while nothing is wrong; `error` is what the server said
    reason = models.CharField(max_length=40, blank=True, default="", db_default="")
    error = models.CharField(max_length=500, blank=True, default="")
    # Whoever sends it holds it until then: a second worker waits, and a dead one is outlived
    leased_until = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["message", "address"], name="delivery_once")]

    def __str__(self) -> str:
        return f"{self.header_id} to {self.address}"


class Receipt(models.Model):
    """An automatic acknowledgement: the budget per address and day is counted here, and one ticket has at most one."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.SET_NULL, related_name="receipts", db_index=False)
    address = models.CharField(max_length=320)
    day = models.DateField()
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED, db_default=State.SENT)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Code of `channels.mail_words`, or what else kept it from leaving
    reason = models.CharField(max_length=40, blank=True, default="", db_default="")
    # Whoever sends it holds it until then
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address", "day", "number"], name="receipt_budget"),
            models.UniqueConstraint(fields=["ticket"], condition=Q(ticket__isnull=False), name="receipt_once"),
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.day} {self.number}"
