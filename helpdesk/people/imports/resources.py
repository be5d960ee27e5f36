"""A row of a file becomes a customer or an organisation: the work of django-import-export, with our own rules.

A customer is found again by the external id, else by an address or number that is his. What is imported claims, it never
proves. An empty cell changes nothing. Import this inside functions: the library costs half a second at start.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.module_loading import import_string
from import_export import fields, resources
from import_export.instance_loaders import BaseInstanceLoader
from import_export.results import RowResult
from import_export.widgets import Widget
from tablib import Dataset

from helpdesk.lib import clock, locks
from helpdesk.lib import text as texts
from helpdesk.people import customers
from helpdesk.people.customers import Key
from helpdesk.people.imports import mapping, widgets
from helpdesk.people.imports.widgets import Wrong
from helpdesk.people.models import Customer, Identity, Organization
from helpdesk.people.models.imports import ImportRow

log = structlog.get_logger(__name__)
EMAIL, PHONE, EXTERNAL = (str(kind) for kind in (Identity.Kind.EMAIL, Identity.Kind.PHONE, Identity.Kind.EXTERNAL))
_OUTCOMES = {
    RowResult.IMPORT_TYPE_NEW: ImportRow.Outcome.NEW,
    RowResult.IMPORT_TYPE_UPDATE: ImportRow.Outcome.CHANGED,
    RowResult.IMPORT_TYPE_SKIP: ImportRow.Outcome.SAME,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row, what is wrong with it, and how to take it back."""

    outcome: str
    faults: list[dict[str, Any]] = field(default_factory=list)
    undo: dict[str, Any] | None = None


@dataclass
class Draft:
    """The record that a row is about, and what the row says of it; fields it does not speak of are None."""

    record: Any
    is_new: bool
    external_id: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: list[str] | None = None
    phone: list[str] | None = None
    organization: str | None = None
    locale: str | None = None
    note: str | None = None
    domains: list[str] | None = None
    # Field → its new value
    changes: dict[str, Any] = field(default_factory=dict)
    claims: list[Key] = field(default_factory=list)

    @property
    def pk(self) -> int | None:
        number: int | None = self.record.pk
        return number


def field_of(name: str, widget: Widget) -> fields.Field:
    """A field of a draft; a cell that is empty does not touch it."""
    return fields.Field(attribute=name, column_name=name, widget=widget, saves_null_values=False)


class Rows(resources.Resource):
    """What all kinds share: a row that is wrong is refused with a code, and leaves nothing behind."""

    told_by: ClassVar[tuple[str, ...]] = ()

    class Meta:
        instance_loader_class = BaseInstanceLoader
        use_transactions = False
        skip_diff = True
        report_skipped = True

    def __init__(self, seen: Mapping[str, int], numbers: Sequence[int], *, is_trial: bool) -> None:
        super().__init__()
        self.seen, self.numbers, self.is_trial = dict(seen), numbers, is_trial
        self.undo: dict[int, dict[str, Any]] = {}

    @classmethod
    def key(cls, row: Mapping[str, str]) -> str:
        """By what a row is told from the others of its file; '' when it says nothing of the kind."""
        found = next((name for name in cls.told_by if row.get(name)), None)
        return f"{found}:{texts.one_line(row[found], 320).lower()}" if found else ""

    def init_instance(self, row: Any = None) -> Draft:
        return Draft(self._meta.model(), is_new=True)

    def before_import_row(self, row: Mapping[str, str], **options: Any) -> None:
        """Whoever stands in the file twice would be changed to and fro by every import of it."""
        key, number = self.key(row), self.numbers[options["row_number"] - 1]
        if key and self.seen.setdefault(key, number) != number:
            raise ValidationError(fault("twice", key.partition(":")[0], "", row=self.seen[key]))

    def import_instance(self, instance: Draft, row: Mapping[str, str], **options: Any) -> None:
        faults = []
        for one in self.get_import_fields():
            try:
                self.import_field(one, instance, row, **options)
            except Wrong as wrong:
                faults.append(fault(wrong.code, one.column_name, wrong.value, **wrong.said))
        if not faults:
            faults = self.settle(instance)
        if faults:
            raise ValidationError({"row": faults})

    def settle(self, draft: Draft) -> list[ValidationError]:
        """Find out what would change; returns what speaks against it."""
        raise NotImplementedError

    def skip_row(
        self, instance: Draft, original: Any, row: Any, import_validation_errors: dict[str, Any] | None = None
    ) -> bool:
        return not (instance.is_new or instance.changes or instance.claims or import_validation_errors)

    def save_instance(self, instance: Draft, is_create: bool, row: Any, **options: Any) -> None:
        with transaction.atomic():
            self.undo[options["row_number"]] = self.write(instance)

    def write(self, draft: Draft) -> dict[str, Any]:
        """Write it; returns how to take that back."""
        raise NotImplementedError


