"""What tests of the sockets do again and again: a first line, a chat, a desk that follows a ticket."""

import uuid

from chat import sessions
from chat.sessions import Opened
from chat.sockets import in_thread
from tests.chat.conftest import Frame, Line, read
from tickets.models import Ticket


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
        frame: Frame = {"type": "ping"} if is_quiet else read(await agent.socket.receive_from(timeout=20))
        if "viewers" in frame:
            return
        if frame["type"] == "ping":
            await agent.say("subscribe", ticket=ticket)
    raise AssertionError("the subscription never held")


def texts(frames: list[Frame]) -> list[tuple[int, str]]:
    return [(frame["seq"], frame["body"]) for frame in frames if frame["type"] == "message.new"]
