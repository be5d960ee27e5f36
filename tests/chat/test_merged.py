"""A chat whose request was merged: its visitor reads and writes no more than before."""

import uuid

import pytest

from chat import requests, sessions
from chat.models import Session
from chat.sessions import Opened
from helpdesk.jobs import outbox
from helpdesk.lib import errors
from helpdesk.people.models import Customer, User
from tests import factories
from tests.chat.conftest import bearer
from tickets import merging
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
