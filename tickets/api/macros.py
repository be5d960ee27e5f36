"""Canned words for the composer."""

from typing import ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import errors
from tickets import access, macros
from tickets.api.base import caller
from tickets.api.serializers import MacroSerializer, RenderedMacro, RenderInput


class Macros(APIView):
    """`GET macros/?language=`."""

    needs: ClassVar[dict[str, str]] = {"GET": "ticket.reply"}

    @extend_schema(parameters=[OpenApiParameter("language", str)], responses=MacroSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = macros.usable_by(caller(request))
        if language := request.query_params.get("language"):
            rows = rows.filter(language__in=["", language])
        return Response(MacroSerializer(rows, many=True).data)


class MacroRender(APIView):
    """`POST macros/{id}/render/`: the text for one ticket; nothing is applied."""

    needs: ClassVar[dict[str, str]] = {"POST": "ticket.reply"}

    @extend_schema(request=RenderInput, responses=RenderedMacro)
    def post(self, request: Request, macro_id: int) -> Response:
        form = RenderInput(data=request.data)
        form.is_valid(raise_exception=True)
        macro = macros.usable_by(caller(request)).filter(pk=macro_id).first()
        if macro is None:
            raise errors.NotFound()
        ticket = access.ticket(caller(request), form.validated_data["ticket"], needs="ticket.reply")
        return Response(macros.render(macro, ticket, by=caller(request)))
