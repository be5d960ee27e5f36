"""Files as administrators send them, and the whole way of an import by the API."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from pytest_django.fixtures import Settings

from helpdesk.jobs import outbox
from helpdesk.people.models import User
from tests.conftest import Api

URL = "/api/v1/imports/"
Json = dict[str, Any]
Send = Callable[..., Json]


@pytest.fixture(autouse=True)
def _own_files(settings: Settings, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def sheet(*rows: list[Any]) -> bytes:
    """An XLSX file with these rows."""
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def send(api: Api, ada: User) -> Send:
    """Send a file as the administrator."""

    def sent(content: str | bytes, name: str = "people.csv", kind: str = "customers", **more: Any) -> Json:
        data = content.encode() if isinstance(content, str) else content
        body = {"file": SimpleUploadedFile(name, data), "kind": kind, **more}
        answer = api(ada).post(URL, body, format="multipart")
        assert answer.status_code in (200, 201), answer.content
        found: Json = answer.json()
        return found

    return sent


@pytest.fixture
def act(api: Api, ada: User) -> Send:
    """`act(imported, "check", mapping=[…])`, and what it has become once the jobs are done."""

    def acted(one: Json, verb: str, **body: Any) -> Json:
        answer = api(ada).post(f"{URL}{one['id']}/{verb}/", body, format="json")
        assert answer.status_code in (200, 202), answer.content
        outbox.drain()
        found: Json = api(ada).get(f"{URL}{one['id']}/").json()
        return found

    return acted


@pytest.fixture
def take_in(send: Send, act: Send) -> Send:
    """The whole way with the columns as guessed: sent, checked, run."""

    def taken(content: str | bytes, name: str = "people.csv", kind: str = "customers") -> Json:
        one = send(content, name, kind)
        checked = act(one, "check", mapping=one["mapping"])
        assert checked["state"] == "checked", checked
        return act(one, "run") if checked["made"] + checked["changed"] else checked

    return taken


def counts(one: Json) -> tuple[int, int, int, int]:
    """made, changed, same, refused"""
    return one["made"], one["changed"], one["same"], one["refused"]
