"""What customers of an organisation read of each other's requests: seen by staff, set by leads."""

from typing import Any, ClassVar, cast

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import errors
from helpdesk.people import sharing
from helpdesk.people.models import Customer, Organization, Sharing, User


class OrganizationSharing(serializers.ModelSerializer[Organization]):
    """An organisation, its level, and how many people it has."""

    sharing = serializers.ChoiceField(choices=Sharing.choices)
    people = serializers.SerializerMethodField()

    class Meta:
        model = Organization
        fields = ("id", "name", "sharing", "people")
        read_only_fields = ("id", "name")

    def get_people(self, row: Organization) -> int:
        return Customer.objects.current().filter(organization=row).count()


class CustomerSharing(serializers.Serializer[Any]):
    """`sharing`: said of this person, '' as his organisation has it. `level`: what holds."""

    sharing = serializers.ChoiceField(choices=Sharing.choices, allow_blank=True)
    level = serializers.ChoiceField(choices=Sharing.choices, read_only=True)
    organization = OrganizationSharing(read_only=True, allow_null=True)
    proved = serializers.BooleanField(read_only=True)


def _shown(customer: Customer) -> dict[str, Any]:
    emails = customer.identities.filter(kind="email", verified_at__isnull=False, is_apart=False)
    return dict(
        CustomerSharing(
            {
                "sharing": customer.sharing,
                "level": customer.sharing_level,
                "organization": customer.organization,
                "proved": emails.exists(),
            }
        ).data
    )


def _found(customer_id: int) -> Customer:
    """One that was merged away is asked for as the record it became; one who was erased is nobody."""
    rows = Customer.objects.select_related("organization")
    found = rows.filter(Q(pk=customer_id) | Q(merged__pk=customer_id), merged_into__isnull=True).first()
    if found is None or found.erased_at is not None or found.is_visitor:
        raise errors.NotFound()
    return found


def _user(request: Request) -> User:
    return cast(User, request.user)


class CustomerSharingDetail(APIView):
    """`GET`/`PATCH customers/{id}/sharing/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "customer.read", "PATCH": "customer.share"}

    @extend_schema(responses=CustomerSharing)
    def get(self, request: Request, customer_id: int) -> Response:
        return Response(_shown(_found(customer_id)))

    @extend_schema(request=CustomerSharing, responses=CustomerSharing)
    def patch(self, request: Request, customer_id: int) -> Response:
        customer = _found(customer_id)
        form = CustomerSharing(data=request.data)
        form.is_valid(raise_exception=True)
        sharing.set_for_one(customer, form.validated_data["sharing"], by=_user(request))
        return Response(_shown(_found(customer_id)))


class OrganizationSharingDetail(APIView):
    """`GET`/`PATCH organizations/{id}/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "customer.read", "PATCH": "customer.share"}

    @extend_schema(responses=OrganizationSharing)
    def get(self, request: Request, organization_id: int) -> Response:
        return Response(OrganizationSharing(self._found(organization_id)).data)

    @extend_schema(request=OrganizationSharing, responses=OrganizationSharing)
    def patch(self, request: Request, organization_id: int) -> Response:
        row = self._found(organization_id)
        form = OrganizationSharing(data=request.data)
        form.is_valid(raise_exception=True)
        changed = sharing.set_for_all(row, form.validated_data["sharing"], by=_user(request))
        return Response(OrganizationSharing(changed).data)

    def _found(self, organization_id: int) -> Organization:
        found = Organization.objects.filter(pk=organization_id).first()
        if found is None:
            raise errors.NotFound()
        return found
