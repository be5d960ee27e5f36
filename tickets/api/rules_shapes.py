"""Shapes of the rules API, for the forms and for the description; what is answered is built by `rules_json`."""

from typing import Any

from rest_framework import serializers

from tickets.models.rule import Trigger

Shape = serializers.Serializer[Any]
Fields = dict[str, serializers.Field[Any, Any, Any, Any]]
AGAINST = (("live", "live"), ("draft", "draft"))


class After(Shape):
    since = serializers.ChoiceField(choices=["created", "last_message", "waiting"])
    minutes = serializers.IntegerField(min_value=1)


class Problem(Shape):
    code = serializers.CharField()
    where = serializers.CharField()
    value = serializers.JSONField()
    detail = serializers.CharField()


class Named(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()


class NamedSlug(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()


class NumberedTicket(Shape):
    id = serializers.IntegerField()
    number = serializers.CharField()
    subject = serializers.CharField()


class RuleInput(Shape):
    """A rule as it is written; `active` is the field's public name."""

    name = serializers.CharField(max_length=120)
    position = serializers.IntegerField(min_value=1, required=False)
    active = serializers.BooleanField(required=False)
    stops = serializers.BooleanField(required=False)
    shadow = serializers.BooleanField(required=False)
    overwrite = serializers.BooleanField(required=False)
    trigger = serializers.ChoiceField(choices=Trigger.choices, required=False)
    events = serializers.ListField(child=serializers.CharField(), required=False)
    after = After(allow_null=True, required=False)
    conditions = serializers.DictField(required=False)
    actions = serializers.DictField(required=False)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class RuleShape(Shape):
    """A rule with what is known of it: how often it matched, what is wrong with it."""

    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    position = serializers.IntegerField()
    active = serializers.BooleanField()
    stops = serializers.BooleanField()
    shadow = serializers.BooleanField()
    overwrite = serializers.BooleanField()
    trigger = serializers.ChoiceField(choices=Trigger.choices)
    events = serializers.ListField(child=serializers.CharField())
    after = After(allow_null=True)
    conditions = serializers.DictField()
    actions = serializers.DictField()
    version = serializers.IntegerField()
    hits = serializers.IntegerField()
    hits_week = serializers.IntegerField()
    hits_shadow = serializers.IntegerField()
    last_hit_at = serializers.DateTimeField(allow_null=True)
    warnings = serializers.ListField(child=serializers.CharField())
    shadowed_by = Named(allow_null=True)
    problems = Problem(many=True)


class Changes(Shape):
    added = serializers.ListField(child=serializers.CharField())
    changed = serializers.ListField(child=serializers.CharField())
    removed = serializers.ListField(child=serializers.CharField())
    moved = serializers.IntegerField()


class VersionShape(Shape):
    """A published list."""

    number = serializers.IntegerField()
    author = Named(allow_null=True)
    note = serializers.CharField()
    reason = serializers.CharField()
    failed_tests = serializers.IntegerField()
    published_at = serializers.DateTimeField()
    restored_from = serializers.IntegerField(allow_null=True)
    is_live = serializers.BooleanField()
    count = serializers.IntegerField()
    changes = Changes()


class VersionDetail(VersionShape):
    rules = RuleShape(many=True)


class RulesDraftRef(Shape):
    revision = serializers.IntegerField()
    base = serializers.IntegerField()
    author = Named()
    updated_at = serializers.DateTimeField()
    is_stale = serializers.BooleanField()


class RuleListShape(Shape):
    results = RuleShape(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    live = VersionShape(allow_null=True)
    draft = RulesDraftRef(allow_null=True)


class Difference(Shape):
    field = serializers.CharField()
    expected = serializers.JSONField()
    actual = serializers.JSONField()

    def get_fields(self) -> Fields:
        # `field` would hide an attribute of serializers
        return {
            "field": serializers.CharField(),
            "expected": serializers.JSONField(),
            "actual": serializers.JSONField(),
        }


class TestResult(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    passed = serializers.BooleanField()
    differences = Difference(many=True)
    rule = serializers.CharField(allow_null=True)


class TestRun(Shape):
    number = serializers.IntegerField(allow_null=True)
    passed = serializers.IntegerField()
    failed = serializers.IntegerField()
    ms = serializers.FloatField()
    results = TestResult(many=True)


class DraftRule(RuleShape):
    key = serializers.CharField()
    change = serializers.ChoiceField(choices=["new", "changed", "moved", "same"])


class DraftShape(Shape):
    exists = serializers.BooleanField()
    revision = serializers.IntegerField()
    base = serializers.IntegerField()
    live = serializers.IntegerField()
    is_stale = serializers.BooleanField()
    author = Named(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)
    rules = DraftRule(many=True)
    removed = Named(many=True)
    problems = serializers.IntegerField()
    tests = TestRun()


class DraftInput(Shape):
    revision = serializers.IntegerField(min_value=0)
    rules = serializers.ListField(child=serializers.DictField())


class PublishInput(Shape):
    revision = serializers.IntegerField(min_value=0)
    note = serializers.CharField(max_length=500, allow_blank=True, default="")
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")
    force = serializers.BooleanField(default=False)


class NoteInput(Shape):
    note = serializers.CharField(max_length=500, allow_blank=True, default="")


class ReorderInput(Shape):
    ids = serializers.ListField(child=serializers.IntegerField())
    note = serializers.CharField(max_length=500, allow_blank=True, default="")


class MessageInput(Shape):
    """A message that nobody sent."""

    subject = serializers.CharField(max_length=200, allow_blank=True, default="")
    body = serializers.CharField(max_length=100_000, allow_blank=True, default="", trim_whitespace=False)
    channel = serializers.CharField(max_length=8, default="email")
    mailbox = serializers.CharField(max_length=320, allow_blank=True, default="")
    attachments = serializers.ListField(child=serializers.CharField(max_length=200), max_length=50, default=list)
    at = serializers.DateTimeField(allow_null=True, default=None)

    def get_fields(self) -> Fields:
        fields = super().get_fields()
        fields["from"] = serializers.CharField(max_length=320, allow_blank=True, default="")
        return fields


class TestInput(MessageInput):
    """`POST rules/test/`: a typed message, a pasted mail (`raw`) or a past ticket, tried on a list."""

    raw = serializers.CharField(max_length=2_000_000, required=False, trim_whitespace=False)
    ticket = serializers.IntegerField(required=False)
    against = serializers.ChoiceField(choices=AGAINST, default="live")
    rules = serializers.ListField(child=serializers.DictField(), required=False)


class BacktestInput(Shape):
    limit = serializers.IntegerField(min_value=1, max_value=2000, default=500)
    days = serializers.IntegerField(min_value=1, max_value=366, required=False)
    before = serializers.IntegerField(min_value=1, required=False)
    against = serializers.ChoiceField(choices=AGAINST, required=False)
    versus = serializers.ChoiceField(choices=[("live", "live"), ("then", "then")], required=False)
    rules = serializers.ListField(child=serializers.DictField(), required=False)


class RunTestsInput(Shape):
    against = serializers.ChoiceField(choices=AGAINST, default="live")
    rules = serializers.ListField(child=serializers.DictField(), required=False)


class SavedTest(Shape):
    """A saved test; `ticket` instead of `message` copies a past request."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=120)
    message = serializers.DictField(required=False)
    expect = serializers.DictField()
    active = serializers.BooleanField(required=False)
    ticket = serializers.IntegerField(required=False, write_only=True)


class SavedTests(Shape):
    results = SavedTest(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class TermShape(Shape):
    term = serializers.CharField()
    text = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    how = serializers.CharField()


class FindingShape(Shape):
    """One condition of a rule: what was expected, what was there, on which words it held."""

    def get_fields(self) -> Fields:
        return {
            "field": serializers.CharField(),
            "op": serializers.CharField(),
            "expected": serializers.ListField(child=serializers.CharField()),
            "actual": serializers.CharField(),
            "matched": serializers.BooleanField(),
            "group": serializers.CharField(),
            "of": serializers.CharField(required=False),
            "path": serializers.CharField(required=False),
            "note": serializers.CharField(required=False),
            "terms": TermShape(many=True),
        }


class RuleRef(Shape):
    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    position = serializers.IntegerField()
    version = serializers.IntegerField()


class RuleStep(Shape):
    """One rule tried; `skipped` names the rule that had stopped before it."""

    rule = RuleRef()
    matched = serializers.BooleanField()
    skipped = serializers.CharField(allow_null=True)
    shadow = serializers.BooleanField(required=False)
    effect = serializers.ChoiceField(
        choices=["won", "added", "none", "shadow", "skipped", "own_effect"], required=False
    )
    near_miss = serializers.BooleanField(required=False)
    actions = serializers.DictField()
    conditions = FindingShape(many=True)


class Would(Shape):
    hold = serializers.BooleanField()
    acknowledge = serializers.BooleanField()
    macro = serializers.IntegerField(allow_null=True)
    notify = serializers.DictField(allow_null=True)
    skills = serializers.ListField(child=serializers.CharField())


class Explanation(Shape):
    """Why a request goes where it goes: every rule in order, and the winner."""

    language = serializers.CharField()
    language_score = serializers.FloatField(required=False)
    kind = serializers.CharField(allow_null=True)
    priority = serializers.IntegerField(required=False)
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    spam = serializers.FloatField(required=False, allow_null=True)
    rule = RuleRef(allow_null=True)
    queue = NamedSlug()
    assignee = Named(required=False, allow_null=True)
    actions = serializers.DictField(required=False)
    would = Would(required=False)
    matched = TermShape(many=True)
    steps = RuleStep(many=True)
    text = serializers.CharField()
    attachments = serializers.ListField(child=serializers.CharField(), required=False)
    number = serializers.IntegerField(required=False, allow_null=True)
    ms = serializers.FloatField(required=False)
    trigger = serializers.CharField(required=False)
    at = serializers.DateTimeField(allow_null=True)


class Author(Shape):
    kind = serializers.CharField()
    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()


class Overwritten(Shape):
    """What a rule had set and somebody changed since."""

    def get_fields(self) -> Fields:
        return {
            "field": serializers.CharField(),
            "rule_value": serializers.JSONField(),
            "value": serializers.JSONField(),
            "by": Author(),
            "at": serializers.DateTimeField(allow_null=True),
        }


class Applied(Shape):
    def get_fields(self) -> Fields:
        return {
            "field": serializers.CharField(),
            "from": serializers.JSONField(allow_null=True),
            "to": serializers.JSONField(allow_null=True),
        }


class Kept(Shape):
    def get_fields(self) -> Fields:
        return {
            "field": serializers.CharField(),
            "value": serializers.JSONField(allow_null=True),
            "reason": serializers.CharField(),
        }


class RunShape(Shape):
    """One run of the rules on a ticket; that of the intake has id null."""

    id = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()
    trigger = serializers.ChoiceField(choices=Trigger.choices)
    event = serializers.CharField(allow_null=True)
    rule = RuleRef(allow_null=True)
    effect = serializers.BooleanField()
    applied = Applied(many=True)
    kept = Kept(many=True)
    stopped = serializers.CharField(allow_null=True)
    number = serializers.IntegerField(allow_null=True)
    ticket = NumberedTicket(required=False)


class TicketExplanation(Explanation):
    """The stored account, what was changed since, and the runs after the intake."""

    overwritten = Overwritten(many=True)
    runs = RunShape(many=True)


class RunDetail(Explanation):
    applied = Applied(many=True)
    kept = Kept(many=True)
    stopped = serializers.CharField(allow_null=True)
    event = serializers.CharField(allow_null=True)


class Move(Shape):
    def get_fields(self) -> Fields:
        return {"from": NamedSlug(), "to": NamedSlug(), "count": serializers.IntegerField()}


class Rerouted(Shape):
    """A past request that these rules would treat otherwise."""

    def get_fields(self) -> Fields:
        return {
            "ticket": NumberedTicket(),
            "from": NamedSlug(),
            "to": NamedSlug(),
            "rule": serializers.CharField(allow_null=True),
            "fields": serializers.DictField(),
        }


class RuleHits(Shape):
    id = serializers.IntegerField(allow_null=True)
    key = serializers.CharField()
    name = serializers.CharField()
    hits = serializers.IntegerField()


class Backtest(Shape):
    tried = serializers.IntegerField()
    changed = serializers.IntegerField()
    share = serializers.FloatField()
    ms = serializers.FloatField()
    against = serializers.CharField()
    versus = serializers.CharField()
    changes = Rerouted(many=True)
    moves = Move(many=True)
    rules = RuleHits(many=True)
    next = serializers.IntegerField(allow_null=True)


class Unrouted(Shape):
    """What no rule placed, and whether it is too much."""

    queue = NamedSlug()
    open = serializers.IntegerField()
    waiting = serializers.IntegerField()
    oldest_waiting_since = serializers.DateTimeField(allow_null=True)
    unplaced = serializers.IntegerField()
    threshold = serializers.IntegerField()
    alarm = serializers.BooleanField()


class Choice(Shape):
    value = serializers.JSONField()

    def get_fields(self) -> Fields:
        return {"value": serializers.JSONField(), "label": serializers.CharField()}


class CatalogueField(Shape):
    def get_fields(self) -> Fields:
        return {
            "name": serializers.CharField(),
            "label": serializers.CharField(),
            "type": serializers.CharField(),
            "ops": OpShape(many=True),
            "choices": Choice(many=True, allow_null=True),
            "current": serializers.BooleanField(),
        }


class OpShape(Shape):
    def get_fields(self) -> Fields:
        return {"name": serializers.CharField(), "label": serializers.CharField()}


class CatalogueAction(Shape):
    def get_fields(self) -> Fields:
        return {
            "name": serializers.CharField(),
            "label": serializers.CharField(),
            "type": serializers.CharField(),
            "choices": Choice(many=True, allow_null=True),
        }


class Catalogue(Shape):
    """What the editor offers, in the caller's language."""

    def get_fields(self) -> Fields:
        return {
            "fields": CatalogueField(many=True),
            "actions": CatalogueAction(many=True),
            "events": OpShape(many=True),
            "calendars": NamedSlug(many=True),
        }
