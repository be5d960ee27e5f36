"""What was said: messages in `seq` order, and their files."""

import uuid
from pathlib import PurePosixPath
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import clock
from helpdesk.people.models import Customer, User
from tickets.models.ticket import Channel, Ticket
from tickets.qualification import sensitive


class MessageQuerySet(models.QuerySet["Message"]):
    """Reads of messages."""

    def public(self) -> Self:
        """What the customer may see: notes never, nor what may still be taken back."""
        is_free = Q(held_until__isnull=True) | Q(held_until__lte=clock.now())
        return self.filter(is_free, kind=Message.Kind.PUBLIC)

    def after(self, seq: int) -> Self:
        """In the order of the conversation, from behind `seq`. Uses index: message_seq."""
        return self.filter(seq__gt=seq).order_by("seq")

    def with_words(self) -> Self:
        """What both sides see of a message: who wrote it, and its files."""
        return self.select_related("author_user", "author_customer").prefetch_related("attachments")

    def with_people(self) -> Self:
        """Everything a thread of the desk shows, in a fixed number of queries."""
        more = self.with_words().select_related("envelope", "copied_from")
        return more.prefetch_related("deliveries", "hints__ticket", "rawmail_set")


class Message(models.Model):
    """One utterance. Written by `conversation` only; a public message is never edited, only redacted."""

    class Kind(models.TextChoices):
        PUBLIC = "public", _("Reply")
        NOTE = "note", _("Internal note")

    class Trust(models.TextChoices):
        VERIFIED = "verified", _("Verified sender")
        UNVERIFIED = "unverified", _("Unverified sender")
        FAILED = "failed", _("Sender check failed")

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.PUBLIC)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    author_user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    author_customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.PROTECT)
    body = models.TextField(blank=True, default="")
    html = models.TextField(blank=True, default="")
    # Analysed for search (`lib.search`)
    terms = models.TextField(blank=True, default="")
    trust = models.CharField(max_length=10, choices=Trust.choices, blank=True, default="")
    # Card numbers and the like: [{"kind", "start", "end"}] with offsets into `body`; empty when there are none
    sensitive = models.JSONField(null=True, blank=True)
    # Automatic mail (auto-reply, bounce …): filed, never counted as the customer speaking
    machine = models.CharField(max_length=12, blank=True, default="")
    # The sender's own id of this message; another sender's equal id is another message
    origin_id = models.CharField(max_length=100, null=True, blank=True)
    origin_by = models.CharField(max_length=40, blank=True, default="")
    # What the sender asked for under that id: the same id with other content is refused
    origin_hash = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()
    redacted_at = models.DateTimeField(null=True, blank=True)
    # It leaves by mail at this moment and may be taken back until then; NULL once it left, and for what is not mailed
    held_until = models.DateTimeField(null=True, blank=True)
    # Its author took it back in time: its words are in his draft again, and it is no longer public
    unsent_at = models.DateTimeField(null=True, blank=True)
    # Written again from another request (merged, split): where it was said first
    copied_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="copies", db_index=False
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            # the order of the conversation, and its only hot index
            models.UniqueConstraint(fields=["ticket", "seq"], name="message_seq"),
            models.UniqueConstraint(
                fields=["origin_by", "origin_id"], condition=Q(origin_id__isnull=False), name="message_origin_once"
            ),
            models.CheckConstraint(
                condition=Q(author_user__isnull=True) | Q(author_customer__isnull=True), name="message_one_author"
            ),
            models.CheckConstraint(
                condition=~Q(kind="note") | Q(author_customer__isnull=True), name="message_note_by_staff"
            ),
        ]
        indexes = [
            # what was written again of a message: redacted with it
            models.Index(fields=["copied_from"], condition=Q(copied_from__isnull=False), name="message_copies"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}#{self.seq}"

    @property
    def is_public(self) -> bool:
        return self.kind == self.Kind.PUBLIC

    @property
    def is_held(self) -> bool:
        """It may still be taken back: its author's side sees it, the customer does not yet."""
        return self.held_until is not None and self.held_until > clock.now()

    @property
    def shown_body(self) -> str:
        """The text for screens, mails and frames: cards masked, of the same length."""
        return sensitive.mask_marked(self.body, self.sensitive or [])

    @property
    def shown_html(self) -> str:
        """The HTML with its cards masked; '' where one cannot be found in it, and the text is shown instead."""
        return sensitive.mask_html(self.html, self.body, self.sensitive or [])

    @property
    def author_kind(self) -> str:
        """'agent', 'customer' or 'system'."""
        if self.author_user_id:
            return "agent"
        return "customer" if self.author_customer_id else "system"

    @property
    def author_name(self) -> str:
        author = self.author_user or self.author_customer
        return author.name if author else ""


def random_path(attachment: "Attachment", name: str) -> str:
    """A stored name that tells nothing and that nobody guesses; the real name lives in the row."""
    token = uuid.uuid4().hex
    return str(PurePosixPath("attachments") / token[:2] / token)


class Attachment(models.Model):
    """A file of a message, or one uploaded by somebody for a message not yet sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.CASCADE, related_name="attachments")
    # Who uploaded it (`user:3`, `customer:7`, `session:9`): only he may put it into a message
    uploader = models.CharField(max_length=40)
    file = models.FileField(upload_to=random_path, max_length=200)
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_id = models.CharField(max_length=250, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            # sweep of files that were uploaded and never sent
            models.Index(fields=["created_at"], condition=Q(message__isnull=True), name="attachment_orphan"),
        ]

    def __str__(self) -> str:
        return self.name
