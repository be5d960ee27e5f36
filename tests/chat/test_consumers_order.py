"""What the sockets promise of every line: none lost, none twice, one order."""

import pytest

from chat import missed, sessions
from chat.models import Session
from chat.sessions import Opened
from chat.sockets import in_thread
from helpdesk.lib import live
from helpdesk.people.models import User
from tests import factories
from tests.chat.conftest import Desk, Frame
from tests.chat.saying import chat_of, first_line, follow, new_id, texts
from tickets import live as tickets_live
from tickets.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


async def test_the_same_id_again_is_acknowledged_with_the_same_seq(widget: Desk, visitor: Opened) -> None:
    browser = await widget(visitor.keys.token)
    origin = new_id()
    acks = []
    for _time in range(3):
        await browser.say("message.send", origin_id=origin, body="Hello")
        acks.append(await browser.hear("message.ack"))
    assert acks[0] == acks[1] == acks[2]
    assert await Message.objects.acount() == 1


async def test_a_line_sent_again_after_a_reconnect_is_the_same_line(widget: Desk, visitor: Opened) -> None:
    origin = new_id()
    browser = await widget(visitor.keys.token)
    await browser.say("message.send", origin_id=origin, body="Hello")
    first = await browser.hear("message.ack")
    await browser.close()
    again = await widget(visitor.keys.token)
    await again.say("message.send", origin_id=origin, body="Hello")
    assert await again.hear("message.ack") == first


async def test_a_subscription_says_from_where_on_messages_come(desk: Desk, visitor: Opened, charlie: User) -> None:
    ticket = await chat_of(visitor)
    await in_thread(factories.answer, ticket, charlie, "Hello")
    agent = await desk(charlie)
    await agent.say("subscribe", ticket=ticket.pk)
    assert await agent.hear("subscribed") == {"type": "subscribed", "ticket": ticket.pk, "seq": 2}
    await in_thread(factories.answer, ticket, charlie, "And goodbye")
    assert (await agent.hear("message.new"))["seq"] == 3


async def test_hello_brings_what_was_missed_in_order(widget: Desk, visitor: Opened, charlie: User) -> None:
    ticket = await chat_of(visitor)
    for number in range(3):
        await in_thread(factories.answer, ticket, charlie, f"Answer {number}")
    browser = await widget(visitor.keys.token)
    await browser.say("hello", after={str(ticket.pk): 2})
    frames = await browser.everything()
    assert texts(frames) == [(3, "Answer 1"), (4, "Answer 2")]
    assert [frame["prev"] for frame in frames if frame["type"] == "message.new"] == [2, 3]


async def test_after_too_long_an_absence_hello_says_to_fetch(
    widget: Desk, visitor: Opened, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missed, "REPLAY", 2)
    ticket = await chat_of(visitor)
    for number in range(3):
        await in_thread(factories.answer, ticket, charlie, f"Answer {number}")
    browser = await widget(visitor.keys.token)
    await browser.say("hello", after={str(ticket.pk): 0})
    frames = await browser.everything()
    assert [frame["type"] for frame in frames] == ["gap"]
    await in_thread(factories.answer, ticket, charlie, "And then")
    assert texts(await browser.everything()) == [(5, "And then")]


async def test_news_that_overtook_each_other_arrive_in_order(widget: Desk, visitor: Opened, charlie: User) -> None:
    ticket = await chat_of(visitor)
    browser = await widget(visitor.keys.token)
    rows: list[Message] = []
    with pytest.MonkeyPatch.context() as deaf:
        deaf.setattr(live, "send_all", lambda groups, frame: None)
        rows += [await in_thread(factories.answer, ticket, charlie, f"Answer {number}") for number in range(3)]
    for index in (2, 0, 1):
        frame = await in_thread(_public_frame, rows[index])
        live.send(tickets_live.public(ticket.pk), frame)
    assert texts(await browser.everything()) == [(2, "Answer 0"), (3, "Answer 1"), (4, "Answer 2")]


def _public_frame(message: Message) -> Frame:
    return tickets_live.frame(Message.objects.with_people().get(pk=message.pk), message.seq - 1)


async def test_lost_news_are_found_by_the_next_check(
    quick: None, desk: Desk, widget: Desk, visitor: Opened, charlie: User
) -> None:
    ticket = await chat_of(visitor)
    agent, browser = await desk(charlie), await widget(visitor.keys.token)
    await follow(agent, ticket.pk)
    with pytest.MonkeyPatch.context() as deaf:
        deaf.setattr(live, "send_all", lambda groups, frame: None)
        await in_thread(factories.answer, ticket, charlie, "Unheard")
    assert (await agent.hear("message.new"))["body"] == "Unheard"
    assert (await browser.hear("message.new"))["body"] == "Unheard"


async def test_the_visitors_other_tab_follows_from_the_first_line_on(widget: Desk, visitor: Opened) -> None:
    one, two = await widget(visitor.keys.token), await widget(visitor.keys.token)
    await first_line(one, "From the first tab")
    assert (await two.hear("message.new"))["body"] == "From the first tab"
    await two.say("message.send", origin_id=new_id(), body="From the second")
    assert texts(await one.everything())[-1] == (2, "From the second")


async def test_the_widget_goes_on_in_the_next_stretch_after_the_end(
    desk: Desk, widget: Desk, visitor: Opened, charlie: User
) -> None:
    agent, browser = await desk(charlie), await widget(visitor.keys.token)
    ack = await first_line(browser)
    waiting = await agent.hear("chat.waiting")
    session = await Session.objects.aget(pk=waiting["session"])
    await in_thread(sessions.end, session, by=charlie.actor)
    assert (await browser.hear("chat.ended"))["by"] == "agent"
    again = await first_line(browser, "One more thing")
    assert (again["ticket"], again["seq"]) == (ack["ticket"], 2)
    second = await agent.hear("chat.waiting")
    assert second["session"] != waiting["session"]
    await agent.say("chat.accept", session=second["session"])
    assert (await browser.hear("chat.accepted"))["session"] == second["session"]
