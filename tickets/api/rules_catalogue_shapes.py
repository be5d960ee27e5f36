"""Shapes of what the editor of rules offers."""

from typing import Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tickets.api.rules_shapes import Fields, NamedSlug, Shape

FIELD_TYPES: Final = [(name, name) for name in ("text", "code", "tags", "number", "hours")]
ACTION_TYPES: Final = [
    (name, name) for name in ("queue", "priority", "kind", "tags", "user", "skills", "macro", "flag", "notify")
]


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}]})
class Value(serializers.JSONField):
    """A code, or the id of a person or a macro."""


class Choice(Shape):
    def get_fields(self) -> Fields:
        return {"value": Value(), "label": serializers.CharField()}


class OpShape(Shape):
    def get_fields(self) -> Fields:
        return {"name": serializers.CharField(), "label": serializers.CharField()}


class CatalogueField(Shape):
    def get_fields(self) -> Fields:
        return {
            "name": serializers.CharField(),
            "label": serializers.CharField(),
            "type": serializers.ChoiceField(choices=FIELD_TYPES),
            "ops": OpShape(many=True),
            "choices": Choice(many=True, allow_null=True),
            "current": serializers.BooleanField(),
        }


class CatalogueAction(Shape):
    def get_fields(self) -> Fields:
        return {
            "name": serializers.CharField(),
            "label": serializers.CharField(),
            "type": serializers.ChoiceField(choices=ACTION_TYPES),
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
