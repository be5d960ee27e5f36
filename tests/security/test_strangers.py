"""What somebody outside tries on the doors themselves: secrets in logs, floods of secrets, servers that drip."""

import asyncio
import base64
import http.client
import io
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from django.conf import settings as conf
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat import entry, knocks, sessions, site_check
from chat import lines as spoken
from chat.models import Session, Site
from chat.sessions import Opened
from chat.writer import Writer
from helpdesk.lib import egress, fetching
from tests.chat.conftest import Line


# --- logs ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """The log as it is written: by the handler's own formatter."""
    stated: dict[str, Any] = conf.LOGGING
    handler, formatter = logging.StreamHandler(io.StringIO()), stated["formatters"]["json"]
    rest = {name: value for name, value in formatter.items() if name != "()"}
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(**rest))
    logging.getLogger().addHandler(handler)
    yield handler.stream
    logging.getLogger().removeHandler(handler)


@pytest.mark.django_db
def test_no_line_of_the_log_holds_the_token_of_a_page(client: Client, said: io.StringIO) -> None:
    """Django logs the address of every page that answers 4xx by itself, past our own processors."""
    token = "MTIzNDU2:1wCANARY:" + "Zk3vQ9" * 7
    for path in (f"/en/call/{token}/", f"/en/my/prove/{token}/", f"/call/{token}/call.ics", f"/en/survey/{token}/"):
        assert client.get(path).status_code == 404
    words = said.getvalue().replace("\\u2026", "…")
    assert ("Not Found: /en/call/…/" in words, "CANARY" in words, "Zk3vQ9" in words) == (True, False, False)


# --- bodies ----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"site": "shop", "name": "%s"}' % (b"x" * 3_000_000), 400), (b"[" * 100_000, 400), (b'{"site": NaN}', 400)],
)
def test_a_body_without_measure_is_refused_before_it_is_taken_apart(
    client: Client, shop: Site, body: bytes, status: int
) -> None:
    """Anybody may call this address: what is read of a body must not depend on who sends it."""
    answer = client.post("/api/v1/chat/sessions/", body, "application/json")
    assert (answer.status_code, Session.objects.count()) == (status, 0)


# --- handshakes ------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_handshake_full_of_secrets_costs_a_few_looks() -> None:
    scope = {
        "headers": [(b"authorization", b"Token x"), (b"authorization", b"Session x")],
        "query_string": "&".join(f"session=s{n:042}" for n in range(500)).encode(),
        "subprotocols": [f"token.{n:064}" for n in range(500)],
    }
    assert (len(entry.tokens(scope)), len(entry.proofs(scope))) == (entry.MOST_SECRETS, entry.MOST_SECRETS)
    with CaptureQueriesContext(connection) as queries:
        assert knocks.visitors([entry.tokens(scope)]) == [None]
        assert knocks.staff([entry.proofs(scope)]) == [None]
    assert len(queries) == 2


@pytest.mark.django_db
def test_a_secret_is_found_where_browsers_and_programs_put_it(shop: Site) -> None:
    token = sessions.open(shop, sessions.Visit()).keys.token
    for scope in (
        {"query_string": f"session={token}".encode()},
        {"headers": [(b"authorization", f"Session {token}".encode())]},
        {"subprotocols": ["guichet", f"session.{token}"]},
    ):
        assert entry.tokens(scope) == (token,)
        assert [found and found[1] for found in knocks.visitors([entry.tokens(scope)])] == [token]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_proxied", [False, True])
async def test_one_network_opens_only_so_many_lines_and_keeps_nobody_else_out(
    visitor: Opened, lines: list[Line], settings: Any, is_proxied: bool
) -> None:
    """Ten thousand who show no token cost as many admissions otherwise: the count is of lines, admitted or not."""
    settings.SOCKETS_PER_SOURCE, settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2, int(is_proxied)

    async def knock(address: str, token: str) -> Line:
        forwarded = f"10.0.0.1, {address}".encode()
        line = Line(f"/ws/visitor/?session={token}", [(b"x-forwarded-for", forwarded)] if is_proxied else [])
        line.socket.scope["client"] = ("10.0.0.9" if is_proxied else address, 40_000)
        lines.append(line)
        assert await line.open()
        return line

    crowd = [await knock(f"2a01:e0a:1:2::{n}", visitor.keys.token) for n in range(3)]
    assert await crowd[2].closed() == 4429
    other = await knock("2a01:e0a:9:9::1", visitor.keys.token)
    for line in (crowd[2], crowd[0]):
        await line.close()
    again = await knock("2a01:e0a:1:2::7", visitor.keys.token)
    assert [frame for line in (other, again) for frame in await line.everything(quiet=0.1)] == []


