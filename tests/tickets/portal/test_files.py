"""What the door of files answers: saved and never run, pictures shown at most."""

import pytest
from django.test import Client

from tickets import attachments

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.mark.parametrize(
    ("content", "name", "type_", "disposition"),
    [
        (PNG, "photo.png", "image/png", 'inline; filename="photo.png"'),
        (b"<script>alert(1)</script>", "x.html", "application/octet-stream", 'attachment; filename="x.html"'),
        (
            b'<svg xmlns="http://www.w3.org/2000/svg">',
            "x.png",
            "application/octet-stream",
            'attachment; filename="x.png"',
        ),
        (b"%PDF-1.4\n", "x.pdf", "application/octet-stream", 'attachment; filename="x.pdf"'),
        (b"hello", "été.txt", "application/octet-stream", "attachment; filename*=utf-8''%C3%A9t%C3%A9.txt"),
    ],
)
def test_a_file_is_given_out_so_that_it_harms_nobody(
    db: None, client: Client, content: bytes, name: str, type_: str, disposition: str
) -> None:
    file = attachments.store(content, name, uploader="user:1")
    response = client.get(attachments.url(file))
    assert (response.status_code, response.content) == (200, content)
    assert (response["Content-Type"], response["Content-Disposition"]) == (type_, disposition)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "private, no-store"


def test_a_wrong_link_gives_nothing(db: None, client: Client) -> None:
    file = attachments.store(b"hello", "a.txt", uploader="user:1")
    token = attachments.url(file).split("/")[2]
    for wrong in ("x", token[:-1], token.swapcase(), "a" * 3000):
        assert client.get(f"/files/{wrong}/a.txt").status_code == 404
    assert client.post(f"/files/{token}/a.txt").status_code == 405
