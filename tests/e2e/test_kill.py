"""The power goes in the middle of a chat of many: what was acknowledged is there once, in one order, after the restart."""

import contextlib
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import WebSocketException

from tests.e2e import people, talk
from tests.e2e.product import Site

VISITORS = 3
LINES_BEFORE = 12
BREAKS = (WebSocketException, OSError, AssertionError)


@dataclass
class Sender:
    """One side of one chat: says line after line, remembers what was acknowledged and what is still owed."""

    name: str
    acknowledged: dict[str, tuple[int, str]] = field(default_factory=dict)
    owed: dict[str, str] = field(default_factory=dict)

    def say(self, socket: talk.Socket, **where: Any) -> None:
        if not self.owed:
            self.owed[str(uuid.uuid4())] = f"{self.name} {len(self.acknowledged)}"
        for origin, body in list(self.owed.items()):
            socket.send(type="message.send", origin_id=origin, body=body, **where)
            ack = socket.wait(type="message.ack", origin_id=origin)
            self.acknowledged[origin] = (ack["seq"], body)
            del self.owed[origin]


@dataclass
class Chat:
    """A visitor on one web process and an agent on the other."""

    site: Site
    session: str
    ticket: int
    visitor: Sender
    agent: Sender

    def talk_on(self, side: Sender, stop: threading.Event) -> None:
        with contextlib.suppress(*BREAKS), self.open(side) as socket:
            while not stop.is_set():
                self.say(side, socket)

    def open(self, side: Sender) -> talk.Socket:
        if side is self.visitor:
            return talk.visitor(self.site, self.session, self.site.webs[0])
        return talk.agent(self.site, "admin", self.site.webs[-1])

    def say(self, side: Sender, socket: talk.Socket) -> None:
        side.say(socket, **({"ticket": self.ticket} if side is self.agent else {}))


def test_a_chat_of_many_survives_kill_9_on_every_side(own_site: Site) -> None:
    site, stop = own_site, threading.Event()
    chats = [_begin(site, number) for number in range(VISITORS)]
    sides = [(chat, side) for chat in chats for side in (chat.visitor, chat.agent)]
    threads = [threading.Thread(target=chat.talk_on, args=(side, stop)) for chat, side in sides]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    while min(len(side.acknowledged) for _, side in sides) < LINES_BEFORE and time.monotonic() < deadline:
        time.sleep(0.01)
    site.kill()
    stop.set()
    for thread in threads:
        thread.join(30)
    counts = {side.name: len(side.acknowledged) for _, side in sides}
    assert min(counts.values()) >= LINES_BEFORE, counts

    site.start()
    for chat, side in sides:
        with chat.open(side) as socket:
            if side.owed:
                chat.say(side, socket)  # the same origin id: stored once, whether it had arrived or not
            chat.say(side, socket)
        assert not side.owed

    for chat in chats:
        rows = _messages(site, chat.ticket)
        assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
        stored = {row["origin_id"]: (row["seq"], row["body"]) for row in rows[1:]}
        assert len(stored) == len(rows) - 1, "no origin id twice"
        assert stored == {**chat.visitor.acknowledged, **chat.agent.acknowledged}
        for side in (chat.visitor, chat.agent):
            said = [row["body"] for row in rows if row["body"].startswith(f"{side.name} ")]
            assert said == [f"{side.name} {number}" for number in range(len(said))]
        _heard_alike(chat, rows)
    people.check(site)


def test_an_unfinished_call_of_the_api_is_repeated_without_a_second_ticket(own_site: Site) -> None:
    """A program posts tickets while the power goes; it repeats what was not answered, and each is there once."""
    site, answered = own_site, {}
    wanted = {
        str(uuid.uuid4()): {
            "subject": f"Order {number}",
            "body": "Where is it?",
            "requester": {"name": "Shop", "email": "shop@partner.example"},
        }
        for number in range(400)
    }

    def post(origin: str) -> None:
        done = talk.call(
            "POST",
            f"{site.url}/api/v1/tickets/",
            {**wanted[origin], "origin_id": origin},
            token=talk.token(site, "admin"),
        )
        assert done.status in (200, 201), done
        answered[origin] = done.content["number"]

    def post_all() -> None:
        with contextlib.suppress(OSError, AssertionError, ValueError):
            for origin in wanted:
                post(origin)

    posting = threading.Thread(target=post_all)
    posting.start()
    deadline = time.monotonic() + 60
    while len(answered) < 10 and time.monotonic() < deadline:
        time.sleep(0.01)
    site.kill()
    posting.join(30)
    before = dict(answered)
    assert len(before) >= 10
    site.start()
    tried = list(wanted)[: len(before) + 1]
    for origin in tried:
        post(origin)
    assert {origin: answered[origin] for origin in before} == before
    assert len(set(answered.values())) == len(tried)
    people.check(site)


# --- steps -----------------------------------------------------------------------------------------------------------
def _begin(site: Site, number: int) -> Chat:
    session = talk.start_chat(site, site.webs[0])
    with talk.visitor(site, session, site.webs[0]) as socket:
        ticket = socket.say(f"Chat {number}: my parcel has not come.")["ticket"]
    return Chat(site, session, ticket, Sender(f"visitor {number}"), Sender(f"agent {number}"))


def _messages(site: Site, ticket: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        address = f"{site.url}/api/v1/tickets/{ticket}/messages/?after={len(found)}"
        page = talk.call("GET", address, token=talk.token(site, "admin")).content["results"]
        if not page:
            return found
        found += page


def _heard_alike(chat: Chat, rows: list[dict[str, Any]]) -> None:
    """Whoever comes back without having read anything is told the same lines in the same order."""
    last = rows[-1]["seq"]
    expected = [(row["seq"], row["body"]) for row in rows]
    with chat.open(chat.visitor) as visitor, chat.open(chat.agent) as agent:
        for socket in (visitor, agent):
            socket.send(type="hello", after={str(chat.ticket): max(0, last - 20)})
            socket.wait(type="message.new", seq=last)
            heard = [(frame["seq"], frame["body"]) for frame in socket.heard if frame["type"] == "message.new"]
            assert heard == expected[-20:]
