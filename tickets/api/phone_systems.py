"""Telephone systems for administrators: made, changed, their token renewed and revoked."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tickets.api.base import caller
from tickets.api.call_shapes import PhoneSystemInput, PhoneSystemOut, PhoneTokenOut
from tickets.channels import phone_systems
from tickets.models import PhoneSystem


class PhoneSystems(APIView):
    """`GET`/`POST phone_systems/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "admin", "POST": "admin"}

    @extend_schema(responses=PhoneSystemOut(many=True), operation_id="phone_systems_list")
    def get(self, request: Request) -> Response:
        rows = PhoneSystemOut(PhoneSystem.objects.all(), many=True).data
        return Response({"results": rows, "next": None, "previous": None})

    @extend_schema(request=PhoneSystemInput, responses={201: PhoneTokenOut})
    def post(self, request: Request) -> Response:
        form = PhoneSystemInput(data=request.data)
        form.is_valid(raise_exception=True)
        made, token = phone_systems.create(form.validated_data, by=caller(request).actor)
        return Response(PhoneTokenOut(made, context={"token": token}).data, status=201)


class PhoneSystemDetail(APIView):
    """`PATCH phone_systems/{id}/`. One that told of calls is closed, never deleted: its calls stay."""

    needs: ClassVar[dict[str, str]] = {"PATCH": "admin"}

    @extend_schema(request=PhoneSystemInput, responses=PhoneSystemOut)
    def patch(self, request: Request, system_id: int) -> Response:
        row = get_object_or_404(PhoneSystem, pk=system_id)
        form = PhoneSystemInput(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        return Response(PhoneSystemOut(phone_systems.change(row, form.validated_data, by=caller(request).actor)).data)


class PhoneToken(APIView):
    """`POST phone_systems/{id}/token/`: a new one, told this once. `DELETE`: none opens it any more."""

    needs: ClassVar[dict[str, str]] = {"POST": "admin", "DELETE": "admin"}

    @extend_schema(request=None, responses={201: PhoneTokenOut})
    def post(self, request: Request, system_id: int) -> Response:
        row = get_object_or_404(PhoneSystem, pk=system_id)
        token = phone_systems.renew(row, by=caller(request).actor)
        return Response(PhoneTokenOut(row, context={"token": token}).data, status=201)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, system_id: int) -> Response:
        phone_systems.revoke(get_object_or_404(PhoneSystem, pk=system_id), by=caller(request).actor)
        return Response(status=204)
