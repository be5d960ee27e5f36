"""Links between requests. Nobody is told anything of one whose other end he may not see."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tickets import access, linking
from tickets.api.base import caller
from tickets.api.linking_shapes import TicketLinkInput, TicketLinkOut


class TicketLinks(APIView):
    """`GET`, `POST tickets/{id}/links/`: what has to do with this request; link another one to it."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read", "POST": "ticket.update"}

    @extend_schema(responses=TicketLinkOut(many=True), operation_id="ticket_links_list")
    def get(self, request: Request, ticket_id: int) -> Response:
        user = caller(request)
        found = linking.links_of(access.ticket(user, ticket_id), user)
        return Response(TicketLinkOut(found, many=True).data)

    @extend_schema(request=TicketLinkInput, responses={201: TicketLinkOut, 200: TicketLinkOut})
    def post(self, request: Request, ticket_id: int) -> Response:
        form = TicketLinkInput(data=request.data)
        form.is_valid(raise_exception=True)
        user, given = caller(request), form.validated_data
        ticket = access.ticket(user, ticket_id, needs="ticket.update")
        other = access.ticket(user, given["to"], needs="ticket.update")
        linked, is_new = linking.add(ticket, other, given["relation"], by=user)
        return Response(TicketLinkOut(linked).data, status=201 if is_new else 200)


class TicketLinkDetail(APIView):
    """`DELETE tickets/{id}/links/{link}/`: take it away."""

    needs: ClassVar[dict[str, str]] = {"DELETE": "ticket.update"}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, ticket_id: int, link_id: int) -> Response:
        user = caller(request)
        ticket = access.ticket(user, ticket_id, needs="ticket.update")
        linking.remove(linking.link(user, ticket, link_id), by=user)
        return Response(status=204)
