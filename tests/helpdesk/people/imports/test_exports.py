"""Customers into files: all of them, in columns that an import takes, and never a formula."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.imports import exporting
from helpdesk.people.models import Customer, Export, Organization, User
from tests.conftest import Api
from tests.helpdesk.people.imports.conftest import Send, counts

pytestmark = pytest.mark.django_db
URL = "/api/v1/exports/"
HEADER = [
    "external_id", "name", "email", "phone", "organization", "language", "note", "proved_email", "created_at", "number",
]  # fmt: skip


def fetch(api: Api, user: User, **asked: Any) -> bytes:
    made = api(user).post(URL, asked, format="json")
    assert made.status_code == 201, made.content
    assert (made.json()["state"], made.json()["url"]) == ("writing", "")
    outbox.drain()
    ready = api(user).get(f"{URL}{made.json()['id']}/").json()
    answer: Any = api(user).get(ready["url"])
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("no-store, private", "nosniff")
    return b"".join(answer.streaming_content)


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "cell", ["=1+1", "+33 1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", '=HYPERLINK("http://x")']
)
def test_no_cell_begins_a_formula(cell: str) -> None:
    found = exporting.harmless(cell)
    assert found[0] == "'"
    assert found[1:] == cell.strip()


@pytest.mark.parametrize("cell", ["", "Zoé", "1-2", "a=b", "'quoted'", 12])
def test_what_is_harmless_stays_as_it_is(cell: Any) -> None:
    assert exporting.harmless(cell) == str(cell)


def test_customers_are_exported_to_csv(api: Api, ada: User, dana: Customer) -> None:
    dana.organization = Organization.objects.create(name="=cmd|' /C calc'!A0")
    dana.note = "first\nsecond"
    dana.save()
    customers.claim(dana, "external", "c1")
    customers.claim(dana, "external", "site:7")
    customers.claim(dana, "phone", "+33123456789")
    customers.create(Who(name="Visitor"), is_visitor=True)
    rows = table(fetch(api, ada, kind="customers", form="csv"))
    assert rows[0] == HEADER
    assert rows[1:] == [
        [
            "c1", "Dana Dupont", "dana@example.com", "'+33123456789", "'=cmd|' /C calc'!A0", "en", "first\nsecond",
            "dana@example.com", dana.created_at.isoformat(timespec="seconds"), str(dana.pk),
        ]
    ]  # fmt: skip
    assert [(event.name, event.actor_id, event.data) for event in Event.objects.order_by("id")] == [
        ("export.made", ada.pk, {"kind": "customers", "form": "csv"}),
        ("export.fetched", ada.pk, {"kind": "customers", "count": 1}),
    ]


def test_customers_are_exported_to_a_workbook_without_formulas(api: Api, ada: User) -> None:
    customers.create(Who(name="=1+1", phone="+33123456789"))
    content = fetch(api, ada, form="xlsx")
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    cells = next(iter(sheet.iter_rows(min_row=2)))
    assert [(cell.value, cell.data_type) for cell in cells[1:4:2]] == [("'=1+1", "s"), ("'+33123456789", "s")]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_imported_again_changes_nothing(
    api: Api, ada: User, dana: Customer, eric: Customer, take_in: Send, form: str
) -> None:
    customers.claim(dana, "external", "c1")
    customers.claim(dana, "phone", "+33123456789")
    Customer.objects.filter(pk=dana.pk).update(name="=Dana", note="-two\nlines")
    content = fetch(api, ada, form=form)
    assert counts(take_in(content, f"people.{form}")) == (0, 0, 2, 0)


def test_organisations_are_exported(api: Api, ada: User) -> None:
    Organization.objects.create(name="Acme", external_id="o1", domains=["acme.fr", "acme.com"])
    rows = table(fetch(api, ada, kind="organizations"))
    assert rows == [["external_id", "name", "domains"], ["o1", "Acme", "acme.fr;acme.com"]]


def test_who_was_merged_or_erased_is_not_exported(api: Api, ada: User, dana: Customer, eric: Customer) -> None:
    Customer.objects.filter(pk=eric.pk).update(erased_at=timezone.now())
    assert [row[1] for row in table(fetch(api, ada))[1:]] == ["Dana Dupont"]


def test_reading_costs_the_same_for_each_piece(
    monkeypatch: pytest.MonkeyPatch, db: None, django_assert_num_queries: Any
) -> None:
    for n in range(6):
        customers.create(Who(name=f"C{n}", email=f"c{n}@example.com"))
    monkeypatch.setattr(exporting, "_AT_ONCE", 3)
    # three pieces, the last one empty, each but that with its identities
    with django_assert_num_queries(5):
        assert len(list(exporting.customers())) == 7


def test_the_file_is_gone_after_a_day(api: Api, ada: User, dana: Customer, tmp_path: Any) -> None:
    fetch(api, ada)
    one = Export.objects.get()
    Export.objects.update(created_at=timezone.now() - timedelta(hours=25))
    exporting.sweep()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert api(ada).get(f"{URL}{one.pk}/").json()["state"] == "gone"
    assert api(ada).get(f"{URL}{one.pk}/file/").status_code == 404
