"""Why her: the account of assignment, offers, and what leads set of queues and opening hours."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import clock
from tickets import access, desk_settings
from tickets.api.assignment_shapes import AssignmentShape, CalendarSerializer, MyOffer, QueuePatch, QueueSettings
from tickets.api.base import caller, ticket_json
from tickets.api.serializers import TicketSerializer
from tickets.assignment import desk, offers, words
from tickets.models import Calendar, Queue


class TicketAssignment(APIView):
    """`GET tickets/{id}/assignment/?agent=`: who was considered, who was left out and why, who won and why."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(parameters=[OpenApiParameter("agent", int)], responses=AssignmentShape)
    def get(self, request: Request, ticket_id: int) -> Response:
        ticket = access.ticket(caller(request), ticket_id)
        asked = request.query_params.get("agent", "")
        person = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
        return Response(words.told(ticket, caller(request), asked=person))


class OfferAccept(APIView):
    """`POST tickets/{id}/assignment/accept/`: take what is held out to the caller."""

    needs: ClassVar[dict[str, str]] = {"POST": "ticket.reply"}

    @extend_schema(request=None, responses=TicketSerializer)
    def post(self, request: Request, ticket_id: int) -> Response:
        ticket = access.ticket(caller(request), ticket_id, needs="ticket.reply")
        offers.accept(ticket, by=caller(request))
        return Response(ticket_json(caller(request), ticket.pk))


class OfferDecline(APIView):
    """`POST tickets/{id}/assignment/decline/`: leave it to others."""

    needs: ClassVar[dict[str, str]] = {"POST": "ticket.reply"}

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, ticket_id: int) -> Response:
        ticket = access.ticket(caller(request), ticket_id, needs="ticket.reply")
        offers.decline(ticket, by=caller(request))
        return Response(status=204)


class Offers(APIView):
    """`GET offers/`: what is held out to the caller."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(responses=MyOffer(many=True))
    def get(self, request: Request) -> Response:
        return Response(MyOffer(offers.of(caller(request)), many=True).data)


class QueueDetail(APIView):
    """`GET`/`PATCH queues/{slug}/`: how it gives its work out."""

    needs: ClassVar[dict[str, str]] = {"GET": "team.read", "PATCH": "queue.manage"}

    @extend_schema(responses=QueueSettings)
    def get(self, request: Request, slug: str) -> Response:
        return Response(_queue_json(desk_settings.queue(caller(request), slug)))

    @extend_schema(request=QueuePatch, responses=QueueSettings)
    def patch(self, request: Request, slug: str) -> Response:
        queue = desk_settings.queue(caller(request), slug, needs="queue.manage")
        form = QueuePatch(data=request.data)
        form.is_valid(raise_exception=True)
        desk_settings.change_queue(queue, form.validated_data, by=caller(request))
        return Response(_queue_json(desk_settings.queue(caller(request), slug)))


def _queue_json(queue: Queue) -> dict[str, Any]:
    waiting = desk.waiting(queue, clock.now()).count()
    return dict(QueueSettings(queue, context={"waiting": waiting}).data)


class Calendars(APIView):
    """`GET calendars/`, `POST calendars/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "queue.read", "POST": "queue.manage"}

    @extend_schema(responses=CalendarSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(CalendarSerializer(Calendar.objects.all(), many=True).data)

    @extend_schema(request=CalendarSerializer, responses={201: CalendarSerializer})
    def post(self, request: Request) -> Response:
        form = CalendarSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = desk_settings.create_calendar(form.validated_data, by=caller(request))
        return Response(CalendarSerializer(made).data, status=201)


class CalendarDetail(APIView):
    """`PATCH`/`DELETE calendars/{slug}/`."""

    needs: ClassVar[dict[str, str]] = {"PATCH": "queue.manage", "DELETE": "queue.manage"}

    @extend_schema(request=CalendarSerializer, responses=CalendarSerializer)
    def patch(self, request: Request, slug: str) -> Response:
        calendar = get_object_or_404(Calendar, slug=slug)
        form = CalendarSerializer(calendar, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        changed = desk_settings.change_calendar(calendar, form.validated_data, by=caller(request))
        return Response(CalendarSerializer(changed).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        desk_settings.delete_calendar(get_object_or_404(Calendar, slug=slug), by=caller(request))
        return Response(status=204)
