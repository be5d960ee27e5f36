"""Who may open a socket: exact origins (S25), and what counts as proof on which socket."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from chat import entry, knocks, visit
from chat.sessions import Opened
from helpdesk.people.models import User
from tests.chat.conftest import Line, cookie_of, token_of

OURS = settings.SOCKET_ORIGINS[0]


def scope(*headers: tuple[str, str], subprotocols: list[str] | None = None, query: str = "") -> dict[str, Any]:
    return {
        "type": "websocket",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
        "subprotocols": subprotocols or [],
        "query_string": query.encode(),
    }


def test_our_own_origins_are_welcome() -> None:
    for origin in settings.SOCKET_ORIGINS:
        assert entry.is_welcome(scope(("origin", origin)))


@pytest.mark.parametrize(
    "origin",
    [
        "null", "", "http://evil.example", OURS.replace("http://", "https://"), OURS + "0", OURS.rsplit(":", 1)[0],
        OURS + "/", OURS + ".evil.example", OURS.replace("://", "://evil@"), OURS.upper(), " " + OURS,
        f"{OURS} http://evil.example", "file://", "é",
    ],
)  # fmt: skip
def test_any_other_origin_is_not(origin: str) -> None:
    assert not entry.is_welcome(scope(("origin", origin)))


def test_two_origins_are_none() -> None:
    assert not entry.is_welcome(scope(("origin", OURS), ("origin", OURS)))


def staff(scope: dict[str, Any]) -> knocks.Staff | None:
    return knocks.staff([entry.proofs(scope)])[0]


def visitor_of(scope: dict[str, Any]) -> visit.Stand | None:
    found = knocks.visitors([entry.tokens(scope)])[0]
    return found[0] if found else None


@pytest.mark.django_db
def test_a_cookie_counts_only_beside_an_origin(charlie: User) -> None:
    cookie = cookie_of(charlie)
    found = staff(scope(("origin", OURS), ("cookie", cookie)))
    assert found is not None
    assert found.user == charlie
    assert staff(scope(("cookie", cookie))) is None


@pytest.mark.django_db
def test_a_token_comes_in_a_header_or_as_a_subprotocol(charlie: User) -> None:
    token = token_of(charlie)
    ways = [
        scope(("authorization", f"Token {token}")),
        scope(subprotocols=["guichet", f"token.{token}"]),
        scope(subprotocols=[token]),
    ]
    for way in ways:
        found = staff(way)
        assert found is not None
        assert found.user == charlie


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [(), (("authorization", "Token nonsense"),), (("authorization", "Token"),)])
def test_without_a_proof_nobody_is_staff(charlie: User, headers: Any) -> None:
    assert staff(scope(("origin", OURS), *headers)) is None


@pytest.mark.django_db
def test_a_deactivated_colleague_and_a_signed_out_one_are_nobody(charlie: User) -> None:
    token, cookie = token_of(charlie), cookie_of(charlie)
    signed_in = scope(("origin", OURS), ("cookie", cookie))
    found = staff(signed_in)
    assert found is not None
    SessionStore(cookie.partition("=")[2]).delete()
    assert staff(signed_in) is None
    assert entry.holders({found.proof}) == {}
    charlie.is_active = False
    charlie.save(update_fields=["is_active"])
    assert staff(scope(("authorization", f"Token {token}"))) is None


@pytest.mark.django_db
def test_a_visitors_token_opens_no_desk_and_a_colleagues_no_widget(visitor: Opened, charlie: User) -> None:
    assert staff(scope(subprotocols=[visitor.keys.token])) is None
    assert visitor_of(scope(query=f"session={token_of(charlie)}")) is None
    assert visitor_of(scope(query=f"session={visitor.keys.resume}")) is None


@pytest.mark.django_db
def test_a_visitor_shows_his_session_in_the_address_or_as_a_subprotocol(visitor: Opened) -> None:
    for way in (scope(query=f"session={visitor.keys.token}"), scope(subprotocols=[visitor.keys.token])):
        found = visitor_of(way)
        assert found is not None
        assert found.session_id == visitor.session.pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/ws/desk/", "/ws/visitor/"])
async def test_a_foreign_page_gets_no_socket_whatever_it_shows(path: str, visitor: Opened, charlie: User) -> None:
    cookie = await sync_to_async(cookie_of)(charlie)
    headers = [(b"origin", b"http://evil.example"), (b"cookie", cookie.encode())]
    line = Line(f"{path}?session={visitor.keys.token}", headers)
    assert await line.open() is False


@pytest.mark.django_db(transaction=True)
async def test_who_shows_nothing_is_told_to_sign_in(technical: object) -> None:
    line = Line("/ws/desk/", [(b"origin", OURS.encode())])
    assert await line.open()
    assert await line.closed() == 4401


@pytest.mark.django_db(transaction=True)
async def test_a_worthless_session_is_told_to_begin_anew(technical: object) -> None:
    line = Line("/ws/visitor/?session=nonsense", [(b"origin", OURS.encode())])
    assert await line.open()
    assert await line.closed() == 4401


async def test_an_address_without_a_socket_is_closed() -> None:
    line = Line("/ws/elsewhere/", [(b"origin", OURS.encode())])
    assert await line.open() is False
