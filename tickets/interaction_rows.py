"""Interactions from a file: past requests, visits, orders, letters of customers who are known already."""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from import_export.widgets import Widget
from tablib import Dataset

from helpdesk.lib import clock
from helpdesk.lib import text as texts
from helpdesk.people import customers
from helpdesk.people.customers import Key
from helpdesk.people.imports import resources, widgets
from helpdesk.people.imports.resources import Draft, fault, field_of
from helpdesk.people.imports.undoing import Kept
from helpdesk.people.imports.widgets import Wrong
from tickets.models import Interaction

_FORMS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y",
)  # fmt: skip
_KINDS = {
    "ticket": "request", "demande": "request", "courriel": "email", "mail": "email", "e mail": "email",
    "appel": "call", "telephone": "call", "phone": "call", "visite": "visit", "shop": "visit", "magasin": "visit",
    "commande": "order", "lettre": "letter", "courrier": "letter", "telecopie": "fax", "texto": "sms", "autre": "other",
}  # fmt: skip


class Moment(Widget):
    """A date, with or without a time, of the desk's own zone unless it says otherwise."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> datetime | None:
        line = texts.one_line(str(value or ""))
        if not line:
            return None
        try:
            found = datetime.fromisoformat(line)
        except ValueError:
            found = _told(line)
        return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))


def _told(line: str) -> datetime:
    for form in _FORMS:
        try:
            return datetime.strptime(line, form)  # noqa: DTZ007
        except ValueError:
            continue
    raise Wrong("bad_date", line)


class KindOf(Widget):
    """One of the kinds, by its code or a usual word for it."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> str | None:
        line = re.sub(r"[^a-z]+", " ", texts.fold(texts.one_line(str(value or "")))).strip()
        if not line:
            return None
        found = _KINDS.get(line, line)
        if found not in Interaction.Kind.values:
            raise Wrong("bad_kind", str(value))
        return found


@dataclass
class InteractionDraft(Draft):
    """What a row says of one."""

    customer: str | None = None
    kind: str | None = None
    at: datetime | None = None
    title: str | None = None
    text: str | None = None


class InteractionRows(resources.Rows):
    """Interactions. Whose they are must be known already: nobody is made out of what happened to him."""

    told_by: ClassVar[tuple[str, ...]] = ("external_id",)

    external_id = field_of("external_id", widgets.External(320))
    customer = field_of("customer", widgets.External(320))
    email = field_of("email", widgets.Emails())
    phone = field_of("phone", widgets.Phones())
    kind = field_of("kind", KindOf())
    at = field_of("at", Moment())
    title = field_of("title", widgets.Line(200))
    text = field_of("text", widgets.Prose())

    class Meta:
        model = Interaction

    def init_instance(self, row: Any = None) -> InteractionDraft:
        return InteractionDraft(Interaction(), is_new=True)

    def before_import(self, dataset: Dataset, **options: Any) -> None:
        rows = list(dataset.dict)
        self.book = customers.Book([])
        self.book.look({key for row in rows for key in _owners(row)})
        ids = {texts.one_line(row["external_id"], 320) for row in rows if row.get("external_id")}
        self.known = {one.external_id: one for one in Interaction.objects.filter(external_id__in=ids)}

    def get_instance(self, instance_loader: Any, row: Mapping[str, str]) -> InteractionDraft | None:
        found = self.known.get(texts.one_line(row.get("external_id") or "", 320))
        return InteractionDraft(found, is_new=False) if found else None

    def settle(self, draft: Draft) -> list[ValidationError]:
        assert isinstance(draft, InteractionDraft)  # noqa: S101
        if not draft.external_id:
            return [fault("no_id", "external_id", "")]
        keys = _keys(draft)
        owner = next((one for key in keys if (one := self.book.owner(key))), None)
        if owner is None:
            return [fault("no_customer", "customer", keys[0][1] if keys else "")]
        if draft.at is None:
            return [fault("no_date", "at", "")]
        told = {
            "customer_id": owner.pk,
            "kind": draft.kind or (Interaction.Kind.OTHER if draft.is_new else None),
            "at": draft.at,
            "title": draft.title or texts.excerpt(draft.text or "", 200) or draft.external_id,
            "text": draft.text,
            "external_id": draft.external_id,
        }
        draft.changes = {
            name: value for name, value in told.items() if value and value != getattr(draft.record, name, None)
        }
        return []

    def write(self, draft: Draft) -> dict[str, Any]:
        one = draft.record
        was = {name: _stored(getattr(one, name)) for name in draft.changes}
        for name, value in draft.changes.items():
            setattr(one, name, value)
        if draft.is_new:
            one.created_at = clock.now()
            one.save(force_insert=True)
        else:
            one.save(update_fields=list(draft.changes))
        return {"interaction": one.pk, "made": draft.is_new, "was": {} if draft.is_new else was}


def back(saved: dict[str, Any]) -> list[str]:
    """Take one back: nobody can have changed it since but another import, which was taken back before this one."""
    one = Interaction.objects.select_for_update().filter(pk=saved["interaction"]).first()
    if one is None:
        raise Kept("gone")
    if saved["made"]:
        one.delete()
        return []
    for name, value in saved["was"].items():
        setattr(one, name, datetime.fromisoformat(value) if name == "at" else value)
    one.save(update_fields=list(saved["was"]))
    return []


def _stored(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _owners(row: Mapping[str, str]) -> list[Key]:
    """By what the customer may be found, the surest first; a cell that is wrong finds nobody."""
    draft = InteractionDraft(None, is_new=True, customer=texts.one_line(row.get("customer") or "", 320) or None)
    for name, widget in (("email", widgets.Emails()), ("phone", widgets.Phones())):
        with contextlib.suppress(Wrong):
            setattr(draft, name, widget.clean(row.get(name)))
    return _keys(draft)


def _keys(draft: InteractionDraft) -> list[Key]:
    keys = [(resources.EXTERNAL, draft.customer)] if draft.customer else []
    keys += [(resources.EMAIL, value) for value in draft.email or ()]
    return keys + [(resources.PHONE, value) for value in draft.phone or ()]