class CustomerRows(Rows):
    """Customers."""

    told_by = ("external_id", "email", "phone")

    external_id = field_of("external_id", widgets.External(320))
    name = field_of("name", widgets.Line(200))
    first_name = field_of("first_name", widgets.Line(100))
    last_name = field_of("last_name", widgets.Line(100))
    email = field_of("email", widgets.Emails())
    phone = field_of("phone", widgets.Phones())
    organization = field_of("organization", widgets.Line(200))
    locale = field_of("locale", widgets.Language())
    note = field_of("note", widgets.Prose())

    class Meta:
        model = Customer

    def before_import(self, dataset: Dataset, **options: Any) -> None:
        """Look everybody up in a few statements; in earnest, also wait for whoever is just making one of them."""
        self.book = customers.Book([])
        self.fresh: dict[Key, Customer] = {}
        keys = {key for row in dataset.dict for key in _keys(row)}
        self.book.look(keys)
        if not self.is_trial and (unknown := {key for key in keys if self.book.owner(key) is None}):
            locks.for_keys("customer", [value for _kind, value in unknown])
            self.book.look(unknown)
        found = {one.pk: one for key in keys if (one := self.book.owner(key))}
        self.people = found
        self.theirs: dict[int, set[Key]] = {pk: set() for pk in found}
        for pk, kind, value in Identity.objects.filter(customer__in=found).values_list("customer", "kind", "value"):
            self.theirs[pk].add((kind, value))
        self.organizations = _named(row["organization"] for row in dataset.dict if row.get("organization"))

    def get_instance(self, instance_loader: Any, row: Mapping[str, str]) -> Draft | None:
        keys = _keys(row)
        external = next((key for key in keys if key[0] == EXTERNAL), None)
        for key in keys:
            owner = self.fresh.get(key) or self.book.owner(key)
            if owner is not None and (key == external or not external or not self._is_another(owner)):
                return Draft(self.people.setdefault(owner.pk, owner), is_new=False)
        return None

    def _is_another(self, owner: Customer) -> bool:
        """Whoever has an id already is not whom another id means, though they share an address.

        What websites vouch for is told by `site:id`, and comes from another system.
        """
        return any(kind == EXTERNAL and ":" not in value for kind, value in self.theirs.get(owner.pk, ()))

    def settle(self, draft: Draft) -> list[ValidationError]:
        customer = draft.record
        whole = " ".join(part for part in (draft.first_name, draft.last_name) if part)
        told = {"name": draft.name or whole[:200], "locale": draft.locale, "note": draft.note}
        draft.changes = {name: value for name, value in told.items() if value and value != getattr(customer, name)}
        if draft.organization:
            known = self.organizations.get(draft.organization.lower())
            if known is None or known.pk != customer.organization_id:
                draft.changes["organization"] = draft.organization
        draft.claims = [
            *([(EXTERNAL, draft.external_id)] if draft.external_id else []),
            *((EMAIL, value) for value in draft.email or ()),
            *((PHONE, value) for value in draft.phone or ()),
        ]
        if not draft.claims:
            return [fault("no_key", "external_id", "")]
        mine = self.theirs.get(customer.pk or 0, set())
        draft.claims = [key for key in draft.claims if key not in mine]
        return []

    def write(self, draft: Draft) -> dict[str, Any]:
        customer, moment = draft.record, clock.now()
        was: dict[str, list[Any]] = {}
        made = self._organization(draft) if "organization" in draft.changes else None
        for name, value in draft.changes.items():
            if name == "organization":
                value = self.organizations[value.lower()]
                was[name] = [customer.organization_id, value.pk]
            else:
                was[name] = [getattr(customer, name), value]
            setattr(customer, name, value)
        if draft.is_new:
            customer.created_at = moment
            customer.save(force_insert=True)
        elif draft.changes:
            customer.save(update_fields=list(draft.changes))
        rows = [Identity(customer=customer, kind=k, value=value, created_at=moment) for k, value in draft.claims]
        Identity.objects.bulk_create(rows)
        self.people[customer.pk] = customer
        self.theirs.setdefault(customer.pk, set()).update(draft.claims)
        self.fresh.update(dict.fromkeys(draft.claims, customer))
        return {
            "customer": customer.pk,
            "made": draft.is_new,
            "was": {} if draft.is_new else was,
            "identities": [row.pk for row in rows],
            "organization": made,
        }

    def _organization(self, draft: Draft) -> int | None:
        """The id of the organisation when it was not there before."""
        name = draft.changes["organization"]
        if name.lower() in self.organizations:
            return None
        made, is_new = Organization.objects.get_or_create(name=name)
        # A statement that fails later takes the organisation with it
        self.organizations[name.lower()] = made
        return made.pk if is_new else None

    def save_instance(self, instance: Draft, is_create: bool, row: Any, **options: Any) -> None:
        known = dict(self.organizations)
        try:
            super().save_instance(instance, is_create, row, **options)
        except Exception:
            self.organizations = known
            raise


