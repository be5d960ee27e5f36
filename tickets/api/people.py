"""Agents and customers as the desk sees them."""

from typing import Any, ClassVar

from django.db.models import Avg, Count, Q
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import errors, text
from helpdesk.people import customers, presence
from helpdesk.people.models import Customer, Identity, User
from tickets import timeline
from tickets.api.base import Paged, caller
from tickets.api.serializers import AgentSerializer, CustomerSerializer, TimelineEntry
from tickets.models import Survey, Ticket


class Agents(APIView):
    """`GET agents/?queue=`: to whom a ticket may be given."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(parameters=[OpenApiParameter("queue", str)], responses=AgentSerializer(many=True))
    def get(self, request: Request) -> Response:
        roles = [User.Role.AGENT, User.Role.SUPERVISOR, User.Role.ADMIN]
        users = User.objects.filter(is_active=True, role__in=roles)
        if slug := request.query_params.get("queue"):
            users = users.filter(Q(teams__queues__slug=slug) | Q(role=User.Role.ADMIN)).distinct()
        found = list(users.order_by("name", "id")[:500])
        there = presence.present([user.pk for user in found])
        rows = [{"id": u.pk, "name": u.name, "availability": presence.shown(u, u.pk in there)} for u in found]
        return Response(rows)


class Customers(Paged):
    """`GET customers/?q=`: by name, address or number."""

    needs: ClassVar[dict[str, str]] = {"GET": "customer.read"}

    @extend_schema(
        parameters=[OpenApiParameter("q", str)],
        responses=CustomerSerializer(many=True),
        operation_id="customers_list",
    )
    def get(self, request: Request) -> Response:
        rows = find(request.query_params.get("q", ""))
        return self.page(rows.prefetch_related("identities").select_related("organization"), CustomerRow)


class CustomerRow(CustomerSerializer):
    """A row of the list: no counts, so that a page costs the same for a heavy customer."""

    def to_representation(self, instance: Customer) -> dict[str, Any]:
        return {**person(instance)}


def find(query: str) -> Any:
    """Customers by a part of the name, the beginning of an address, or a number."""
    query = text.one_line(query, 200)
    rows = Customer.objects.current()
    if not query:
        return rows
    values = Q(value__startswith=query.lower())
    if phone := customers.normalise_phone(query):
        values |= Q(value=phone)
    return rows.filter(Q(name__icontains=query) | Q(pk__in=Identity.objects.filter(values).values("customer")))


class CustomerDetail(APIView):
    """`GET customers/{id}/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "customer.read"}

    @extend_schema(responses=CustomerSerializer)
    def get(self, request: Request, customer_id: int) -> Response:
        customer = customer_of(customer_id)
        tickets = Ticket.objects.visible_to(caller(request)).of_customer(customer)
        scores = Survey.objects.answered().filter(customer=customer, ticket__in=tickets)
        csat = scores.aggregate(mean=Avg("score"), n=Count("pk"))
        return Response({**person(customer), "open_tickets": tickets.unfinished().count(), "csat": csat})


def customer_of(customer_id: int) -> Customer:
    """A customer by id; one that was merged answers as the record it became."""
    rows = Customer.objects.select_related("organization", "merged_into").prefetch_related("identities")
    found = rows.filter(pk=customer_id).first()
    if found is None or found.erased_at is not None:
        raise errors.NotFound()
    return customer_of(found.merged_into_id) if found.merged_into_id else found


def person(customer: Customer) -> dict[str, Any]:
    identities = list(customer.identities.all())
    emails = [_identity(identity) for identity in identities if identity.kind == Identity.Kind.EMAIL]
    emails.sort(key=lambda entry: not entry["verified"])
    return {
        "id": customer.pk,
        "name": customer.name,
        "email": emails[0]["value"] if emails else None,
        "emails": emails,
        "phones": [_identity(identity) for identity in identities if identity.kind == Identity.Kind.PHONE],
        "organization": customer.organization.name if customer.organization else None,
        "locale": customer.locale,
        "note": customer.note,
        "fields": customer.fields,
        "trust": customers.trust(customer),
        "created_at": customer.created_at,
    }


def _identity(identity: Identity) -> dict[str, Any]:
    return {"value": identity.value, "verified": identity.verified_at is not None}


class CustomerTimeline(Paged):
    """`GET customers/{id}/timeline/`: one stream over all channels, newest first."""

    needs: ClassVar[dict[str, str]] = {"GET": "customer.read"}

    @extend_schema(
        parameters=[OpenApiParameter("before", str)],
        responses=TimelineEntry(many=True),
        operation_id="customers_timeline_list",
    )
    def get(self, request: Request, customer_id: int) -> Response:
        before = parse_datetime(request.query_params.get("before", "") or "")
        entries, more = timeline.of_customer(caller(request), customer_of(customer_id), before=before)
        link = f"/api/v1/customers/{customer_id}/timeline/?before={more:%Y-%m-%dT%H:%M:%S.%fZ}" if more else None
        return Response({"results": TimelineEntry(entries, many=True).data, "next": link, "previous": None})
