"""What is known of a ticket and who said so: chips, spam, suggestions, duplicates, masked text; and what was learned."""

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Count
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.people import customers
from helpdesk.people.models import Customer, Identity
from tickets import access, lifecycle
from tickets.api.base import caller, ticket_json
from tickets.api.qualification_shapes import (
    DuplicatesShape,
    LearningShape,
    PolicyShape,
    QualificationHistory,
    RevealedShape,
    SpamInput,
    SuggestionInput,
)
from tickets.api.serializers import TicketSerializer
from tickets.models import Learned, QualificationSettings, SpamMark
from tickets.models.ticket import Status
from tickets.qualification import account, duplicates, policy, suggestions, training


class TicketQualification(APIView):
    """`GET tickets/{id}/qualification/`: the account of every field, with all its changes."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(responses=QualificationHistory)
    def get(self, request: Request, ticket_id: int) -> Response:
        ticket = access.ticket(caller(request), ticket_id)
        return Response(account.of(ticket) | {"history": account.history(ticket)})


class TicketSpam(APIView):
    """`POST tickets/{id}/spam/`: a person says what it is; the filter learns from it."""

    needs: ClassVar[dict[str, str]] = {"POST": "ticket.update"}

    @extend_schema(request=SpamInput, responses=TicketSerializer)
    def post(self, request: Request, ticket_id: int) -> Response:
        form = SpamInput(data=request.data)
        form.is_valid(raise_exception=True)
        user = caller(request)
        ticket = access.ticket(user, ticket_id, needs="ticket.update")
        wanted = Status.SPAM if form.validated_data["spam"] else Status.OPEN
        if (ticket.status == Status.SPAM) != form.validated_data["spam"]:
            lifecycle.set_status(ticket, wanted, by=user.actor)
        return Response(ticket_json(user, ticket.pk))


class TicketSuggestion(APIView):
    """`POST tickets/{id}/suggestions/{id}/`: take it or send it away."""

    needs: ClassVar[dict[str, str]] = {"POST": "ticket.update"}

    @extend_schema(request=SuggestionInput, responses=TicketSerializer)
    def post(self, request: Request, ticket_id: int, suggestion_id: int) -> Response:
        form = SuggestionInput(data=request.data)
        form.is_valid(raise_exception=True)
        user = caller(request)
        ticket = access.ticket(user, ticket_id, needs="ticket.update")
        suggestions.decide(ticket, suggestion_id, accept=form.validated_data["accept"], by=user)
        return Response(ticket_json(user, ticket.pk))


class LikelyDuplicates(APIView):
    """`GET tickets/duplicates/`: open tickets that a request being written may repeat."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(
        parameters=[OpenApiParameter(name, str) for name in ("subject", "body", "email", "requester")],
        responses=DuplicatesShape,
        operation_id="tickets_likely_duplicates",
    )
    def get(self, request: Request) -> Response:
        given = request.query_params
        requester = _requester(given.get("requester", ""), given.get("email", ""))
        found = duplicates.find(
            caller(request), given.get("subject", "")[:200], given.get("body", "")[:4000], requester=requester
        )
        return Response({"results": [duplicates.as_json(one) for one in found]})


def _requester(number: str, email: str) -> Customer | None:
    if number.isdigit():
        return Customer.objects.current().filter(pk=int(number[:15])).first()
    address = customers.normalise_email(email) if email else ""
    if not address:
        return None
    found = Identity.objects.filter(kind="email", value=address).select_related("customer")
    identity = found.order_by("-verified_at", "pk").first()
    return identity.customer if identity else None


class TicketDuplicates(APIView):
    """`GET tickets/{id}/duplicates/`: other open tickets that may say the same."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(responses=DuplicatesShape)
    def get(self, request: Request, ticket_id: int) -> Response:
        user = caller(request)
        ticket = access.ticket(user, ticket_id)
        body = ticket.messages.filter(seq=1).values_list("body", flat=True).first() or ""
        found = duplicates.find(user, ticket.subject, body, requester=ticket.requester, besides=ticket.pk)
        return Response({"results": [duplicates.as_json(one) for one in found]})


class MessageReveal(APIView):
    """`POST tickets/{id}/messages/{seq}/reveal/`: the text without masks; that somebody looked is kept."""

    needs: ClassVar[dict[str, str]] = {"POST": "message.reveal"}

    @extend_schema(request=None, responses=RevealedShape)
    @transaction.atomic
    def post(self, request: Request, ticket_id: int, seq: int) -> Response:
        user = caller(request)
        ticket = access.ticket(user, ticket_id, needs="message.reveal")
        message = get_object_or_404(ticket.messages, seq=seq)
        record(names.MESSAGE_REVEALED, ticket, by=user.actor, data={"seq": seq})
        return Response({"body": message.body, "html": message.html})


class Learning(APIView):
    """`GET learning/`: what was learned, how good it is, and what it was learned from."""

    needs: ClassVar[dict[str, str]] = {"GET": "report.read"}

    @extend_schema(responses=LearningShape)
    def get(self, request: Request) -> Response:
        return Response(learning())


class LearningTrain(APIView):
    """`POST learning/train/`: learn anew, in the background."""

    needs: ClassVar[dict[str, str]] = {"POST": "rule.write"}

    @extend_schema(request=None, responses={202: LearningShape})
    @transaction.atomic
    def post(self, request: Request) -> Response:
        training.start()
        return Response(learning(), status=202)


def learning() -> dict[str, Any]:
    """The newest result of each task and language, the one in force first when both are there."""
    newest: dict[tuple[str, str, bool], Learned] = {}
    for row in Learned.objects.defer("weights").order_by("-is_in_force", "-id")[:200]:
        newest.setdefault((row.task, row.language, row.is_in_force), row)
    marks = dict(SpamMark.objects.values_list("is_spam").annotate(Count("pk")))
    return {
        "models": [_model(row) for row in sorted(newest.values(), key=lambda row: (row.task, row.language, -row.pk))],
        "training": training.is_running(),
        "marks": {"spam": marks.get(True, 0), "not_spam": marks.get(False, 0)},
    }


_MEASURED = ("examples", "held_back", "accuracy", "baseline", "confident", "caught", "false_alarms")


def _model(row: Learned) -> dict[str, Any]:
    return {
        "id": row.pk,
        "task": row.task,
        "language": row.language,
        "labels": len(row.labels),
        **{name: row.report.get(name) for name in _MEASURED},
        "trained_at": row.trained_at,
        "in_force": row.is_in_force,
        "reason": row.report.get("reason", ""),
    }


class Policy(APIView):
    """`GET`/`PATCH qualification/settings/`: what the machine may decide by itself."""

    needs: ClassVar[dict[str, str]] = {"GET": "rule.read", "PATCH": "admin"}

    @extend_schema(responses=PolicyShape)
    def get(self, request: Request) -> Response:
        return Response(_policy(policy.settings()))

    @extend_schema(request=PolicyShape, responses=PolicyShape)
    def patch(self, request: Request) -> Response:
        form = PolicyShape(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(_policy(policy.change(form.validated_data, by=caller(request))))


def _policy(row: QualificationSettings) -> dict[str, Any]:
    return dict(PolicyShape(row).data)
