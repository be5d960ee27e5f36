"""Who is there as the sockets tell it, and how one comes in."""

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as product

from chat import consumers, line
from chat.sessions import Opened
from chat.sockets import in_thread
from helpdesk.jobs import outbox
from helpdesk.people import presence
from helpdesk.people.models import User
from tests.chat.conftest import Desk, Line, cookie_of, token_of
from tests.chat.saying import first_line

pytestmark = pytest.mark.django_db(transaction=True)


async def test_an_open_desk_makes_the_chat_available_and_the_last_one_closed_ends_it(
    desk: Desk, visitor: Opened, charlie: User
) -> None:
    queue = visitor.session.queue
    assert not await in_thread(line.is_available, queue)
    one, two = await desk(charlie), await desk(charlie)
    assert await in_thread(line.is_available, queue)
    await one.close()
    assert await in_thread(line.is_available, queue)
    await two.close()
    assert not await in_thread(line.is_available, queue)


async def test_the_status_an_agent_chooses_is_kept_and_told(desk: Desk, charlie: User, bob: User) -> None:
    agent, colleague = await desk(charlie), await desk(bob)
    await colleague.everything()
    await agent.say("presence", status="away")
    assert await colleague.hear("presence") == {"type": "presence", "user": charlie.pk, "status": "away"}
    await charlie.arefresh_from_db()
    assert charlie.availability == "away"
    await agent.close()
    assert await colleague.hear("presence") == {"type": "presence", "user": charlie.pk, "status": "offline"}


async def test_an_open_widget_is_known_to_the_mail_room(widget: Desk, visitor: Opened) -> None:
    browser = await widget(visitor.keys.token)
    await first_line(browser)
    ticket = (await browser.hear("message.new"))["ticket"]
    assert await in_thread(presence.is_watching, ticket)
    await browser.close()
    assert not await in_thread(presence.is_watching, ticket)


async def test_a_free_agent_is_offered_the_chat(desk: Desk, widget: Desk, visitor: Opened, charlie: User) -> None:
    agent, browser = await desk(charlie), await widget(visitor.keys.token)
    ack = await first_line(browser)
    await in_thread(outbox.drain)
    offer = (await agent.hear("chat.offer"))["session"]
    assert (offer["ticket"], offer["state"], offer["customer"]["trust"]) == (ack["ticket"], "waiting", "anonymous")
    assert offer["last_line"] == "My bike squeaks"


async def test_too_many_windows_of_one_person_are_refused(
    desk: Desk, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "MAX_WINDOWS", 1)
    await desk(charlie)
    second = await desk(charlie)
    assert await second.closed() == 4429


async def test_a_browser_signed_in_by_cookie_has_its_desk(lines: list[Line], charlie: User) -> None:
    cookie = await sync_to_async(cookie_of)(charlie)
    browser = Line("/ws/desk/", [(b"origin", product.SOCKET_ORIGINS[0].encode()), (b"cookie", cookie.encode())])
    lines.append(browser)
    assert await browser.open()
    await browser.say("subscribe", ticket=1)
    assert (await browser.hear("error"))["code"] == "not_found"


async def test_our_subprotocol_is_chosen_so_that_no_secret_is_sent_back(lines: list[Line], charlie: User) -> None:
    token = await sync_to_async(token_of)(charlie)
    agent = Line("/ws/desk/", [], subprotocols=[f"token.{token}", "guichet"])
    lines.append(agent)
    assert await agent.socket.connect(timeout=10) == (True, "guichet")
