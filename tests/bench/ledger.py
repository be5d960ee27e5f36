"""What each side of a chat said and heard, kept as a browser keeps it, to be held against the database afterwards."""

import asyncio
import contextlib
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.bench import crowd

# A line that was not acknowledged for so long: hang up, come back, say it again
ACK_SECONDS = 12.0
NOTE_EVERY = 10


@dataclass
class Said:
    body: str
    kind: str
    seq: int = 0
    # When it was last sent on the line of now; 0: not on this one
    sent: float = 0.0
    after: float = 0.0


@dataclass
class Side:
    """One end of a chat. `every`: so many seconds between its lines, when all goes well."""

    chat: int
    ticket: int
    path: str
    headers: dict[str, str]
    is_agent: bool
    queue: str
    every: float
    said: dict[str, Said] = field(default_factory=dict)
    heard: list[tuple[int, str]] = field(default_factory=list)
    last: int = 0
    # Lines that came again, lines that showed something was missed, and connections
    repeated: int = 0
    gaps: int = 0
    lines: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    is_done: bool = False
    # The first line that was acknowledged after `asked_at`, and its answer
    asked_at: float = 0.0
    fresh: int = 0
    fresh_at: float = 0.0
    _client: crowd.Client | None = None
    _awake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        return f"{'agent' if self.is_agent else 'visitor'} {self.chat}"

    @property
    def owed(self) -> dict[str, Said]:
        return {origin: said for origin, said in self.said.items() if not said.seq}

    # --- speaking ----------------------------------------------------------------------------------------------------
    async def live(self, ports: Sequence[int]) -> None:
        """Connect to any of the processes, again and again, until nothing is left to do."""
        failures = 0
        while not self.is_done:
            lines = self.lines
            with contextlib.suppress(OSError, TimeoutError):
                await self._one_line(random.choice(ports))
            failures = failures + 1 if self.lines == lines else 0
            await asyncio.sleep(random.uniform(0.5, 1) * min(8, 2**failures))

    async def _one_line(self, port: int) -> None:
        address = f"ws://127.0.0.1:{port}{self.path}"
        self._client = client = await asyncio.wait_for(crowd.connect(address, self.hear, **self.headers), 10)
        self.lines += 1
        try:
            self._hello()
            for said in self.said.values():
                said.sent = said.after = 0.0
            speak_at = time.monotonic() + random.uniform(0, self.every)
            while not client.closed.done() and not self.is_done:
                owed = self.owed
                now = time.monotonic()
                if any(said.sent and now - said.sent > ACK_SECONDS for said in owed.values()):
                    return
                if not owed and (now >= speak_at or self._awake.is_set()) and self.every:
                    self._say_something_new()
                    speak_at = now + self.every * random.uniform(0.7, 1.3)
                self._awake.clear()
                for origin, said in self.owed.items():
                    if not said.sent and now >= said.after:
                        self._send(origin, said, now)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._awake.wait(), 0.25)
        finally:
            client.close()

    def _hello(self) -> None:
        if self._client is not None:
            self._client.say({"type": "hello", "after": {str(self.ticket): self.last}})

    def _say_something_new(self) -> None:
        number = len(self.said)
        is_note = self.is_agent and number % NOTE_EVERY == NOTE_EVERY - 1
        kind = "note" if is_note else "public"
        self.said[str(uuid.uuid4())] = Said(f"{self.name} {kind} {number}", kind)

    def _send(self, origin: str, said: Said, now: float) -> None:
        said.sent = now
        frame: dict[str, Any] = {"type": "message.send", "origin_id": origin, "body": said.body}
        if self.is_agent:
            frame |= {"ticket": self.ticket, "kind": said.kind}
        if self._client is not None:
            self._client.say(frame)

    def ask(self) -> None:
        """From now on it is watched how long it takes until a line of this side has come through."""
        self.asked_at, self.fresh, self.fresh_at = time.monotonic(), 0, 0.0
        self._awake.set()

    # --- hearing -----------------------------------------------------------------------------------------------------
    def hear(self, text: bytes) -> None:
        frame: dict[str, Any] = json.loads(text)
        what = frame["type"]
        self._look_for_leaks(what, frame)
        if what == "message.new":
            self._take(frame)
        elif what == "message.ack":
            self._acknowledged(frame)
        elif what == "error":
            self._refused(frame)
        elif what == "gap":
            self.wrong.append(f"{self.name}: told to fetch")

    def _look_for_leaks(self, what: str, frame: dict[str, Any]) -> None:
        is_told_to_lists = self.is_agent and "queue" in frame
        foreign = frame["queue"] != self.queue if is_told_to_lists else frame.get("ticket", self.ticket) != self.ticket
        if self.is_agent and what.startswith("chat."):
            foreign = False  # chats of his team's line
        if foreign or (not self.is_agent and ("note" in str(frame.get("kind")) or "viewers" in frame)):
            self.wrong.append(f"{self.name}: leaked {frame}")

    def _take(self, frame: dict[str, Any]) -> None:
        if frame["seq"] <= self.last:
            self.repeated += 1
        elif frame["prev"] > self.last:
            self.gaps += 1
            self._hello()
        else:
            self.last = frame["seq"]
            self.heard.append((frame["seq"], frame["body"]))

    def _acknowledged(self, frame: dict[str, Any]) -> None:
        said = self.said[frame["origin_id"]]
        if said.seq and said.seq != frame["seq"]:
            self.wrong.append(f"{self.name}: {said.body} acknowledged as {said.seq} and as {frame['seq']}")
        said.seq = frame["seq"]
        if self.asked_at and not self.fresh and said.kind == "public":
            self.fresh = said.seq
        self._awake.set()

    def _refused(self, frame: dict[str, Any]) -> None:
        self.refusals[frame["code"]] += 1
        said = self.said.get(frame.get("origin_id", ""))
        if said is not None:
            said.sent, said.after = 0.0, time.monotonic() + 1.0

    # --- afterwards --------------------------------------------------------------------------------------------------
    def has_come_through(self, other: "Side") -> bool:
        """Whether the other side has heard the first line acknowledged since it was asked."""
        if self.fresh and not self.fresh_at and other.last >= self.fresh:
            self.fresh_at = time.monotonic()
        return bool(self.fresh_at)


Row = tuple[int, str, str | None, str]
"""seq, kind, origin id and words of a message, as the database has it."""


@dataclass
class Verdict:
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def compare(sides: Sequence[Side], rows: Sequence[Row]) -> Verdict:
    """The two ledgers of a chat against its rows, in the order of seq."""
    found = Verdict()
    if [row[0] for row in rows] != list(range(1, len(rows) + 1)):
        found.disordered.append(f"chat {sides[0].chat}: seqs {[row[0] for row in rows]}")
    times = Counter(row[2] for row in rows if row[2])
    found.doubled += [f"{origin} is there {count} times" for origin, count in times.items() if count > 1]
    stored = {row[2]: row for row in rows}
    for side in sides:
        found.wrong += side.wrong
        for origin, said in side.said.items():
            row = stored.get(origin)
            if row is None or (row[0], row[1], row[3]) != (said.seq, said.kind, said.body):
                found.lost.append(f"{side.name}: {said} is {row}")
        seqs = [said.seq for said in side.said.values()]
        if seqs != sorted(seqs):
            found.disordered.append(f"{side.name}: own lines {seqs}")
        expected = [(row[0], row[3]) for row in rows if side.is_agent or row[1] == "public"]
        if side.heard != expected:
            missed = set(expected) - set(side.heard)
            (found.lost if missed else found.disordered).append(f"{side.name}: did not hear {sorted(missed)[:5]}")
    return found
