"""Both sockets, against the application as it is served."""

import json
import threading
import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as product

from chat import consumers, leaving, line, rounds, sessions, sockets, visit
from chat.models import Session
from chat.sessions import Opened
from chat.sockets import in_thread
from helpdesk.jobs import outbox
from helpdesk.lib import live
from helpdesk.people import presence
from helpdesk.people.models import TeamMember, User
from tests import factories
from tests.chat.conftest import Desk, Frame, Line, cookie_of, token_of
from tickets import live as tickets_live
from tickets.models import Message, Queue, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of every five seconds, thirty times as often."""
    monkeypatch.setattr(sockets, "TICK_SECONDS", 0.15)


def new_id() -> str:
    return str(uuid.uuid4())


async def first_line(browser: Line, body: str = "My bike squeaks") -> Frame:
    await browser.say("message.send", origin_id=new_id(), body=body)
    return await browser.hear("message.ack")


async def chat_of(visitor: Opened, body: str = "My bike squeaks") -> Ticket:
    """A chat whose first line was sent without a socket."""
    said = await in_thread(sessions.say, visitor.session, body, origin_id=new_id())
    return said.message.ticket


async def follow(agent: Line, ticket: int) -> None:
    """Subscribe, and wait until it holds: the viewers are told last. News may be lost, so a silent line asks again."""
    await agent.say("subscribe", ticket=ticket)
    for _ in range(100):
        is_quiet = await agent.socket.receive_nothing(timeout=1)
        frame: Frame = {"type": "ping"} if is_quiet else json.loads(await agent.socket.receive_from(timeout=20))
        if "viewers" in frame:
            return
        if frame["type"] == "ping":
            await agent.say("subscribe", ticket=ticket)
    raise AssertionError("the subscription never held")


def texts(frames: list[Frame]) -> list[tuple[int, str]]:
    return [(frame["seq"], frame["body"]) for frame in frames if frame["type"] == "message.new"]


# --- the story -------------------------------------------------------------------------------------------------------
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


# --- nothing lost, nothing twice -------------------------------------------------------------------------------------
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
    monkeypatch.setattr(consumers, "REPLAY", 2)
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


# --- notes never leave the house -------------------------------------------------------------------------------------
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


# --- rights ----------------------------------------------------------------------------------------------------------
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


# --- bad frames ------------------------------------------------------------------------------------------------------
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


# --- who is there ----------------------------------------------------------------------------------------------------
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
