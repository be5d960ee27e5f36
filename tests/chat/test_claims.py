"""An address that a visitor gives: proved by a mailed link, then answered to when he is gone."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.mail import EmailMessage

from chat import claims, sessions
from chat.sessions import Opened, Said
from helpdesk.jobs import outbox
from helpdesk.lib import clock
from helpdesk.people import presence, tokens
from helpdesk.people.models import User
from tests import factories
from tests.chat.conftest import bearer
from tickets import conversation
from tickets.channels import email_in
from tickets.models import Mailbox, Queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(visitor: Opened) -> Said:
    return sessions.say(visitor.session, "My bike squeaks", origin_id=str(uuid.uuid4()))


def prove(said: Said, address: str = "visitor@example.com") -> None:
    claims.make(said.session, name="", email=address)
    tokens.use(tokens.PROVE, tokens.issue(tokens.PROVE, said.session.customer, address))
    outbox.drain()


def later(times: int = 1) -> None:
    for number in range(1, times + 1):
        wait = number * (settings.UNSEEN_MAIL_SECONDS + 2)
        with time_machine.travel(clock.now() + timedelta(seconds=wait), tick=False):
            outbox.drain()


def answers(mailoutbox: list[EmailMessage]) -> list[str]:
    return [str(mail.body) for mail in mailoutbox if "/my/prove/" not in str(mail.body)]


def test_what_he_did_not_see_is_mailed_once_to_the_proved_address(
    said: Said, charlie: User, mailoutbox: list[EmailMessage]
) -> None:
    prove(said)
    factories.answer(said.message.ticket, charlie, "Oil the chain")
    outbox.drain()
    assert answers(mailoutbox) == []
    later(2)
    (words,) = answers(mailoutbox)
    assert "Oil the chain" in words
    assert mailoutbox[-1].to == ["visitor@example.com"]


def test_what_he_has_seen_is_not_mailed(said: Said, charlie: User, mailoutbox: list[EmailMessage]) -> None:
    prove(said)
    answer = factories.answer(said.message.ticket, charlie, "Oil the chain")
    conversation.mark_seen(said.message.ticket, answer.seq)
    later()
    assert answers(mailoutbox) == []


def test_while_his_widget_is_open_nothing_is_mailed_and_when_he_left_it_is(
    said: Said, charlie: User, mailoutbox: list[EmailMessage]
) -> None:
    prove(said)
    here = presence.visitor(said.message.ticket_id)
    factories.answer(said.message.ticket, charlie, "Oil the chain")
    outbox.drain()
    with time_machine.travel(clock.now() + timedelta(seconds=settings.UNSEEN_MAIL_SECONDS + 2), tick=False):
        presence.stay(here)
        outbox.drain()
    assert answers(mailoutbox) == []
    presence.depart(here)
    later(3)
    assert len(answers(mailoutbox)) == 1


def test_to_an_address_that_is_only_claimed_nothing_is_mailed_until_it_is_proved(
    said: Said, charlie: User, mailoutbox: list[EmailMessage]
) -> None:
    claims.make(said.session, name="", email="visitor@example.com")
    factories.answer(said.message.ticket, charlie, "Oil the chain")
    later()
    assert answers(mailoutbox) == []
    tokens.use(tokens.PROVE, tokens.issue(tokens.PROVE, said.session.customer, "visitor@example.com"))
    outbox.drain()
    assert len(answers(mailoutbox)) == 1


def test_what_he_answers_by_mail_stands_in_his_widget_once_and_is_not_mailed_back(
    said: Said, visitor: Opened, charlie: User, technical: Queue, mailoutbox: list[EmailMessage]
) -> None:
    """Gone from the chat, he reads the answer in his mailbox, replies there, and comes back to the widget."""
    mailbox = Mailbox.objects.create(queue=technical, address="support@desk.example")
    prove(said)
    factories.answer(said.message.ticket, charlie, "Oil the chain")
    outbox.drain()
    later()
    sent = mailoutbox[-1].message()
    raw = (
        f"From: visitor@example.com\r\nTo: {sent['Reply-To']}\r\nSubject: Re\r\n"
        f"Message-ID: <1@example.com>\r\nIn-Reply-To: {sent['Message-ID']}\r\n\r\nIt still squeaks\r\n"
    ).encode()
    for _time in range(2):
        row, _is_new = email_in.store(raw, mailbox)
        email_in.process(row.pk)
    before = len(mailoutbox)
    browser = bearer(visitor.keys.token)
    words = [row["body"] for row in browser.get("/api/v1/chat/session/messages/").json()["results"]]
    assert words == ["My bike squeaks", "Oil the chain", "It still squeaks"]
    later(3)
    assert len(mailoutbox) == before
