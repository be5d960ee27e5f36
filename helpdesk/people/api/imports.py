"""Files of customers: sent, looked at, checked, taken in, taken back; and files of customers to take away."""

from typing import Any, ClassVar, cast

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib.api.pagination import IdCursor
from helpdesk.people.api.import_shapes import (
    ExportInput,
    ExportSerializer,
    ImportCheckInput,
    ImportInput,
    ImportReadInput,
    ImportRowSerializer,
    ImportSerializer,
)
from helpdesk.people.imports import exporting, running, undoing
from helpdesk.people.models import Export, Import, ImportRow, User

IMPORT, EXPORT = "customer.import", "customer.export"
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _caller(request: Request) -> User:
    return cast(User, request.user)


def _import(import_id: int) -> Import:
    return get_object_or_404(Import.objects.select_related("by"), pk=import_id)


def _answer(one: Import, status: int = 200) -> Response:
    return Response(ImportSerializer(_import(one.pk)).data, status=status)


class Imports(APIView):
    """`GET imports/`, `POST imports/`."""

    needs: ClassVar[dict[str, str]] = {"GET": IMPORT, "POST": IMPORT}
    parser_classes = (MultiPartParser,)
    pagination_class = IdCursor

    @extend_schema(responses=ImportSerializer(many=True), operation_id="imports_list")
    def get(self, request: Request) -> Response:
        pages = IdCursor()
        found = pages.paginate_queryset(Import.objects.select_related("by"), request, view=self) or []
        newest = Import.objects.standing().values_list("pk", flat=True).first() or 0
        return pages.get_paginated_response(ImportSerializer(found, many=True, context={"newest": newest}).data)

    @extend_schema(
        request={"multipart/form-data": ImportInput}, responses={200: ImportSerializer, 201: ImportSerializer}
    )
    def post(self, request: Request) -> Response:
        form = ImportInput(data=request.data)
        form.is_valid(raise_exception=True)
        one, is_new = running.create(by=_caller(request), **form.validated_data)
        return _answer(one, 201 if is_new else 200)


class ImportDetail(APIView):
    """`GET`/`DELETE imports/{id}/`."""

    needs: ClassVar[dict[str, str]] = {"GET": IMPORT, "DELETE": IMPORT}

    @extend_schema(responses=ImportSerializer)
    def get(self, request: Request, import_id: int) -> Response:
        return _answer(_import(import_id))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, import_id: int) -> Response:
        running.delete(_import(import_id))
        return Response(status=204)


class ImportRead(APIView):
    """`POST imports/{id}/read/`: the same file with another separator or encoding."""

    needs: ClassVar[dict[str, str]] = {"POST": IMPORT}

    @extend_schema(request=ImportReadInput, responses=ImportSerializer)
    def post(self, request: Request, import_id: int) -> Response:
        form = ImportReadInput(data=request.data)
        form.is_valid(raise_exception=True)
        return _answer(running.reread(_import(import_id), **form.validated_data))


class ImportCheck(APIView):
    """`POST imports/{id}/check/`: every row is tried, nothing stays. Ask for the import until it is `checked`."""

    needs: ClassVar[dict[str, str]] = {"POST": IMPORT}

    @extend_schema(request=ImportCheckInput, responses={202: ImportSerializer})
    def post(self, request: Request, import_id: int) -> Response:
        form = ImportCheckInput(data=request.data)
        form.is_valid(raise_exception=True)
        return _answer(running.check(_import(import_id), form.validated_data["mapping"]), 202)


class ImportRun(APIView):
    """`POST imports/{id}/run/`: take in what was checked."""

    needs: ClassVar[dict[str, str]] = {"POST": IMPORT}

    @extend_schema(request=None, responses={202: ImportSerializer})
    def post(self, request: Request, import_id: int) -> Response:
        return _answer(running.run(_import(import_id)), 202)


class ImportUndo(APIView):
    """`POST imports/{id}/undo/`: take the last import back."""

    needs: ClassVar[dict[str, str]] = {"POST": IMPORT}

    @extend_schema(request=None, responses={202: ImportSerializer})
    def post(self, request: Request, import_id: int) -> Response:
        return _answer(undoing.undo(_import(import_id)), 202)


class ByNumber(IdCursor):
    """In the order of the file."""

    ordering = "number"


class ImportRows(APIView):
    """`GET imports/{id}/rows/`: the rows that are wrong; once the import was taken back, those that were kept."""

    needs: ClassVar[dict[str, str]] = {"GET": IMPORT}
    pagination_class = ByNumber

    @extend_schema(responses=ImportRowSerializer(many=True), operation_id="imports_rows_list")
    def get(self, request: Request, import_id: int) -> Response:
        one = _import(import_id)
        pages = ByNumber()
        is_undone = one.state == Import.State.UNDONE
        rows = one.rows.filter(outcome=ImportRow.Outcome.KEPT if is_undone else ImportRow.Outcome.REFUSED)
        found = pages.paginate_queryset(rows.defer("cells", "undo", "key"), request, view=self) or []
        return pages.get_paginated_response(
            ImportRowSerializer(found, many=True, context={"columns": one.columns}).data
        )


class Exports(APIView):
    """`POST exports/`: a file of all customers or organisations; a job writes it."""

    needs: ClassVar[dict[str, str]] = {"POST": EXPORT}

    @extend_schema(request=ExportInput, responses={200: ExportSerializer, 201: ExportSerializer})
    def post(self, request: Request) -> Response:
        form = ExportInput(data=request.data)
        form.is_valid(raise_exception=True)
        one, is_new = exporting.create(by=_caller(request), **form.validated_data)
        return Response(ExportSerializer(one).data, status=201 if is_new else 200)


def _export(request: Request, export_id: int) -> Export:
    """Only who asked for a file gets it."""
    return get_object_or_404(Export, pk=export_id, by=_caller(request))


class ExportDetail(APIView):
    """`GET exports/{id}/`."""

    needs: ClassVar[dict[str, str]] = {"GET": EXPORT}

    @extend_schema(responses=ExportSerializer)
    def get(self, request: Request, export_id: int) -> Response:
        return Response(ExportSerializer(_export(request, export_id)).data)


class ExportFile(APIView):
    """`GET exports/{id}/file/`: the bytes."""

    needs: ClassVar[dict[str, str]] = {"GET": EXPORT}

    @extend_schema(
        parameters=[OpenApiParameter("export_id", int, OpenApiParameter.PATH)],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, export_id: int) -> Any:
        one = _export(request, export_id)
        name = f"{one.kind}-{one.created_at:%Y-%m-%d}.{one.form}"
        answer = FileResponse(
            exporting.fetch(one, by=_caller(request)), as_attachment=True, filename=name, content_type=TYPES[one.form]
        )
        answer["Cache-Control"] = "no-store, private"
        return answer
