"""What other systems know of a customer: taken in from a file, read in his timeline, taken back."""

from typing import Any

import pytest

from helpdesk.people import customers
from helpdesk.people.models import Customer, User
from tests.conftest import Api
from tests.helpdesk.people.imports.conftest import URL, Send, counts
from tickets.models import Interaction, Queue

pytestmark = pytest.mark.django_db
CSV = (
    "Ref;Client;Courriel;Type;Date;Objet;Texte\n"
    "o-1;c1;;Commande;31/01/2026 09:30;Order 17;Two bikes\n"
    "t-9;;dana@example.com;ticket;2025-06-01T10:00:00+00:00;;The old request, word for word\n"
)


@pytest.fixture
def known(dana: Customer) -> Customer:
    customers.claim(dana, "external", "c1")
    return dana


def rows() -> list[tuple[Any, ...]]:
    found = Interaction.objects.order_by("external_id")
    return [(one.external_id, one.customer.name, one.kind, one.at.isoformat(), one.title, one.text) for one in found]


ROWS = [
    ("o-1", "Dana Dupont", "order", "2026-01-31T08:30:00+00:00", "Order 17", "Two bikes"),
    (
        "t-9", "Dana Dupont", "request", "2025-06-01T10:00:00+00:00", "The old request, word for word",
        "The old request, word for word",
    ),
]  # fmt: skip


def test_interactions_are_taken_in_and_stand_in_the_timeline(
    take_in: Send, api: Api, rita: User, known: Customer, technical: Queue
) -> None:
    assert counts(take_in(CSV, kind="interactions")) == (2, 0, 0, 0)
    assert rows() == ROWS
    found = api(rita).get(f"/api/v1/customers/{known.pk}/timeline/").json()["results"]
    assert [(one["kind"], one["channel"], one["title"], one["excerpt"], one["ticket"]) for one in found] == [
        ("interaction", "order", "Order: Order 17", "Two bikes", None),
        ("interaction", "request", "Request: The old request, word for word", "The old request, word for word", None),
    ]


def test_the_same_file_again_changes_nothing_and_another_value_replaces(
    take_in: Send, act: Send, known: Customer
) -> None:
    take_in(CSV, kind="interactions")
    assert counts(take_in(CSV, kind="interactions")) == (0, 0, 2, 0)
    done = take_in("id;client;date;title\no-1;c1;2026-02-01;Order 17, sent\n", kind="interactions")
    assert (counts(done), rows()[0][3:5]) == ((0, 1, 0, 0), ("2026-01-31T23:00:00+00:00", "Order 17, sent"))
    act(done, "undo")
    assert rows() == ROWS


def test_taken_back(take_in: Send, act: Send, known: Customer) -> None:
    assert act(take_in(CSV, kind="interactions"), "undo")["state"] == "undone"
    assert rows() == []


def test_wrong_rows_are_told(send: Send, act: Send, api: Api, ada: User, known: Customer) -> None:
    text = (
        "id;client;type;date;title\n;c1;;2026-01-01;x\n2;nobody;;2026-01-01;x\n3;c1;;;x\n4;c1;;yesterday;x\n"
        "5;c1;pigeon;2026-01-01;x\n"
    )
    one = send(text, kind="interactions")
    checked = act(one, "check", mapping=one["mapping"])
    assert counts(checked) == (0, 0, 0, 5)
    found = api(ada).get(f"{URL}{one['id']}/rows/").json()["results"]
    assert [(row["number"], f["column"], f["value"], f["code"]) for row in found for f in row["faults"]] == [
        (2, "id", "", "no_id"),
        (3, "client", "nobody", "no_customer"),
        (4, "date", "", "no_date"),
        (5, "date", "yesterday", "bad_date"),
        (6, "type", "pigeon", "bad_kind"),
    ]
    assert all(" " in f["text"] for row in found for f in row["faults"])


def test_whoever_is_merged_brings_his_interactions_along(
    take_in: Send, api: Api, rita: User, known: Customer, eric: Customer
) -> None:
    take_in(CSV, kind="interactions")
    customers.merge(known, into=eric, by=rita.actor)
    found = api(rita).get(f"/api/v1/customers/{eric.pk}/timeline/").json()["results"]
    assert [one["kind"] for one in found] == ["interaction", "interaction"]


def test_a_customer_with_interactions_is_not_deleted_by_taking_an_import_back(take_in: Send, act: Send) -> None:
    made = take_in("id,name\nc1,Zoé\n")
    take_in("id;client;date;title\no-1;c1;2026-02-01;Order\n", kind="interactions")
    Interaction.objects.get()
    assert act(take_in("id,name\nc2,x\n"), "undo")["state"] == "undone"
    assert made["can"] == ["undo"]
    assert Customer.objects.count() == 1
