"""Frames that are no good, too large or too many: one generic answer, or the end of the line."""

from typing import Any

import pytest
from django.conf import settings as product

from chat import visit
from chat.sessions import Opened
from tests.chat.conftest import Desk
from tests.chat.saying import first_line, new_id
from tickets.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "text",
    [
        "no json", "[]", "{}", '{"type":"websocket.disconnect"}', '{"type":"deliver","frame":{}}', '{"type":"on_send"}',
        '{"type":"message.send"}', '{"type":"subscribe","ticket":1}', "[" * 30_000,
    ],
)  # fmt: skip
async def test_a_bad_frame_gets_one_generic_error(widget: Desk, visitor: Opened, text: str) -> None:
    browser = await widget(visitor.keys.token)
    await browser.raw(text)
    assert await browser.hear("error") == {"type": "error", "code": "bad_frame"}
    assert (await first_line(browser))["seq"] == 1, "the line goes on"


async def test_bad_frames_again_and_again_close_the_line(widget: Desk, visitor: Opened) -> None:
    browser = await widget(visitor.keys.token)
    for _time in range(5):
        await browser.raw("no json")
    assert await browser.closed() == 4400


async def test_bytes_are_a_bad_frame(widget: Desk, visitor: Opened) -> None:
    browser = await widget(visitor.keys.token)
    await browser.socket.send_to(bytes_data=b'{"type":"hello"}')
    assert await browser.hear("error") == {"type": "error", "code": "bad_frame"}


async def test_a_frame_that_is_too_large_closes_the_line(widget: Desk, visitor: Opened) -> None:
    browser = await widget(visitor.keys.token)
    await browser.say("message.send", origin_id=new_id(), body="é" * (product.SOCKET_FRAME_MAX_BYTES // 2))
    assert await browser.closed() == 4413
    assert await Message.objects.acount() == 0


async def test_a_flood_closes_the_line(widget: Desk, visitor: Opened, settings: Any) -> None:
    settings.SOCKET_FRAMES_PER_10S = 10
    browser = await widget(visitor.keys.token)
    for _time in range(11):
        await browser.say("typing")
    assert await browser.closed() == 4429


async def test_an_empty_line_is_refused_by_its_id(widget: Desk, visitor: Opened) -> None:
    browser = await widget(visitor.keys.token)
    await browser.say("message.send", origin_id="m-1", body="  ")
    assert await browser.hear("error") == {"type": "error", "code": "invalid", "origin_id": "m-1"}


async def test_a_fault_inside_tells_the_client_a_number_and_no_words(
    widget: Desk, visitor: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("SECRET words of the database")

    monkeypatch.setattr(visit, "say", fail)
    browser = await widget(visitor.keys.token)
    await browser.say("message.send", origin_id="m-1", body="Hello")
    error = await browser.hear("error")
    assert error == {"type": "error", "code": "server", "origin_id": "m-1", "id": error["id"]}
    assert "SECRET" not in str(error)
