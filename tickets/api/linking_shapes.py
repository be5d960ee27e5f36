"""Shapes of links between requests."""

from typing import Any

from rest_framework import serializers

from tickets import linking
from tickets.api.serializers import PersonRef, QueueRef
from tickets.models import Ticket


class LinkedTicket(serializers.ModelSerializer[Ticket]):
    """The other request, as a line beside a conversation shows it."""

    number = serializers.CharField(read_only=True)
    queue = QueueRef()
    assignee = PersonRef(allow_null=True)

    class Meta:
        model = Ticket
        fields = ("id", "number", "subject", "status", "queue", "assignee")


class TicketLinkOut(serializers.Serializer[Any]):
    """A link, seen from the request that was asked for: `relation` says what the other one is to it."""

    id = serializers.IntegerField(source="link.pk")
    relation = serializers.ChoiceField(choices=linking.Relation.choices)
    ticket = LinkedTicket()
    created_by = PersonRef(source="link.created_by")
    created_at = serializers.DateTimeField(source="link.created_at")


class TicketLinkInput(serializers.Serializer[Any]):
    """`relation`: what the request `to` is to this one."""

    to = serializers.IntegerField(min_value=1)
    relation = serializers.ChoiceField(choices=linking.Relation.choices)
