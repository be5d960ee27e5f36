"""Mailboxes for administrators: listed with how they fare, made, changed, switched off, tried out."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.jobs import outbox
from helpdesk.lib import errors, ratelimit, sealed
from tickets import mailboxes
from tickets.api import inputs
from tickets.api.base import caller
from tickets.api.mailbox_shapes import (
    MailboxInput,
    MailboxSerializer,
    ProviderRef,
    SignatureInput,
    SignatureSerializer,
    Trial,
    TrialInput,
    flat,
)
from tickets.channels import imap, mail_trial, webhooks
from tickets.models import Mailbox, Queue, RawMail

TRIALS_PER_MINUTE = 10


def _rows() -> QuerySet[Mailbox]:
    first = RawMail.objects.filter(mailbox=OuterRef("pk")).order_by("pk").values("received_at")[:1]
    found = Mailbox.objects.select_related("queue", "state").order_by("address")
    return found.annotate(first_mail_at=Subquery(first))


def _json(pk: int) -> dict[str, Any]:
    return dict(MailboxSerializer(_rows().get(pk=pk)).data)


def _checked(form: serializers.Serializer[Any]) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    given = flat(form.validated_data)
    if "queue" in form.validated_data:
        given["queue"] = inputs.queue(form.validated_data["queue"])
    return given


class Mailboxes(APIView):
    """`GET`/`POST mailboxes/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "admin", "POST": "admin"}

    @extend_schema(responses=MailboxSerializer(many=True), operation_id="mailboxes_list")
    def get(self, request: Request) -> Response:
        rows = MailboxSerializer(_rows(), many=True).data
        return Response({"results": rows, "next": None, "previous": None})

    @extend_schema(request=MailboxInput, responses={201: MailboxSerializer})
    def post(self, request: Request) -> Response:
        made = mailboxes.create(_checked(MailboxInput(data=request.data)), by=caller(request).actor)
        return Response(_json(made.pk), status=201)


class MailboxDetail(APIView):
    """`GET`/`PATCH mailboxes/{id}/`. A mailbox is switched off, never deleted: its mail stays."""

    needs: ClassVar[dict[str, str]] = {"GET": "admin", "PATCH": "admin"}

    @extend_schema(responses=MailboxSerializer)
    def get(self, request: Request, mailbox_id: int) -> Response:
        return Response(_json(get_object_or_404(Mailbox, pk=mailbox_id).pk))

    @extend_schema(request=MailboxInput, responses=MailboxSerializer)
    def patch(self, request: Request, mailbox_id: int) -> Response:
        row = get_object_or_404(Mailbox, pk=mailbox_id)
        mailboxes.change(row, _checked(MailboxInput(data=request.data, partial=True)), by=caller(request).actor)
        return Response(_json(row.pk))


class MailboxTest(APIView):
    """`POST mailboxes/test/`: every step of the way in and out, with what is wrong in words. Nothing is saved."""

    needs: ClassVar[dict[str, str]] = {"POST": "admin"}

    @extend_schema(request=TrialInput, responses=Trial)
    def post(self, request: Request) -> Response:
        form = TrialInput(data=request.data)
        given = _checked(form)
        ratelimit.check("mailbox-test", str(caller(request).pk), limit=TRIALS_PER_MINUTE, seconds=60)
        row = self._typed(given, form.validated_data.get("id"))
        steps = mail_trial.of(row, send_to=form.validated_data.get("send_to", ""))
        return Response(Trial({"ok": all(step.ok for step in steps), "steps": [asdict(step) for step in steps]}).data)

    def _typed(self, given: dict[str, Any], pk: int | None) -> Mailbox:
        """The saved mailbox with what was typed over it; a stored secret never goes to another server than its own."""
        row = get_object_or_404(Mailbox, pk=pk) if pk else Mailbox(address="test@localhost")
        for side in ("imap", "smtp"):
            if f"{side}_host" in given and given[f"{side}_host"] != getattr(row, f"{side}_host"):
                setattr(row, f"{side}_secret", "")
        for name, value in given.items():
            if name not in mailboxes.SECRETS:
                setattr(row, name, value)
            elif value:
                setattr(row, name, sealed.seal(value))
        return row


class MailboxFetch(APIView):
    """`POST mailboxes/{id}/fetch/`: a pass over it now, in the background."""

    needs: ClassVar[dict[str, str]] = {"POST": "admin"}

    @extend_schema(request=None, responses={202: None})
    def post(self, request: Request, mailbox_id: int) -> Response:
        row = get_object_or_404(Mailbox, pk=mailbox_id)
        if not row.imap_host or not row.is_active:
            raise errors.Conflict(code="not_fetched")
        outbox.enqueue(imap.fetch_one, unique_key=f"imap:{row.pk}", mailbox_id=row.pk)
        return Response({}, status=202)


class MailboxProviders(APIView):
    """`GET mailboxes/providers/`: who may hand mail over by webhook, and what is missing for it."""

    needs: ClassVar[dict[str, str]] = {"GET": "admin"}

    @extend_schema(responses=ProviderRef(many=True), operation_id="mailboxes_providers")
    def get(self, request: Request) -> Response:
        rows = [
            {
                "provider": name,
                "url": f"{settings.PUBLIC_URL}/mail/in/{name}/",
                "ready": webhooks.is_ready(provider),
                "needs": [f"ANYMAIL_{key}" for key in provider.secrets],
            }
            for name, provider in webhooks.PROVIDERS.items()
        ]
        return Response({"results": ProviderRef(rows, many=True).data, "next": None, "previous": None})


class Signatures(APIView):
    """`GET signatures/`: the words under the mail of every queue."""

    needs: ClassVar[dict[str, str]] = {"GET": "admin"}

    @extend_schema(responses=SignatureSerializer(many=True), operation_id="signatures_list")
    def get(self, request: Request) -> Response:
        rows = SignatureSerializer(Queue.objects.filter(is_active=True), many=True).data
        return Response({"results": rows, "next": None, "previous": None})


class SignatureDetail(APIView):
    """`PATCH signatures/{slug}/`."""

    needs: ClassVar[dict[str, str]] = {"PATCH": "admin"}

    @extend_schema(request=SignatureInput, responses=SignatureSerializer)
    def patch(self, request: Request, slug: str) -> Response:
        form = SignatureInput(data=request.data)
        form.is_valid(raise_exception=True)
        queue = mailboxes.sign(get_object_or_404(Queue, slug=slug), form.validated_data, by=caller(request).actor)
        return Response(SignatureSerializer(queue).data)