class OrganizationRows(Rows):
    """Organisations."""

    told_by = ("external_id", "name")

    external_id = field_of("external_id", widgets.External(320))
    name = field_of("name", widgets.Line(200))
    domains = field_of("domains", widgets.Domains())

    class Meta:
        model = Organization

    def before_import(self, dataset: Dataset, **options: Any) -> None:
        rows = list(dataset.dict)
        if not self.is_trial:
            locks.for_keys("organization", {row["name"].lower() for row in rows if row.get("name")})
        self.by_name = _named(row["name"] for row in rows if row.get("name"))
        known = Organization.objects.filter(
            external_id__in={texts.one_line(row["external_id"], 320) for row in rows if row.get("external_id")}
        )
        # One and the same object whichever way it is found
        same = {one.pk: one for one in self.by_name.values()}
        self.by_id = {str(one.external_id): same.get(one.pk, one) for one in known}

    def get_instance(self, instance_loader: Any, row: Mapping[str, str]) -> Draft | None:
        external, name = texts.one_line(row.get("external_id") or "", 320), (row.get("name") or "").lower()
        found = self.by_id.get(external)
        if found is None:
            named = self.by_name.get(name)
            found = named if named and not (external and named.external_id) else None
        return Draft(found, is_new=False) if found else None

    def settle(self, draft: Draft) -> list[ValidationError]:
        organization = draft.record
        if not draft.name:
            return [fault("no_name", "name", "")]
        holder = self.by_name.get(draft.name.lower())
        if holder is not None and holder.pk != organization.pk:
            return [fault("name_taken", "name", draft.name)]
        told: dict[str, Any] = {"name": draft.name, "external_id": draft.external_id}
        draft.changes = {name: value for name, value in told.items() if value and value != getattr(organization, name)}
        fresh = [one for one in draft.domains or () if one not in organization.domains]
        if fresh:
            draft.changes["domains"] = [*organization.domains, *fresh]
        return []

    def write(self, draft: Draft) -> dict[str, Any]:
        organization = draft.record
        was = {name: [getattr(organization, name), value] for name, value in draft.changes.items()}
        for name, value in draft.changes.items():
            setattr(organization, name, value)
        if draft.is_new:
            organization.save(force_insert=True)
        else:
            organization.save(update_fields=list(draft.changes))
        self.by_name[organization.name.lower()] = organization
        if organization.external_id:
            self.by_id[organization.external_id] = organization
        return {"organization": organization.pk, "made": draft.is_new, "was": {} if draft.is_new else was}


