"""Sites for administrators: listed, made, changed, their secret renewed, a page of theirs checked."""

from dataclasses import asdict
from typing import Any, ClassVar, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import site_check, sites
from chat.api.site_shapes import CheckInput, CheckOut, SecretOut, SiteInput, SiteOut
from chat.models import Site
from helpdesk.lib import ratelimit
from helpdesk.people.models import User
from tickets.api import inputs

CHECKS_PER_MINUTE = 10


def _caller(request: Request) -> User:
    return cast(User, request.user)


def _checked(form: SiteInput) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    given = dict(form.validated_data)
    if "queue" in given:
        given["queue"] = inputs.queue(given["queue"])
    return given


class Sites(APIView):
    """`GET`/`POST sites/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "admin", "POST": "admin"}

    @extend_schema(responses=SiteOut(many=True), operation_id="sites_list")
    def get(self, request: Request) -> Response:
        rows = Site.objects.select_related("queue").order_by("name", "pk")
        return Response({"results": SiteOut(rows, many=True).data, "next": None, "previous": None})

    @extend_schema(request=SiteInput, responses={201: SiteOut})
    def post(self, request: Request) -> Response:
        made = sites.create(_checked(SiteInput(data=request.data)), by=_caller(request).actor)
        return Response(SiteOut(made).data, status=201)


class SiteDetail(APIView):
    """`GET`/`PATCH sites/{id}/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "admin", "PATCH": "admin"}

    @extend_schema(responses=SiteOut)
    def get(self, request: Request, site_id: int) -> Response:
        return Response(SiteOut(get_object_or_404(Site.objects.select_related("queue"), pk=site_id)).data)

    @extend_schema(request=SiteInput, responses=SiteOut)
    def patch(self, request: Request, site_id: int) -> Response:
        row = get_object_or_404(Site, pk=site_id)
        given = _checked(SiteInput(data=request.data, partial=True))
        return Response(SiteOut(sites.change(row, given, by=_caller(request).actor)).data)


class SiteSecret(APIView):
    """`POST sites/{id}/secret/`: a new secret for signed identities, told this once."""

    needs: ClassVar[dict[str, str]] = {"POST": "admin"}

    @extend_schema(request=None, responses={201: SecretOut})
    def post(self, request: Request, site_id: int) -> Response:
        row = get_object_or_404(Site, pk=site_id)
        return Response({"secret": sites.renew_secret(row, by=_caller(request).actor)}, status=201)


class SiteCheck(APIView):
    """`POST sites/{id}/check/`: the page is fetched, and what keeps the button from working is said."""

    needs: ClassVar[dict[str, str]] = {"POST": "admin"}

    @extend_schema(request=CheckInput, responses=CheckOut)
    def post(self, request: Request, site_id: int) -> Response:
        row = get_object_or_404(Site, pk=site_id)
        form = CheckInput(data=request.data)
        form.is_valid(raise_exception=True)
        ratelimit.check("site-check", str(_caller(request).pk), limit=CHECKS_PER_MINUTE, seconds=60)
        steps = site_check.of(row, form.validated_data["url"])
        return Response({"ok": all(step.ok for step in steps), "steps": [asdict(step) for step in steps]})
