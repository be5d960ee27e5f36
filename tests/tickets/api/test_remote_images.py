"""Remote pictures of a mail: only those a message names, only pictures, only for whoever may read the ticket."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.conf import LazySettings

from helpdesk.people.models import User
from tests.conftest import Api
from tests.factories import make_ticket
from tickets.models import Message, Queue, Ticket

pytestmark = pytest.mark.django_db
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")


class _Shop(BaseHTTPRequestHandler):
    """A web server that remembers what it was told about who asks."""

    asked: list[tuple[str, list[str]]]

    def do_GET(self) -> None:
        type(self).asked.append((self.path, sorted(self.headers.keys())))
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/logo.png?a=1&b=2")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(PNG if "logo" in self.path else b"<html><script>alert(1)</script></html>")

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[str]:
    _Shop.asked = []
    with HTTPServer(("127.0.0.1", 0), _Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _mail(billing: Queue, *sources: str) -> tuple[Ticket, str]:
    ticket = make_ticket(queue=billing)
    html = "".join(f'<img alt="" data-remote-src="{source}">' for source in sources)
    Message.objects.filter(ticket=ticket, seq=1).update(html=html)
    return ticket, f"/api/v1/tickets/{ticket.pk}/messages/1/images/"


def test_a_picture_is_fetched_by_the_server_and_tells_nothing_of_the_agent(
    api: Api, alice: User, billing: Queue, shop: str, settings: LazySettings
) -> None:
    settings.MAIL_NETWORKS = ["127.0.0.0/8"]
    _ticket, path = _mail(billing, f"{shop}/page.html", f"{shop}/moved?x=1&amp;y=2")
    answer = api(alice).get(f"{path}1/")
    assert answer.status_code == 200
    assert answer.content == PNG
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert [line for line, _headers in _Shop.asked] == ["/moved?x=1&y=2", "/logo.png?a=1&b=2"]
    assert all(headers == ["Accept", "Accept-Encoding", "Host", "User-Agent"] for _line, headers in _Shop.asked)


def test_what_is_no_picture_is_not_passed_on(
    api: Api, alice: User, billing: Queue, shop: str, settings: LazySettings
) -> None:
    settings.MAIL_NETWORKS = ["127.0.0.0/8"]
    _ticket, path = _mail(billing, f"{shop}/page.html")
    assert api(alice).get(f"{path}0/").status_code == 404
    assert api(alice).get(f"{path}1/").status_code == 404
    assert [line for line, _headers in _Shop.asked] == ["/page.html"]


def test_our_own_networks_are_never_asked(api: Api, alice: User, billing: Queue, shop: str) -> None:
    _ticket, path = _mail(billing, f"{shop}/logo.png", "http://169.254.169.254/logo.png", "file:///etc/passwd")
    assert [api(alice).get(f"{path}{number}/").status_code for number in range(3)] == [404, 404, 404]
    assert _Shop.asked == []


def test_whoever_may_not_read_the_ticket_fetches_nothing(
    api: Api, charlie: User, billing: Queue, shop: str, settings: LazySettings
) -> None:
    settings.MAIL_NETWORKS = ["127.0.0.0/8"]
    _ticket, path = _mail(billing, f"{shop}/logo.png")
    assert api(charlie).get(f"{path}0/").status_code == 404
    assert _Shop.asked == []
