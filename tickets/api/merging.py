"""Two requests become one, or one becomes two."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import errors
from helpdesk.people.models import User
from tickets import access, merging, splitting
from tickets.api.base import caller, ticket_json
from tickets.api.merging_shapes import MergeInput, MergePreview, MergeState, SplitInput
from tickets.api.serializers import TicketSerializer
from tickets.models import Merge, Ticket


class TicketMergePreview(APIView):
    """`GET tickets/{id}/merge/preview/?into=`: what merging this request into that one would do."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.update"}

    @extend_schema(parameters=[OpenApiParameter("into", int, required=True)], responses=MergePreview)
    def get(self, request: Request, ticket_id: int) -> Response:
        form = MergeInput(data=request.query_params)
        form.is_valid(raise_exception=True)
        source, target = _both(caller(request), ticket_id, form.validated_data["into"])
        return Response(MergePreview(merging.preview(source, target)).data)


class TicketMerge(APIView):
    """`GET`, `POST tickets/{id}/merge/`: how this request ended in another one; end it in another one."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read", "POST": "ticket.update"}

    @extend_schema(responses=MergeState)
    def get(self, request: Request, ticket_id: int) -> Response:
        user = caller(request)
        done = merging.standing(access.ticket(user, ticket_id))
        if done is None:
            raise errors.NotFound()
        return Response(_state(done, user))

    @extend_schema(request=MergeInput, responses=MergeState)
    def post(self, request: Request, ticket_id: int) -> Response:
        form = MergeInput(data=request.data)
        form.is_valid(raise_exception=True)
        user, given = caller(request), form.validated_data
        source, target = _both(user, ticket_id, given["into"])
        return Response(_state(merging.merge(source, target, by=user, is_agreed=given["is_agreed"]), user))


class TicketMergeUndo(APIView):
    """`POST tickets/{id}/merge/undo/`: this request goes on by itself again."""

    needs: ClassVar[dict[str, str]] = {"POST": "ticket.update"}

    @extend_schema(request=None, responses=TicketSerializer)
    def post(self, request: Request, ticket_id: int) -> Response:
        user = caller(request)
        source = access.ticket(user, ticket_id, needs="ticket.update")
        if done := merging.standing(source):
            access.ticket(user, done.target_id, needs="ticket.update")
        return Response(ticket_json(user, merging.undo(source, by=user).pk))


class TicketSplit(APIView):
    """`POST tickets/{id}/split/`: messages get a request of their own; asked twice, it is the same request."""

    needs: ClassVar[dict[str, str]] = {"POST": "ticket.update"}

    @extend_schema(request=SplitInput, responses={201: TicketSerializer, 200: TicketSerializer})
    def post(self, request: Request, ticket_id: int) -> Response:
        form = SplitInput(data=request.data)
        form.is_valid(raise_exception=True)
        user = caller(request)
        ticket = access.ticket(user, ticket_id, needs="ticket.update")
        if not user.may("ticket.create"):
            raise errors.NotAllowed()
        fresh, is_new = splitting.split(ticket, by=user, **form.validated_data)
        return Response(ticket_json(user, fresh.pk), status=201 if is_new else 200)


def _both(user: User, source_id: int, target_id: int) -> tuple[Ticket, Ticket]:
    """Both sides must be seen, and both are changed."""
    source = access.ticket(user, source_id, needs="ticket.update")
    return source, access.ticket(user, target_id, needs="ticket.update")


def _state(done: Merge, user: User) -> dict[str, Any]:
    target = Ticket.objects.visible_to(user).filter(pk=done.target_id).first()
    may_undo = target is not None and user.may("ticket.update")
    code = merging.why_not_undo(done)
    return {
        "source": done.source_id,
        "into": done.target_id,
        "subject": target.subject if target else "",
        "first_seq": done.first_seq,
        "last_seq": done.last_seq,
        "merged_by": {"id": done.merged_by.pk, "name": done.merged_by.name},
        "merged_at": done.merged_at,
        "can_undo": may_undo and not code,
        "why_not": code,
        "why_not_text": str(merging.PROBLEMS.get(code, "")),
    }
