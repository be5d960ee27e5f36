"""Taking an import back: what it did goes, what people did since stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk.events.models import Event
from helpdesk.lib.actor import SYSTEM
from helpdesk.people import customers
from helpdesk.people.imports import running
from helpdesk.people.models import Customer, Identity, Import, Organization, User
from tests.conftest import Api
from tests.factories import make_ticket
from tests.helpdesk.people.imports.conftest import URL, Send, counts
from tests.helpdesk.people.imports.test_customers import CSV, people
from tickets.models import Queue

pytestmark = pytest.mark.django_db


def test_what_was_made_goes_and_what_was_changed_is_as_it_was(take_in: Send, act: Send, dana: Customer) -> None:
    before = people()
    proved = Identity.objects.get()
    done = take_in("id,name,email,company,language\nd,Dana D.,dana@example.com,Acme,fr\nn,New,new@example.com,Acme,\n")
    assert counts(done) == (1, 1, 0, 0)
    undone = act(done, "undo")
    assert (undone["state"], undone["kept"], undone["can"]) == ("undone", 0, [])
    assert (people(), Organization.objects.count()) == (before, 0)
    assert Identity.objects.get() == proved
    assert Event.objects.filter(name="import.undone").values_list("data", flat=True).get() == {
        "kind": "customers",
        "kept": 0,
    }


def test_who_wrote_since_is_kept_and_told(
    take_in: Send, act: Send, api: Api, ada: User, billing: Queue, technical: Queue
) -> None:
    done = take_in(f"{CSV}c3;Wrong;nowhere;;;\n")
    make_ticket(Customer.objects.get(name="Zoé Petit"), queue=billing)
    undone = act(done, "undo")
    assert (undone["state"], undone["kept"], [row[0] for row in people()]) == ("undone", 1, ["Zoé Petit"])
    assert Organization.objects.get().name == "Acme"
    rows = api(ada).get(f"{URL}{done['id']}/rows/").json()["results"]
    assert [(row["number"], row["outcome"], [f["code"] for f in row["faults"]]) for row in rows] == [
        (2, "kept", ["in_use"])
    ]


def test_what_somebody_changed_since_stays(take_in: Send, act: Send, dana: Customer) -> None:
    done = take_in("id,name,email,language\nd,Dana D.,dana@example.com,fr\n")
    Customer.objects.filter(pk=dana.pk).update(name="Dana the Third")
    undone = act(done, "undo")
    dana.refresh_from_db()
    assert (undone["kept"], dana.name, dana.locale) == (1, "Dana the Third", "en")


def test_what_was_proved_since_is_not_taken_away(take_in: Send, act: Send, dana: Customer) -> None:
    done = take_in("id,email\nd,dana@example.com;second@example.com\n")
    assert counts(done) == (0, 1, 0, 0)
    customers.prove(dana, "second@example.com", by=SYSTEM)
    act(done, "undo")
    assert sorted(dana.identities.values_list("value", flat=True)) == ["dana@example.com", "second@example.com"]


def test_who_was_merged_since_stays(take_in: Send, act: Send, dana: Customer) -> None:
    done = take_in("id,name\nz,Zoé\n")
    customers.merge(Customer.objects.get(name="Zoé"), into=dana, by=SYSTEM)
    undone = act(done, "undo")
    assert (undone["kept"], Customer.objects.count()) == (1, 2)
    assert dana.identities.filter(value="z").exists()


def test_only_the_last_import_is_taken_back_and_then_the_one_before(
    take_in: Send, act: Send, api: Api, ada: User
) -> None:
    first = take_in("id,name\n1,Zoé\n")
    second = take_in("id,name\n1,Zoé Petit\n2,Élise\n")
    refused = api(ada).post(f"{URL}{first['id']}/undo/")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_last")
    listed = api(ada).get(URL).json()["results"]
    assert [(row["id"], row["can"]) for row in listed] == [(second["id"], ["undo"]), (first["id"], [])]
    assert [row[0] for row in people()] == ["Zoé Petit", "Élise"]
    act(second, "undo")
    assert [row[0] for row in people()] == ["Zoé"]
    assert act(first, "undo")["state"] == "undone"
    assert people() == []


def test_after_some_days_nothing_is_taken_back_and_nothing_is_kept_of_the_rows(
    take_in: Send, api: Api, ada: User
) -> None:
    done = take_in(CSV)
    Import.objects.update(began_at=timezone.now() - timedelta(days=15))
    assert api(ada).post(f"{URL}{done['id']}/undo/").status_code == 409
    running.sweep()
    assert (Import.objects.get().rows.count(), len(people())) == (0, 2)


def test_undone_and_done_again(take_in: Send, act: Send) -> None:
    before = act(take_in(CSV), "undo")
    assert (before["state"], people()) == ("undone", [])
    assert counts(take_in(CSV)) == (2, 0, 0, 0)
    assert len(people()) == 2