def test_a_forwarded_address_that_no_proxy_of_ours_wrote_counts_for_nothing(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    scope = {"client": ("93.184.216.34", 1), "headers": [(b"x-forwarded-for", b"1.2.3.4")]}
    assert (entry.source(scope), entry.source({"client": ("127.0.0.1", 1)}), entry.source({})) == (
        "93.184.216.34",
        "",
        "",
    )
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert entry.source({**scope, "headers": [(b"x-forwarded-for", b"6.6.6.6, 1.2.3.4")]}) == "1.2.3.4"


# --- lines of nothing ------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("body", ["\x00", "\ud800", "\x07\x08", "\u0085 \x00"])
def test_a_line_that_says_nothing_leaves_the_lines_of_others_their_batch(shop: Site, body: str) -> None:
    opened = [sessions.open(shop, sessions.Visit()) for _ in range(2)]
    for n, one in enumerate(opened):
        sessions.say(one.session, "Hello", origin_id=str(n))
    asked = [
        spoken.Asked(body, "bad", token=opened[0].keys.token),
        spoken.Asked("Good", "good", token=opened[1].keys.token),
    ]
    written = spoken.write(asked)
    assert [line.message.body if line else None for line in written] == [None, "Good"]


async def test_a_writer_whose_thread_died_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    writer, deaths = Writer(), []

    def die(_batch: Any, _results: Any) -> None:
        deaths.append(1)
        raise SystemError("out of memory")

    monkeypatch.setattr(spoken, "write", lambda asked: [None] * len(asked))
    monkeypatch.setattr(threading, "excepthook", lambda _args: None)
    with monkeypatch.context() as broken:
        broken.setattr(writer, "_answer", die)
        lost = asyncio.ensure_future(writer.write(spoken.Asked("a", "a", token="t")))
        while not deaths or writer._thread is not None:  # noqa: ASYNC110  (another thread dies)
            await asyncio.sleep(0.01)
    assert await asyncio.wait_for(writer.write(spoken.Asked("b", "b", token="t")), 20) is None
    lost.cancel()


# --- servers that we ask ---------------------------------------------------------------------------------------------
@contextmanager
def dripping(head: bytes) -> Iterator[str]:
    """A server that sends a byte now and then, for ever."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        line, _peer = server.accept()
        with line:
            try:
                line.sendall(head)
                while not over.wait(0.05):
                    line.sendall(b"x")
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    finally:
        over.set()
        server.close()


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_server_that_drips_is_cut_when_the_time_is_over(settings: Any, head: bytes) -> None:
    """Each byte comes in time, the answer never does: not in the line of status, not in a header, not in the body."""
    settings.MAIL_NETWORKS = ["127.0.0.0/8"]
    with dripping(head) as url:
        began = time.monotonic()
        with pytest.raises((OSError, ValueError, http.client.HTTPException)):
            fetching.get(url, headers={}, deadline=fetching.Deadline(0.5), limit=1_000_000, schemes=("http",))
        # Without the cut it would go on for an hour
        assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "address",
    [
        "http://[",
        "http://[::1",
        "https://exa mple.org/",
        "http://127.0.0.1:99999/",
        "https://é.example/é",
        "javascript:1",
    ],
)
def test_an_address_that_is_none_is_told_so(address: str) -> None:
    with pytest.raises(site_check.Unreachable):
        site_check.fetch(address)


def test_a_page_whose_address_is_not_ascii_is_asked_for_as_browsers_do(settings: Any) -> None:
    settings.MAIL_NETWORKS = ["127.0.0.0/8"]
    asked: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _peer = server.accept()
        with line:
            asked.append(line.recv(10_000))
            line.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n\r\n")

    threading.Thread(target=serve, daemon=True).start()
    with server, pytest.raises(site_check.Unreachable):
        site_check.fetch(f"http://127.0.0.1:{server.getsockname()[1]}/caf\xe9 \u20ac?a=%20\x01")
    assert asked[0].splitlines()[0] == b"GET /caf%C3%A9%20%E2%82%AC?a=%20%01 HTTP/1.1"


# --- webhooks --------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("stamp", ["\xb2\xb2", "", "9" * 400, "-1", "1e9", "\xb9234567890"])
def test_a_webhook_whose_stamp_is_no_number_is_refused(client: Client, settings: Any, stamp: str) -> None:
    settings.ANYMAIL = {"RESEND_INBOUND_SECRET": "whsec_" + base64.b64encode(b"k" * 24).decode(), "RESEND_API_KEY": "x"}
    headers = {"svix-timestamp": stamp, "svix-id": "1", "svix-signature": "v1,\xb2"}
    answer = client.post("/mail/in/resend/", {"type": "email.received"}, "application/json", headers=headers)
    assert answer.status_code == 400


def test_this_machine_is_not_asked_however_it_is_spelled(settings: Any) -> None:
    """A name that resolves to us is as forbidden as the address itself."""
    settings.MAIL_NETWORKS = []
    for url in ("http://localhost/", "http://127.1/", "http://2130706433/", "http://[::ffff:127.0.0.1]/", "http://0/"):
        with pytest.raises(egress.Forbidden):
            fetching.get(url, headers={}, deadline=fetching.Deadline(5), limit=10, schemes=("http",))
