"""What is known of a request beside its words, and who said so: provenance, spam marks, suggestions, learned models."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import User
from tickets.models.desk import Macro
from tickets.models.message import Message
from tickets.models.ticket import Ticket


class Provenance(models.Model):
    """Where the current value of one field comes from. Written by `qualification.provenance` only; events keep the past."""

    class Kind(models.TextChoices):
        AGENT = "agent", _("Agent")
        CUSTOMER = "customer", _("Customer")
        RULE = "rule", _("Rule")
        MODEL = "model", _("Suggestion")
        IMPORT = "import", _("Program")
        MAILBOX = "mailbox", _("Mailbox")
        GUESS = "guess", _("Guessed from the words")
        DEFAULT = "default", _("Default")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="provenance", db_index=False)
    # `kind language priority queue assignee standing spam`, and `tag:<name>` (false: somebody took it away)
    field = models.CharField(max_length=60)
    value = models.JSONField(null=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # The rule, model or mailbox as it was then: it may be changed or gone since
    origin = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(null=True)
    name = models.CharField(max_length=120, blank=True, default="")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, db_index=False, related_name="+")
    # Offsets into "subject\nbody" of the first message, as in the account of routing
    words = models.JSONField(default=list)
    confidence = models.FloatField(null=True)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "field"], name="provenance_once")]

    def __str__(self) -> str:
        return f"{self.field} of {self.ticket_id} by {self.kind}"


class SpamMark(models.Model):
    """What a person said: this is spam, this is not. The spam filter learns from it."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="spam_mark")
    is_spam = models.BooleanField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    marked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.ticket_id}: {'spam' if self.is_spam else 'not spam'}"


class Learned(models.Model):
    """A trained model: numbers and hashes, no words and no code. Read with `numpy.load(allow_pickle=False)`."""

    class Task(models.TextChoices):
        QUEUE = "queue", _("Queue")
        KIND = "kind", _("Kind")
        MACRO = "macro", _("Macro")
        SPAM = "spam", _("Spam")

    task = models.CharField(max_length=6, choices=Task.choices)
    # '' for spam: one model for all languages
    language = models.CharField(max_length=5, blank=True, default="")
    labels = models.JSONField(default=list)
    weights = models.BinaryField(default=b"")
    # Measured on tickets kept back from the training (`qualification.training`)
    report = models.JSONField(default=dict)
    is_in_force = models.BooleanField(default=False)
    trained_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "language"], condition=Q(is_in_force=True), name="learned_one_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.language} {self.pk}"


class Suggestion(models.Model):
    """What a ticket looks like. It fills nothing unless the administrator lets it."""

    class State(models.TextChoices):
        OPEN = "open", _("Suggested")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        FILLED = "filled", _("Filled in")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="suggestions", db_index=False)
    field = models.CharField(max_length=6)
    value = models.CharField(max_length=60)
    confidence = models.FloatField()
    words = models.JSONField(default=list)
    model = models.ForeignKey(Learned, null=True, on_delete=models.SET_NULL, db_index=False, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, db_index=False, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "field"], name="suggestion_once")]

    def __str__(self) -> str:
        return f"{self.field} of {self.ticket_id}: {self.value}"


class MacroUse(models.Model):
    """Which macro a reply was made from: what macro suggestions are learned from."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="macro_use")
    macro = models.ForeignKey(Macro, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"{self.message_id} from {self.macro_id}"


class QualificationSettings(models.Model):
    """One row: what the desk lets the machine decide by itself."""

    hold_spam = models.BooleanField(default=True)
    spam_limit = models.FloatField(default=0.9)
    # The confidence above which a suggestion fills the field by itself; empty: never
    fill_queue = models.FloatField(null=True, blank=True)
    fill_kind = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="qualification_settings_one_row")]

    def __str__(self) -> str:
        return "qualification settings"
