"""A visitor's files: before the conversation exists, taken back, sent once, read by nobody else."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from chat import sessions
from chat.models import Session, Site
from chat.sessions import Opened, Visit
from helpdesk.people.models import User
from tests.chat.conftest import Desk, bearer
from tickets import attachments, conversation
from tickets.conversation import Line
from tickets.models import Attachment, Message, Ticket

pytestmark = pytest.mark.django_db
URL = "/api/v1/chat/session/files/"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


@pytest.fixture
def browser(visitor: Opened) -> APIClient:
    return bearer(visitor.keys.token)


def send(browser: APIClient, content: bytes = PNG, name: str = "screen.png", **members: Any) -> Any:
    return browser.post(URL, {"file": SimpleUploadedFile(name, content), **members}, format="multipart")


def write(browser: APIClient, **members: Any) -> Any:
    return browser.post("/api/v1/chat/session/messages/", {"origin_id": str(uuid.uuid4()), **members})


def stored() -> int:
    return sum(1 for path in (Path(settings.MEDIA_ROOT) / "attachments").rglob("*") if path.is_file())


def test_a_file_is_sent_before_there_is_a_conversation_and_carried_by_the_first_line(browser: APIClient) -> None:
    answer = send(browser)
    assert answer.status_code == 201
    body = answer.json()
    assert body == {
        "id": body["id"], "name": "screen.png", "size": 40, "type": "image/png", "url": f"{URL}{body['id']}/",
    }  # fmt: skip
    assert Ticket.objects.count() == 0
    said = write(browser, body="Look", attachments=[body["id"]])
    assert said.status_code == 201
    assert said.json()["attachments"] == [body]
    assert Attachment.objects.get().message == Message.objects.get()


def test_a_picture_alone_is_a_line_and_names_the_request(browser: APIClient) -> None:
    said = write(browser, attachments=[send(browser).json()["id"]])
    assert (said.status_code, said.json()["body"]) == (201, "")
    assert Ticket.objects.get().subject == "screen.png"


def test_the_same_upload_again_is_the_same_file_and_another_one_under_its_id_is_refused(browser: APIClient) -> None:
    origin = str(uuid.uuid4())
    first, again = send(browser, origin_id=origin), send(browser, origin_id=origin)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = send(browser, b"other", origin_id=origin)
    assert (other.status_code, other.json()["code"]) == (409, "origin_reused")
    assert (Attachment.objects.count(), Attachment.objects.get().size) == (1, 40)


def test_two_visitors_may_use_the_same_id_of_an_upload(shop: Site, browser: APIClient) -> None:
    origin = str(uuid.uuid4())
    other = bearer(sessions.open(shop, Visit()).keys.token)
    assert send(browser, origin_id=origin).json()["id"] != send(other, origin_id=origin).json()["id"]


def test_the_same_line_with_its_files_again_is_the_same_message(browser: APIClient) -> None:
    key, origin = send(browser).json()["id"], str(uuid.uuid4())
    first = write(browser, body="Look", attachments=[key], origin_id=origin)
    again = write(browser, body="Look", attachments=[key], origin_id=origin)
    assert (first.status_code, again.status_code) == (201, 200)
    assert write(browser, body="Look", origin_id=origin).status_code == 409
    assert Message.objects.count() == 1


def test_what_is_taken_back_is_gone_and_cannot_be_sent(
    browser: APIClient, django_capture_on_commit_callbacks: Any
) -> None:
    before, key = stored(), send(browser).json()["id"]
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.delete(f"{URL}{key}/").status_code == 204
    assert (Attachment.objects.count(), stored()) == (0, before)
    assert browser.delete(f"{URL}{key}/").status_code == 404
    assert write(browser, body="Look", attachments=[key]).status_code == 400
    assert Message.objects.count() == 0


def test_what_was_sent_is_not_taken_back(browser: APIClient) -> None:
    key = send(browser).json()["id"]
    write(browser, body="Look", attachments=[key])
    assert browser.delete(f"{URL}{key}/").status_code == 404
    assert Attachment.objects.count() == 1


def test_another_visitor_neither_reads_sends_nor_takes_back(shop: Site, browser: APIClient) -> None:
    key = send(browser).json()["id"]
    other = bearer(sessions.open(shop, Visit()).keys.token)
    assert [other.get(f"{URL}{key}/").status_code, other.delete(f"{URL}{key}/").status_code] == [404, 404]
    assert write(other, body="Look", attachments=[key]).status_code == 400
    write(browser, body="Look", attachments=[key])
    assert other.get(f"{URL}{key}/").status_code == 404
    assert Attachment.objects.get().message is not None


def test_an_address_of_a_file_is_worth_nothing_without_the_token(browser: APIClient) -> None:
    key = send(browser).json()["id"]
    assert APIClient().get(f"{URL}{key}/").status_code == 401
    assert browser.get(f"{URL}{key}/").status_code == 200
    browser.delete("/api/v1/chat/session/")
    assert browser.get(f"{URL}{key}/").status_code == 401


def test_a_visitor_reads_files_of_answers_and_none_of_notes(browser: APIClient, charlie: User) -> None:
    write(browser, body="Hello")
    ticket = Ticket.objects.get()
    shown, hidden = (attachments.store(b"x", "a.txt", uploader=f"user:{charlie.pk}") for _kind in range(2))
    for file, kind in ((shown, "public"), (hidden, "note")):
        conversation.reply(ticket, Line(body="See", channel="chat", kind=kind, attachments=[file]), by=charlie)
    assert browser.get(f"{URL}{shown.pk}/").status_code == 200
    assert browser.get(f"{URL}{hidden.pk}/").status_code == 404


def test_a_page_is_saved_and_never_run(browser: APIClient) -> None:
    key = send(browser, b"<script>alert(1)</script>", "a.html").json()["id"]
    answer = browser.get(f"{URL}{key}/")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a.html"'
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_limits_are_named_and_leave_nothing_behind(browser: APIClient, settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 10
    large = send(browser)
    assert (large.status_code, list(large.json()["fields"])) == (413, ["file"])
    assert browser.post(URL, {}, format="multipart").status_code == 400
    settings.ATTACHMENT_MAX_COUNT = 1
    keys = [send(browser, b"x").json()["id"] for _file in range(2)]
    assert write(browser, body="Look", attachments=keys).status_code == 400
    assert send(browser, b"x").status_code == 400
    assert (Message.objects.count(), Session.objects.get().ticket, Attachment.objects.count()) == (0, None, 2)


@pytest.mark.django_db(transaction=True)
async def test_a_picture_goes_with_a_line_by_socket_too(visitor: Opened, widget: Desk) -> None:
    browser = bearer(visitor.keys.token)
    file = (await sync_to_async(send)(browser)).json()
    line = await widget(visitor.keys.token)
    await line.say("message.send", origin_id="one", body="", attachments=[file["id"]])
    assert (await line.hear("message.ack"))["seq"] == 1
    rows = (await sync_to_async(browser.get)("/api/v1/chat/session/messages/")).json()["results"]
    assert [row["attachments"] for row in rows] == [[file]]
    await line.say("message.send", origin_id="two", body="x", attachments="all")
    assert (await line.hear("error"))["code"] == "bad_frame"
