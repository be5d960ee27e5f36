"""Files: limits, harmless names, types by content, one owner, links that expire."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.fixtures import Settings

from helpdesk.lib import clock, errors
from helpdesk.people.models import Customer, User
from tests.conftest import Api
from tests.factories import answer, make_ticket
from tickets import attachments, conversation
from tickets.conversation import Line
from tickets.models import Attachment, Queue

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture(autouse=True)
def _own_files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_stored_file_has_a_name_that_tells_nothing_and_only_its_owner_reads_it(db: None, tmp_path: Path) -> None:
    file = attachments.store(b"hello", "../../etc/pass\u202ewd.txt", uploader="user:1")
    [path] = stored(tmp_path)
    assert (file.name, file.type, file.size) == ("passwd.txt", "text/plain", 5)
    assert file.sha256 == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert path.read_bytes() == b"hello"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert "passwd" not in str(path)


def test_one_byte_too_many_is_refused_and_nothing_is_stored(db: None, settings: Settings, tmp_path: Path) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1024 * 1024
    attachments.store(b"x" * 1024 * 1024, "fits.bin", uploader="user:1")
    with pytest.raises(errors.TooLarge) as refused:
        attachments.store(b"x" * (1024 * 1024 + 1), "big.bin", uploader="user:1")
    assert str(refused.value.detail) == "“big.bin” is larger than 1 MB. Send a smaller file or a link to it."
    assert Attachment.objects.count() == 1
    assert len(stored(tmp_path)) == 1


def test_a_disk_that_refuses_leaves_no_row(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_given: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", full)
    with pytest.raises(errors.StorageFull):
        attachments.store(b"hello", "a.txt", uploader="user:1")
    assert Attachment.objects.count() == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("C:\\Users\\me\\facture n°3.pdf", "facture n°3.pdf"),
        ("/etc/passwd", "passwd"),
        ("..", "file"),
        ("", "file"),
        ("a\x00b\r\nc.txt", "abc.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\u200bb\u2066c.txt", "abc.txt"),
        ("a\u2215b\u2044c.txt", "a_b_c.txt"),
        ("dir\uff0fname.txt", "name.txt"),
        (".htaccess", "htaccess"),
        ("con.txt", "_con.txt"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("photo\u00a0été.jpg", "photo été.jpg"),
        ("x" * 500 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_become_harmless(given: str, kept: str) -> None:
    assert attachments.clean_name(given) == kept


@pytest.mark.parametrize(
    ("content", "name", "type_"),
    [
        (PNG, "x.html", "image/png"),
        (b"GIF89a" + b"\0" * 30, "x.gif", "image/gif"),
        (b"<html><script>alert(1)</script>", "x.png", "text/html"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "x.png", "image/svg+xml"),
        (b"%PDF-1.4\n", "x.jpg", "application/pdf"),
        (b"MZ" + b"\0" * 60, "x.jpg", "application/octet-stream"),
        ("déjà vu".encode(), "x.png", "text/plain"),
        (b"\x9f\x8e\x00\x01\xfebinary", "x.txt", "application/octet-stream"),
        (b"", "x.txt", "application/octet-stream"),
    ],
)
def test_the_type_is_that_of_the_content_not_of_the_name(content: bytes, name: str, type_: str) -> None:
    assert attachments.detect(content, name) == type_


def test_only_the_uploader_may_put_a_file_into_a_message(db: None) -> None:
    mine = attachments.store(b"1", "a.txt", uploader="user:1")
    foreign = attachments.store(b"2", "b.txt", uploader="user:2")
    assert attachments.take([str(mine.pk)], uploader="user:1") == [mine]
    for wrong in ([str(foreign.pk)], [str(mine.pk), str(foreign.pk)], ["no-uuid"], [""]):
        with pytest.raises(errors.Invalid):
            attachments.take(wrong, uploader="user:1")


def test_more_files_than_allowed_are_refused(db: None, settings: Settings) -> None:
    settings.ATTACHMENT_MAX_COUNT = 1
    files = [attachments.store(b"1", "a.txt", uploader="user:1") for _ in range(2)]
    with pytest.raises(errors.Invalid):
        attachments.take([file.pk for file in files], uploader="user:1")


def test_too_many_unsent_files_are_refused(db: None) -> None:
    for number in range(attachments.MAX_WAITING):
        attachments.upload(SimpleUploadedFile(f"{number}.txt", b"1"), uploader="user:1")
    with pytest.raises(errors.Invalid):
        attachments.upload(SimpleUploadedFile("more.txt", b"2"), uploader="user:1")
    assert Attachment.objects.count() == attachments.MAX_WAITING


def test_a_bearer_link_opens_for_fifteen_minutes(db: None) -> None:
    file = attachments.store(b"hello", "a b.txt", uploader="user:1")
    with time_machine.travel("2026-03-01 12:00:00Z", tick=False):
        path = attachments.url(file)
    token = path.split("/")[2]
    assert path == f"/files/{token}/a%20b.txt"
    with time_machine.travel("2026-03-01 12:14:59Z", tick=False):
        assert attachments.open_link(token, user=None, customer=None) == file
    with time_machine.travel("2026-03-01 12:15:01Z", tick=False), pytest.raises(errors.NotFound):
        attachments.open_link(token, user=None, customer=None)


def test_a_link_made_for_somebody_opens_for_nobody_else_and_not_after_he_lost_the_right(
    technical: Queue, billing: Queue, alice: User, bob: User, dana: Customer, eric: Customer
) -> None:
    ticket = make_ticket(dana, queue=billing)
    file = attachments.store(b"hello", "a.txt", uploader=f"user:{alice.pk}")
    conversation.reply(ticket, Line("Here", attachments=[file]), by=alice)
    token = attachments.url(file, f"user:{alice.pk}").split("/")[2]
    assert attachments.open_link(token, user=alice, customer=None) == file
    for user, customer in ((bob, None), (None, dana), (None, None)):
        with pytest.raises(errors.NotFound):
            attachments.open_link(token, user=user, customer=customer)
    mine = attachments.url(file, f"customer:{dana.pk}").split("/")[2]
    assert attachments.open_link(mine, user=None, customer=dana) == file
    with pytest.raises(errors.NotFound):
        attachments.open_link(mine, user=None, customer=eric)
    ticket.refresh_from_db()
    ticket.queue, ticket.assignee = technical, None
    ticket.save()
    with pytest.raises(errors.NotFound):
        attachments.open_link(token, user=alice, customer=None)


def test_a_file_of_a_note_never_opens_for_the_customer(
    technical: Queue, billing: Queue, alice: User, dana: Customer
) -> None:
    ticket = make_ticket(dana, queue=billing)
    file = attachments.store(b"secret", "a.txt", uploader=f"user:{alice.pk}")
    conversation.reply(ticket, Line("Look", kind="note", attachments=[file]), by=alice)
    token = attachments.url(file, f"customer:{dana.pk}").split("/")[2]
    with pytest.raises(errors.NotFound):
        attachments.open_link(token, user=None, customer=dana)


def test_what_was_never_sent_is_swept_after_a_day_and_what_was_sent_stays(
    technical: Queue, billing: Queue, alice: User, dana: Customer, tmp_path: Path
) -> None:
    sent = attachments.store(b"sent", "a.txt", uploader=f"user:{alice.pk}")
    conversation.reply(make_ticket(dana, queue=billing), Line("Here", attachments=[sent]), by=alice)
    with clock.pretend(clock.now() - timedelta(hours=25)):
        old = attachments.store(b"old", "b.txt", uploader="user:1")
    fresh = attachments.store(b"fresh", "c.txt", uploader="user:1")
    assert attachments.sweep() == 1
    assert set(Attachment.objects.values_list("pk", flat=True)) == {sent.pk, fresh.pk}
    assert sorted(path.read_bytes() for path in stored(tmp_path)) == [b"fresh", b"sent"]
    assert not (tmp_path / str(old.file.name)).exists()


def test_a_file_whose_row_was_rolled_back_is_swept_from_the_disk(db: None, tmp_path: Path) -> None:
    file = attachments.store(b"lost", "a.txt", uploader="user:1")
    Attachment.objects.all().delete()
    path = tmp_path / str(file.file.name)
    assert attachments.sweep() == 0
    assert path.exists()
    day_and_more = (clock.now() - timedelta(hours=30)).timestamp()
    os.utime(path, (day_and_more, day_and_more))
    assert attachments.sweep() == 1
    assert not path.exists()


def test_django_files_are_taken_as_well_as_bytes(db: None, tmp_path: Path) -> None:
    file = attachments.store(ContentFile(PNG), "a.png", uploader="user:1")
    assert (file.type, attachments.content(file)) == ("image/png", PNG)
    (tmp_path / str(file.file.name)).unlink()
    with pytest.raises(errors.NotFound):
        attachments.content(file)


def test_the_api_takes_a_file_that_then_goes_into_a_message(
    api: Api, technical: Queue, billing: Queue, alice: User, dana: Customer
) -> None:
    ticket = make_ticket(dana, queue=billing)
    client = api(alice)
    upload = SimpleUploadedFile("facture.pdf", b"%PDF-1.4\n", content_type="image/png")
    made = client.post("/api/v1/attachments/", {"file": upload}, format="multipart")
    assert made.status_code == 201
    assert {key: made.json()[key] for key in ("name", "size", "type")} == {
        "name": "facture.pdf",
        "size": 9,
        "type": "application/pdf",
    }
    body = {
        "kind": "public",
        "body": "Here it is",
        "origin_id": "6f0c1c52-2c2e-4a53-9d4c-0d9a0d3a4c11",
        "attachments": [made.json()["id"]],
    }
    said = client.post(f"/api/v1/tickets/{ticket.pk}/messages/", body, format="json")
    assert said.status_code == 201
    [shown] = said.json()["attachments"]
    download = client.get(shown["url"])
    assert download.content == b"%PDF-1.4\n"
    again = client.post(f"/api/v1/tickets/{ticket.pk}/messages/", body, format="json")
    assert (again.status_code, again.json()["seq"]) == (200, said.json()["seq"])


def test_the_api_refuses_strangers_readers_no_file_and_too_much(
    api: Api, alice: User, rita: User, settings: Settings
) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1024 * 1024
    big = b"x" * (1024 * 1024 + 1)
    calls = [
        (None, {"file": SimpleUploadedFile("a.txt", b"1")}, 401),
        (rita, {"file": SimpleUploadedFile("a.txt", b"1")}, 403),
        (alice, {}, 400),
        (alice, {"file": "text"}, 400),
        (alice, {"file": SimpleUploadedFile("a.txt", big)}, 413),
    ]
    for user, data, status in calls:
        response = api(user).post("/api/v1/attachments/", data, format="multipart")
        assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json"), data
    assert api(alice).post("/api/v1/attachments/", {"file": "x"}, format="json").status_code == 415
    assert Attachment.objects.count() == 0


def test_uploading_does_not_touch_a_ticket(technical: Queue, billing: Queue, alice: User, dana: Customer) -> None:
    ticket = make_ticket(dana, queue=billing)
    answer(ticket, alice)
    before = (ticket.last_seq, Attachment.objects.count())
    attachments.store(b"1", "a.txt", uploader=f"user:{alice.pk}")
    ticket.refresh_from_db()
    assert (ticket.last_seq - 1, Attachment.objects.count() - 1) == before
