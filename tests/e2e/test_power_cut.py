"""What was acknowledged survives a kill -9 in the middle of a chat, once and in order."""

import contextlib
import json
import threading
import time
from typing import Any

from websockets.exceptions import WebSocketException

from tests.e2e import talk
from tests.e2e.product import Site


def test_nothing_acknowledged_is_lost_or_doubled_when_everything_is_killed(own_site: Site) -> None:
    site, acknowledged = own_site, {}
    session = talk.start_chat(site)

    def chat_on() -> None:
        with contextlib.suppress(WebSocketException, OSError, AssertionError), talk.visitor(site, session) as visitor:
            for number in range(10_000):
                acknowledged[visitor.say(f"Line {number}")["seq"]] = f"Line {number}"

    chatting = threading.Thread(target=chat_on)
    chatting.start()
    deadline = time.monotonic() + 30
    while len(acknowledged) < 20 and time.monotonic() < deadline:
        time.sleep(0.01)
    site.kill()
    chatting.join(30)
    assert len(acknowledged) >= 20

    site.start()
    with talk.visitor(site, session) as visitor:
        last = visitor.say("And I am back.")
    messages = _messages(site, last["ticket"])
    stored = {message["seq"]: message["body"] for message in messages}
    assert {seq: stored.get(seq) for seq in acknowledged} == acknowledged
    assert [message["seq"] for message in messages] == list(range(1, last["seq"] + 1))
    # at most the one line in flight was stored without anybody having been told
    mine = [body for body in stored.values() if body.startswith("Line ")]
    assert len(mine) == len(set(mine)) <= len(acknowledged) + 1

    checked = site.manage("check_invariants", "--json")
    assert checked.returncode == 0, checked.stdout
    assert json.loads(checked.stdout)


def _messages(site: Site, ticket: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        after = found[-1]["seq"] if found else 0
        address = f"{site.url}/api/v1/tickets/{ticket}/messages/?after={after}"
        page = talk.call("GET", address, token=talk.token(site, "admin")).content["results"]
        if not page:
            return found
        found += page
