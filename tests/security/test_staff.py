"""What a member of staff tries beyond his role or his teams, also with a right that he had a moment ago."""

import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat import cards, handovers, sessions
from chat.models import Handover, Session, Site
from chat.sessions import Visit
from helpdesk.lib import errors, live
from helpdesk.people import presence
from helpdesk.people.models import TeamMember, User
from tests.chat.conftest import Desk
from tests.conftest import Api
from tickets import live as tickets_live
from tickets.models import Message, Queue


@pytest.fixture
def sven(technical: Queue) -> User:
    """A second agent of the technical queue."""
    user = User.objects.create_user("sven@example.com", "sven-secret-1", name="Sven Holm", role=User.Role.AGENT)
    TeamMember.objects.create(team=technical.team, user=user)
    return user


def live_chat(shop: Site, agent: User | None) -> Session:
    opened = sessions.open(shop, Visit(language="en"))
    said = sessions.say(opened.session, "My bike squeaks", origin_id=str(uuid.uuid4()))
    return sessions.accept(said.session.pk, by=agent) if agent else said.session


def state(session: Session) -> tuple[str, User | None]:
    row = Session.objects.select_related("agent").get(pk=session.pk)
    return row.state, row.agent


# --- a colleague's chat ----------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_nobody_ends_the_chat_of_a_colleague_but_his_supervisor(
    api: Api, shop: Site, charlie: User, sven: User, alice: User, rita: User, bob: User
) -> None:
    session = live_chat(shop, charlie)
    path = f"/api/v1/chat/sessions/{session.pk}/end/"
    assert {user.name: api(user).post(path).status_code for user in (sven, alice, rita)} == {
        "Sven Holm": 403, "Alice Martin": 404, "Rita Reader": 403,
    }  # fmt: skip
    assert state(session) == ("live", charlie)
    assert api(bob).post(path).status_code == 200
    assert [api(user).post(path).json()["state"] for user in (charlie, sven)] == ["ended", "ended"]
    waiting = live_chat(shop, None)
    assert api(sven).post(f"/api/v1/chat/sessions/{waiting.pk}/end/").json()["state"] == "ended"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("accept/", {}), ("transfer/", {"to_queue": "billing", "line": "x"}), ("help/", {"line": "x"}),
        ("wrap-up/", {"outcome": "solved"}), ("watch/", {}), ("take-over/", {}), ("leave/", {}), ("end/", {}),
        ("whisper/", {"body": "x", "origin_id": "a"}),
    ],
)  # fmt: skip
def test_a_chat_of_another_team_does_not_exist(
    api: Api, shop: Site, charlie: User, alice: User, bob: User, billing: Queue, path: str, body: dict[str, Any]
) -> None:
    session = live_chat(shop, charlie)
    TeamMember.objects.filter(user=bob, team=shop.queue.team).delete()
    before = Message.objects.count()
    for user in (alice, bob):
        answer = api(user).post(f"/api/v1/chat/sessions/{session.pk}/{path}", body, format="json")
        expected = {404, 204} if path == "leave/" else {404} if user.may("chat.watch") else {403, 404}
        assert answer.status_code in expected, (user, answer.content)
    assert (state(session), Message.objects.count()) == (("live", charlie), before)


# --- a right that he had ---------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_who_left_the_team_takes_nothing_that_was_held_out_to_him_before(
    api: Api, shop: Site, charlie: User, sven: User
) -> None:
    session = live_chat(shop, charlie)
    presence.choose(sven, "available")
    presence.beat(sven.pk)
    held = handovers.hold_out(session.pk, sven, "CANARY he is angry", warm=False, by=charlie)
    TeamMember.objects.filter(user=sven).delete()
    assert api(sven).post(f"/api/v1/chat/handovers/{held.pk}/accept/").status_code == 404
    assert "CANARY" not in api(sven).get("/api/v1/chat/line/").content.decode()
    assert state(session) == ("live", charlie)
    assert Handover.objects.get().state == "offered"


@pytest.mark.django_db
def test_who_left_the_team_no_longer_accompanies_what_he_handed_over(shop: Site, charlie: User, sven: User) -> None:
    session = live_chat(shop, charlie)
    presence.choose(sven, "available")
    presence.beat(sven.pk)
    handovers.accept(handovers.hold_out(session.pk, sven, "he is angry", warm=True, by=charlie).pk, by=sven)
    assert [card["id"] for card in cards.desk(charlie)["beside"]] == [session.pk]
    TeamMember.objects.filter(user=charlie).delete()
    assert cards.desk(charlie)["beside"] == []


@pytest.mark.django_db
def test_a_handover_that_is_somebody_elses_does_not_exist(shop: Site, charlie: User, sven: User, bob: User) -> None:
    session = live_chat(shop, charlie)
    presence.choose(sven, "available")
    presence.beat(sven.pk)
    held = handovers.hold_out(session.pk, sven, "he is angry", warm=False, by=charlie)
    for act in (handovers.accept, handovers.decline):
        with pytest.raises(errors.NotFound):
            act(held.pk, by=bob)
    with pytest.raises(errors.NotFound):
        handovers.withdraw(held.pk, by=sven)
    assert (state(session), Handover.objects.get().state) == (("live", charlie), "offered")


# --- the socket shows no more than the API ---------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
async def test_a_reader_of_the_queue_hears_nothing_of_its_chats_and_calls(
    desk: Desk, rita: User, alice: User, billing: Queue
) -> None:
    reader, agent = await desk(rita), await desk(alice)
    group = tickets_live.queue(billing.pk)
    help_ = {"type": "chat.help", "session": 1, "ticket": 1, "by": None, "line": "CANARY"}
    news = {"type": "ticket.changed", "ticket": 1, "queue": "billing", "version": 1, "event": "ticket.changed"}
    await sync_to_async(live.send)(group, help_)
    await sync_to_async(live.send)(group, {**help_, "type": "callback.due"})
    await sync_to_async(live.send)(group, news)
    assert (await agent.hear("chat.help"))["line"] == "CANARY"
    heard = await reader.everything()
    assert ("CANARY" in str(heard), news in heard) == (False, True)
