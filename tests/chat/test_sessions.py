"""The life of a session, without a socket."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.conf import settings
from django.db import connection

from chat import claims, keys, leaving, sessions
from chat.models import Key, Session, Site
from chat.sessions import Opened, Visit
from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors
from helpdesk.people import customers, tokens
from helpdesk.people.models import Customer, Identity, User
from tests import factories
from tickets import lifecycle
from tickets.models import Message, Queue, Ticket


def say(opened: Opened, body: str = "My bike squeaks", origin_id: str = "") -> sessions.Said:
    session = keys.session_of(opened.keys.token)
    assert session is not None
    return sessions.say(session, body, origin_id=origin_id or str(uuid.uuid4()))


def fresh(session: Session) -> Session:
    return Session.objects.select_related("ticket", "customer").get(pk=session.pk)


@pytest.mark.django_db
def test_nothing_but_a_session_is_made_before_the_first_line(visitor: Opened) -> None:
    assert (visitor.session.state, visitor.session.ticket) == ("opened", None)
    assert Ticket.objects.count() == 0


@pytest.mark.django_db
def test_only_hashes_of_the_secrets_are_stored(visitor: Opened) -> None:
    stored = set(Key.objects.values_list("digest", flat=True))
    assert len(stored) == 2
    assert not stored & {visitor.keys.token, visitor.keys.resume}


@pytest.mark.django_db
def test_the_first_line_makes_the_ticket_and_puts_the_visitor_into_the_line(visitor: Opened, technical: Queue) -> None:
    said = say(visitor)
    ticket = Ticket.objects.get()
    assert (said.session.state, said.session.ticket_id, said.session.first_seq) == ("waiting", ticket.pk, 1)
    assert (ticket.channel, ticket.queue, ticket.requester) == ("chat", technical, visitor.session.customer)
    assert ticket.reply_address == ""
    assert Event.objects.filter(name="session.started", subject_id=said.session.pk).count() == 1


@pytest.mark.django_db
def test_the_same_line_again_is_the_same_message(visitor: Opened) -> None:
    first = say(visitor, "Hello", "one")
    again = say(visitor, "Hello", "one")
    assert (again.is_new, again.message) == (False, first.message)
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_the_same_id_with_other_words_is_refused_and_nothing_is_written(visitor: Opened) -> None:
    say(visitor, "Hello", "one")
    with pytest.raises(errors.Conflict) as refused:
        say(visitor, "Goodbye", "one")
    assert refused.value.code == "origin_reused"
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_two_visitors_may_use_the_same_id(shop: Site, visitor: Opened) -> None:
    other = sessions.open(shop, Visit())
    assert say(visitor, "Hello", "one").message != say(other, "Hello", "one").message


@pytest.mark.django_db
def test_an_empty_line_makes_neither_ticket_nor_place_in_the_line(visitor: Opened) -> None:
    with pytest.raises(errors.Invalid):
        say(visitor, "  \n ")
    assert (Ticket.objects.count(), fresh(visitor.session).state) == (0, "opened")


# --- coming back -----------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_handle_brings_back_the_same_session_and_is_replaced(shop: Site, visitor: Opened) -> None:
    said = say(visitor)
    back = sessions.open(shop, Visit(resume=visitor.keys.resume))
    assert (back.session, back.session.ticket) == (visitor.session, said.message.ticket)
    assert back.keys.resume != visitor.keys.resume
    assert keys.session_of(visitor.keys.token) == back.session, "the other tab goes on"


@pytest.mark.django_db
def test_a_used_handle_works_for_a_lost_answer_and_no_longer(shop: Site, visitor: Opened) -> None:
    sessions.open(shop, Visit(resume=visitor.keys.resume))
    assert sessions.open(shop, Visit(resume=visitor.keys.resume)).session == visitor.session
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        assert sessions.open(shop, Visit(resume=visitor.keys.resume)).session != visitor.session


@pytest.mark.django_db
def test_a_handle_of_another_site_opens_nothing(shop: Site, visitor: Opened, billing: Queue) -> None:
    elsewhere = Site.objects.create(key="blog", name="Blog", queue=billing)
    assert sessions.open(elsewhere, Visit(resume=visitor.keys.resume)).session != visitor.session


@pytest.mark.django_db
def test_a_handle_that_has_run_out_opens_nothing(shop: Site, visitor: Opened) -> None:
    with time_machine.travel(clock.now() + timedelta(days=settings.CHAT_RESUME_DAYS, seconds=1), tick=False):
        assert sessions.open(shop, Visit(resume=visitor.keys.resume)).session != visitor.session
        assert keys.session_of(visitor.keys.token) is None


@pytest.mark.django_db
def test_after_the_end_the_next_line_begins_a_new_stretch_of_the_same_ticket(visitor: Opened) -> None:
    first = say(visitor, origin_id="one")
    sessions.end(first.session, by=first.session.customer.actor)
    second = say(visitor, "One more thing")
    assert second.session.pk != first.session.pk
    assert (second.session.state, second.message.ticket) == ("waiting", first.message.ticket)
    assert fresh(first.session).last_seq == 1
    assert keys.session_of(visitor.keys.token) == second.session
    assert say(visitor, origin_id="one").message == first.message, "a line sent again is known across stretches"


@pytest.mark.django_db
def test_when_the_ticket_was_closed_a_new_one_follows_it(visitor: Opened, charlie: User) -> None:
    first = say(visitor)
    lifecycle.set_status(first.message.ticket, "closed", by=charlie.actor)
    outbox.drain()
    assert fresh(first.session).state == "ended"
    second = say(visitor, "It squeaks again")
    assert second.message.ticket.follows == first.message.ticket
    assert second.session.ticket == second.message.ticket


@pytest.mark.django_db
def test_a_forgotten_browser_opens_nothing(shop: Site, visitor: Opened) -> None:
    said = say(visitor)
    leaving.forget(said.session)
    assert keys.session_of(visitor.keys.token) is None
    assert sessions.open(shop, Visit(resume=visitor.keys.resume)).session != visitor.session
    assert fresh(said.session).state == "ended"
    assert Ticket.objects.count() == 1


# --- taking and ending -----------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_taking_a_chat_assigns_its_ticket_and_says_nothing_in_it(visitor: Opened, charlie: User) -> None:
    said = say(visitor)
    taken = sessions.accept(said.session.pk, by=charlie)
    ticket = Ticket.objects.get()
    assert (taken.state, taken.agent, ticket.assignee) == ("live", charlie, charlie)
    assert ticket.last_seq == 1
    assert sessions.accept(said.session.pk, by=charlie) == taken


@pytest.mark.django_db
def test_who_does_not_serve_the_queue_does_not_know_the_chat(visitor: Opened, alice: User) -> None:
    said = say(visitor)
    with pytest.raises(errors.NotFound):
        sessions.accept(said.session.pk, by=alice)
    assert fresh(said.session).state == "waiting"


@pytest.mark.django_db
def test_a_chat_that_was_taken_is_refused_to_others(visitor: Opened, charlie: User, bob: User) -> None:
    said = say(visitor)
    sessions.accept(said.session.pk, by=charlie)
    with pytest.raises(errors.Conflict) as refused:
        sessions.accept(said.session.pk, by=bob)
    assert refused.value.code == "already_taken"
    assert fresh(said.session).agent == charlie


@pytest.mark.django_db
def test_whoever_answers_a_waiting_chat_takes_it(visitor: Opened, charlie: User) -> None:
    said = say(visitor)
    factories.answer(said.message.ticket, charlie, kind="note")
    outbox.drain()
    assert fresh(said.session).state == "waiting"
    factories.answer(said.message.ticket, charlie)
    outbox.drain()
    assert (fresh(said.session).state, fresh(said.session).agent) == ("live", charlie)


@pytest.mark.django_db
def test_solving_the_ticket_ends_the_chat(visitor: Opened, charlie: User) -> None:
    said = say(visitor)
    sessions.accept(said.session.pk, by=charlie)
    lifecycle.solve(said.message.ticket, by=charlie.actor)
    outbox.drain()
    ended = fresh(said.session)
    assert (ended.state, ended.ended_by) == ("ended", "system")


@pytest.mark.django_db
def test_ending_twice_is_ending_once(visitor: Opened, charlie: User) -> None:
    said = say(visitor)
    sessions.end(said.session, by=charlie.actor)
    sessions.end(said.session, by=said.session.customer.actor)
    assert fresh(said.session).ended_by == "agent"
    assert Event.objects.filter(name="session.ended").count() == 1


@pytest.mark.django_db
def test_what_a_visitor_left_long_ago_is_ended_and_what_nobody_used_is_removed(shop: Site, visitor: Opened) -> None:
    said = say(visitor)
    silent = sessions.open(shop, Visit(name="Nobody"))
    with time_machine.travel(clock.now() + timedelta(minutes=29), tick=False):
        sessions.sweep()
        assert fresh(said.session).state == "waiting"
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        sessions.sweep()
    assert fresh(said.session).state == "ended"
    assert not Session.objects.filter(pk=silent.session.pk).exists()
    assert not Customer.objects.filter(pk=silent.session.customer_id).exists()
    assert Customer.objects.filter(pk=said.session.customer_id).exists()


# --- who he is -------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_typed_address_leads_to_nobody_and_is_no_address_to_answer_to(shop: Site, dana: Customer) -> None:
    factories.make_ticket(dana)
    opened = sessions.open(shop, Visit(name="Dana", email="dana@example.com"))
    said = say(opened)
    assert said.session.customer != dana
    assert said.message.ticket.reply_address == ""
    assert customers.trust(said.session.customer) == "claimed"


@pytest.mark.django_db
def test_a_proof_by_mail_joins_the_owner_and_moves_session_and_ticket(
    shop: Site, visitor: Opened, dana: Customer
) -> None:
    said = say(visitor)
    claims.make(said.session, name="Dana", email="Dana@Example.com")
    outbox.drain()
    identity = Identity.objects.get(customer=said.session.customer, value="dana@example.com")
    assert identity.verified_at is None
    assert fresh(said.session).customer != dana
    tokens.use(tokens.PROVE, tokens.issue(tokens.PROVE, said.session.customer, "dana@example.com"))
    outbox.drain()
    ticket = Ticket.objects.get(pk=said.message.ticket_id)
    assert (fresh(said.session).customer, ticket.requester, ticket.reply_address) == (dana, dana, "dana@example.com")
    assert ticket.messages.get().author_customer == dana
    assert keys.session_of(visitor.keys.token) == said.session


@pytest.mark.django_db
def test_a_proof_shows_the_browser_no_other_ticket_of_the_owner(shop: Site, visitor: Opened, dana: Customer) -> None:
    """Somebody may have confirmed a link that a stranger's chat sent him."""
    factories.make_ticket(dana)
    said = say(visitor)
    customers.claim(said.session.customer, "email", "dana@example.com")
    tokens.use(tokens.PROVE, tokens.issue(tokens.PROVE, said.session.customer, "dana@example.com"))
    outbox.drain()
    back = sessions.open(shop, Visit(resume=visitor.keys.resume))
    assert back.session.ticket == said.message.ticket


