"""Who may import and export: administrators, and nobody else by any door."""

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from helpdesk.jobs.models import Job
from helpdesk.people.models import Customer, Export, Import, User
from tests.conftest import Api
from tests.helpdesk.people.imports.conftest import URL, Send
from tests.helpdesk.people.imports.test_customers import CSV, people

pytestmark = pytest.mark.django_db


def test_nobody_but_an_administrator_imports_or_exports(
    api: Api, send: Send, act: Send, ada: User, alice: User, rita: User, bob: User
) -> None:
    one = send(CSV)
    checked = act(one, "check", mapping=one["mapping"])
    made = api(ada).post("/api/v1/exports/", {}, format="json").json()
    before = (Import.objects.values().get(), Export.objects.values().get(), Job.objects.count())
    path = f"{URL}{one['id']}/"
    for user, refusal in ((None, 401), (rita, 403), (alice, 403), (bob, 403)):
        client = api(user)
        file = SimpleUploadedFile("x.csv", CSV.encode())
        answers = [
            client.get(URL),
            client.post(URL, {"file": file, "kind": "customers"}, format="multipart"),
            client.get(path),
            client.delete(path),
            client.get(f"{path}rows/"),
            client.post(f"{path}read/", {"separator": ","}, format="json"),
            client.post(f"{path}check/", {"mapping": checked["mapping"]}, format="json"),
            client.post(f"{path}run/"),
            client.post(f"{path}undo/"),
            client.post("/api/v1/exports/", {"kind": "customers"}, format="json"),
            client.get(f"/api/v1/exports/{made['id']}/"),
            client.get(f"/api/v1/exports/{made['id']}/file/"),
        ]
        assert {answer.status_code for answer in answers} == {refusal}, (user, answers)
    assert (Import.objects.values().get(), Export.objects.values().get(), Job.objects.count()) == before
    assert people() == []


def test_another_administrator_does_not_fetch_my_export(api: Api, ada: User) -> None:
    made = api(ada).post("/api/v1/exports/", {}, format="json").json()
    other = User.objects.create_user("eve@example.com", "eve-secret-1", name="Eve", role=User.Role.ADMIN)
    assert api(other).get(f"/api/v1/exports/{made['id']}/").status_code == 404
    assert api(other).get(f"/api/v1/exports/{made['id']}/file/").status_code == 404


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        (["external_id"], "Say for each column what it is, or nothing."),
        (["external_id", "is_visitor", "", "", "", ""], "Say for each column what it is, or nothing."),
        (["external_id", "verified_at", "", "", "", ""], "Say for each column what it is, or nothing."),
        (["name", "name", "email", "", "", ""], "Two columns cannot both be “Name”."),
        (["", "name", "", "", "", ""], "Choose the column of the external id, the e-mail address or the phone number."),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(api: Api, send: Send, ada: User, mapping: list[str], words: str) -> None:
    one = send(CSV)
    answer = api(ada).post(f"{URL}{one['id']}/check/", {"mapping": mapping}, format="json")
    assert (answer.status_code, answer.json()["fields"]) == (400, {"mapping": [words]})
    assert (Import.objects.get().state, Job.objects.count()) == ("new", 0)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [(b"", "x.csv", "invalid"), (b"%PDF-1.7 x", "x.csv", "no_table"), (b"a,b\n", "x.csv", "no_rows")],
)
def test_what_is_no_table_is_not_kept(api: Api, ada: User, tmp_path: Any, content: bytes, name: str, code: str) -> None:
    answer = api(ada).post(URL, {"file": SimpleUploadedFile(name, content)}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert "file" in answer.json()["fields"]
    assert (Import.objects.count(), list(tmp_path.iterdir())) == (0, [])


def test_a_file_that_is_too_large_is_refused(api: Api, ada: User, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 10
    answer = api(ada).post(URL, {"file": SimpleUploadedFile("x.csv", CSV.encode())}, format="multipart")
    assert (answer.status_code, Import.objects.count()) == (413, 0)


def test_too_many_rows_are_told(send: Send, act: Send, settings: Any) -> None:
    settings.IMPORT_MAX_ROWS = 1
    one = send(CSV)
    failed = act(one, "check", mapping=one["mapping"])
    assert (failed["state"], failed["problem"]["text"]) == ("failed", "The file has more than 1 rows. Split it.")
    assert failed["can"] == ["delete"]


def test_steps_come_in_their_order(api: Api, send: Send, act: Send, take_in: Send, ada: User) -> None:
    one = send(CSV)
    path = f"{URL}{one['id']}/"
    assert [api(ada).post(f"{path}{verb}/").status_code for verb in ("run", "undo")] == [409, 409]
    done = take_in(CSV)
    path = f"{URL}{done['id']}/"
    answers = [
        api(ada).post(f"{path}run/"),
        api(ada).post(f"{path}check/", {"mapping": one["mapping"]}, format="json"),
        api(ada).post(f"{path}read/", {}, format="json"),
        api(ada).delete(path),
    ]
    assert ([answer.status_code for answer in answers], Customer.objects.count()) == ([409] * 4, 2)


def test_what_was_not_taken_in_is_thrown_away_with_its_file(api: Api, send: Send, ada: User, tmp_path: Any) -> None:
    one = send(CSV)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    assert api(ada).delete(f"{URL}{one['id']}/").status_code == 204
    assert (Import.objects.count(), api(ada).get(f"{URL}{one['id']}/").status_code) == (0, 404)


def test_the_same_call_again_is_the_same_import(api: Api, send: Send, ada: User) -> None:
    key = str(uuid.uuid4())
    first, again = send(CSV, origin_id=key), send(CSV, origin_id=key)
    assert (first["id"], Import.objects.count()) == (again["id"], 1)
    body = {"file": SimpleUploadedFile("x.csv", b"id,name\n1,x\n"), "kind": "customers", "origin_id": key}
    answer = api(ada).post(URL, body, format="multipart")
    assert (answer.status_code, answer.json()["code"], Import.objects.count()) == (409, "origin_id", 1)


def test_the_lists_cost_a_fixed_number_of_queries(
    api: Api, send: Send, act: Send, ada: User, django_assert_num_queries: Any
) -> None:
    client = api(ada)
    for n in range(3):
        one = send(f"id,email\n{n},nowhere\n{n},x\n")
        act(one, "check", mapping=one["mapping"])
    # session, user, the page, the newest that stands
    with django_assert_num_queries(4):
        assert len(client.get(URL).json()["results"]) == 3
    # session, user, the import, the page
    with django_assert_num_queries(4):
        assert len(client.get(f"{URL}{one['id']}/rows/").json()["results"]) == 2
