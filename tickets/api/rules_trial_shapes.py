"""Shapes of rehearsal: a message nobody sent, saved tests, back-tests."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tickets.api.rules_shapes import Fields, NamedSlug, NumberedTicket, Shape

AGAINST = (("live", "live"), ("draft", "draft"))


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


@extend_schema_field(MessageInput)
class Message(serializers.DictField):
    """A message that nobody sent, as it is kept."""


class SavedTest(Shape):
    """A saved test; `ticket` instead of `message` copies a past request."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=120)
    message = Message(required=False)
    expect = serializers.DictField()
    active = serializers.BooleanField(required=False)
    ticket = serializers.IntegerField(required=False, write_only=True)


class SavedTests(Shape):
    results = SavedTest(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


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
