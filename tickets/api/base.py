"""What the ticket views share: the caller as a User, the query of a ticket's JSON, keyset pages."""

from collections.abc import Iterable
from typing import Any, cast

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from helpdesk.lib.api.pagination import IdCursor
from helpdesk.people.models import User
from tickets import access, drafts
from tickets.api.serializers import TicketSerializer
from tickets.models import Ticket
from tickets.qualification import account


def caller(request: Request) -> User:
    """The signed-in user: `Needs` has let nobody else in."""
    return cast(User, request.user)


def for_api(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Everything `TicketSerializer` reads, in a fixed number of queries."""
    related = tickets.select_related("queue", "assignee", "requester", "routing")
    return related.prefetch_related("tags", "requester__identities", "surveys", "sessions__agent")


def ticket_json(user: User, ticket_id: int) -> dict[str, Any]:
    """One ticket, freshly read."""
    ticket = for_api(Ticket.objects.filter(pk=ticket_id)).get()
    context = _context(user, [ticket]) | {"qualification": {ticket.pk: account.of(ticket)}}
    return dict(TicketSerializer(ticket, context=context).data)


def _context(user: User, tickets: Iterable[Ticket]) -> dict[str, Any]:
    marks = drafts.read_marks(user, [ticket.pk for ticket in tickets])
    return {"read_marks": marks, "can": access.verbs(user)}


class Paged(APIView):
    """A list by keyset pages; `pagination_class` also tells the schema so."""

    pagination_class = IdCursor

    def page(
        self, rows: QuerySet[Any], serializer: type[BaseSerializer[Any]], *, ordering: tuple[str, ...] = ("-id",)
    ) -> Response:
        pages = IdCursor()
        pages.ordering = ordering  # type: ignore[assignment]
        found = pages.paginate_queryset(rows, self.request, view=self) or []
        return pages.get_paginated_response(serializer(found, many=True, context=self.context(found)).data)

    def context(self, found: list[Any]) -> dict[str, Any]:
        return _context(caller(self.request), found) if found and isinstance(found[0], Ticket) else {}