def _named(names: Iterable[str]) -> dict[str, Organization]:
    """Organisations by their names in lower case. SQLite lowers plain letters alone: there `Éva` is found as it is written."""
    wanted = {texts.one_line(name, 200) for name in names}
    rows = Organization.objects.annotate(low=Lower("name"))
    found = rows.filter(Q(name__in=wanted) | Q(low__in={name.lower() for name in wanted})).order_by("-pk")
    return {one.name.lower(): one for one in found}


def _taker(kind: str) -> type[Rows]:
    found: type[Rows] = import_string(mapping.rows_of(kind).taker)
    return found


def take(
    kind: str, rows: Sequence[Mapping[str, str]], numbers: Sequence[int], seen: Mapping[str, int], *, is_trial: bool
) -> list[Taken]:
    """Take rows in, within the caller's transaction; a trial leaves nothing but the account of it.

    `seen`: the keys met in earlier rows of the file, and where.
    """
    resource = _taker(kind)(seen, numbers, is_trial=is_trial)
    names = [one.column_name for one in resource.get_import_fields()]
    dataset = Dataset(*([row.get(name, "") for name in names] for row in rows), headers=names)
    result = resource.import_data(dataset, dry_run=is_trial, use_transactions=False)
    if result.base_errors:
        raise result.base_errors[0].error
    return [_taken(row, resource.undo.get(place)) for place, row in enumerate(result.rows, 1)]


def key_of(kind: str, row: Mapping[str, str]) -> str:
    """By what a row is told from the others of its file; '' when it says nothing of the kind."""
    return _taker(kind).key(row)


def _keys(row: Mapping[str, str]) -> list[Key]:
    """By what a customer may be found, the surest first; a cell that is wrong finds nobody."""
    keys: list[Key] = []
    if row.get("external_id"):
        keys.append((EXTERNAL, texts.one_line(row["external_id"], 320)))
    for name, kind, widget in (("email", EMAIL, widgets.Emails()), ("phone", PHONE, widgets.Phones())):
        try:
            keys += [(kind, value) for value in widget.clean(row.get(name)) or ()]
        except Wrong:
            continue
    return keys


def fault(code: str, name: str, value: str, **said: int) -> ValidationError:
    """What is wrong with a row, by code; `words.fault` has the words."""
    return ValidationError(code, code=code, params={"field": name, "value": value, **said})


def _taken(row: RowResult, undo: dict[str, Any] | None) -> Taken:
    if row.import_type in _OUTCOMES:
        return Taken(_OUTCOMES[row.import_type], undo=undo)
    if row.validation_error is not None:
        return Taken(ImportRow.Outcome.REFUSED, [_stored(one) for one in _flat(row.validation_error)])
    log.warning("import.row_failed", error=type(row.errors[0].error).__name__)
    return Taken(ImportRow.Outcome.REFUSED, [{"code": "unexpected", "field": "", "value": ""}])


def _flat(error: ValidationError) -> Iterable[ValidationError]:
    if hasattr(error, "error_dict"):
        return [one for errors in error.error_dict.values() for one in errors]
    return [one for one in error.error_list if isinstance(one, ValidationError)]


def _stored(error: ValidationError) -> dict[str, Any]:
    return {"code": error.code, **(error.params or {})}
