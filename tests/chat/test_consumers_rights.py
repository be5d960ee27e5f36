"""Who hears what by the sockets, and when it ends: notes, other teams, withdrawn rights."""

import threading
from typing import Any

import pytest

from chat import leaving, rounds
from chat.models import Session
from chat.sessions import Opened
from chat.sockets import in_thread
from helpdesk.lib import live
from helpdesk.people.models import TeamMember, User
from tests import factories
from tests.chat.conftest import Desk
from tests.chat.saying import chat_of, first_line, follow, new_id, texts
from tickets import live as tickets_live
from tickets.models import Message, Queue, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_note_reaches_colleagues_and_never_the_visitor(
    quick: None, desk: Desk, widget: Desk, visitor: Opened, charlie: User, bob: User
) -> None:
    agent, colleague, browser = await desk(charlie), await desk(bob), await widget(visitor.keys.token)
    ticket = (await first_line(browser))["ticket"]
    for line_ in (agent, colleague):
        await follow(line_, ticket)
    await agent.say("message.send", ticket=ticket, origin_id=new_id(), body="CANARY note", kind="note")
    assert (await colleague.hear("message.new"))["body"] == "CANARY note"
    await agent.say("message.send", ticket=ticket, origin_id=new_id(), body="Public words")
    await browser.say("hello", after={})
    frames = await browser.everything()
    assert "CANARY" not in str(frames)
    assert {(seq, body) for seq, body in texts(frames)} == {(1, "My bike squeaks"), (3, "Public words")}
    assert [frame["prev"] for frame in frames if frame.get("seq") == 3 and "prev" in frame][-1] == 1, "no visible hole"


async def test_a_ticket_opened_while_rights_are_looked_up_stays_open(
    quick: None, desk: Desk, billing: Queue, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await in_thread(factories.make_ticket, queue=billing)
    is_looking, may_answer = threading.Event(), threading.Event()
    look = rounds.desks

    def slowly(asked: Any) -> Any:
        now = look(asked)
        is_looking.set()
        may_answer.wait(30)
        return now

    monkeypatch.setattr(rounds, "desks", slowly)
    agent = await desk(alice)
    await in_thread(is_looking.wait, 30)
    await follow(agent, ticket.pk)
    may_answer.set()
    await in_thread(factories.answer, ticket, alice, "Still on the line")
    assert (await agent.hear("message.new"))["body"] == "Still on the line"


async def test_a_note_that_came_to_the_public_group_by_mistake_is_stopped(widget: Desk, visitor: Opened) -> None:
    ticket = await chat_of(visitor)
    browser = await widget(visitor.keys.token)
    canary = {"type": "note", "kind": "note", "ticket": ticket.pk, "body": "CANARY"}
    live.send(tickets_live.public(ticket.pk), canary)
    live.send(tickets_live.public(ticket.pk), {**canary, "type": "message.new", "seq": 2, "prev": 1})
    assert "CANARY" not in str(await browser.everything())


async def test_a_colleague_of_another_team_sees_hears_and_does_nothing(
    desk: Desk, widget: Desk, visitor: Opened, alice: User
) -> None:
    stranger, browser = await desk(alice), await widget(visitor.keys.token)
    await stranger.everything()
    ack = await first_line(browser)
    session = await Session.objects.aget()
    await stranger.say("subscribe", ticket=ack["ticket"])
    await stranger.say("hello", after={str(ack["ticket"]): 0})
    await stranger.say("typing", ticket=ack["ticket"])
    await stranger.say("seen", ticket=ack["ticket"], seq=1)
    await stranger.say("message.send", ticket=ack["ticket"], origin_id=new_id(), body="Hello from elsewhere")
    await stranger.say("chat.accept", session=session.pk)
    frames = await stranger.everything()
    assert {frame["type"] for frame in frames} == {"error"}
    assert {frame["code"] for frame in frames} == {"not_found"}
    assert [frame["type"] for frame in await browser.everything() if frame["type"] in ("typing", "seen")] == []
    assert await Message.objects.acount() == 1
    assert (await Session.objects.aget()).state == "waiting"


async def test_a_reader_listens_but_does_not_write(desk: Desk, billing: Queue, rita: User) -> None:
    ticket = await in_thread(factories.make_ticket, queue=billing)
    reader = await desk(rita)
    await follow(reader, ticket.pk)
    await reader.say("message.send", ticket=ticket.pk, origin_id="1", body="Hello")
    assert await reader.hear("error") == {"type": "error", "code": "not_allowed", "origin_id": "1", "ticket": ticket.pk}
    assert await Message.objects.acount() == 1


async def test_a_visitor_cannot_reach_another_ticket(widget: Desk, visitor: Opened, charlie: User) -> None:
    other = await in_thread(factories.make_ticket)
    await chat_of(visitor)
    browser = await widget(visitor.keys.token)
    await browser.say("hello", after={str(other.pk): 0})
    await browser.say("seen", ticket=other.pk, seq=1)
    await browser.say("message.send", ticket=other.pk, origin_id=new_id(), body="Into a stranger's ticket")
    ack = await browser.hear("message.ack")
    assert ack["ticket"] != other.pk
    await other.arefresh_from_db()
    assert (other.last_seq, other.customer_seen_seq) == (1, 1)
    await in_thread(factories.answer, other, charlie, "CANARY")
    assert "CANARY" not in str(await browser.everything())


@pytest.mark.parametrize("change", ["deactivated", "role", "team", "token"])
async def test_a_change_of_rights_closes_the_line(quick: None, desk: Desk, charlie: User, change: str) -> None:
    agent = await desk(charlie)
    await agent.everything()
    await in_thread(_change_rights, charlie, change)
    assert await agent.closed() == (4401 if change in ("deactivated", "token") else 4409)


def _change_rights(user: User, change: str) -> None:
    if change == "deactivated":
        User.objects.filter(pk=user.pk).update(is_active=False)
    elif change == "role":
        User.objects.filter(pk=user.pk).update(role=User.Role.READER)
    elif change == "team":
        TeamMember.objects.filter(user=user).delete()
    else:
        user.auth_token_set.all().delete()  # type: ignore[attr-defined]


async def test_a_ticket_that_moved_out_of_sight_is_heard_no_more(
    quick: None, desk: Desk, visitor: Opened, charlie: User, bob: User, billing: Queue
) -> None:
    ticket = await chat_of(visitor)
    agent = await desk(charlie)
    await follow(agent, ticket.pk)
    await Ticket.objects.filter(pk=ticket.pk).aupdate(queue=billing)
    assert await agent.hear("error") == {"type": "error", "code": "not_found", "ticket": ticket.pk}
    await in_thread(factories.answer, ticket, bob, "CANARY")
    assert "CANARY" not in str(await agent.everything())


async def test_a_forgotten_visitor_is_disconnected(quick: None, widget: Desk, visitor: Opened) -> None:
    browser = await widget(visitor.keys.token)
    await in_thread(leaving.forget, visitor.session)
    assert await browser.closed() == 4401
