"""Files of customers on their way in and out: the import, its rows with what became of each, and exports."""

from django.db import models
from django.db.models import Q

from helpdesk.people.models.user import User


class Kind(models.TextChoices):
    """What the rows of a file are."""

    CUSTOMERS = "customers"
    ORGANIZATIONS = "organizations"
    INTERACTIONS = "interactions"
    TICKETS = "tickets"
    HELPDESK = "helpdesk"


class ImportQuerySet(models.QuerySet["Import"]):
    """Reads of imports."""

    def standing(self) -> "ImportQuerySet":
        """Those that changed customers and were not taken back, the newest first."""
        return self.filter(began_at__isnull=False).exclude(state=Import.State.UNDONE).order_by("-began_at", "-id")


class Import(models.Model):
    """A file that was sent. It is checked without a trace as often as wanted, run once, and may be taken back."""

    class State(models.TextChoices):
        NEW = "new"
        CHECKING = "checking"
        CHECKED = "checked"
        RUNNING = "running"
        DONE = "done"
        UNDOING = "undoing"
        UNDONE = "undone"
        FAILED = "failed"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    origin_id = models.UUIDField(null=True, blank=True)
    name = models.CharField(max_length=120)
    # Where the bytes lie in the storage; '' when they are gone
    path = models.CharField(max_length=200, blank=True, default="")
    sha256 = models.CharField(max_length=64)
    encoding = models.CharField(max_length=20)
    separator = models.CharField(max_length=1, blank=True, default="")
    # [{"name", "samples"}], and for each column the field that it fills, or ''
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=list)
    total = models.PositiveIntegerField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    # The last row that was worked on, and how often working on what follows it was tried
    cursor = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    made = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=30, blank=True, default="")
    created_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "origin_id"], name="import_origin_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """One row of a file: its cells as they were, what became of it, and how to take that back."""

    class Outcome(models.TextChoices):
        NEW = "new"
        CHANGED = "changed"
        SAME = "same"
        REFUSED = "refused"
        UNDONE = "undone"
        KEPT = "kept"

    parent = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows", db_index=False)
    # As a spreadsheet counts: the header is row 1
    number = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    # By what it is found again; '' before it was looked at
    key = models.CharField(max_length=340, blank=True, default="")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")
    # [{"column", "field", "value", "code", …}]: in words only when somebody reads them
    faults = models.JSONField(default=list)
    undo = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parent", "number"], name="import_row_once")]
        indexes = [
            # running.step: was this customer met in an earlier row of the file?
            models.Index(fields=["parent", "key", "number"], name="import_row_key"),
            # the table of errors, by pages
            models.Index(
                fields=["parent", "number"], condition=Q(outcome__in=["refused", "kept"]), name="import_row_faults"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parent_id}: {self.number}"


class Export(models.Model):
    """A file of customers that was asked for: written by a job, fetched by who asked, gone after a day."""

    class State(models.TextChoices):
        WRITING = "writing"
        READY = "ready"
        FAILED = "failed"
        GONE = "gone"

    class Form(models.TextChoices):
        CSV = "csv"
        XLSX = "xlsx"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    form = models.CharField(max_length=5, choices=Form.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WRITING)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    origin_id = models.UUIDField(null=True, blank=True)
    path = models.CharField(max_length=200, blank=True, default="")
    count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "origin_id"], name="export_origin_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}.{self.form} #{self.pk}"
