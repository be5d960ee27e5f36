"""The channel layer: Channels' API, the short way to sockets, and two processes on one Redis."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from channels.exceptions import ChannelFull

from helpdesk.lib import live
from helpdesk.lib.layer import Layer, Parcel, encode
from tests import servers

NEWS = {"type": "deliver", "frame": {"type": "typing", "ticket": 1}}


class Ear:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[Parcel] = []

    def take(self, parcel: Parcel) -> None:
        self.heard.append(parcel)


async def test_channels_own_consumers_can_use_it() -> None:
    layer = Layer()
    channel = await layer.new_channel()
    await layer.group_add("room", channel)
    await layer.group_send("room", NEWS)
    assert await layer.receive(channel) == NEWS
    await layer.send(channel, {"type": "hello"})
    assert await layer.receive(channel) == {"type": "hello"}
    await layer.group_discard("room", channel)
    await layer.group_send("room", NEWS)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(layer.receive(channel), 0.05)


async def test_a_channel_that_nobody_reads_is_full_at_its_capacity() -> None:
    layer = Layer(capacity=2)
    channel = await layer.new_channel()
    await layer.group_add("room", channel)
    for _ in range(3):
        await layer.group_send("room", NEWS)
    with pytest.raises(ChannelFull):
        await layer.send(channel, NEWS)
    assert [await layer.receive(channel) for _ in range(2)] == [NEWS, NEWS]


async def test_who_listens_is_called_and_all_share_one_encoding() -> None:
    layer, one, two, stranger = Layer(), Ear(), Ear(), Ear()
    for name, ear in (("one", one), ("two", two), ("stranger", stranger)):
        layer.listen(name, ear)
    await layer.group_add("room", "one")
    await layer.group_add("room", "two")
    await layer.group_add("elsewhere", "stranger")
    await layer.group_send("room", NEWS)
    assert [parcel.frame for parcel in one.heard] == [NEWS["frame"]]
    assert one.heard[0] is two.heard[0]
    assert one.heard[0].encoded() is two.heard[0].encoded()
    assert stranger.heard == []


async def test_who_left_hears_nothing_and_leaves_nothing_behind() -> None:
    layer, ear = Layer(), Ear()
    layer.listen("one", ear)
    await layer.group_add("room", "one")
    layer.forget("one", {"room", "never"})
    await layer.group_send("room", NEWS)
    assert ear.heard == []
    assert (layer._groups, layer._receivers) == ({}, {})


def test_a_frame_is_encoded_as_screens_and_other_processes_expect_it() -> None:
    parcel = Parcel({"type": "deliver", "frame": {"body": "é\n{}"}})
    assert parcel.encoded() == '{"body":"é\\n{}"}'.encode()
    assert parcel.whole() == '{"type":"deliver","frame":{"body":"é\\n{}"}}'.encode()
    assert encode({"body": "\ud800"}) == b'{"body":"?"}'


@pytest.fixture
def two_processes() -> Iterator[list[Layer]]:
    """Two layers on one Redis, as two web processes have them."""
    with servers.redis() as url:
        yield [Layer(redis=url, prefix="two"), Layer(redis=url, prefix="two")]


async def _until(said: Any, *, within: float = 5) -> None:
    async with asyncio.timeout(within):
        while not said():  # noqa: ASYNC110  (nothing tells)
            await asyncio.sleep(0.01)


async def test_processes_hear_each_other_and_not_themselves_twice(two_processes: list[Layer]) -> None:
    here, there = two_processes
    mine, yours = Ear(), Ear()
    here.listen("mine", mine)
    there.listen("yours", yours)
    await here.group_add("room", "mine")
    await there.group_add("room", "yours")
    for number in range(50):
        await here.group_send("room", {"type": "deliver", "frame": {"type": "x", "number": number, "body": "é\n"}})
    await _until(lambda: len(yours.heard) == 50)
    assert [parcel.frame["number"] for parcel in yours.heard] == list(range(50))
    assert yours.heard[0].frame["body"] == "é\n"
    await there.send("mine", {"type": "deliver", "frame": {"type": "y"}})
    await _until(lambda: len(mine.heard) == 51)
    assert [parcel.frame["type"] for parcel in mine.heard] == ["x"] * 50 + ["y"]


async def test_without_its_redis_a_process_still_serves_its_own() -> None:
    layer, ear = Layer(redis="redis://127.0.0.1:1/0"), Ear()
    layer.listen("one", ear)
    await layer.group_add("room", "one")
    await layer.group_send("room", NEWS)
    assert len(ear.heard) == 1
    await asyncio.wait_for(layer.settled(), 10)


async def test_marks_for_lists_are_told_first_and_last(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(live, "SETTLE_SECONDS", 0.2)
    monkeypatch.setattr(live, "send_all", lambda groups, frame: told.append(frame["version"]))
    live.use_running_loop()
    for version in range(5):
        live.send_settled("ticket.1", ["queue.1"], {"version": version})
    live.send_settled("ticket.2", ["queue.1"], {"version": 10})
    assert told == [0, 10]
    await asyncio.sleep(0.35)
    assert told == [0, 10, 4]
    await asyncio.sleep(0.4)
    live.send_settled("ticket.1", ["queue.1"], {"version": 5})
    assert told == [0, 10, 4, 5]
