"""Both sockets, as the application serves them: a visitor and an agent talk."""

import pytest

from chat.models import Session
from chat.sessions import Opened
from helpdesk.people.models import User
from tests.chat.conftest import Desk
from tests.chat.saying import first_line, follow, new_id
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_visitor_writes_and_the_agent_answers_at_once(
    desk: Desk, widget: Desk, visitor: Opened, charlie: User
) -> None:
    agent = await desk(charlie)
    browser = await widget(visitor.keys.token)

    ack = await first_line(browser)
    assert ack["seq"] == 1
    waiting = await agent.hear("chat.waiting")
    await follow(agent, ack["ticket"])
    await agent.say("chat.accept", session=waiting["session"])
    taken = await browser.hear("chat.accepted")
    assert taken["agent"] == {"id": charlie.pk, "name": "Charlie Petit"}

    await agent.say("message.send", ticket=ack["ticket"], origin_id=new_id(), body="Oil the chain")
    answer = await browser.hear("message.new")
    assert (answer["seq"], answer["prev"], answer["body"]) == (2, 1, "Oil the chain")
    assert answer["author"] == {"kind": "agent", "name": "Charlie Petit"}
    session = await Session.objects.aget(pk=waiting["session"])
    assert (session.state, session.agent_id) == ("live", charlie.pk)


async def test_answering_a_waiting_chat_takes_it(desk: Desk, widget: Desk, visitor: Opened, charlie: User) -> None:
    browser = await widget(visitor.keys.token)
    ack = await first_line(browser)
    agent = await desk(charlie)
    await agent.say("message.send", ticket=ack["ticket"], origin_id=new_id(), body="Oil the chain")
    assert (await browser.hear("chat.accepted"))["agent"]["id"] == charlie.pk


async def test_whoever_takes_a_chat_hears_it_from_the_first_word_on(
    desk: Desk, widget: Desk, visitor: Opened, charlie: User
) -> None:
    agent, browser = await desk(charlie), await widget(visitor.keys.token)
    await first_line(browser)
    await agent.say("chat.accept", session=(await agent.hear("chat.waiting"))["session"])
    assert (await agent.hear("message.new"))["body"] == "My bike squeaks"
    await first_line(browser, "Since yesterday")
    assert (await agent.hear("message.new"))["body"] == "Since yesterday"


async def test_typing_shows_on_both_sides_and_a_note_in_the_making_on_one(
    desk: Desk, widget: Desk, visitor: Opened, charlie: User
) -> None:
    agent, browser = await desk(charlie), await widget(visitor.keys.token)
    ticket = (await first_line(browser))["ticket"]
    await follow(agent, ticket)
    await browser.say("typing", ticket=ticket)
    assert (await agent.hear("typing"))["author"]["kind"] == "customer"
    await agent.say("typing", ticket=ticket, kind="note")
    assert [frame for frame in await browser.everything() if frame["type"] == "typing"] == []


async def test_an_agents_typing_reaches_the_visitor_and_shows_colleagues_who_writes(
    desk: Desk, widget: Desk, visitor: Opened, charlie: User, bob: User
) -> None:
    agent, colleague, browser = await desk(charlie), await desk(bob), await widget(visitor.keys.token)
    ticket = (await first_line(browser))["ticket"]
    for line_ in (agent, colleague):
        await follow(line_, ticket)
    await agent.everything()
    await colleague.everything()
    await agent.say("typing", ticket=ticket)
    assert (await browser.hear("typing"))["author"] == {"kind": "agent", "name": "Charlie Petit"}
    writing = [f["viewers"] for f in await colleague.everything() if f["type"] == "presence" and "viewers" in f]
    assert {viewer["name"]: viewer["writing"] for viewer in writing[-1]} == {"Charlie Petit": True, "Bob Durand": False}


async def test_seen_goes_both_ways(desk: Desk, widget: Desk, visitor: Opened, charlie: User) -> None:
    agent, browser = await desk(charlie), await widget(visitor.keys.token)
    ticket = (await first_line(browser))["ticket"]
    await follow(agent, ticket)
    await agent.say("message.send", ticket=ticket, origin_id=new_id(), body="Oil the chain")
    await agent.hear("message.ack")
    await browser.say("seen", ticket=ticket, seq=2)
    assert await agent.hear("seen") == {"type": "seen", "ticket": ticket, "seq": 2, "by": "customer"}
    assert (await Ticket.objects.aget(pk=ticket)).customer_seen_seq == 2
    await agent.say("seen", ticket=ticket, seq=1)
    assert await browser.hear("seen") == {"type": "seen", "ticket": ticket, "seq": 1, "by": "agent"}
