"""The API's shapes of call-backs: what a visitor asks, what he and agents read."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from chat.api.serializers import AgentName, CustomerOut, OriginInput, QueueOut, SlotOut, SoonestOut
from chat.models import Callback, CallbackTry


class NumberInput(serializers.Serializer[Any]):
    number = serializers.CharField(max_length=60)
    region = serializers.RegexField(r"^([A-Za-z]{2})?$", required=False, allow_blank=True, default="")


class WishInput(NumberInput, OriginInput):
    """`starts_at` null: as soon as possible. Nobody is called who has not agreed to it."""

    origin_id = serializers.CharField(max_length=100)
    starts_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    zone = serializers.CharField(max_length=60)
    topic = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    email = serializers.CharField(max_length=320, required=False, allow_blank=True, default="")
    consent = serializers.BooleanField()
    recording = serializers.BooleanField(required=False, default=False)

    def validate_consent(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError(_("Agree to be called, so that we may call you."))
        return value


class ChangeInput(serializers.Serializer[Any]):
    """What is to change; `version` as last read."""

    version = serializers.IntegerField(min_value=1)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    phone = serializers.CharField(max_length=60, required=False)
    region = serializers.RegexField(r"^([A-Za-z]{2})?$", required=False, allow_blank=True, default="")


class OutcomeInput(OriginInput):
    origin_id = serializers.CharField(max_length=100)
    outcome = serializers.ChoiceField(choices=CallbackTry.Outcome.choices)
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="", trim_whitespace=False)


class NumberOut(serializers.Serializer[Any]):
    """A number as it will be dialled (`e164`) and as people write it."""

    e164 = serializers.CharField()
    national = serializers.CharField()
    international = serializers.CharField()
    region = serializers.CharField()
    kind = serializers.ChoiceField(choices=["mobile", "fixed", "other"])


class SlotsOut(serializers.Serializer[Any]):
    """The times that can be kept; `next`: where the list goes on."""

    minutes = serializers.IntegerField()
    asap = SoonestOut(allow_null=True)
    slots = SlotOut(many=True)
    next = serializers.DateTimeField(allow_null=True)


class CallbackBase(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    ticket = serializers.IntegerField()
    number = serializers.CharField(help_text="The ticket's number.")
    state = serializers.ChoiceField(choices=Callback.State.choices)
    asap = serializers.BooleanField()
    due_at = serializers.DateTimeField()
    due_in_s = serializers.IntegerField()
    zone = serializers.CharField()
    phone = NumberOut()
    topic = serializers.CharField()
    attempts = serializers.IntegerField()
    max_attempts = serializers.IntegerField()
    can_change = serializers.BooleanField()
    recording = serializers.BooleanField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class CallbackOut(CallbackBase):
    """A call-back as its visitor sees it."""

    position = serializers.IntegerField(allow_null=True)
    calendar_url = serializers.CharField()
    manage_url = serializers.CharField()


class CallbacksOut(serializers.Serializer[Any]):
    results = CallbackOut(many=True)


class TryOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = AgentName()
    outcome = serializers.ChoiceField(choices=CallbackTry.Outcome.choices)


class CallbackCardOut(CallbackBase):
    """A call-back as agents see it."""

    customer = CustomerOut()
    queue = QueueOut()
    site = serializers.CharField()
    language = serializers.CharField()
    subject = serializers.CharField()
    last_line = serializers.CharField()
    agent = AgentName(allow_null=True)
    taken_at = serializers.DateTimeField(allow_null=True)
    tries = TryOut(many=True)


class CallbackCardsOut(serializers.Serializer[Any]):
    results = CallbackCardOut(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
