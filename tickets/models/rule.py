"""Routing rules, and for each ticket the account of why it is where it is."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import User
from tickets.models.queue import Queue
from tickets.models.ticket import Ticket


class Trigger(models.TextChoices):
    """When a rule is tried."""

    INTAKE = "intake", _("When a request comes in")
    EVENT = "event", _("When something happens")
    TIME = "time", _("When time has passed")


class RuleQuerySet(models.QuerySet["Rule"]):
    """Reads of rules."""

    def current(self) -> "RuleQuerySet":
        """Those of the list in force, in their order; removed ones are kept for the accounts that name them."""
        return self.filter(removed_at__isnull=True).order_by("position", "id")


class Rule(models.Model):
    """Conditions and actions in one order without ties (`tickets.rules`): the rule as it stands in the list in force."""

    name = models.CharField(max_length=120)
    position = models.PositiveIntegerField()
    is_active = models.BooleanField(default=True)
    stops = models.BooleanField(default=True)
    # Logged only: its effects are told and not done
    shadow = models.BooleanField(default=False, db_default=False)
    # May replace what an agent chose
    overwrite = models.BooleanField(default=False, db_default=False)
    trigger = models.CharField(max_length=6, choices=Trigger.choices, default=Trigger.INTAKE, db_default="intake")
    # Names of events that try an event rule
    events = models.JSONField(default=list, blank=True)
    # {"since": "created" | "last_message" | "waiting", "minutes": n} of a time rule
    after = models.JSONField(null=True, blank=True)
    conditions = models.JSONField(default=dict)
    actions = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class RuleVersion(models.Model):
    """One text of a rule, never changed: what an old account or an old list means by "version 3"."""

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="versions", db_index=False)
    version = models.PositiveIntegerField()
    # name, active, stops, shadow, overwrite, trigger, events, after, conditions, actions
    content = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "version"], name="rule_version_once")]

    def __str__(self) -> str:
        return f"{self.rule_id} v{self.version}"


class RuleList(models.Model):
    """The whole list as it was published; the one with the highest number is in force."""

    number = models.PositiveIntegerField(unique=True)
    # [[rule id, version], …] in their order
    entries = models.JSONField()
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    note = models.CharField(max_length=500, blank=True, default="")
    # Why it was published although tests failed, and how many did
    reason = models.CharField(max_length=500, blank=True, default="")
    failed_tests = models.PositiveIntegerField(default=0)
    restored_from = models.PositiveIntegerField(null=True, blank=True)
    # {"added": [names], "changed": [names], "removed": [names], "moved": n} against the list before
    changes = models.JSONField(default=dict)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"rules v{self.number}"


class RuleDraft(models.Model):
    """The one list being prepared, shared by all who may change rules. It never routes."""

    revision = models.PositiveIntegerField(default=1)
    # The published list that it started from
    base = models.PositiveIntegerField()
    rules = models.JSONField(default=list)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="rule_draft_one_row")]

    def __str__(self) -> str:
        return f"draft r{self.revision} on v{self.base}"


class RuleTest(models.Model):
    """A message and where it must go: tried on every edit and before publishing."""

    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    # subject, body, from, channel, mailbox, attachments, at
    message = models.JSONField()
    # queue, priority, kind, tags, rule, hold, assignee: what is named must come out
    expect = models.JSONField()
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Routing(models.Model):
    """The account of the intake: list in force, facts, what matched on which words, and the winner."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="routing")
    # No constraint: the account outlives the rule it tells of
    rule = models.ForeignKey(Rule, null=True, on_delete=models.SET_NULL)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT)
    trace = models.JSONField()
    matched = models.JSONField(default=list)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"routing of {self.ticket_id}"


class RuleRun(models.Model):
    """The account of a later run, by an event or by the clock; those without effect are kept for some days."""

    class Stopped(models.TextChoices):
        DEPTH = "depth", _("Too many rules in a row")
        COUNT = "count", _("Too many rule runs on this ticket within the hour")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="rule_runs", db_index=False)
    trigger = models.CharField(max_length=6, choices=Trigger.choices)
    event = models.BigIntegerField(null=True)
    event_name = models.CharField(max_length=60, blank=True, default="")
    rule = models.ForeignKey(Rule, null=True, on_delete=models.SET_NULL, related_name="runs", db_index=False)
    trace = models.JSONField()
    matched = models.JSONField(default=list)
    # [{"field", "from", "to"}], [{"field", "value", "reason"}]
    applied = models.JSONField(default=list)
    kept = models.JSONField(default=list)
    stopped = models.CharField(max_length=5, choices=Stopped.choices, blank=True, default="")
    has_effect = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            # one run per event, however often its job is tried
            models.UniqueConstraint(
                fields=["event"], condition=models.Q(event__isnull=False), name="rule_run_once_per_event"
            ),
        ]
        indexes = [
            # the runs of one ticket, newest first; how many had an effect within the hour
            models.Index("ticket", models.F("id").desc(), name="rule_run_ticket"),
            # the runs that one rule won
            models.Index("rule", models.F("id").desc(), name="rule_run_rule"),
            # sweep of runs without effect
            models.Index(fields=["created_at"], condition=models.Q(has_effect=False), name="rule_run_idle"),
        ]

    def __str__(self) -> str:
        return f"{self.trigger} run on {self.ticket_id}"


class RuleFiring(models.Model):
    """That a time rule was tried on a ticket for one waiting: the same rule does not fire on it twice."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE)
    # The moment from which time was counted
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "ticket", "since"], name="rule_firing_once")]

    def __str__(self) -> str:
        return f"{self.rule_id} on {self.ticket_id}"


class RuleTally(models.Model):
    """What matched in one run, not yet counted: rows are inserted by runs and folded into `RuleStat` by the clock.

    A counter on the rule itself would make all intakes wait for one row.
    """

    # [[rule id, "hit" | "shadow" | "behind", id of the rule that stopped before it | null], …]
    matched = models.JSONField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"tally {self.pk}"


class RuleStat(models.Model):
    """How often a rule matched on one day: with effect, in shadow, or behind another that had stopped."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, db_index=False, related_name="stats")
    day = models.DateField()
    hits = models.PositiveIntegerField(default=0)
    shadow = models.PositiveIntegerField(default=0)
    behind = models.PositiveIntegerField(default=0)
    behind_rule = models.BigIntegerField(null=True)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "day"], name="rule_stat_once_per_day")]

    def __str__(self) -> str:
        return f"{self.rule_id} on {self.day}"
