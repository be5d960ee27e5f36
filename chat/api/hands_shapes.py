"""The API's shapes of agents' chats: cards with what is unread, handovers, whispers, and how a chat came out."""

from typing import Any

from rest_framework import serializers

from chat import wrapup
from chat.api.serializers import AgentName, CardOut, QueueOut
from chat.handovers import MAX_LINE
from tickets.conversation import MAX_BODY


class HeldOutOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    to = AgentName()


class DeskCardOut(CardOut):
    """A chat as its agents see it."""

    unread = serializers.IntegerField()
    visitor_here = serializers.BooleanField()
    left_at = serializers.DateTimeField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    help_at = serializers.DateTimeField(allow_null=True)
    help_line = serializers.CharField()
    held_out = HeldOutOut(allow_null=True)


class HandoverOut(serializers.Serializer[Any]):
    """A chat that a colleague holds out."""

    id = serializers.IntegerField()
    session = CardOut()
    by = AgentName()
    line = serializers.CharField()
    warm = serializers.BooleanField()
    until = serializers.DateTimeField()


class DeskLineOut(serializers.Serializer[Any]):
    waiting = DeskCardOut(many=True)
    mine = DeskCardOut(many=True)
    beside = DeskCardOut(many=True)
    handovers = HandoverOut(many=True)


class LiveChatsOut(serializers.Serializer[Any]):
    results = DeskCardOut(many=True)


class TargetPerson(AgentName):
    availability = serializers.ChoiceField(choices=["available", "finishing", "away", "offline"])
    chats = serializers.IntegerField()
    capacity = serializers.IntegerField()


class TargetQueue(QueueOut):
    free = serializers.IntegerField()


class TargetsOut(serializers.Serializer[Any]):
    people = TargetPerson(many=True)
    queues = TargetQueue(many=True)


class TransferInput(serializers.Serializer[Any]):
    """To a person or to a queue, never both; the hand-over line is required."""

    to_user = serializers.IntegerField(required=False, allow_null=True, default=None)
    to_queue = serializers.CharField(required=False, allow_blank=True, max_length=100, default="")
    line = serializers.CharField(max_length=MAX_LINE, allow_blank=True, default="")
    warm = serializers.BooleanField(required=False, default=False)


class WhisperInput(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=MAX_BODY, trim_whitespace=False)
    origin_id = serializers.CharField(max_length=100)


class WhisperOut(serializers.Serializer[Any]):
    ticket = serializers.IntegerField()
    seq = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class HelpInput(serializers.Serializer[Any]):
    line = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class WrapUpInput(serializers.Serializer[Any]):
    # One of `wrapup.OUTCOMES`, or nothing
    outcome = serializers.CharField(max_length=12, required=False, allow_blank=True, default="")
    tags = serializers.ListField(
        child=serializers.CharField(max_length=50), max_length=wrapup.MAX_TAGS, required=False, default=list
    )
