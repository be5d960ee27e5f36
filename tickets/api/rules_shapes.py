"""Shapes of rules and their lists, for the forms and for the description; what is answered is built by `rules_json`."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tickets.models.rule import Trigger

Shape = serializers.Serializer[Any]
Fields = dict[str, serializers.Field[Any, Any, Any, Any]]


@extend_schema_field({"$ref": "#/components/schemas/RuleGroup"})
class Conditions(serializers.DictField):
    """A tree of conditions; `tickets.rules.validity` checks it, `rules_schema` describes it."""


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
    conditions = Conditions(required=False)
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
    conditions = Conditions()
    actions = serializers.DictField()
    version = serializers.IntegerField()
    hits = serializers.IntegerField()
    hits_week = serializers.IntegerField()
    hits_shadow = serializers.IntegerField()
    last_hit_at = serializers.DateTimeField(allow_null=True)
    warnings = serializers.ListField(child=serializers.CharField())
    shadowed_by = Named(allow_null=True)
    problems = Problem(many=True)


class ReorderInput(Shape):
    ids = serializers.ListField(child=serializers.IntegerField())
    note = serializers.CharField(max_length=500, allow_blank=True, default="")


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
