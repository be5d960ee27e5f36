"""Remote pictures of a mail, once an agent has asked to see them."""

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from helpdesk.lib import errors
from tickets import access
from tickets.api.base import caller
from tickets.channels import remote_images


class RemoteImage(APIView):
    """`GET tickets/{id}/messages/{seq}/images/{n}/`: the n-th remote picture of a message, fetched by the server."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.read"}

    @extend_schema(responses={(200, "image/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, ticket_id: int, seq: int, number: int) -> HttpResponse:
        ticket = access.ticket(caller(request), ticket_id)
        message = ticket.messages.filter(seq=seq).first()
        if message is None:
            raise errors.NotFound()
        picture = remote_images.fetch(message, number)
        answer = HttpResponse(picture.data, content_type=picture.type)
        answer["Cache-Control"] = "private, max-age=3600"
        answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer
