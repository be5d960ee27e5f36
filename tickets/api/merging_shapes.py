"""Shapes of merging and splitting."""

from typing import Any

from rest_framework import serializers

from tickets import merging
from tickets.api.serializers import PersonRef, QueueRef
from tickets.models import Ticket


class MergeSide(serializers.ModelSerializer[Ticket]):
    """One of the two requests, as the dialog shows it."""

    number = serializers.CharField(read_only=True)
    queue = QueueRef()
    requester = PersonRef()

    class Meta:
        model = Ticket
        fields = ("id", "number", "subject", "status", "queue", "requester", "preview", "created_at", "last_message_at")


class MergePreview(serializers.Serializer[merging.Preview]):
    """What would happen. `problem` is a code, '' when nothing stands in the way; `problem_text` says it."""

    source = MergeSide()  # type: ignore[assignment]
    target = MergeSide()
    problem = serializers.CharField()
    problem_text = serializers.SerializerMethodField()
    can_swap = serializers.BooleanField()
    is_other_requester = serializers.BooleanField()
    messages = serializers.IntegerField()
    files = serializers.IntegerField()
    tags = serializers.ListField(child=serializers.CharField())
    people = PersonRef(many=True)
    reopens = serializers.BooleanField()

    def get_problem_text(self, preview: merging.Preview) -> str:
        return str(merging.PROBLEMS.get(preview.problem, ""))


class MergeInput(serializers.Serializer[Any]):
    """`is_agreed`: the caller was told that the requests are of two people."""

    into = serializers.IntegerField(min_value=1)
    is_agreed = serializers.BooleanField(default=False)


class MergeState(serializers.Serializer[Any]):
    """How a request ended in another one. `why_not` is a code, '' while it can be undone."""

    source = serializers.IntegerField()  # type: ignore[assignment]
    into = serializers.IntegerField()
    # '' where the caller may not see it
    subject = serializers.CharField()
    first_seq = serializers.IntegerField()
    last_seq = serializers.IntegerField()
    merged_by = PersonRef()
    merged_at = serializers.DateTimeField()
    can_undo = serializers.BooleanField()
    why_not = serializers.CharField()
    why_not_text = serializers.CharField()


class SplitInput(serializers.Serializer[Any]):
    """The messages with which the new request begins, and its subject ('': their first words)."""

    seqs = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=200)
    subject = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
