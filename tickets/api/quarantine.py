"""Held mail: what did not become a message, why, and what people do about it."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import errors
from helpdesk.people.models import User
from tickets import quarantine, quarantine_undo
from tickets.api.base import Paged, caller
from tickets.api.mail_shapes import (
    BulkInput,
    BulkResults,
    QuarantinedMail,
    QuarantinedMailDetail,
    ReasonCount,
    ReleaseInput,
    TrustedSenderSerializer,
    reason_words,
)
from tickets.channels import email_in
from tickets.models import RawMail, TrustedSender

_STATES = {"held": quarantine.held, "deleted": quarantine.deleted, "released": quarantine.released}
_FILTERS = [
    OpenApiParameter("state", str, enum=list(_STATES)),
    OpenApiParameter("reason", str),
    OpenApiParameter("mailbox", str),
    OpenApiParameter("q", str),
]


class Quarantine(Paged):
    """`GET quarantine/`: newest first, in four queries however long the page."""

    needs: ClassVar[dict[str, str]] = {"GET": "mail.quarantine"}

    @extend_schema(responses=QuarantinedMail(many=True), operation_id="quarantine_list", parameters=_FILTERS)
    def get(self, request: Request) -> Response:
        return self.page(_filtered(request), QuarantinedMail)

    def context(self, found: list[Any]) -> dict[str, Any]:
        return {"trusted": quarantine.trusted([row.sender for row in found if row.sender])}


class QuarantineReasons(APIView):
    """`GET quarantine/reasons/`: how many are held for which reason."""

    needs: ClassVar[dict[str, str]] = {"GET": "mail.quarantine"}

    @extend_schema(responses=ReasonCount(many=True), operation_id="quarantine_reasons", filters=False)
    def get(self, request: Request) -> Response:
        found = quarantine.counts(quarantine.of(caller(request)))
        return Response([_count(reason, number) for reason, number in found.items()])


class QuarantineDetail(APIView):
    """`GET quarantine/{id}/`: with its text and the names of its files, read anew from the stored bytes."""

    needs: ClassVar[dict[str, str]] = {"GET": "mail.quarantine"}

    @extend_schema(responses=QuarantinedMailDetail)
    def get(self, request: Request, mail_id: int) -> Response:
        row = _fetch(caller(request), mail_id)
        return Response(QuarantinedMailDetail(row, context={**_context(row), "read": _read(row)}).data)


class QuarantineRaw(APIView):
    """`GET quarantine/{id}/raw/`: the bytes as they came, to save and never to show."""

    needs: ClassVar[dict[str, str]] = {"GET": "mail.quarantine"}

    @extend_schema(responses={(200, "message/rfc822"): OpenApiTypes.BINARY})
    def get(self, request: Request, mail_id: int) -> HttpResponse:
        return download(_fetch(caller(request), mail_id))


class QuarantineRelease(APIView):
    """`POST quarantine/{id}/release/`: it becomes a message of the request it answers, else a new one."""

    needs: ClassVar[dict[str, str]] = {"POST": "mail.quarantine"}

    @extend_schema(request=ReleaseInput, responses=QuarantinedMail)
    def post(self, request: Request, mail_id: int) -> Response:
        form = ReleaseInput(data=request.data)
        form.is_valid(raise_exception=True)
        row = _fetch(caller(request), mail_id)
        quarantine.release(row, by=caller(request), trust=form.validated_data["trust"])
        return _answer(caller(request), mail_id)


class QuarantineDelete(APIView):
    """`POST quarantine/{id}/delete/`: out of the list; it may be restored for some days."""

    needs: ClassVar[dict[str, str]] = {"POST": "mail.quarantine"}

    @extend_schema(request=None, responses=QuarantinedMail)
    def post(self, request: Request, mail_id: int) -> Response:
        quarantine.delete(_fetch(caller(request), mail_id), by=caller(request))
        return _answer(caller(request), mail_id)


class QuarantineRestore(APIView):
    """`POST quarantine/{id}/restore/`: takes a deletion back."""

    needs: ClassVar[dict[str, str]] = {"POST": "mail.quarantine"}

    @extend_schema(request=None, responses=QuarantinedMail)
    def post(self, request: Request, mail_id: int) -> Response:
        quarantine.restore(_fetch(caller(request), mail_id), by=caller(request))
        return _answer(caller(request), mail_id)


class QuarantineTakeBack(APIView):
    """`POST quarantine/{id}/take_back/`: undoes a release, for some minutes and while nobody has gone on with it."""

    needs: ClassVar[dict[str, str]] = {"POST": "mail.quarantine"}

    @extend_schema(request=None, responses=QuarantinedMail)
    def post(self, request: Request, mail_id: int) -> Response:
        quarantine_undo.take_back(_fetch(caller(request), mail_id), by=caller(request))
        return _answer(caller(request), mail_id)


class QuarantineReparse(APIView):
    """`POST quarantine/{id}/reparse/`: reads it again, as after an upgrade; the same call twice changes nothing."""

    needs: ClassVar[dict[str, str]] = {"POST": "mail.quarantine"}

    @extend_schema(request=None, responses=QuarantinedMail)
    def post(self, request: Request, mail_id: int) -> Response:
        quarantine.read_again(_fetch(caller(request), mail_id), by=caller(request))
        return _answer(caller(request), mail_id)


class QuarantineBulk(APIView):
    """`POST quarantine/bulk/`: the same for many, each for itself."""

    needs: ClassVar[dict[str, str]] = {"POST": "mail.quarantine"}

    @extend_schema(request=BulkInput, responses=BulkResults)
    def post(self, request: Request) -> Response:
        form = BulkInput(data=request.data)
        form.is_valid(raise_exception=True)
        given, user = form.validated_data, caller(request)
        done = quarantine.each(quarantine.of(user), given["ids"], given["action"], by=user)
        return Response({"results": [_result(one) for one in done]})


class TrustedSenders(Paged):
    """`GET`/`POST trusted_senders/`: whose automatic mail is wanted."""

    needs: ClassVar[dict[str, str]] = {"GET": "mail.quarantine", "POST": "mail.quarantine"}

    @extend_schema(responses=TrustedSenderSerializer(many=True), operation_id="trusted_senders_list")
    def get(self, request: Request) -> Response:
        rows = TrustedSender.objects.filter(ended_at__isnull=True).select_related("created_by")
        return self.page(rows, TrustedSenderSerializer)

    @extend_schema(
        request=TrustedSenderSerializer, responses={201: TrustedSenderSerializer, 200: TrustedSenderSerializer}
    )
    def post(self, request: Request) -> Response:
        form = TrustedSenderSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row, is_new = quarantine.trust_sender(form.validated_data["address"], by=caller(request))
        return Response(TrustedSenderSerializer(row).data, status=201 if is_new else 200)


class TrustedSenderDetail(APIView):
    """`DELETE trusted_senders/{id}/`: trust ends, that it was there stays in the log."""

    needs: ClassVar[dict[str, str]] = {"DELETE": "mail.quarantine"}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, sender_id: int) -> Response:
        row = TrustedSender.objects.filter(pk=sender_id).first()
        if row is None:
            raise errors.NotFound()
        quarantine.end_trust(row, by=caller(request))
        return Response(status=204)


def download(row: RawMail) -> HttpResponse:
    """A mail's bytes as a file; no browser shows it."""
    try:
        content = email_in.raw_bytes(row)
    except OSError as error:
        raise errors.NotFound() from error
    answer = HttpResponse(content, content_type="message/rfc822")
    answer["Content-Disposition"] = f'attachment; filename="mail-{row.pk}.eml"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _filtered(request: Request) -> QuerySet[RawMail]:
    given = request.query_params
    rows = _STATES.get(given.get("state", "held"), quarantine.held)(quarantine.of(caller(request)))
    if reason := given.get("reason"):
        rows = rows.filter(outcome=RawMail.Outcome.STORED) if reason == "not_read_yet" else rows.filter(reason=reason)
    if mailbox := given.get("mailbox"):
        rows = rows.filter(mailbox__address__iexact=mailbox)
    if words := given.get("q", "").strip():
        rows = rows.filter(Q(sender__icontains=words[:200]) | Q(subject__icontains=words[:200]))
    return rows


