"""A visitor and an agent in different web processes talk as if there were one. (Embedded there is one.)"""

import uuid

from tests.e2e import talk
from tests.e2e.product import Site


def test_visitor_and_agent_in_two_processes_hear_each_other(site: Site) -> None:
    first, second = site.webs[0], site.webs[-1]
    session = talk.start_chat(site, first)
    with talk.visitor(site, session, first) as visitor, talk.agent(site, "admin", second) as agent:
        ticket = visitor.say("Hello, is anybody there?")["ticket"]
        agent.subscribe(ticket)
        origin = str(uuid.uuid4())
        answered = talk.call(
            "POST",
            f"{second}/api/v1/tickets/{ticket}/messages/",
            {"kind": "public", "body": "Yes, I am.", "origin_id": origin},
            token=talk.token(site, "admin"),
        )
        assert answered.status == 201, answered
        heard = visitor.wait(type="message.new", origin_id=origin)
        assert (heard["body"], heard["kind"]) == ("Yes, I am.", "public")

        said = visitor.say("Good. My parcel has not arrived.")
        heard = agent.wait(type="message.new", seq=said["seq"])
        assert heard["body"] == "Good. My parcel has not arrived."


def test_a_note_reaches_colleagues_in_another_process_and_never_the_visitor(site: Site) -> None:
    first, second = site.webs[0], site.webs[-1]
    session = talk.start_chat(site, first)
    with talk.visitor(site, session, first) as visitor, talk.agent(site, "admin", second) as agent:
        ticket = visitor.say("Is my order on its way?")["ticket"]
        agent.subscribe(ticket)
        address = f"{first}/api/v1/tickets/{ticket}/messages/"
        for kind, body in (("note", "He is right, we lost it."), ("public", "I am looking.")):
            content = {"kind": kind, "body": body, "origin_id": str(uuid.uuid4())}
            assert talk.call("POST", address, content, token=talk.token(site, "admin")).status == 201
        assert agent.wait(type="message.new", kind="note")["body"] == "He is right, we lost it."
        visitor.wait(type="message.new", body="I am looking.")
        assert "lost it" not in str(visitor.heard)


def test_the_same_message_sent_to_both_processes_is_stored_once(site: Site) -> None:
    first, second = site.webs[0], site.webs[-1]
    session, origin = talk.start_chat(site, first), str(uuid.uuid4())
    with talk.visitor(site, session, first) as here:
        one = here.say("Only once, please.", origin)
    with talk.visitor(site, session, second) as there:
        two = there.say("Only once, please.", origin)
    assert (two["ticket"], two["seq"]) == (one["ticket"], one["seq"])
    assert _bodies(site, one["ticket"]).count("Only once, please.") == 1


def _bodies(site: Site, ticket: int) -> list[str]:
    found = talk.call("GET", f"{site.url}/api/v1/tickets/{ticket}/messages/", token=talk.token(site, "admin"))
    return [message["body"] for message in found.content["results"]]
