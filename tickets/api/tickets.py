"""Tickets: list, create, read, change, and what belongs to one ticket."""

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.lib import errors
from helpdesk.people.models import User
from tickets import access, drafts, lifecycle, linking, timeline
from tickets.api import filters, inputs
from tickets.api.base import Paged, caller, for_api, ticket_json
from tickets.api.serializers import (
    Counts,
    DraftSerializer,
    EventSerializer,
    QueueSerializer,
    ReadInput,
    TicketCreate,
    TicketPatch,
    TicketSerializer,
)
from tickets.channels import mail_words
from tickets.models import Queue, Ticket

_LIST = [
    OpenApiParameter(name, str)
    for name in ("view", "queue", "status", "assignee", "requester", "tag", "q", "ordering", "ids")
]


class Tickets(Paged):
    """`GET tickets/`, `POST tickets/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read", "POST": "ticket.create"}

    @extend_schema(parameters=_LIST, responses=TicketSerializer(many=True), operation_id="tickets_list")
    def get(self, request: Request) -> Response:
        user = caller(request)
        rows = filters.tickets(Ticket.objects.visible_to(user), request.query_params, user)
        ordering = filters.ordering(request.query_params)
        return self.page(for_api(rows), TicketSerializer, ordering=ordering)

    @extend_schema(request=TicketCreate, responses={201: TicketSerializer, 200: TicketSerializer})
    def post(self, request: Request) -> Response:
        form = TicketCreate(data=request.data)
        form.is_valid(raise_exception=True)
        receipt = inputs.create_ticket(form.validated_data, by=caller(request))
        status = 200 if receipt.outcome == "duplicate" else 201
        return Response(ticket_json(caller(request), receipt.ticket.pk), status=status)


class TicketDetail(APIView):
    """`GET tickets/{id}/`, `PATCH tickets/{id}/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read", "PATCH": "ticket.update"}

    @extend_schema(responses=TicketSerializer)
    def get(self, request: Request, ticket_id: int) -> Response:
        ticket = access.ticket(caller(request), ticket_id)
        return Response(ticket_json(caller(request), ticket.pk))

    @extend_schema(request=TicketPatch, responses={200: TicketSerializer, 409: TicketSerializer})
    def patch(self, request: Request, ticket_id: int) -> Response:
        form = TicketPatch(data=request.data)
        form.is_valid(raise_exception=True)
        user = caller(request)
        ticket = access.ticket(user, ticket_id, needs="ticket.update")
        change(ticket, dict(form.validated_data), by=user)
        return Response(ticket_json(user, ticket.pk))


def change(ticket: Ticket, given: dict[str, Any], *, by: User) -> None:
    """Apply a PATCH; on a conflict the answer carries the ticket as it now stands."""
    version = given.pop("version")
    try:
        lifecycle.change(ticket, _resolved(given), by=by, version=version)
    except errors.Conflict as conflict:
        conflict.extra["current"] = ticket_json(by, ticket.pk)
        raise


def _resolved(given: dict[str, Any]) -> dict[str, Any]:
    """Slugs and ids as rows; an unknown one names its field."""
    if "queue" in given:
        given["queue"] = inputs.queue(given["queue"])
    if given.get("assignee") is not None:
        given["assignee"] = User.objects.filter(pk=given["assignee"], is_active=True).first()
        if given["assignee"] is None:
            raise errors.Invalid(fields={"assignee": [_("Unknown person.")]})
    return given


class TicketSeen(APIView):
    """`POST tickets/{id}/seen/`: the caller has read up to `seq`."""

    needs: ClassVar[dict[str, str]] = {"POST": "ticket.read"}

    @extend_schema(request=ReadInput, responses={204: None})
    def post(self, request: Request, ticket_id: int) -> Response:
        form = ReadInput(data=request.data)
        form.is_valid(raise_exception=True)
        drafts.mark_read(caller(request), access.ticket(caller(request), ticket_id), form.validated_data["seq"])
        return Response(status=204)


class TicketDraft(APIView):
    """`GET`/`PUT tickets/{id}/draft/`: the caller's unsent words."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read", "PUT": "ticket.draft"}

    @extend_schema(responses=DraftSerializer)
    def get(self, request: Request, ticket_id: int) -> Response:
        draft = drafts.of(caller(request), access.ticket(caller(request), ticket_id))
        return Response(DraftSerializer(draft).data)

    @extend_schema(request=DraftSerializer, responses=DraftSerializer)
    def put(self, request: Request, ticket_id: int) -> Response:
        form = DraftSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        ticket = access.ticket(caller(request), ticket_id, needs="ticket.draft")
        drafts.keep(caller(request), ticket, **form.validated_data)
        return Response(form.validated_data)


class TicketEvents(APIView):
    """`GET tickets/{id}/events/`: what happened, without words of anybody."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(responses=EventSerializer(many=True))
    def get(self, request: Request, ticket_id: int) -> Response:
        user = caller(request)
        events = list(timeline.of_ticket(access.ticket(user, ticket_id))[:500])
        unseen = linking.unseen_ends(events, user)
        people = inputs.actor_names(events)
        rows = [
            {
                "name": event.name,
                "actor": {"kind": event.actor_kind, "name": people.get((event.actor_kind, event.actor_id), "")},
                "data": event.data,
                "detail": _why(event),
                "at": event.created_at,
            }
            for event in events
            if not (event.name in linking.EVENTS and event.data["to"] in unseen)
        ]
        return Response(rows)


def _why(event: Event) -> str:
    """What a mail server said, in the reader's language; '' for anything else."""
    is_mail = event.name in (names.MAIL_FAILED, names.MAIL_BOUNCED, names.RECEIPT_FAILED)
    return mail_words.words(str(event.data.get("reason", ""))) if is_mail else ""


class CountsView(APIView):
    """`GET counts/`: what waits, counted over unfinished tickets only."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(responses=Counts)
    @transaction.atomic
    def get(self, request: Request) -> Response:
        return Response(filters.counts(caller(request), timezone.now()))


class Queues(APIView):
    """`GET queues/`: those the caller's teams serve."""

    needs: ClassVar[dict[str, str]] = {"GET": "queue.read"}

    @extend_schema(responses=QueueSerializer(many=True))
    def get(self, request: Request) -> Response:
        served = access.queues(caller(request)).values("pk")
        rows = Queue.objects.filter(is_active=True).select_related("team").annotate(served=Q(pk__in=served))
        return Response(QueueSerializer(rows, many=True).data)