def _fetch(user: User, mail_id: int) -> RawMail:
    found = quarantine.of(user).filter(pk=mail_id).first()
    if found is None:
        raise errors.NotFound()
    return found


def _context(row: RawMail) -> dict[str, Any]:
    return {"trusted": quarantine.trusted([row.sender] if row.sender else [])}


def _answer(user: User, mail_id: int) -> Response:
    row = _fetch(user, mail_id)
    return Response(QuarantinedMail(row, context=_context(row)).data)


def _read(row: RawMail) -> Any:
    try:
        return email_in.read(row)
    except OSError as error:
        raise errors.NotFound() from error


def _count(reason: str, number: int) -> dict[str, Any]:
    waiting = RawMail(outcome=RawMail.Outcome.QUARANTINED if reason else RawMail.Outcome.STORED, reason=reason)
    return {"reason": reason or "not_read_yet", "reason_text": reason_words(waiting), "count": number}


def _result(done: quarantine.Done) -> dict[str, Any]:
    row, error = done.row, done.error
    return {
        "id": done.mail_id,
        "ok": error is None,
        "outcome": str(row.outcome) if row else "",
        "ticket": str(row.ticket_id) if row and row.ticket_id else None,
        "seq": row.message.seq if row and row.message else None,
        "code": error.code if error else "",
        "detail": str(error.detail) if error else "",
    }
