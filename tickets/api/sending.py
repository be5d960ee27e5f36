"""One message of a conversation: read again, taken back before it leaves, tried again when it failed."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import errors
from tickets import access, sending
from tickets.api.base import caller
from tickets.api.messages import messages_json
from tickets.api.serializers import AttachmentSerializer, DraftSerializer, MessageSerializer
from tickets.models import Message, Ticket


class UnsentMessage(serializers.Serializer[Any]):
    """What came back: the draft with the words, the files free to be sent again, the message as it now stands."""

    draft = DraftSerializer()
    attachments = AttachmentSerializer(many=True)
    message = MessageSerializer()


class MessageDetail(APIView):
    """`GET tickets/{id}/messages/{seq}/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(responses=MessageSerializer)
    def get(self, request: Request, ticket_id: int, seq: int) -> Response:
        return Response(_json(request, access.ticket(caller(request), ticket_id), seq))


class MessageUnsend(APIView):
    """`POST tickets/{id}/messages/{seq}/unsend/`: 409 `already_left` once the hold is over."""

    needs: ClassVar[dict[str, str]] = {"POST": "ticket.reply"}

    @extend_schema(request=None, responses=UnsentMessage)
    def post(self, request: Request, ticket_id: int, seq: int) -> Response:
        user = caller(request)
        ticket = access.ticket(user, ticket_id, needs="ticket.reply")
        back = sending.unsend(ticket, seq, by=user)
        files = AttachmentSerializer(back.attachments, many=True, context={"viewer": f"user:{user.pk}"}).data
        draft = DraftSerializer(back.draft).data
        return Response({"draft": draft, "attachments": files, "message": _json(request, ticket, seq)})


class MessageRetry(APIView):
    """`POST tickets/{id}/messages/{seq}/retry/`: what failed is tried again now."""

    needs: ClassVar[dict[str, str]] = {"POST": "ticket.reply"}

    @extend_schema(request=None, responses=MessageSerializer)
    def post(self, request: Request, ticket_id: int, seq: int) -> Response:
        ticket = access.ticket(caller(request), ticket_id, needs="ticket.reply")
        sending.retry(ticket, seq, by=caller(request))
        return Response(_json(request, ticket, seq))


def _json(request: Request, ticket: Ticket, seq: int) -> dict[str, Any]:
    found = Message.objects.with_people().filter(ticket=ticket, seq=seq).first()
    if found is None:
        raise errors.NotFound()
    return messages_json([found], caller(request))[0]
