"""Shapes of what rules did and why: accounts, runs, what nothing placed."""

from rest_framework import serializers

from tickets.api.rules_shapes import Fields, Named, NamedSlug, NumberedTicket, Shape
from tickets.models.rule import Trigger


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


class Unrouted(Shape):
    """What no rule placed, and whether it is too much."""

    queue = NamedSlug()
    open = serializers.IntegerField()
    waiting = serializers.IntegerField()
    oldest_waiting_since = serializers.DateTimeField(allow_null=True)
    unplaced = serializers.IntegerField()
    threshold = serializers.IntegerField()
    alarm = serializers.BooleanField()
