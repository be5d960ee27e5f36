"""Other ways than the chat: a call that an agent proposes, going on in writing, and what visitors are offered now."""

import uuid

import pytest

from chat import sessions, ways
from chat.models import Session, Site
from helpdesk.lib import errors
from helpdesk.people import customers, presence
from helpdesk.people.models import User
from tests.chat.test_handovers import at_desk, live, said
from tests.conftest import Api


def fresh(session: Session) -> Session:
    return Session.objects.get(pk=session.pk)


@pytest.mark.django_db
def test_a_proposed_call_is_one_automatic_line_in_the_visitors_language(shop: Site, charlie: User, api: Api) -> None:
    at_desk(charlie)
    session = live(shop, charlie, "fr")
    address = f"/api/v1/chat/sessions/{session.pk}/propose-call/"
    first = api(charlie).post(address)
    again = api(charlie).post(address)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["seq"] == again.json()["seq"]
    line = f"{charlie.name} peut aussi vous rappeler : choisissez l’heure qui vous convient."
    assert said(session)[1:] == [("public", "callback", line)]
    assert fresh(session).state == "live"
    sessions.say(session, "Non merci", origin_id=str(uuid.uuid4()))
    assert api(charlie).post(address).json()["seq"] == first.json()["seq"] + 2, "said since: it may be proposed again"


@pytest.mark.django_db
def test_a_website_without_call_backs_proposes_none(shop: Site, charlie: User) -> None:
    at_desk(charlie)
    session = live(shop, charlie)
    Site.objects.update(callback_enabled=False)
    before = said(session)
    with pytest.raises(errors.Conflict) as refused:
        ways.propose_call(session.pk, by=charlie)
    assert (refused.value.code, said(session)) == ("no_calls", before)


@pytest.mark.django_db
@pytest.mark.parametrize("is_proved", [True, False])
def test_going_on_in_writing_ends_the_chat_and_says_where_the_answer_comes(
    shop: Site, charlie: User, api: Api, is_proved: bool
) -> None:
    at_desk(charlie)
    session = live(shop, charlie)
    if is_proved:
        customers.claim(session.customer, "email", "lea@example.com", is_proved=True)
    answer = api(charlie).post(f"/api/v1/chat/sessions/{session.pk}/in-writing/")
    row = Session.objects.select_related("ticket").get(pk=session.pk)
    assert row.ticket is not None
    assert (answer.status_code, row.state, row.ended_by, row.outcome) == (200, "ended", "agent", "follow_up")
    assert (row.ticket.status, row.ticket.assignee) == ("open", charlie)
    where = "you get the answer by e-mail" if is_proved else "you find the answer here"
    line = f"{charlie.name} goes on in writing: {where}. Your reference: {row.ticket.number}."
    assert said(session)[1:] == [("public", "chat", line)]
    assert api(charlie).post(f"/api/v1/chat/sessions/{session.pk}/in-writing/").status_code == 409
    assert len(said(session)) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["propose-call", "in-writing"])
def test_only_whoever_has_the_chat_sends_it_another_way(
    shop: Site, charlie: User, bob: User, alice: User, api: Api, way: str
) -> None:
    at_desk(charlie)
    session = live(shop, charlie)
    before = said(session)
    address = f"/api/v1/chat/sessions/{session.pk}/{way}/"
    assert api(bob).post(address).status_code == 403
    assert api(alice).post(address).status_code == 404
    assert (said(session), fresh(session).state) == (before, "live")


@pytest.mark.django_db
def test_what_visitors_are_offered_follows_who_is_there(shop: Site, charlie: User, alice: User, api: Api) -> None:
    def seen(user: User) -> object:
        return api(user).get("/api/v1/chat/offered/").json()["results"]

    nobody = {"key": "shop", "name": "Shop", "chat": False, "callback": True, "next": []}
    assert seen(charlie) == [nobody], "whoever is on shift will call"
    at_desk(charlie)
    assert seen(charlie) == [{**nobody, "chat": True, "next": [charlie.name]}]
    Site.objects.update(callback_enabled=False)
    presence.choose(charlie, "finishing")
    (now,) = ways.offered(charlie)
    assert (now["chat"], now["callback"], now["next"]) == (False, False, [])
    assert seen(alice) == [], "another team's website"
