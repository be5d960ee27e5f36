"""Customers from a file: checked without a trace, taken in once, found again, and every wrong cell explained."""

from typing import Any

import pytest

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock
from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.imports import running
from helpdesk.people.models import Customer, Identity, Import, ImportRow, Organization, User
from tests.conftest import Api
from tests.helpdesk.people.imports.conftest import URL, Send, counts, sheet

pytestmark = pytest.mark.django_db
CSV = (
    "id;Nom;E-mail;Téléphone;Société;Langue\n"
    "c1;Zoé Petit;zoe@example.com;01 23 45 67 89;Acme;français\n"
    "c2;Élise Grand;ELISE@example.com;;acme;fr-FR\n"
)


def people() -> list[tuple[Any, ...]]:
    """Everybody with what identifies him; nothing of it may be proved."""
    rows = Customer.objects.select_related("organization").prefetch_related("identities").order_by("pk")
    return [
        (
            row.name,
            row.organization.name if row.organization else None,
            row.locale,
            sorted((one.kind, one.value) for one in row.identities.all()),
        )
        for row in rows
    ]


PEOPLE = [
    ("Zoé Petit", "Acme", "fr", [("email", "zoe@example.com"), ("external", "c1"), ("phone", "+33123456789")]),
    ("Élise Grand", "Acme", "fr", [("email", "elise@example.com"), ("external", "c2")]),
]


def test_a_file_is_described_checked_and_taken_in(send: Send, act: Send, ada: User) -> None:
    one = send(CSV.encode("cp1252"), "Clients 2026.csv")
    assert {name: one[name] for name in ("state", "name", "encoding", "separator", "mapping", "total", "can", "by")} == {
        "state": "new", "name": "Clients 2026.csv", "encoding": "cp1252", "separator": ";",
        "mapping": ["external_id", "name", "email", "phone", "organization", "locale"],
        "total": None, "can": ["read", "check", "delete"], "by": "Ada Admin",
    }  # fmt: skip
    assert one["columns"][1] == {"name": "Nom", "samples": ["Zoé Petit", "Élise Grand"]}
    checked = act(one, "check", mapping=one["mapping"])
    assert (checked["state"], checked["total"], checked["done"], counts(checked)) == ("checked", 2, 2, (2, 0, 0, 0))
    assert (people(), Organization.objects.count(), Event.objects.count()) == ([], 0, 0)
    assert checked["can"] == ["read", "check", "run", "delete"]
    done = act(one, "run")
    assert (done["state"], counts(done), done["can"]) == ("done", (2, 0, 0, 0), ["undo"])
    assert people() == PEOPLE
    assert not Identity.objects.filter(verified_at__isnull=False).exists()
    # What was taken in is not kept twice
    assert list(ImportRow.objects.values_list("cells", flat=True)) == [[], []]
    assert [(event.name, event.actor_id, event.data) for event in Event.objects.all()] == [
        (
            "import.done",
            ada.pk,
            {"kind": "customers", "made": 2, "changed": 0, "same": 0, "refused": 0},
        )
    ]


def test_the_same_file_twice_changes_nothing(take_in: Send) -> None:
    take_in(CSV)
    before = (people(), list(Identity.objects.values()), list(Customer.objects.values()))
    again = take_in(CSV)
    assert (again["state"], counts(again), again["can"]) == ("checked", (0, 0, 2, 0), ["read", "check", "delete"])
    assert (people(), list(Identity.objects.values()), list(Customer.objects.values())) == before


def test_the_external_id_finds_a_customer_whose_name_and_address_changed(take_in: Send) -> None:
    take_in(CSV)
    done = take_in("id,name,email\nc1,Zoé Grand,zoe.grand@example.com\n")
    assert counts(done) == (0, 1, 0, 0)
    assert people()[0] == (
        "Zoé Grand", "Acme", "fr",
        [("email", "zoe.grand@example.com"), ("email", "zoe@example.com"), ("external", "c1"), ("phone", "+33123456789")],
    )  # fmt: skip
    assert Customer.objects.count() == 2


def test_an_empty_cell_changes_nothing(take_in: Send) -> None:
    take_in(CSV)
    assert counts(take_in("id,name,email,organization,language\nc1,,,,\n")) == (0, 0, 1, 0)


