"""Two records of one person: which may be the same, what a merge would do, merge, undo."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import errors
from helpdesk.people import joining
from helpdesk.people.models import Customer, CustomerMerge
from tickets import customer_merging
from tickets.api.base import caller
from tickets.api.people import person
from tickets.api.serializers import CustomerSerializer, PersonRef

REASONS = ["address", "name", "phone"]


class CustomerMergeInput(serializers.Serializer[Any]):
    """`take`: fields in which the record that ends is right."""

    into = serializers.IntegerField(min_value=1)
    take = serializers.ListField(
        child=serializers.ChoiceField(choices=list(joining.CHOICES)), required=False, default=list
    )


class CustomerMergePreviewShape(serializers.Serializer[Any]):
    """What would happen. `problem` is a code, '' when nothing stands in the way; `differences`: what can be chosen."""

    source = CustomerSerializer()  # type: ignore[assignment]
    target = CustomerSerializer()
    problem = serializers.CharField()
    problem_text = serializers.CharField()
    can_swap = serializers.BooleanField()
    tickets = serializers.IntegerField()
    differences = serializers.ListField(child=serializers.CharField())


class CustomerMergeState(serializers.Serializer[Any]):
    """A record that became part of another one. `why_not` is a code, '' while it can be undone."""

    source = PersonRef()  # type: ignore[assignment]
    into = serializers.IntegerField()
    merged_by = PersonRef()
    merged_at = serializers.DateTimeField()
    can_undo = serializers.BooleanField()
    why_not = serializers.CharField()
    why_not_text = serializers.CharField()


class DuplicateCustomer(serializers.Serializer[Any]):
    """Another record that may be the same person, and why."""

    customer = CustomerSerializer()
    reasons = serializers.ListField(child=serializers.ChoiceField(choices=REASONS))


class CustomerDuplicates(APIView):
    """`GET customers/{id}/duplicates/`: at most five, the likeliest first."""

    needs: ClassVar[dict[str, str]] = {"GET": "customer.read"}

    @extend_schema(responses=DuplicateCustomer(many=True))
    def get(self, request: Request, customer_id: int) -> Response:
        found = joining.likenesses(_current(customer_id))
        return Response([{"customer": person(one.customer), "reasons": one.reasons} for one in found])


class CustomerParts(APIView):
    """`GET customers/{id}/parts/`: the records that became part of this one, the newest first."""

    needs: ClassVar[dict[str, str]] = {"GET": "customer.read"}

    @extend_schema(responses=CustomerMergeState(many=True))
    def get(self, request: Request, customer_id: int) -> Response:
        may_undo = caller(request).may("customer.merge")
        parts = joining.parts(_current(customer_id))
        # Only the newest can be undone: of the others nothing need be looked up
        return Response([_state(one, may_undo=may_undo, is_newest=one is parts[0]) for one in parts])


class CustomerMergePreview(APIView):
    """`GET customers/{id}/merge/preview/?into=`: what merging this record into that one would do."""

    needs: ClassVar[dict[str, str]] = {"GET": "customer.merge"}

    @extend_schema(parameters=[OpenApiParameter("into", int, required=True)], responses=CustomerMergePreviewShape)
    def get(self, request: Request, customer_id: int) -> Response:
        form = CustomerMergeInput(data=request.query_params)
        form.is_valid(raise_exception=True)
        found = customer_merging.preview(_row(customer_id), _row(form.validated_data["into"]))
        return Response(
            {
                "source": person(found.source),
                "target": person(found.target),
                "problem": found.problem,
                "problem_text": str(joining.PROBLEMS.get(found.problem, "")),
                "can_swap": found.can_swap,
                "tickets": found.tickets,
                "differences": found.differences,
            }
        )


class CustomerMerging(APIView):
    """`POST customers/{id}/merge/`: this record becomes part of another one."""

    needs: ClassVar[dict[str, str]] = {"POST": "customer.merge"}

    @extend_schema(request=CustomerMergeInput, responses=CustomerMergeState)
    def post(self, request: Request, customer_id: int) -> Response:
        form = CustomerMergeInput(data=request.data)
        form.is_valid(raise_exception=True)
        source, target = _row(customer_id), _row(form.validated_data["into"])
        done = customer_merging.merge(source, target, by=caller(request), take=form.validated_data["take"])
        return Response(_state(done, may_undo=True, is_newest=True))


class CustomerMergeUndo(APIView):
    """`POST customers/{id}/merge/undo/`: this record stands by itself again."""

    needs: ClassVar[dict[str, str]] = {"POST": "customer.merge"}

    @extend_schema(request=None, responses=CustomerSerializer)
    def post(self, request: Request, customer_id: int) -> Response:
        again = customer_merging.undo(_row(customer_id), by=caller(request))
        return Response(person(_row(again.pk)))


def _row(customer_id: int) -> Customer:
    """The record of this very id, also one that was merged away."""
    rows = Customer.objects.select_related("organization").prefetch_related("identities")
    found = rows.filter(pk=customer_id, erased_at__isnull=True).first()
    if found is None:
        raise errors.NotFound()
    return found


def _current(customer_id: int) -> Customer:
    found = _row(customer_id)
    return _row(found.merged_into_id) if found.merged_into_id else found


def _state(done: CustomerMerge, *, may_undo: bool, is_newest: bool) -> dict[str, Any]:
    code = customer_merging.why_not_undo(done) if is_newest else "merged_on"
    return {
        "source": {"id": done.source_id, "name": done.source.name},
        "into": done.target_id,
        "merged_by": {"id": done.merged_by.pk, "name": done.merged_by.name},
        "merged_at": done.merged_at,
        "can_undo": may_undo and not code,
        "why_not": code,
        "why_not_text": str(joining.PROBLEMS.get(code, "")),
    }
