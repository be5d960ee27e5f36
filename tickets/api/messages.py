"""The conversation of a ticket."""

from collections.abc import Iterable
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import errors
from helpdesk.lib.api.pagination import IdCursor
from helpdesk.people.models import User
from tickets import access, hints
from tickets.api import inputs
from tickets.api.base import caller
from tickets.api.serializers import MessageCreate, MessageSerializer
from tickets.models import Message, Ticket

PAGE = 200


class Messages(APIView):
    """`GET`/`POST tickets/{id}/messages/`."""

    pagination_class = IdCursor
    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read", "POST": "ticket.note"}

    @extend_schema(
        parameters=[OpenApiParameter("after", int)],
        responses=MessageSerializer(many=True),
        operation_id="tickets_messages_list",
    )
    def get(self, request: Request, ticket_id: int) -> Response:
        ticket = access.ticket(caller(request), ticket_id)
        after = request.query_params.get("after", "0")
        rows = list(page(ticket, int(after) if after.isdigit() else 0))
        more = f"?after={rows[PAGE - 1].seq}" if len(rows) > PAGE else None
        results = messages_json(rows[:PAGE], caller(request))
        return Response({"results": results, "next": more, "previous": None})

    @extend_schema(request=MessageCreate, responses={201: MessageSerializer, 200: MessageSerializer})
    def post(self, request: Request, ticket_id: int) -> Response:
        form = MessageCreate(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        needs = "ticket.reply" if given["kind"] == "public" else "ticket.note"
        ticket = access.ticket(caller(request), ticket_id, needs=needs)
        try:
            message, is_new = inputs.post_message(ticket, given, by=caller(request))
        except errors.Conflict as conflict:
            _show_unseen(ticket, conflict, caller(request))
            raise
        return Response(messages_json([message], caller(request))[0], status=201 if is_new else 200)


def page(ticket: Ticket, after: int) -> list[Message]:
    """One page and one row more, in `seq` order."""
    return list(ticket.messages.with_people().after(after)[: PAGE + 1])


def messages_json(rows: Iterable[Message], user: User) -> list[dict[str, Any]]:
    """Messages for one reader: the links to their files open for him alone."""
    found = list(rows)
    context = {"viewer": f"user:{user.pk}", "seen_tickets": hints.seen_tickets(user, found)}
    return list(MessageSerializer(found, many=True, context=context).data)


def _show_unseen(ticket: Ticket, conflict: errors.Conflict, user: User) -> None:
    """The refusal carries what the caller has not read, so that he can decide at once."""
    if seqs := conflict.extra.get("unseen"):
        rows = ticket.messages.with_people().filter(seq__in=seqs).order_by("seq")
        conflict.extra["unseen"] = messages_json(rows, user)
