"""What the rows of a file may be, which fields there are to fill, and a first guess by the names of the columns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import errors, text
from helpdesk.lib.errors import Text
from helpdesk.people.models.imports import Kind


@dataclass(frozen=True, slots=True)
class Field:
    """Something a column may fill; `many` columns may when each adds a value."""

    name: str
    label: Text
    names: frozenset[str]
    many: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """One kind of rows. `keys`: a column must fill one of these; `keyless` says so.

    `taker` and `back` are the paths of the resource that takes a row in and of the function that takes it back, `out` of
    what yields the rows of an export, the header first ('' where there is none).
    """

    fields: tuple[Field, ...]
    keys: frozenset[str]
    keyless: Text
    taker: str
    back: str
    out: str = ""
    # Where the file is no table: what reads it, and what gives the fields that its columns may fill
    reader: str = ""
    choices: str = ""


def field_of(name: str, label: Text, names: str, *, many: bool = False) -> Field:
    return Field(name, label, frozenset(one.strip() for one in names.split(",")), many)


_EXTERNAL = (
    "external id, external, externalid, id, ref, reference, customer id, client id, user id, customer number, "
    "client number, identifiant, identifiant externe, id client, id externe, numero client, no client, n client, "
    "numero, code client"
)
# Rooms above add theirs (`register`)
_ROWS: dict[str, Rows] = {}


def register(kind: str, rows: Rows) -> None:
    """Let files hold rows of another kind."""
    _ROWS[kind] = rows


def rows_of(kind: str) -> Rows:
    """What the rows of a kind are made of."""
    return _ROWS[kind]


def fields(kind: str) -> tuple[Field, ...]:
    """What the columns of a kind may fill."""
    rows = _ROWS[kind]
    found: tuple[Field, ...] = import_string(rows.choices)() if rows.choices else rows.fields
    return found


_CUSTOMERS = (
    field_of("external_id", _("External id"), _EXTERNAL),
    field_of("name", _("Name"), "name, full name, display name, customer, client, nom complet, contact"),
    field_of("first_name", _("First name"), "first name, firstname, given name, prenom"),
    field_of("last_name", _("Last name"), "last name, lastname, surname, family name, nom, nom de famille"),
    field_of(
        "email",
        _("E-mail"),
        "email, e mail, mail, email address, e mail address, courriel, adresse email, adresse e mail, adresse mail",
        many=True,
    ),
    field_of(
        "phone",
        _("Phone"),
        "phone, telephone, tel, mobile, cell, cell phone, phone number, portable, numero de telephone, gsm",
        many=True,
    ),
    field_of(
        "organization",
        _("Organisation"),
        "organization, organisation, company, company name, societe, entreprise, raison sociale",
    ),
    field_of("locale", _("Language"), "language, locale, lang, langue"),
    field_of("note", _("Note"), "note, notes, comment, remark, commentaire, remarque"),
)
_ORGANIZATIONS = (
    field_of("external_id", _("External id"), _EXTERNAL.replace("customer", "organization")),
    field_of(
        "name",
        _("Name"),
        "name, organization, organisation, company, company name, nom, societe, entreprise, raison sociale",
    ),
    field_of(
        "domains",
        _("Domains"),
        "domain, domains, domain names, domaine, domaines, website, site, site web",
        many=True,
    ),
)
register(
    Kind.CUSTOMERS,
    Rows(
        _CUSTOMERS,
        frozenset({"external_id", "email", "phone"}),
        _("Choose the column of the external id, the e-mail address or the phone number."),
        "helpdesk.people.imports.resources.CustomerRows",
        "helpdesk.people.imports.undoing.customer",
        "helpdesk.people.imports.exporting.customers",
    ),
)
register(
    Kind.ORGANIZATIONS,
    Rows(
        _ORGANIZATIONS,
        frozenset({"name"}),
        _("Choose the column of the name."),
        "helpdesk.people.imports.resources.OrganizationRows",
        "helpdesk.people.imports.undoing.organization",
        "helpdesk.people.imports.exporting.organizations",
    ),
)


def guess(kind: str, columns: Sequence[str]) -> list[str]:
    """For each column the field that its name means, or ''; a field is given away once unless it takes many."""
    mapping: list[str] = []
    known = fields(kind)
    # `nom` beside no first name is the whole name
    has_first = any(_folded(column) in _named(kind, "first_name") for column in columns)
    for column in columns:
        found = next((one for one in known if _folded(column) in one.names), None)
        name = found.name if found else ""
        if name == "last_name" and not has_first:
            name = "name"
        mapping.append(name if name and (name not in mapping or (found and found.many)) else "")
    return mapping


def _named(kind: str, name: str) -> frozenset[str]:
    return next((one.names for one in rows_of(kind).fields if one.name == name), frozenset())


def _folded(column: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.fold(column)).strip()


def check(kind: str, mapping: Sequence[str], columns: Sequence[str]) -> None:
    """Raises Invalid when a mapping says what cannot be."""
    known = {one.name: one for one in fields(kind)}
    if len(mapping) != len(columns) or any(name and name not in known for name in mapping):
        raise errors.Invalid(fields={"mapping": [_("Say for each column what it is, or nothing.")]})
    for name, one in known.items():
        if not one.many and mapping.count(name) > 1:
            both = str(_("Two columns cannot both be “%(field)s”.")) % {"field": one.label}
            raise errors.Invalid(fields={"mapping": [both]})
    if rows_of(kind).keys and not rows_of(kind).keys & set(mapping):
        raise errors.Invalid(fields={"mapping": [rows_of(kind).keyless]})


def row_of(mapping: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """The cells of a row by field; several columns of one field are joined."""
    row: dict[str, str] = {}
    for name, cell in zip(mapping, cells, strict=False):
        if name and cell:
            row[name] = f"{row[name]};{cell}" if name in row else cell
    return row
