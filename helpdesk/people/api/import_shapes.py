"""JSON of imports and exports."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from helpdesk.people.imports import mapping, undoing, words
from helpdesk.people.models import Export, Import, ImportRow
from helpdesk.people.models.imports import Kind

EXPORTED = [(kind, kind) for kind in (Kind.CUSTOMERS.value, Kind.ORGANIZATIONS.value, Kind.TICKETS.value)]
ORDERED = 100_000_000
VERBS = [(name, name) for name in ("read", "check", "run", "undo", "delete")]


class ImportProblem(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()


class ImportColumn(serializers.Serializer[Any]):
    """A column of the file with the first things that stand in it."""

    name = serializers.CharField(allow_blank=True)
    samples = serializers.ListField(child=serializers.CharField(allow_blank=True))


class ImportTarget(serializers.Serializer[Any]):
    """What a column may fill; `many`: several columns may, and a cell may hold several values."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    many = serializers.BooleanField()  # type: ignore[assignment]


class ImportSerializer(serializers.ModelSerializer[Import]):
    """An import; `can` says what may be done with it now."""

    columns = ImportColumn(many=True, read_only=True)
    mapping = serializers.ListField(child=serializers.CharField(allow_blank=True), read_only=True)
    targets = serializers.SerializerMethodField()
    by = serializers.SerializerMethodField()
    problem = serializers.SerializerMethodField()
    can = serializers.SerializerMethodField()

    class Meta:
        model = Import
        fields = (
            "id", "kind", "state", "name", "encoding", "separator", "columns", "mapping", "targets", "total", "done",
            "made", "changed", "same", "refused", "kept", "problem", "by", "can", "created_at", "began_at", "finished_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ImportTarget(many=True))
    def get_targets(self, one: Import) -> list[dict[str, Any]]:
        return [{"name": f.name, "label": str(f.label), "many": f.many} for f in mapping.fields(one.kind)]

    def get_by(self, one: Import) -> str:
        return one.by.name if one.by else ""

    @extend_schema_field(ImportProblem(allow_null=True))
    def get_problem(self, one: Import) -> dict[str, str] | None:
        return {"code": one.problem, "text": words.problem(one.problem)} if one.problem else None

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(VERBS)))
    def get_can(self, one: Import) -> list[str]:
        state = Import.State
        verbs = ["read", "check"] if one.state in (state.NEW, state.CHECKED) else []
        if one.state == state.CHECKED and one.made + one.changed:
            verbs.append("run")
        if self._is_last(one):
            verbs.append("undo")
        if one.began_at is None and one.state in (state.NEW, state.CHECKED, state.FAILED):
            verbs.append("delete")
        return verbs

    def _is_last(self, one: Import) -> bool:
        """In a list the newest that stands is looked up once."""
        newest = self.context.get("newest")
        return (newest is None or newest == one.pk) and undoing.is_last(one)


class ImportInput(serializers.Serializer[Any]):
    """`multipart/form-data`: the file, and what its rows are."""

    file = serializers.FileField()
    kind = serializers.ChoiceField(Kind.choices, default=Kind.CUSTOMERS)
    origin_id = serializers.UUIDField(required=False)


class ImportReadInput(serializers.Serializer[Any]):
    """How to read the file where the guess was wrong; '' guesses again."""

    separator = serializers.CharField(max_length=1, required=False, allow_blank=True, default="", trim_whitespace=False)
    encoding = serializers.ChoiceField(
        [(name, name) for name in ("utf-8", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "latin-1")],
        required=False,
        allow_blank=True,
        default="",
    )


class ImportCheckInput(serializers.Serializer[Any]):
    """For each column of the file the field that it fills, or ''."""

    mapping = serializers.ListField(child=serializers.CharField(allow_blank=True, max_length=60), max_length=200)


class ImportFault(serializers.Serializer[Any]):
    """What is wrong in a cell, and what to do; `column` is '' when the row as a whole is wrong."""

    column = serializers.CharField(allow_blank=True)
    field = serializers.CharField(allow_blank=True)
    value = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    text = serializers.CharField()


class ImportRowSerializer(serializers.ModelSerializer[ImportRow]):
    """A row that was refused, or kept when the import was taken back. `columns` of the import come with the context."""

    # Where the records of a file are taken in another order than they stand in, the number says both
    number = serializers.SerializerMethodField()
    faults = serializers.SerializerMethodField()

    class Meta:
        model = ImportRow
        fields = ("number", "outcome", "faults")
        read_only_fields = fields

    def get_number(self, row: ImportRow) -> int:
        return row.number % ORDERED

    @extend_schema_field(ImportFault(many=True))
    def get_faults(self, row: ImportRow) -> list[dict[str, str]]:
        return [self._fault(stored) for stored in row.faults]

    def _fault(self, stored: dict[str, Any]) -> dict[str, str]:
        columns, place = self.context.get("columns", []), stored.get("column")
        return {
            "column": columns[place]["name"] if place is not None and place < len(columns) else "",
            "field": stored["field"],
            "value": stored["value"],
            "code": stored["code"],
            "text": words.fault(stored),
        }


class ExportInput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(EXPORTED, default=Kind.CUSTOMERS)
    form = serializers.ChoiceField(Export.Form.choices, default=Export.Form.CSV)
    origin_id = serializers.UUIDField(required=False)


class ExportSerializer(serializers.ModelSerializer[Export]):
    """A file that was asked for; `url` once it is ready."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = Export
        fields = ("id", "kind", "form", "state", "count", "url", "created_at", "finished_at")
        read_only_fields = fields

    def get_url(self, one: Export) -> str:
        return f"/api/v1/exports/{one.pk}/file/" if one.state == Export.State.READY else ""
