"""Files uploaded ahead of the message that will carry them."""

from typing import Any, ClassVar

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import errors
from tickets import attachments
from tickets.api.base import caller
from tickets.api.serializers import AttachmentSerializer


class FileInput(serializers.Serializer[Any]):
    """`multipart/form-data` with one part named `file`."""

    file = serializers.FileField()


class Attachments(APIView):
    """`POST attachments/`: the id goes into a message's `attachments`, by the same caller."""

    needs: ClassVar[dict[str, str]] = {"POST": "ticket.note"}
    parser_classes = (MultiPartParser,)

    @extend_schema(request={"multipart/form-data": FileInput}, responses={201: AttachmentSerializer})
    def post(self, request: Request) -> Response:
        found = attachments.upload(file_of(request), uploader=f"user:{caller(request).pk}")
        return Response(AttachmentSerializer(found).data, status=201)


def file_of(request: Request) -> "UploadedFile[Any]":
    """The part named `file`; raises Invalid when there is none."""
    found = request.FILES.get("file")
    if not isinstance(found, UploadedFile):
        raise errors.Invalid(fields={"file": [_("Choose a file.")]})
    return found
