"""The team's skills, shifts, absences and places: leads set them, agents see their own."""

from typing import Any, ClassVar, cast

from django.db.models import Count
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib.api.pagination import IdCursor
from helpdesk.people import presence, schedule
from helpdesk.people.api.shapes import AbsenceSerializer, PersonPatch, PersonSerializer, SkillSerializer
from helpdesk.people.models import Absence, Skill, User

LIMIT = 500


def _caller(request: Request) -> User:
    return cast(User, request.user)


def _cards(users: list[User], by: User) -> list[dict[str, Any]]:
    context = {"present": presence.present([user.pk for user in users]), "may_change": by.may("team.manage")}
    return list(PersonSerializer(users, many=True, context=context).data)


class TeamPeople(APIView):
    """`GET team/?team=`: the people whose work the caller may see."""

    needs: ClassVar[dict[str, str]] = {"GET": "team.read"}
    pagination_class = IdCursor

    @extend_schema(
        parameters=[OpenApiParameter("team", str)], responses=PersonSerializer(many=True), operation_id="team_list"
    )
    def get(self, request: Request) -> Response:
        users = schedule.reach(_caller(request))
        if slug := request.query_params.get("team"):
            users = users.filter(pk__in=User.objects.filter(teams__slug=slug).values("pk"))
        rows = _cards(list(schedule.shown(users)[:LIMIT]), _caller(request))
        return Response({"results": rows, "next": None, "previous": None})


class TeamPerson(APIView):
    """`GET`/`PATCH team/{id}/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "team.read", "PATCH": "team.manage"}

    @extend_schema(responses=PersonSerializer)
    def get(self, request: Request, user_id: int) -> Response:
        return Response(_cards([schedule.person(_caller(request), user_id)], _caller(request))[0])

    @extend_schema(request=PersonPatch, responses=PersonSerializer)
    def patch(self, request: Request, user_id: int) -> Response:
        user = schedule.person(_caller(request), user_id, needs="team.manage")
        form = PersonPatch(data=request.data)
        form.is_valid(raise_exception=True)
        schedule.change(user, form.validated_data, by=_caller(request))
        return Response(_cards([schedule.person(_caller(request), user_id)], _caller(request))[0])


class Absences(APIView):
    """`POST team/{id}/absences/`."""

    needs: ClassVar[dict[str, str]] = {"POST": "team.manage"}

    @extend_schema(request=AbsenceSerializer, responses={201: AbsenceSerializer})
    def post(self, request: Request, user_id: int) -> Response:
        user = schedule.person(_caller(request), user_id, needs="team.manage")
        form = AbsenceSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = schedule.add_absence(user, by=_caller(request), **form.validated_data)
        return Response(AbsenceSerializer(made).data, status=201)


class AbsenceDetail(APIView):
    """`PATCH`/`DELETE team/{id}/absences/{absence}/`."""

    needs: ClassVar[dict[str, str]] = {"PATCH": "team.manage", "DELETE": "team.manage"}

    @extend_schema(request=AbsenceSerializer, responses=AbsenceSerializer)
    def patch(self, request: Request, user_id: int, absence_id: int) -> Response:
        absence = self._found(request, user_id, absence_id)
        form = AbsenceSerializer(absence, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        changed = schedule.change_absence(absence, dict(form.validated_data), by=_caller(request))
        return Response(AbsenceSerializer(changed).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, user_id: int, absence_id: int) -> Response:
        schedule.remove_absence(self._found(request, user_id, absence_id), by=_caller(request))
        return Response(status=204)

    def _found(self, request: Request, user_id: int, absence_id: int) -> Absence:
        user = schedule.person(_caller(request), user_id, needs="team.manage")
        return get_object_or_404(Absence.objects.select_related("user"), pk=absence_id, user=user)


class Skills(APIView):
    """`GET skills/`, `POST skills/`."""

    needs: ClassVar[dict[str, str]] = {"GET": "queue.read", "POST": "team.manage"}

    @extend_schema(responses=SkillSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = Skill.objects.annotate(count=Count("people")).order_by("kind", "name", "id")
        return Response(SkillSerializer(rows, many=True).data)

    @extend_schema(request=SkillSerializer, responses={201: SkillSerializer})
    def post(self, request: Request) -> Response:
        form = SkillSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = schedule.create_skill(**form.validated_data)
        found = Skill.objects.annotate(count=Count("people")).get(pk=made.pk)
        return Response(SkillSerializer(found).data, status=201)


class SkillDetail(APIView):
    """`DELETE skills/{slug}/?force=`."""

    needs: ClassVar[dict[str, str]] = {"DELETE": "team.manage"}

    @extend_schema(parameters=[OpenApiParameter("force", bool)], responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        force = request.query_params.get("force") == "true"
        schedule.delete_skill(get_object_or_404(Skill, slug=slug), force=force)
        return Response(status=204)
