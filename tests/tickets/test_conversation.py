"""The conversation: one gapless order, said once, and what a word changes on the ticket."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections

from helpdesk.lib import clock
from helpdesk.lib.errors import Conflict, Invalid
from helpdesk.people.models import Customer, User
from tests.factories import answer, make_ticket, write
from tickets import conversation, drafts, lifecycle
from tickets.channels.inbound import origin
from tickets.conversation import Line
from tickets.models import Message, Queue, Ticket


def test_notes_count_in_seq_but_leave_no_hole_in_the_public_one(alice: User, billing: Queue, technical: Queue) -> None:
    ticket = make_ticket(queue=billing)
    answer(ticket, alice, kind="note")
    answer(ticket, alice)
    write(ticket)
    ticket.refresh_from_db()
    assert list(ticket.messages.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4]
    assert (ticket.last_seq, ticket.last_public_seq) == (4, 4)


def test_whoever_answers_has_read_the_ticket(alice: User, bob: User, billing: Queue, technical: Queue) -> None:
    ticket = make_ticket(queue=billing)
    seq = answer(ticket, alice).seq
    assert drafts.read_marks(alice, [ticket.pk]) == {ticket.pk: seq}
    assert drafts.read_marks(bob, [ticket.pk]) == {}


def test_several_messages_of_the_customer_wait_from_the_first(alice: User, billing: Queue, technical: Queue) -> None:
    start = clock.now() - timedelta(hours=2)
    with clock.pretend(start):
        ticket = make_ticket(queue=billing)
    write(ticket)
    ticket.refresh_from_db()
    assert ticket.waiting_since == start
    answer(ticket, alice)
    answered = Ticket.objects.get(pk=ticket.pk)
    assert answered.waiting_since is None
    assert answered.first_replied_at is not None


@pytest.mark.parametrize("status", ["pending", "hold", "solved"])
def test_the_customers_word_opens_a_ticket_that_waited(
    alice: User, billing: Queue, technical: Queue, status: str
) -> None:
    ticket = make_ticket(queue=billing)
    lifecycle.set_status(ticket, status, by=alice.actor)
    write(ticket)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.solved_at) == ("open", None)


def test_machine_mail_is_filed_and_changes_nothing(alice: User, billing: Queue, technical: Queue) -> None:
    ticket = make_ticket(queue=billing)
    answer(ticket, alice)
    lifecycle.set_status(ticket, "solved", by=alice.actor)
    before = Ticket.objects.get(pk=ticket.pk)
    line = Line(body="I am away until Monday", channel="email", machine="auto-reply")
    conversation.say(ticket, line, customer=ticket.requester)
    after = Ticket.objects.get(pk=ticket.pk)
    assert (after.status, after.assignee, after.waiting_since) == (before.status, before.assignee, None)
    assert after.last_seq == before.last_seq + 1


def test_a_closed_ticket_takes_no_reply_and_a_late_word_opens_one_that_follows(
    alice: User, billing: Queue, technical: Queue
) -> None:
    ticket = make_ticket(queue=billing)
    lifecycle.set_status(ticket, "closed", by=alice.actor)
    with pytest.raises(Conflict):
        answer(ticket, alice)
    ticket.refresh_from_db()
    assert ticket.last_seq == 1
    late = write(Ticket.objects.get(pk=ticket.pk), "One thing more")
    assert late.ticket_id != ticket.pk
    assert late.ticket.follows_id == ticket.pk


def test_an_empty_message_is_refused_and_nothing_is_stored(alice: User, billing: Queue, technical: Queue) -> None:
    ticket = make_ticket(queue=billing)
    with pytest.raises(Invalid):
        answer(ticket, alice, body=" \n\x00 ")
    ticket.refresh_from_db()
    assert ticket.last_seq == 1


def test_the_same_origin_is_said_once_and_never_twice_with_other_words(
    dana: Customer, billing: Queue, technical: Queue
) -> None:
    ticket = make_ticket(dana, queue=billing)
    said = [
        conversation.say(ticket, Line(body="hello"), customer=dana, origin=origin("session:1", "a", "hello"))
        for _time in range(3)
    ]
    assert [is_new for _message, is_new in said] == [True, False, False]
    assert {message.seq for message, _is_new in said} == {2}
    with pytest.raises(Conflict):
        conversation.say(ticket, Line(body="other"), customer=dana, origin=origin("session:1", "a", "other"))
    assert ticket.messages.count() == 2


def test_another_senders_equal_id_is_another_message(dana: Customer, billing: Queue, technical: Queue) -> None:
    ticket = make_ticket(dana, queue=billing)
    for sender in ("session:1", "session:2"):
        conversation.say(ticket, Line(body="hello"), customer=dana, origin=origin(sender, "a", "hello"))
    assert ticket.messages.count() == 3


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_get_one_gapless_order(alice: User, billing: Queue, technical: Queue) -> None:
    ticket = make_ticket(queue=billing)
    start = threading.Barrier(4)
    failures: list[Exception] = []

    def speak(number: int) -> None:
        start.wait()
        try:
            for turn in range(10):
                line = Line(body=f"{number}.{turn}")
                conversation.say(ticket, line, customer=ticket.requester, origin=origin("t", f"{number}.{turn}", 1))
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=speak, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert list(ticket.messages.order_by("seq").values_list("seq", flat=True)) == list(range(1, 42))
    ticket.refresh_from_db()
    assert ticket.last_seq == 41


@pytest.mark.django_db(transaction=True)
def test_the_same_call_raced_is_one_message(billing: Queue, technical: Queue) -> None:
    ticket = make_ticket(queue=billing)
    start = threading.Barrier(4)
    seqs: list[int] = []

    def speak() -> None:
        start.wait()
        message, _is_new = conversation.say(
            ticket, Line(body="once"), customer=ticket.requester, origin=origin("s", "one", "once")
        )
        seqs.append(message.seq)
        connection.close()

    threads = [threading.Thread(target=speak) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seqs == [2, 2, 2, 2]
    assert Message.objects.filter(ticket=ticket).count() == 2


def test_redacting_removes_words_and_says_so(alice: User, billing: Queue, technical: Queue) -> None:
    ticket = make_ticket(queue=billing, body="my card is 4111")
    message = ticket.messages.get()
    conversation.redact(message, by=alice)
    message.refresh_from_db()
    assert (message.body, message.terms) == ("", "")
    assert message.redacted_at is not None


def test_the_seen_mark_never_goes_back_nor_past_what_is_public(alice: User, billing: Queue, technical: Queue) -> None:
    ticket = make_ticket(queue=billing)
    answer(ticket, alice)
    answer(ticket, alice, kind="note")
    assert conversation.mark_seen(ticket, 99) == 2
    assert conversation.mark_seen(ticket, 1) == 2
