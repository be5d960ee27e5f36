"""A deploy: the processes are asked to end. Every socket is told to come back and resume, and no line is lost or doubled."""

import contextlib
import threading
import uuid

from websockets.exceptions import ConnectionClosed

from tests.e2e import people, talk
from tests.e2e.product import Site

LINES = 40


def test_a_process_that_is_asked_to_end_sends_its_sockets_back_and_loses_no_line(own_site: Site) -> None:
    site = own_site
    session = talk.start_chat(site, site.webs[0])
    said = {str(uuid.uuid4()): f"line {number}" for number in range(LINES)}
    with (
        talk.visitor(site, session, site.webs[0]) as visitor,
        talk.agent(site, "admin", site.webs[-1]) as agent,
    ):
        ticket = visitor.say("Hello")["ticket"]
        agent.subscribe(ticket)
        stop = threading.Thread(target=site.stop)
        for number, (origin, body) in enumerate(said.items()):
            if number == LINES // 2:
                stop.start()
            with contextlib.suppress(ConnectionClosed):
                visitor.send(type="message.send", origin_id=origin, body=body)
        assert (visitor.closed(), agent.closed()) == (4409, 4409)
        stop.join(30)
    heard = {frame["origin_id"]: frame["seq"] for frame in visitor.heard if frame["type"] == "message.ack"}
    acknowledged = {origin: seq for origin, seq in heard.items() if origin in said}

    site.start()
    with talk.visitor(site, session, site.webs[0]) as visitor:
        seqs = {origin: visitor.say(body, origin)["seq"] for origin, body in said.items()}
    assert {origin: seqs[origin] for origin in acknowledged} == acknowledged
    assert sorted(seqs.values()) == list(range(2, LINES + 2))
    rows = talk.call("GET", f"{site.url}/api/v1/tickets/{ticket}/messages/", token=talk.token(site, "admin"))
    stored = {row["origin_id"]: (row["seq"], row["body"]) for row in rows.content["results"][1:]}
    assert stored == {origin: (seqs[origin], body) for origin, body in said.items()}
    people.check(site)
