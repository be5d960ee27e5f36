"""The channel layer: one dictionary of groups in each process, and one Redis subscription between the processes.

A socket is called directly when news come, without a queue and a task of its own; a frame is encoded once, however many
sockets send it. Everything here runs on the loop that serves the sockets; other threads come in by `helpdesk.lib.live`.
"""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import structlog
from channels.exceptions import ChannelFull
from channels.layers import BaseChannelLayer

from helpdesk.lib.relay import Relay

log = structlog.get_logger(__name__)
Message = dict[str, Any]
_BEFORE, _BEHIND = b'{"type":"deliver","frame":', b"}"


class Parcel:
    """A message on its way, encoded at most once."""

    __slots__ = ("_frame", "_prepared", "message")

    def __init__(self, message: Message) -> None:
        self.message = message
        self._frame = b""
        self._prepared: Any = None

    @property
    def frame(self) -> Message:
        """What a `deliver` carries to screens."""
        frame: Message = self.message["frame"]
        return frame

    def encoded(self) -> bytes:
        """The frame as screens get it."""
        if not self._frame:
            self._frame = encode(self.frame)
        return self._frame

    def prepared(self, prepare: Callable[[bytes], Any]) -> Any:
        """What a server makes of the encoded frame, the same for every socket."""
        if self._prepared is None:
            self._prepared = prepare(self.encoded())
        return self._prepared

    def whole(self) -> bytes:
        """The message as other processes get it."""
        if self.message.get("type") == "deliver" and len(self.message) == 2:
            return _BEFORE + self.encoded() + _BEHIND
        return encode(self.message)


def encode(message: Message) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "replace")


class Receiver(Protocol):
    """Who is at the end of a channel."""

    def take(self, parcel: Parcel) -> None: ...


class Box:
    """A channel that is read by `receive`, as Channels' own consumers do."""

    def __init__(self, capacity: int) -> None:
        self.queue: asyncio.Queue[Message] = asyncio.Queue(capacity)

    def take(self, parcel: Parcel) -> None:
        try:
            self.queue.put_nowait(parcel.message)
        except asyncio.QueueFull:
            log.warning("layer.box_full")


class Layer(BaseChannelLayer):
    """Channels' API; `listen` beside it is the short way to a socket."""

    extensions: list[str] = ["groups", "flush"]

    def __init__(self, redis: str = "", prefix: str = "guichet", capacity: int = 1000, **more: Any) -> None:
        super().__init__(capacity=capacity, **more)
        self._relay = Relay(redis, f"{prefix}:news", self._hear) if redis else None
        self._receivers: dict[str, Receiver] = {}
        # group → channel → who listens; a channel is a group of itself
        self._groups: dict[str, dict[str, Receiver]] = {}

    # --- channels ----------------------------------------------------------------------------------------------------
    async def new_channel(self, prefix: str = "specific") -> str:
        return f"{prefix}.{secrets.token_hex(8)}"

    def listen(self, channel: str, receiver: Receiver) -> None:
        """From now on `receiver` is called with whatever comes to the channel."""
        self._receivers[channel] = receiver

    def forget(self, channel: str, groups: Iterable[str] = ()) -> None:
        """Nobody is at the end of the channel any more."""
        self._receivers.pop(channel, None)
        for group in groups:
            self._leave(group, channel)

    async def send(self, channel: str, message: Message) -> None:
        receiver = self._receivers.get(channel)
        if isinstance(receiver, Box) and receiver.queue.full():
            raise ChannelFull()
        self.tell([(channel, Parcel(message))])

    async def receive(self, channel: str) -> Message:
        receiver = self._receivers.get(channel) or self._box(channel)
        if not isinstance(receiver, Box):
            raise TypeError(f"{channel} is listened to, not received from")
        return await receiver.queue.get()

    def _box(self, channel: str) -> Receiver:
        return self._receivers.setdefault(channel, Box(self.capacity))

    # --- groups ------------------------------------------------------------------------------------------------------
    async def group_add(self, group: str, channel: str) -> None:
        """Once this returns, what any process sends to the group is heard, as far as Redis is there."""
        if self._relay:
            await self._relay.begun()
        self._groups.setdefault(group, {})[channel] = self._receivers.get(channel) or self._box(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        self._leave(group, channel)

    def _leave(self, group: str, channel: str) -> None:
        members = self._groups.get(group)
        if members is not None:
            members.pop(channel, None)
            if not members:
                del self._groups[group]

    async def group_send(self, group: str, message: Message) -> None:
        self.tell([(group, Parcel(message))])

    def tell(self, parcels: list[tuple[str, Parcel]]) -> None:
        """Hand out here at once, and pass on to the other processes in one piece."""
        for group, parcel in parcels:
            self._hand_out(group, parcel)
        if self._relay:
            self._relay.publish([(group, parcel.whole()) for group, parcel in parcels])

    def _hand_out(self, group: str, parcel: Parcel) -> None:
        members = self._groups.get(group)
        if members is not None:
            for receiver in list(members.values()):
                receiver.take(parcel)
        elif (one := self._receivers.get(group)) is not None:
            one.take(parcel)

    def _hear(self, group: str, raw: bytes) -> None:
        """Another process told a group of something; what nobody here listens to is not even parsed."""
        if group in self._groups or group in self._receivers:
            self._hand_out(group, Parcel(json.loads(raw)))

    # --- the end -----------------------------------------------------------------------------------------------------
    async def settled(self) -> None:
        """Everything told so far has left this process, or been given up."""
        if self._relay:
            await self._relay.emptied()

    async def flush(self) -> None:
        self._groups.clear()
        self._receivers.clear()