@pytest.mark.django_db
def test_an_address_that_is_none_is_refused_and_nothing_is_mailed(visitor: Opened) -> None:
    with pytest.raises(errors.Invalid) as refused:
        claims.make(visitor.session, name="Dana", email="dana at example")
    assert list(refused.value.fields) == ["email"]
    assert fresh(visitor.session).customer.name == ""


# --- races -----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_of_two_agents_who_take_at_once_one_wins(visitor: Opened, charlie: User, bob: User) -> None:
    said = say(visitor)
    start = Barrier(2)

    def take(user: User) -> str:
        start.wait()
        try:
            sessions.accept(said.session.pk, by=user)
        except errors.Conflict as conflict:
            return conflict.code
        finally:
            connection.close()
        return "taken"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(take, [charlie, bob]))
    assert outcomes == ["already_taken", "taken"]
    assert Event.objects.filter(name="session.accepted").count() == 1
    assert fresh(said.session).agent == Ticket.objects.get().assignee


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_write_first_at_once_make_one_ticket(visitor: Opened) -> None:
    start = Barrier(2)

    def write(body: str) -> int:
        start.wait()
        try:
            return say(visitor, body).message.seq
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(write, ["One", "Two"])) == [1, 2]
    assert (Ticket.objects.count(), Session.objects.filter(state="waiting").count()) == (1, 1)
