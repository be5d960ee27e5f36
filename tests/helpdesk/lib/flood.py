"""A socket that says more than a client can take: `daphne tests.helpdesk.lib.flood:application`, as the test starts it."""

import asyncio
from typing import Any

from helpdesk.lib import wire
from helpdesk.lib.layer import Parcel


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Every client gets the same three megabytes; who does not read is cut."""
    if scope["type"] != "websocket":
        raise NotImplementedError
    await receive()
    await send({"type": "websocket.accept"})
    line: list[wire.Wire] = []
    line.append(wire.of(send, lambda: line[0].close(4409)))
    parcel = Parcel({"type": "deliver", "frame": {"body": "x" * 30_000}})
    for _ in range(400):
        line[0].pass_on(parcel)
        await asyncio.sleep(0)
    line[0].write(b'{"type":"done"}')
    while (await receive())["type"] != "websocket.disconnect":
        continue
