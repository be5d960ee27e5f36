"""A visitor's files over HTTP: sent ahead of a line, taken back, read with the token."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from chat import protocol, uploads
from chat.api import serializers as shown
from chat.api.auth import session_of
from chat.api.visitor import VisitorView
from helpdesk.lib import ratelimit
from helpdesk.lib.api.permissions import PUBLIC
from tickets import attachments
from tickets.api.attachments import file_of


class Files(VisitorView):
    """`POST chat/session/files/`: also before the first line."""

    needs: ClassVar[dict[str, str]] = {"POST": PUBLIC}
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": shown.VisitorFileInput},
        responses={201: shown.FileOut, 200: shown.FileOut},
        operation_id="chat_session_files_upload",
    )
    def post(self, request: Request) -> Response:
        session = session_of(request)
        ratelimit.check("chat.files", ratelimit.source(request), limit=settings.RATE_PUBLIC_PER_MINUTE, seconds=60)
        typed = request.POST.get("origin_id", "")
        given = shown.OriginInput(data={"origin_id": typed} if typed else {})
        given.is_valid(raise_exception=True)
        origin_id = protocol.same_origin(given.validated_data.get("origin_id", ""))
        found, is_new = uploads.keep(session, file_of(request), origin_id=origin_id)
        return Response(shown.file(found), status=201 if is_new else 200)


class OneFile(VisitorView):
    """`GET chat/session/files/{id}/`: its bytes. `DELETE`: take it back, while it is not sent."""

    needs: ClassVar[dict[str, str]] = {"GET": PUBLIC, "DELETE": PUBLIC}

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, key: uuid.UUID) -> HttpResponse:
        found = uploads.find(session_of(request), key)
        # Never run: what is no plain picture has no type of its own, so that a page made of it is none.
        is_shown = found.type in attachments.SHOWN_IN_PAGE
        response = HttpResponse(
            attachments.content(found), content_type=found.type if is_shown else "application/octet-stream"
        )
        response["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Cache-Control"] = "private, no-store"
        return response

    @extend_schema(responses={204: None})
    def delete(self, request: Request, key: uuid.UUID) -> Response:
        uploads.remove(session_of(request), key)
        return Response(status=204)
