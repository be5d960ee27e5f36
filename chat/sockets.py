"""What both sockets share: admission, the closed table, limits, order, and how a line ends.

Nothing that goes wrong inside reaches the client but a code and a number to find it in the log. Every message frame
passes `deliver`, which keeps one order: what came too early is read from the database, what came twice is dropped.
"""

import asyncio
import contextlib
import contextvars
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ClassVar, ParamSpec, TypeVar

import structlog
from channels.consumer import AsyncConsumer
from django.conf import settings
from django.db import close_old_connections

from chat import departures, entry, knocks, protocol, rounds
from chat.gathered import Gathered
from chat.missed import Behind, Missed
from chat.protocol import Frame
from helpdesk.lib import errors, layer, live, wire

log = structlog.get_logger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

TICK_SECONDS = 5
MAX_BAD = 5
MAX_WINDOWS: int = settings.SOCKETS_PER_PERSON
Missing = Gathered[Behind, Missed]
_threads = ThreadPoolExecutor(max_workers=settings.SOCKET_THREADS, thread_name_prefix="sockets")


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a service in a worker thread: sockets do not queue up behind each other's queries."""
    work = partial(_with_fresh_connection, call, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_threads, contextvars.copy_context().run, work)


def _with_fresh_connection(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Threads come and go: whatever connection one has is given back before it rests."""
    close_old_connections()
    try:
        return call(*args, **kwargs)
    finally:
        close_old_connections()


ROUNDS = rounds.Rounds(lambda: TICK_SECONDS, in_thread)
STAFF = Gathered(knocks.staff, in_thread)
VISITORS = Gathered(knocks.visitors, in_thread)
DEPARTURES = departures.Departures(
    lambda: float(settings.LEAVING_SECONDS), lambda: STAFF.is_busy or VISITORS.is_busy, in_thread
)
_open: "set[Socket]" = set()
_windows: Counter[str] = Counter()
_sources: Counter[str] = Counter()
_is_draining = False


def lines() -> list["Socket"]:
    """Whoever is connected to this process, admitted or not yet."""
    return list(_open)


def drain() -> int:
    """The process ends: every line is told to come back and resume, now; returns how many there were."""
    global _is_draining
    _is_draining = True
    DEPARTURES.hurry()
    found = lines()
    for line in found:
        line.close_now(protocol.CLOSE_RESUME)
    return len(found)


class Socket(AsyncConsumer):
    """One open line. Subclasses say who may enter, what each frame does and which messages the other side may see.

    Frames of the client are heard one after the other. News do not pass through here as Channels would have it, by a
    task and a queue for each socket: the layer calls `take`, which writes to the wire.
    """

    table: ClassVar[dict[str, protocol.Rule]]
    # What a line has not carried yet
    behind: ClassVar[Missing]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_closed = self._is_admitted = False
        self.joined: set[str] = set()
        self._who = self._source = ""
        # Per ticket, the last message that this line has carried
        self.reached: dict[int, int] = {}
        # One order of messages, whether they come as news or from the database
        self._order = asyncio.Lock()
        self._bad = 0
        self._window = (0.0, 0)
        self._doing: set[asyncio.Task[None]] = set()
        self._wire: wire.Wire | None = None

    async def __call__(self, scope: entry.Scope, receive: Callable[[], Awaitable[Frame]], send: wire.Send) -> None:
        self.scope, self.base_send = scope, send
        self.channel_layer = live.layer()
        self.channel_name = await self.channel_layer.new_channel()
        self.channel_layer.listen(self.channel_name, self)
        self._source = entry.source(scope)
        _open.add(self)
        _sources[self._source] += 1
        try:
            await self._serve(receive)
        finally:
            _open.discard(self)
            self.be("")
            _sources[self._source] -= 1
            if not _sources[self._source]:
                del _sources[self._source]
            self.is_closed = True
            ROUNDS.leave(self)
            self.channel_layer.forget(self.channel_name, self.joined)

    async def _serve(self, receive: Callable[[], Awaitable[Frame]]) -> None:
        while True:
            message = await receive()
            if message["type"] == "websocket.receive":
                await self.receive(message.get("text"), message.get("bytes"))
            elif message["type"] == "websocket.connect":
                await self.connect()
            else:
                await self.disconnect(message.get("code") or 1005)
                return

    def be(self, who: str) -> int:
        """Say who is on the line; returns how many windows he has in this process. (A count that processes shared would
        keep those of a process that was killed.)
        """
        if self._who:
            _windows[self._who] -= 1
            if not _windows[self._who]:
                del _windows[self._who]
        self._who = who
        if who:
            _windows[who] += 1
        return _windows[who] if who else 0

    # --- what subclasses say -----------------------------------------------------------------------------------------
    async def admit(self) -> int | None:
        """None to let in, else the code to close with."""
        raise NotImplementedError

    def may(self, needs: str) -> bool:
        """Whether who is on the line holds a capability now."""
        raise NotImplementedError

    @staticmethod
    def look_all(questions: Sequence[Any]) -> Sequence[Any]:
        """For all lines of a kind, every few seconds: who may lose the right to be there, what may have been lost."""
        raise NotImplementedError

    def question(self) -> Any:
        """What `look_all` is to answer for this line."""
        raise NotImplementedError

    async def answered(self, question: Any, answer: Any) -> None:
        raise NotImplementedError

    def beat(self, number: int) -> None:
        """Every other round, in a thread: who is on the line is there."""

    async def left(self) -> None:
        """The line is gone."""

    # --- opening and closing -----------------------------------------------------------------------------------------
    @property
    def is_settled(self) -> bool:
        """Admitted or refused."""
        return self.is_closed or self._is_admitted

    async def connect(self) -> None:
        live.use_running_loop()
        if not entry.is_welcome(self.scope):
            await self.base_send({"type": "websocket.close"})
            return
        # The handshake does not wait for the database: a thousand who come at once would time out, and come again.
        await self.base_send({"type": "websocket.accept", "subprotocol": entry.subprotocol(self.scope)})
        self._wire = wire.of(self.base_send, self._cut)
        if self._source and _sources[self._source] > int(settings.SOCKETS_PER_SOURCE):
            await self.end(protocol.CLOSE_SLOWER)
            return
        try:
            code = await self.admit()
        except Exception as error:
            # The layer or the database is away: the client comes back, nothing is lost.
            log.warning("socket.admission_failed", error=type(error).__name__)
            code = protocol.CLOSE_RESUME
        if _is_draining:
            code = protocol.CLOSE_RESUME
        if code is not None:
            await self.end(code)
            return
        self._is_admitted = True
        ROUNDS.join(self)

    async def end(self, code: int) -> None:
        """Close the line with a code that says what to do next."""
        self.close_now(code)

    def close_now(self, code: int) -> None:
        if not self.is_closed:
            self.is_closed = True
            if self._wire is not None:
                self._wire.close(code)

    def _cut(self) -> None:
        """The client does not read: it may come back and resume, the others go on."""
        log.info("socket.cut", waiting="too much")
        self.close_now(protocol.CLOSE_RESUME)

    async def disconnect(self, code: int) -> None:
        self.is_closed = True
        ROUNDS.leave(self)
        if self._wire is not None:
            self._wire.release()
        self.channel_layer.forget(self.channel_name, self.joined)
        with contextlib.suppress(Exception):
            await self.left()

    async def join_group(self, group: str) -> None:
        await self.channel_layer.group_add(group, self.channel_name)
        self.joined.add(group)

    async def leave_group(self, group: str) -> None:
        self.joined.discard(group)
        await self.channel_layer.group_discard(group, self.channel_name)

    def ping(self) -> None:
        self.tell({"type": "ping"})

    # --- hearing -----------------------------------------------------------------------------------------------------
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.is_closed:
            return
        size = len((text_data or "").encode("utf-8", "surrogatepass")) + len(bytes_data or b"")
        if size > settings.SOCKET_FRAME_MAX_BYTES:
            await self.refuse("too_large")
            await self.end(protocol.CLOSE_TOO_LARGE)
        elif not self._may_speak():
            await self.end(protocol.CLOSE_SLOWER)
        else:
            await self._hear(protocol.parse(text_data))

    def _may_speak(self) -> bool:
        """At most so many frames in a fixed window of ten seconds."""
        began, spoken = self._window
        now = time.monotonic()
        if now - began >= 10:
            began, spoken = now, 0
        self._window = (began, spoken + 1)
        return spoken < int(settings.SOCKET_FRAMES_PER_10S)

    async def _hear(self, frame: Frame | None) -> None:
        rule = self.table.get(frame["type"]) if frame is not None else None
        if frame is None or rule is None or not rule.fits(frame):
            await self._bad_frame()
            return
        if not self.may(rule.needs):
            await self._refuse_frame(frame, "not_allowed")
            return
        try:
            await getattr(self, rule.handler)(frame)
        except errors.DomainError as refusal:
            await self._refuse_frame(frame, refusal.code)
        except Exception as error:
            number = uuid.uuid4().hex[:12]
            log.error("socket.failed", frame=frame["type"], error=type(error).__name__, number=number, exc_info=error)
            await self._refuse_frame(frame, "server", id=number)

    async def _bad_frame(self) -> None:
        self._bad += 1
        await self.refuse("bad_frame")
        if self._bad >= MAX_BAD:
            await self.end(protocol.CLOSE_BAD_FRAMES)

    async def _refuse_frame(self, frame: Frame, code: str, **more: Any) -> None:
        """What was refused is named by the ids that the client itself sent, and were found well-formed."""
        named = {name: frame[name] for name in ("origin_id", "ticket", "session") if frame.get(name) is not None}
        await self.refuse(code, **named, **more)

    async def refuse(self, code: str, **more: Any) -> None:
        await self.say({"type": "error", "code": code, **more})

    async def on_pong(self, frame: Frame) -> None:
        """The client is there; nothing follows from it."""

    # --- saying ------------------------------------------------------------------------------------------------------
    async def say(self, frame: Frame) -> None:
        self.tell(frame)

    def tell(self, frame: Frame) -> None:
        """Write a frame to this line alone."""
        if self._wire is not None and not self.is_closed:
            self._wire.write(layer.encode(frame))

    def pass_on(self, parcel: layer.Parcel) -> None:
        """Write a frame that others get too."""
        if self._wire is not None and not self.is_closed:
            self._wire.pass_on(parcel)

    def take(self, parcel: layer.Parcel) -> None:
        """News from the channel layer, which must not be kept waiting and hears of no failure."""
        if self.is_closed or parcel.message.get("type") != "deliver":
            return
        frame = parcel.frame
        try:
            if not self.may_hear(frame):
                return
            if frame["type"] == "message.new":
                self._take_message(parcel)
            else:
                self.hear_news(parcel)
        except Exception as error:
            log.warning("socket.delivery_failed", frame=frame.get("type"), error=type(error).__name__)

    def may_hear(self, frame: Frame) -> bool:
        """A second lock behind the groups: what this side must never see ends here."""
        return True

    def hear_news(self, parcel: layer.Parcel) -> None:
        """Subclasses look at what else comes by before it is passed on."""
        self.pass_on(parcel)

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Something that takes longer, beside what the line does."""
        task = asyncio.get_running_loop().create_task(self._doing_well(work))
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def _doing_well(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            log.warning("socket.work_failed", error=type(error).__name__)

    def _take_message(self, parcel: layer.Parcel) -> None:
        frame = parcel.frame
        ticket, seq = frame["ticket"], frame["seq"]
        reached = self.reached.get(ticket)
        if reached is None or seq <= reached:
            return
        if self._order.locked() or frame["prev"] > reached:
            # Two writers' news overtook each other, or one was lost: the database knows the order.
            self.do(self._catch_up_to(ticket, seq))
            return
        self.reached[ticket] = seq
        self.pass_on(parcel)

    async def _catch_up_to(self, ticket: int, seq: int) -> None:
        async with self._order:
            if self.reached.get(ticket, seq) < seq:
                await self._catch_up(ticket)

    async def catch_up(self, ticket: int) -> None:
        """Send what this line has not carried yet, in order; when it is too much, tell the client to fetch."""
        async with self._order:
            await self._catch_up(ticket)

    async def _catch_up(self, ticket: int) -> None:
        missed = await self.behind.ask(Behind(ticket, self.reached[ticket]))
        if isinstance(missed, int):
            self.reached[ticket] = missed
            await self.say({"type": "gap", "ticket": ticket})
            return
        for frame in missed:
            self.reached[ticket] = frame["seq"]
            await self.say(frame)
