"""Both sockets, against the application as it is served."""

import uuid

import pytest

from chat.models import Session
from chat.sessions import Opened
from helpdesk.people.models import User
from tests.chat.conftest import Desk

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_visitor_writes_and_the_agent_answers_at_once(
    desk: Desk, widget: Desk, visitor: Opened, charlie: User
) -> None:
    agent = await desk(charlie)
    browser = await widget(visitor.keys.token)
    origin = str(uuid.uuid4())

    await browser.say("message.send", origin_id=origin, body="My bike squeaks")
    ack = await browser.hear("message.ack")
    assert (ack["origin_id"], ack["seq"]) == (origin, 1)
    waiting = await agent.hear("chat.waiting")
    await agent.say("subscribe", ticket=ack["ticket"])
    await agent.hear("presence")
    await agent.say("chat.accept", session=waiting["session"])
    taken = await browser.hear("chat.accepted")
    assert taken["agent"] == {"id": charlie.pk, "name": "Charlie Petit"}

    await agent.say("message.send", ticket=ack["ticket"], origin_id=str(uuid.uuid4()), body="Oil the chain")
    answer = await browser.hear("message.new")
    while answer["seq"] != 2:
        answer = await browser.hear("message.new")
    assert answer["author"] == {"kind": "agent", "name": "Charlie Petit"}
    assert (answer["body"], answer["prev"]) == ("Oil the chain", 1)
    session = await Session.objects.aget(pk=waiting["session"])
    assert (session.state, session.agent_id) == ("live", charlie.pk)
