"""Supervisors beside live chats: seen by the agent, never by the visitor; each right is asked for."""

import uuid

import pytest
from asgiref.sync import sync_to_async

from chat import sessions, watching
from chat.models import Session, Site
from chat.sessions import Opened, Visit
from helpdesk.events.models import Event
from helpdesk.people import presence
from helpdesk.people.models import User
from tests.chat.conftest import Desk, bearer
from tests.chat.saying import first_line, follow
from tests.conftest import Api
from tickets.models import Message

SECRET = "CANARY tell him it is free"


def live(shop: Site, agent: User) -> Session:
    opened = sessions.open(shop, Visit(language="en"))
    said = sessions.say(opened.session, "My bike squeaks", origin_id=str(uuid.uuid4()))
    return sessions.accept(said.session.pk, by=agent)


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["watch", "whisper", "take-over"])
def test_only_a_supervisor_of_the_queue_may(
    act: str, api: Api, shop: Site, charlie: User, alice: User, rita: User, bob: User
) -> None:
    session = live(shop, charlie)
    path = f"/api/v1/chat/sessions/{session.pk}/{act}/"
    body = {"body": SECRET, "origin_id": str(uuid.uuid4())}
    refused = {user.name: api(user).post(path, body).status_code for user in (charlie, alice, rita)}
    assert refused == {"Charlie Petit": 403, "Alice Martin": 403, "Rita Reader": 403}
    assert (Message.objects.count(), Event.objects.filter(name="session.watched").count()) == (1, 0)
    bob.teams.clear()
    assert api(bob).post(path, body).status_code == 404
    assert Message.objects.count() == 1
    session.refresh_from_db()
    assert session.agent == charlie


@pytest.mark.django_db
def test_supervisors_see_the_live_chats_of_their_queues_who_asks_for_help_first(
    api: Api, shop: Site, charlie: User, bob: User, ada: User
) -> None:
    first, second = live(shop, charlie), live(shop, charlie)
    watching.ask(second.pk, "May I refund?", by=charlie)
    listed = api(bob).get("/api/v1/chat/live/").json()["results"]
    assert [(row["id"], row["help_line"], row["agent"]["name"]) for row in listed] == [
        (second.pk, "May I refund?", "Charlie Petit"),
        (first.pk, "", "Charlie Petit"),
    ]
    bob.teams.clear()
    assert api(bob).get("/api/v1/chat/live/").json() == {"results": []}
    assert len(api(ada).get("/api/v1/chat/live/").json()["results"]) == 2
    assert api(charlie).get("/api/v1/chat/live/").status_code == 403


@pytest.mark.django_db
def test_help_is_asked_for_by_the_agent_and_ended_by_either(shop: Site, charlie: User, bob: User) -> None:
    session = live(shop, charlie)
    watching.ask(session.pk, "May I\nrefund?", by=charlie)
    assert (watching.ask(session.pk, "May I refund?", by=charlie).help_line) == "May I refund?"
    assert Event.objects.filter(name="session.help").count() == 1
    assert watching.no_longer(session.pk, by=bob).help_at is None
    assert [event.data["wanted"] for event in Event.objects.filter(name="session.help").order_by("pk")] == [True, False]


@pytest.mark.django_db
def test_the_same_whisper_twice_is_one_note(api: Api, shop: Site, charlie: User, bob: User) -> None:
    session, body = live(shop, charlie), {"body": SECRET, "origin_id": str(uuid.uuid4())}
    path = f"/api/v1/chat/sessions/{session.pk}/whisper/"
    assert [api(bob).post(path, body).status_code for _again in range(2)] == [201, 200]
    note = Message.objects.exclude(seq=1).get()
    assert (note.kind, note.channel, note.body, note.author_user) == ("note", "whisper", SECRET, bob)
    sessions.end(session, by=charlie.actor)
    late = api(bob).post(path, {"body": "Too late", "origin_id": str(uuid.uuid4())})
    assert (late.status_code, late.json()["code"], Message.objects.count()) == (409, "ended", 2)


@pytest.mark.django_db(transaction=True)
async def test_a_whisper_reaches_the_agent_and_on_no_way_the_visitor(
    desk: Desk, widget: Desk, visitor: Opened, charlie: User, bob: User, api: Api
) -> None:
    agent, browser = await desk(charlie), await widget(visitor.keys.token)
    ticket = (await first_line(browser))["ticket"]
    await follow(agent, ticket)
    session = await Session.objects.aget(ticket=ticket)
    await agent.say("chat.accept", session=session.pk)
    await browser.hear("chat.accepted")
    base = f"/api/v1/chat/sessions/{session.pk}"
    supervisor = await sync_to_async(api)(bob)
    await sync_to_async(supervisor.post)(f"{base}/watch/")
    assert (await agent.hear("chat.watched"))["by"] == {"id": bob.pk, "name": "Bob Durand"}
    await sync_to_async(supervisor.post)(f"{base}/whisper/", {"body": SECRET, "origin_id": str(uuid.uuid4())})
    heard = await agent.hear("message.new")
    assert (heard["kind"], heard["channel"], heard["body"]) == ("note", "whisper", SECRET)
    await sync_to_async(supervisor.post)(f"{base}/take-over/")
    handed = await agent.hear("chat.handed")
    assert (handed["from"]["id"], handed["to"]["id"], handed["how"]) == (charlie.pk, bob.pk, "taken_over")
    await browser.say("hello", after={})
    frames = await browser.everything()
    assert {"type": "chat.accepted", "session": session.pk, "ticket": ticket,
            "agent": {"id": bob.pk, "name": "Bob Durand"}} in frames  # fmt: skip
    without_socket = bearer(visitor.keys.token)
    answers = [
        await sync_to_async(without_socket.get)(path)
        for path in ("/api/v1/chat/session/", "/api/v1/chat/session/messages/")
    ]
    everything = str(frames) + "".join(answer.content.decode() for answer in answers)
    assert "CANARY" not in everything
    assert "Bob Durand takes over" in everything


@pytest.mark.django_db(transaction=True)
async def test_a_status_chosen_by_http_reaches_all_open_screens(desk: Desk, charlie: User, bob: User, api: Api) -> None:
    first, second, colleague = await desk(charlie), await desk(charlie), await desk(bob)
    for line in (first, second, colleague):
        await line.everything()
    await sync_to_async((await sync_to_async(api)(charlie)).patch)("/api/v1/me/", {"availability": "finishing"})
    for line in (first, second, colleague):
        heard = await line.hear("presence")
        assert (heard["user"], heard["status"]) == (charlie.pk, "finishing")
    assert await Event.objects.filter(name="agent.status", data={"status": "finishing"}).acount() == 1


@pytest.mark.django_db
def test_nobody_at_any_desk_for_a_while_is_away_until_somebody_touches_one(charlie: User) -> None:
    presence.choose(charlie, "available")
    presence.touched(charlie)
    presence.rest(charlie)
    assert User.objects.get(pk=charlie.pk).availability == "available"
    presence._put(presence._active(charlie.pk), None)  # five minutes later
    presence.rest(charlie)
    assert User.objects.get(pk=charlie.pk).availability == "away"
    presence.touched(charlie)
    assert User.objects.get(pk=charlie.pk).availability == "available"
    presence.choose(charlie, "away")
    presence.touched(charlie)
    assert User.objects.get(pk=charlie.pk).availability == "away", "chosen by himself"