def test_who_wrote_before_is_found_by_his_address_and_gets_the_id(take_in: Send, dana: Customer) -> None:
    done = take_in("id,name,email\nc9,Dana D.,DANA@example.com\n")
    assert counts(done) == (0, 1, 0, 0)
    assert people() == [("Dana D.", None, "en", [("email", "dana@example.com"), ("external", "c9")])]
    # What he proved himself stays proved; the id is only claimed
    assert [one.verified_at is not None for one in Identity.objects.order_by("kind")] == [True, False]


def test_two_ids_with_one_address_are_two_people_and_stay_so(take_in: Send) -> None:
    text = "id,name,email\na,Anna,info@example.com\nb,Bernd,info@example.com\n"
    assert counts(take_in(text)) == (2, 0, 0, 0)
    assert counts(take_in(text)) == (0, 0, 2, 0)


def test_what_is_imported_claims_and_never_takes_a_proved_address(take_in: Send, dana: Customer) -> None:
    take_in("id,email\nx1,other@example.com\n")
    done = take_in("id,email\nx1,dana@example.com\n")
    assert counts(done) == (0, 1, 0, 0)
    assert customers.resolve(Who(email="dana@example.com")) == dana
    claim = Identity.objects.get(value="dana@example.com", verified_at__isnull=True)
    assert claim.customer != dana


def test_an_imported_address_opens_nothing_until_it_is_proved(take_in: Send) -> None:
    take_in("id,email\nx1,new@example.com\n")
    made = Customer.objects.get()
    assert (customers.trust(made), customers.proved_email(made)) == ("claimed", "")


def test_a_visitor_is_never_found_by_an_address_he_typed(take_in: Send, db: None) -> None:
    visitor = customers.create(Who(email="zoe@example.com"), is_visitor=True)
    assert counts(take_in("id,name,email\nc1,Zoé,zoe@example.com\n")) == (1, 0, 0, 0)
    visitor.refresh_from_db()
    assert (visitor.name, visitor.identities.count()) == ("", 1)


def test_every_wrong_cell_is_told_with_row_column_value_and_what_to_do(
    send: Send, act: Send, api: Api, ada: User
) -> None:
    text = (
        "id;name;mail 1;mail 2;tel;lang\n"
        f"1;{'x' * 201};a@example.com;;;\n"
        "2;B;b@example.com;nowhere;;\n"
        "1.23457E+11;C;;;;\n"
        "4;D;;;call me;klingon\n"
        ";E;;;;\n"
        "6;F;;;;\n"
        "6;F again;;;;\n"
    )
    one = send(text)
    checked = act(one, "check", mapping=["external_id", "name", "email", "email", "phone", "locale"])
    assert counts(checked) == (1, 0, 0, 6)
    rows = api(ada).get(f"{URL}{one['id']}/rows/").json()["results"]
    found = [(row["number"], f["column"], f["value"], f["code"]) for row in rows for f in row["faults"]]
    assert found == [
        (2, "name", "x" * 120, "too_long"),
        (3, "mail 2", "nowhere", "bad_email"),
        (4, "id", "1.23457E+11", "mangled"),
        (5, "tel", "call me", "bad_phone"),
        (5, "lang", "klingon", "bad_locale"),
        (6, "id", "", "no_key"),
        (8, "id", "6", "twice"),
    ]
    text_of = {f["code"]: f["text"] for row in rows for f in row["faults"]}
    assert text_of["twice"] == "The same one is in row 7 already. Keep only one of the two rows."
    assert text_of["too_long"] == "The text is longer than 200 characters. Shorten it."
    french = api(ada).get(f"{URL}{one['id']}/rows/", headers={"accept-language": "fr"}).json()["results"]
    assert french[1]["faults"][0]["text"] == (
        "«\u00a0nowhere\u00a0» n’est pas une adresse e-mail. Écrivez-la comme nom@exemple.fr, ou laissez la cellule vide."
    )
    # In earnest the wrong rows are left out, and everything else is taken in
    done = act(one, "run")
    assert (counts(done), people()) == ((1, 0, 0, 6), [("F", None, "", [("external", "6")])])


