"""Receipts when the mail server is away, refuses, or hangs up: sent late or told as not sent, out of one budget, never twice."""

import time
from datetime import timedelta
from typing import Any

import pytest

from helpdesk.events.models import Event
from helpdesk.jobs import outbox as jobs
from helpdesk.lib import clock
from helpdesk.people.models import User
from tests import factories
from tests.conftest import Api
from tests.servers import SmtpSink, free_port
from tests.tickets.channels.conftest import Pipe, compose
from tickets import deliveries, lifecycle
from tickets.channels import receipts
from tickets.models import Mailbox, Receipt, Ticket

pytestmark = pytest.mark.django_db


def told() -> list[Any]:
    return [event.data for event in Event.objects.filter(name="receipt.failed")]


def receipt() -> tuple[str, int, str]:
    row = Receipt.objects.get()
    return row.state, row.attempts, row.reason


def later(minutes: int) -> None:
    with clock.pretend(clock.now() + timedelta(minutes=minutes)):
        jobs.drain()


def ask(pipe: Pipe, number: int = 1) -> Ticket:
    return Ticket.objects.get(pk=int(pipe(compose(message_id=f"<{number}@example.com>"))["ticket"]))


def test_a_server_that_asks_to_wait_gets_the_receipt_later_and_once(
    pipe: Pipe, mailbox: Mailbox, smtp: SmtpSink
) -> None:
    smtp.refuse = "451 try later"
    ask(pipe)
    jobs.drain()
    assert (receipt(), smtp.messages) == (("queued", 1, "temporary"), [])
    ask(pipe, 2)  # the day's one is given out, though it has not left yet
    jobs.drain()
    assert (receipt(), smtp.messages) == (("queued", 1, "temporary"), [])
    smtp.refuse = ""
    for minutes in (2, 10, 60):
        later(minutes)
    assert (receipt(), len(smtp.messages), told()) == (("sent", 2, ""), 1, [])


def test_a_server_that_is_away_gets_it_when_it_is_back(
    pipe: Pipe, mailbox: Mailbox, smtp: SmtpSink, settings: Any
) -> None:
    settings.EMAIL_PORT, back = free_port(), settings.EMAIL_PORT
    ask(pipe)
    jobs.drain()
    assert receipt() == ("queued", 1, "refused")
    settings.EMAIL_PORT = back
    later(2)
    assert (receipt(), len(smtp.messages)) == (("sent", 2, ""), 1)


def test_what_is_refused_for_good_stands_in_the_history(
    pipe: Pipe, mailbox: Mailbox, smtp: SmtpSink, api: Api, bob: User
) -> None:
    smtp.refuse_to = {"dana@example.com": "550 5.1.1 no such user"}
    ticket = ask(pipe)
    jobs.drain()
    later(600)
    assert (receipt(), smtp.messages) == (("failed", 1, "unknown_address"), [])
    assert told() == [{"reason": "unknown_address"}]
    rows = api(bob).get(f"/api/v1/tickets/{ticket.pk}/events/", HTTP_ACCEPT_LANGUAGE="fr").json()
    assert [row["detail"] for row in rows if row["name"] == "receipt.failed"] == ["Cette adresse n’existe pas."]


def test_a_server_whose_answer_is_lost_may_have_taken_it_and_gets_no_second_one(
    pipe: Pipe, mailbox: Mailbox, smtp: SmtpSink, settings: Any
) -> None:
    smtp.on_data, settings.EMAIL_TIMEOUT = lambda: time.sleep(1.5), 0.5
    ask(pipe)
    jobs.drain()
    smtp.on_data = lambda: None
    later(600)
    assert (receipt(), told()) == (("failed", 1, "interrupted"), [{"reason": "interrupted"}])
    assert len(smtp.messages) <= 1


def test_a_process_that_died_while_sending_leaves_a_word_and_no_second_mail(
    pipe: Pipe, mailbox: Mailbox, smtp: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: object) -> None:
        raise Killed

    ask(pipe)
    with monkeypatch.context() as patched:
        patched.setattr(receipts, "_send", die)
        with pytest.raises(Killed):
            jobs.drain()
    assert receipt() == ("sending", 1, "")
    with pytest.raises(deliveries.Busy):  # somebody may be at it
        receipts.acknowledge_ticket(Ticket.objects.get().pk)
    later(60)
    assert (receipt(), smtp.messages, told()) == (("failed", 1, "interrupted"), [], [{"reason": "interrupted"}])


def test_it_is_tried_for_some_hours_then_given_up(pipe: Pipe, mailbox: Mailbox, smtp: SmtpSink) -> None:
    smtp.refuse = "451 try later"
    ask(pipe)
    jobs.drain()
    for hour in range(1, 20):
        later(180 * hour)
    assert (receipt(), told()) == (("failed", receipts.MOST_ATTEMPTS, "temporary"), [{"reason": "temporary"}])


@pytest.mark.parametrize("what", ["answered", "spam"])
def test_a_request_that_needs_none_any_more_gets_none(
    pipe: Pipe, mailbox: Mailbox, smtp: SmtpSink, alice: User, what: str
) -> None:
    smtp.refuse = "451 try later"
    ticket = ask(pipe)
    jobs.drain()
    smtp.refuse = ""
    if what == "answered":
        factories.answer(ticket, alice)
    else:
        lifecycle.set_status(ticket, "spam", by=alice.actor)
    later(10)
    assert receipt() == ("failed", 1, "not_wanted")
    assert [b"We have received your request" in raw for raw in smtp.messages] == [False] * (what == "answered")


def test_a_rule_that_asks_again_for_a_receipt_brings_no_second_one(
    pipe: Pipe, mailbox: Mailbox, smtp: SmtpSink, settings: Any
) -> None:
    settings.RECEIPTS_PER_DAY = 5
    ticket = ask(pipe)
    jobs.drain()
    receipts.acknowledge_ticket(ticket.pk)
    assert (receipt(), len(smtp.messages)) == (("sent", 1, ""), 1)
