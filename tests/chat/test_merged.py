"""A chat whose request was merged: its visitor reads and writes no more than before."""

import uuid

import pytest

from chat import requests, sessions
from chat.models import Session, Site
from chat.sessions import Opened, Visit
from helpdesk.jobs import outbox
from helpdesk.lib import errors
from helpdesk.people.models import Customer, User
from tests import factories
from tests.chat.conftest import bearer
from tests.chat.test_identity import token
from tickets import customer_merging, merging
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db


def say(opened: Opened, body: str) -> sessions.Said:
    return sessions.say(Session.objects.get(pk=opened.session.pk), body, origin_id=str(uuid.uuid4()))


@pytest.fixture
def merged(visitor: Opened, dana: Customer, charlie: User, bob: User) -> tuple[Ticket, Ticket]:
    """A stranger's chat that an agent, believing it was Dana's, has merged into a request of hers."""
    chat = say(visitor, "I am Dana").message.ticket
    hers = factories.make_ticket(dana, queue=chat.queue, body="CANARY my operation")
    with pytest.raises(errors.Conflict) as refused:
        merging.merge(chat, hers, by=charlie, is_agreed=True)
    assert (refused.value.code, hers.messages.count()) == ("chat_open", 1)
    sessions.end(Session.objects.get(pk=visitor.session.pk), by=charlie.actor)
    merging.merge(chat, hers, by=charlie, is_agreed=True)
    outbox.drain()
    return chat, hers


def test_the_visitor_reads_his_own_words_and_nothing_else(visitor: Opened, merged: tuple[Ticket, Ticket]) -> None:
    chat, hers = merged
    answer = bearer(visitor.keys.token).get("/api/v1/chat/session/messages/")
    assert [message["body"] for message in answer.json()["results"]] == ["I am Dana"]
    assert "CANARY" not in answer.content.decode()
    assert [ticket.pk for ticket in requests.own(Session.objects.get(pk=visitor.session.pk))] == [chat.pk]
    with pytest.raises(errors.NotFound):
        requests.turn_to(Session.objects.get(pk=visitor.session.pk), hers.pk)


def test_what_he_writes_next_opens_a_request_of_his_own(visitor: Opened, merged: tuple[Ticket, Ticket]) -> None:
    chat, hers = merged
    said = say(visitor, "Are you there?")
    assert said.message.ticket not in (chat, hers)
    assert (said.message.ticket.follows, hers.messages.count()) == (chat, 2)
    words = Message.objects.filter(ticket=said.message.ticket).values_list("body", flat=True)
    assert list(words) == ["Are you there?"]


def test_sessions_and_calls_go_along_with_the_record_and_back(
    shop: Site, dana: Customer, eric: Customer, charlie: User
) -> None:
    opened = sessions.open(shop, Visit(identity=token()))
    ticket = say(opened, "My bike squeaks").message.ticket
    sessions.end(Session.objects.get(pk=opened.session.pk), by=charlie.actor)
    outbox.drain()
    assert Session.objects.get(pk=opened.session.pk).customer == dana
    customer_merging.merge(dana, eric, by=charlie)
    outbox.drain()
    moved = Session.objects.get(pk=opened.session.pk)
    assert (moved.customer, [one.pk for one in requests.own(moved)]) == (eric, [ticket.pk])
    customer_merging.undo(dana, by=charlie)
    outbox.drain()
    back = Session.objects.get(pk=opened.session.pk)
    assert (back.customer, [one.pk for one in requests.own(back)]) == (dana, [ticket.pk])


def test_a_merge_undone_before_its_jobs_ran_takes_nothing_along(
    shop: Site, dana: Customer, eric: Customer, charlie: User
) -> None:
    opened = sessions.open(shop, Visit(identity=token()))
    say(opened, "My bike squeaks")
    customer_merging.merge(dana, eric, by=charlie)
    customer_merging.undo(dana, by=charlie)
    outbox.drain()
    assert Session.objects.get(pk=opened.session.pk).customer == dana
    assert Ticket.objects.get().requester == dana