def test_an_organisation_with_accents_is_found_again(take_in: Send) -> None:
    text = "id,name,company\n1,Zoé,École\n2,Éva,École\n"
    assert counts(take_in(text)) == (2, 0, 0, 0)
    assert (counts(take_in(text)), Organization.objects.count()) == ((0, 0, 2, 0), 1)


def test_first_and_last_name_make_the_name(take_in: Send) -> None:
    take_in("id,Prénom,Nom\n1,Zoé,Petit\n2,,Grand\n")
    assert [row[0] for row in people()] == ["Zoé Petit", "Grand"]


def test_many_rows_go_in_pieces_and_the_same_one_twice_is_seen_across_them(
    send: Send, act: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK", 3)
    lines = [f"{n},Name {n}" for n in range(10)]
    one = send("\n".join(["id,name", *lines, "0,Name 0"]))
    assert counts(act(one, "check", mapping=one["mapping"])) == (10, 0, 0, 1)
    done = act(one, "run")
    assert (counts(done), done["done"], done["total"], Customer.objects.count()) == ((10, 0, 0, 1), 11, 11, 10)


def test_a_piece_whose_job_is_done_again_is_not_taken_in_again(send: Send, act: Send) -> None:
    one = send(CSV)
    act(one, "check", mapping=one["mapping"])
    act(one, "run")
    row = Import.objects.get()
    running.step(row.pk, after=0)
    running.read(row.pk)
    outbox.drain()
    assert (Customer.objects.count(), ImportRow.objects.count()) == (2, 2)


def test_a_crash_in_the_middle_costs_one_piece(send: Send, act: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that dies leaves its piece undone; whoever takes the job next goes on from there."""
    monkeypatch.setattr(running, "CHUNK", 1)
    one = send(CSV)
    act(one, "check", mapping=one["mapping"])
    running.run(Import.objects.get())
    for job_id in outbox.due_ids():
        outbox.run(job_id)
    assert Import.objects.get().done == 1
    monkeypatch.setattr(running, "_go_on", lambda one: 1 / 0)
    for job_id in outbox.due_ids():
        outbox.run(job_id)
    found = Import.objects.get()
    assert (found.done, found.tries, found.state, len(people())) == (1, 1, "running", 1)
    monkeypatch.undo()
    running.step(found.pk, after=found.cursor)
    outbox.drain()
    assert (Import.objects.get().state, people()) == ("done", PEOPLE)


def test_an_import_that_cannot_go_on_says_so(send: Send, act: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    one = send(CSV)
    act(one, "check", mapping=one["mapping"])
    row = running.run(Import.objects.get())
    monkeypatch.setattr(running, "_take", lambda one, rows: 1 / 0)
    for _time in range(2):
        with pytest.raises(ZeroDivisionError):
            running.step(row.pk, after=0)
    running.step(row.pk, after=0)
    row.refresh_from_db()
    assert (row.state, row.problem, people()) == ("failed", "unexpected", [])


def test_a_workbook_is_taken_in_like_a_text(take_in: Send) -> None:
    content = sheet(
        ["id", "name", "email", "phone", "company", "language"],
        ["c1", "Zoé Petit", "zoe@example.com", "01 23 45 67 89", "Acme", "fr"],
        ["c2", "Élise Grand", "elise@example.com", None, "ACME", "fr"],
    )
    assert counts(take_in(content, "people.xlsx")) == (2, 0, 0, 0)
    assert people() == PEOPLE
    # Nor does the same in another format change anything
    assert counts(take_in(CSV)) == (0, 0, 2, 0)


def test_a_file_may_be_read_another_way(send: Send, act: Send, api: Api, ada: User) -> None:
    one = send("id-name\n1-Zoé\n")
    assert len(one["columns"]) == 1
    read = act(one, "read", separator="-")
    assert ([column["name"] for column in read["columns"]], read["mapping"]) == (
        ["id", "name"],
        ["external_id", "name"],
    )
    assert counts(act(one, "check", mapping=read["mapping"])) == (1, 0, 0, 0)
    # Also once it was checked: then everything begins anew
    back = act(one, "read", separator=";")
    assert (back["state"], back["total"], ImportRow.objects.count()) == ("new", None, 0)


def test_the_time_of_a_customer_is_when_he_was_taken_in(take_in: Send) -> None:
    before = clock.now()
    take_in(CSV)
    assert all(row.created_at >= before for row in Customer.objects.all())
