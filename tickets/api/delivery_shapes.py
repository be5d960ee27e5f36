"""How a message stands on its way out: its deliveries in words, and whether it can still be taken back."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from helpdesk.lib import clock
from tickets.channels import mail_words
from tickets.models import Delivery, Message

# What a screen tells apart: a mail that is just being sent is still queued for it
STATES = ["queued", "sent", "failed", "bounced"]


class DeliveryRef(serializers.Serializer[Any]):
    """One mail to one address. `error` is what the server said, `text` what it means in the reader's language."""

    address = serializers.CharField()
    kind = serializers.ChoiceField(choices=["to", "cc"])
    state = serializers.SerializerMethodField()
    reason = serializers.CharField()
    text = serializers.SerializerMethodField()
    error = serializers.CharField()
    attempts = serializers.IntegerField()
    next_try_at = serializers.DateTimeField(allow_null=True)
    sent_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, delivery: Delivery) -> str:
        return "queued" if delivery.state == Delivery.State.SENDING else delivery.state

    @extend_schema_field(serializers.CharField())
    def get_text(self, delivery: Delivery) -> str:
        return mail_words.words(delivery.reason)


class MessageDeliveries(serializers.Serializer[Message]):
    """What `MessageSerializer` gains: when the message leaves, and what became of it."""

    deliveries = serializers.SerializerMethodField()
    leaves_at = serializers.SerializerMethodField()
    can_unsend = serializers.SerializerMethodField()

    @extend_schema_field(DeliveryRef(many=True))
    def get_deliveries(self, message: Message) -> list[dict[str, Any]]:
        rows = sorted(message.deliveries.all(), key=lambda delivery: delivery.pk)
        return list(DeliveryRef(rows, many=True).data)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_leaves_at(self, message: Message) -> str | None:
        return message.held_until.isoformat() if message.held_until and message.held_until > clock.now() else None

    @extend_schema_field(serializers.BooleanField())
    def get_can_unsend(self, message: Message) -> bool:
        is_own = self.context.get("viewer") == f"user:{message.author_user_id}"
        return is_own and self.get_leaves_at(message) is not None
