"""Shapes of what is known of a ticket and who said so (`tickets.qualification.account`)."""

from typing import Any

from rest_framework import serializers


class SensitiveRef(serializers.Serializer[Any]):
    """A sensitive place of a body: `card iban key identity health`."""

    kind = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()


class SaidBy(serializers.Serializer[Any]):
    """Who set a value: `agent customer rule model import mailbox guess default`; the rule in the version of then."""

    kind = serializers.CharField()
    name = serializers.CharField()
    rule = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    user = serializers.IntegerField(allow_null=True)


class QualifiedField(serializers.Serializer[Any]):
    """One chip: a field, its value in words, who set it, when, and on which words of "subject\\nbody"."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "field": serializers.CharField(),
            "value": serializers.JSONField(allow_null=True),
            "label": serializers.CharField(),
            "by": SaidBy(),
            "at": serializers.DateTimeField(),
            "words": serializers.ListField(child=serializers.DictField()),
            "confidence": serializers.FloatField(allow_null=True),
        }


class SpamSign(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "code": serializers.CharField(),
            "label": serializers.CharField(),
            "weight": serializers.FloatField(),
        }


class SpamRef(serializers.Serializer[Any]):
    """How much it looks like spam, why, and what a person said (`mark`: spam, not_spam or null)."""

    score = serializers.FloatField()
    limit = serializers.FloatField()
    held = serializers.BooleanField()
    mark = serializers.CharField(allow_null=True)
    by = serializers.CharField()
    signs = SpamSign(many=True)
    words = serializers.ListField(child=serializers.DictField())


class SuggestionRef(serializers.Serializer[Any]):
    """What the ticket looks like; `state`: open, accepted, rejected, filled."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "id": serializers.IntegerField(),
            "field": serializers.CharField(),
            "value": serializers.CharField(),
            "label": serializers.CharField(),
            "confidence": serializers.FloatField(),
            "accuracy": serializers.FloatField(allow_null=True),
            "state": serializers.CharField(),
            "model": serializers.IntegerField(allow_null=True),
            "words": serializers.ListField(child=serializers.DictField()),
        }


class QualificationShape(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "fields": QualifiedField(many=True),
            "spam": SpamRef(allow_null=True),
            "suggestions": SuggestionRef(many=True),
        }


class QualificationChange(serializers.Serializer[Any]):
    """One change of one field."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "field": serializers.CharField(),
            "from": serializers.JSONField(allow_null=True),
            "to": serializers.JSONField(allow_null=True),
            "by": SaidBy(),
            "at": serializers.DateTimeField(),
        }


class QualificationHistory(QualificationShape):
    """The same with every change, newest first."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {"history": QualificationChange(many=True)}


class SpamInput(serializers.Serializer[Any]):
    spam = serializers.BooleanField()


class SuggestionInput(serializers.Serializer[Any]):
    accept = serializers.BooleanField()


class SlugName(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class IdName(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class DuplicateRef(serializers.Serializer[Any]):
    """An open ticket that may already say the same."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    subject = serializers.CharField()
    status = serializers.CharField()
    queue = SlugName()
    requester = IdName()
    created_at = serializers.DateTimeField()
    excerpt = serializers.CharField()
    same_requester = serializers.BooleanField()
    score = serializers.FloatField()
    words = serializers.ListField(child=serializers.CharField())


class DuplicatesShape(serializers.Serializer[Any]):
    results = DuplicateRef(many=True)


class RevealedShape(serializers.Serializer[Any]):
    body = serializers.CharField()
    html = serializers.CharField()


class ConfidentRef(serializers.Serializer[Any]):
    """How often the model is at least so sure, and how often it is right then."""

    limit = serializers.FloatField()
    share = serializers.FloatField(allow_null=True)
    accuracy = serializers.FloatField(allow_null=True)


class LearnedShape(serializers.Serializer[Any]):
    """One trained model, as measured on tickets kept back; `reason` says why it is not in force."""

    id = serializers.IntegerField()
    task = serializers.CharField()
    language = serializers.CharField()
    labels = serializers.IntegerField()
    examples = serializers.IntegerField()
    held_back = serializers.IntegerField()
    accuracy = serializers.FloatField(allow_null=True)
    baseline = serializers.FloatField(allow_null=True)
    confident = ConfidentRef(allow_null=True)
    caught = serializers.FloatField(allow_null=True)
    false_alarms = serializers.FloatField(allow_null=True)
    trained_at = serializers.DateTimeField()
    in_force = serializers.BooleanField()
    reason = serializers.CharField()


class MarksShape(serializers.Serializer[Any]):
    spam = serializers.IntegerField()
    not_spam = serializers.IntegerField()


class LearningShape(serializers.Serializer[Any]):
    models = LearnedShape(many=True)
    training = serializers.BooleanField()
    marks = MarksShape()


class PolicyShape(serializers.Serializer[Any]):
    """What the machine may decide by itself; null: never."""

    hold_spam = serializers.BooleanField(required=False)
    spam_limit = serializers.FloatField(min_value=0.5, max_value=1, required=False)
    fill_queue = serializers.FloatField(min_value=0.5, max_value=1, allow_null=True, required=False)
    fill_kind = serializers.FloatField(min_value=0.5, max_value=1, allow_null=True, required=False)
