"""A live chat changes hands: to a colleague who is asked, back into a line, to a supervisor. Nobody is left alone."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import cards, handovers, line, sessions, wrapup
from chat.models import Handover, Session, Site
from chat.sessions import Visit
from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors
from helpdesk.people import presence
from helpdesk.people.models import Team, TeamMember, User
from tickets.models import Message, Queue, Ticket


def at_desk(*users: User) -> None:
    for user in users:
        presence.choose(user, "available")
        presence.beat(user.pk)


def waiting(shop: Site, language: str = "en") -> Session:
    opened = sessions.open(shop, Visit(language=language))
    return sessions.say(opened.session, "My bike squeaks", origin_id=str(uuid.uuid4())).session


def live(shop: Site, agent: User, language: str = "en") -> Session:
    return sessions.accept(waiting(shop, language).pk, by=agent)


def fresh(session: Session) -> Session:
    return Session.objects.select_related("ticket", "agent", "queue").get(pk=session.pk)


def said(session: Session) -> list[tuple[str, str, str]]:
    rows = Message.objects.filter(ticket=session.ticket_id).order_by("seq")
    return [(row.kind, row.channel, row.body) for row in rows]


@pytest.fixture
def sven(technical: Queue) -> User:
    """A second agent of the technical queue."""
    user = User.objects.create_user(email="sven@example.com", password=None, name="Sven Holm")
    user.role = User.Role.AGENT
    user.save(update_fields=["role"])
    TeamMember.objects.create(team=technical.team, user=user)
    return user


# --- reading ---------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_targets_and_what_is_held_out_cost_no_more_queries_the_more_there_are(
    shop: Site, charlie: User, sven: User
) -> None:
    def cost(read: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as seen:
            read()
        return len(seen)

    at_desk(charlie, sven)
    session = live(shop, charlie)
    Queue.objects.create(slug="first", name="First", team=shop.queue.team)
    few = cost(lambda: handovers.targets(session.pk, by=charlie))
    for number in range(5):
        team = Team.objects.create(slug=f"team-{number}", name=f"Team {number}")
        TeamMember.objects.create(team=team, user=sven)
        Queue.objects.create(slug=f"queue-{number}", name=f"Queue {number}", team=team)
    found = handovers.targets(session.pk, by=charlie)
    assert [free for _queue, free in found.queues] == [2, 1, 1, 1, 1, 1]
    assert cost(lambda: handovers.targets(session.pk, by=charlie)) == few

    handovers.hold_out(session.pk, sven, "The first", warm=False, by=charlie)
    one = cost(lambda: cards.desk(sven))
    for words in ("The second", "The third"):
        handovers.hold_out(live(shop, charlie).pk, sven, words, warm=False, by=charlie)
    assert [held["line"] for held in cards.desk(sven)["handovers"]] == ["The first", "The second", "The third"]
    assert cost(lambda: cards.desk(sven)) == one


# --- to a colleague --------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_colleague_who_accepts_gets_the_chat_and_the_visitor_is_told_in_his_language(
    shop: Site, charlie: User, sven: User
) -> None:
    at_desk(charlie, sven)
    session = live(shop, charlie, "fr")
    held = handovers.hold_out(session.pk, sven, "Needs the workshop key", warm=False, by=charlie)
    assert fresh(session).agent == charlie, "until he accepts, nobody is left alone"
    handovers.accept(held.pk, by=sven)
    row = fresh(session)
    assert (row.agent, row.state, row.ticket.assignee if row.ticket else None) == (sven, "live", sven)
    assert said(session)[1:] == [
        ("note", "handover", "Needs the workshop key"),
        ("public", "chat", "Sven Holm prend la suite et peut lire tout l’échange."),
    ]
    event = Event.objects.get(name="session.handed")
    assert event.data == {
        "ticket": session.ticket_id, "from": charlie.pk, "to": sven.pk, "queue": "technical", "how": "cold",
    }  # fmt: skip
    assert list(handovers.beside(charlie)) == []


@pytest.mark.django_db
def test_after_a_warm_handover_both_have_it_until_the_former_agent_leaves(
    shop: Site, charlie: User, sven: User
) -> None:
    at_desk(charlie, sven)
    session = live(shop, charlie)
    handovers.accept(handovers.hold_out(session.pk, sven, "Come along", warm=True, by=charlie).pk, by=sven)
    assert list(handovers.beside(charlie)) == [fresh(session)]
    handovers.leave(session.pk, by=charlie)
    assert list(handovers.beside(charlie)) == []
    assert fresh(session).agent == sven


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["declined", "withdrawn", "expired"])
def test_what_is_not_accepted_stays_where_it_is(shop: Site, charlie: User, sven: User, how: str) -> None:
    at_desk(charlie, sven)
    session = live(shop, charlie)
    held = handovers.hold_out(session.pk, sven, "Please", warm=False, by=charlie)
    if how == "declined":
        handovers.decline(held.pk, by=sven)
    elif how == "withdrawn":
        handovers.withdraw(held.pk, by=charlie)
    else:
        handovers.expire(held.pk)
    assert (Handover.objects.get().state, fresh(session).agent) == (how, charlie)
    with pytest.raises(errors.Conflict) as refusal:
        handovers.accept(held.pk, by=sven)
    assert refusal.value.code == "ended"
    assert fresh(session).agent == charlie


@pytest.mark.django_db
def test_without_a_line_or_to_somebody_who_cannot_take_it_nothing_is_handed_over(
    shop: Site, charlie: User, sven: User, alice: User, rita: User
) -> None:
    at_desk(charlie, alice)
    session = live(shop, charlie)
    for to, words, refusal in [
        (sven, "He is not at his desk", errors.Conflict),
        (alice, "She serves another queue", errors.Invalid),
        (rita, "She only reads", errors.Invalid),
        (charlie, "He has it", errors.Invalid),
    ]:
        with pytest.raises(refusal):
            handovers.hold_out(session.pk, to, words, warm=False, by=charlie)
    at_desk(sven)
    with pytest.raises(errors.Invalid) as missing:
        handovers.hold_out(session.pk, sven, "  \n", warm=False, by=charlie)
    assert list(missing.value.fields) == ["line"]
    assert (Handover.objects.count(), len(said(session)), fresh(session).agent) == (0, 1, charlie)


@pytest.mark.django_db
def test_only_who_has_a_chat_or_supervises_it_may_give_it_away(
    shop: Site, charlie: User, sven: User, alice: User, bob: User
) -> None:
    at_desk(charlie, sven, bob)
    session = live(shop, charlie)
    with pytest.raises(errors.NotAllowed):
        handovers.hold_out(session.pk, sven, "I want it", warm=False, by=sven)
    with pytest.raises(errors.NotFound):
        handovers.hold_out(session.pk, sven, "I see nothing", warm=False, by=alice)
    assert Handover.objects.count() == 0
    held = handovers.hold_out(session.pk, sven, "Sven, please", warm=False, by=bob)
    with pytest.raises(errors.NotFound):
        handovers.accept(held.pk, by=bob)
    assert fresh(session).agent == charlie


# --- back into a line ------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_put_back_into_a_line_he_waits_there_before_those_who_just_came(
    shop: Site, charlie: User, alice: User, billing: Queue
) -> None:
    at_desk(charlie, alice)
    billing_shop = Site.objects.create(key="bills", name="Bills", queue=billing)
    session, other = live(shop, charlie), waiting(billing_shop)
    handovers.put_back(session.pk, billing, "It is about the invoice", by=charlie)
    row = fresh(session)
    assert (row.state, row.agent, row.queue, row.ticket.queue if row.ticket else None) == (
        "waiting", None, billing, billing,
    )  # fmt: skip
    assert list(Session.objects.waiting().filter(queue=billing)) == [row, other]
    assert [line.place(one) and line.place(one)["position"] for one in (row, other)] == [1, 2]  # type: ignore[index]
    outbox.drain()
    assert fresh(session).offered_to == alice
    assert sessions.accept(session.pk, by=alice).agent == alice
    assert said(session)[1][:2] == ("note", "handover")
    assert said(session)[2] == ("public", "chat", "You are put through to Billing. Your conversation goes with you.")


@pytest.mark.django_db
def test_an_urgent_ticket_goes_before_in_the_line(shop: Site, charlie: User) -> None:
    at_desk(charlie)
    first, second = waiting(shop), waiting(shop)
    Ticket.objects.filter(pk=second.ticket_id or 0).update(priority=4)
    second = fresh(second)
    assert list(Session.objects.waiting()) == [second, first]
    assert [line.place(one)["position"] for one in (first, second)] == [2, 1]  # type: ignore[index]


# --- a supervisor takes over -----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_supervisor_takes_over_and_a_colleague_may_not(shop: Site, charlie: User, sven: User, bob: User) -> None:
    at_desk(charlie, sven)
    session = live(shop, charlie)
    held = handovers.hold_out(session.pk, sven, "Please", warm=False, by=charlie)
    with pytest.raises(errors.NotAllowed):
        handovers.take_over(session.pk, by=sven)
    assert fresh(session).agent == charlie
    handovers.take_over(session.pk, by=bob)
    assert (fresh(session).agent, Handover.objects.get(pk=held.pk).state) == (bob, "withdrawn")
    assert said(session)[-1] == ("public", "chat", "Bob Durand takes over and can read the whole conversation.")
    assert handovers.take_over(session.pk, by=bob).agent == bob
    assert Event.objects.filter(name="session.handed").count() == 1


# --- races -----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_accepted_and_taken_over_at_once_it_has_one_agent_and_each_move_is_told_once(
    shop: Site, charlie: User, sven: User, bob: User
) -> None:
    at_desk(charlie, sven, bob)
    session = live(shop, charlie)
    held = handovers.hold_out(session.pk, sven, "Please", warm=False, by=charlie)
    start = Barrier(2)

    def run(what: str) -> str:
        start.wait()
        try:
            if what == "accept":
                handovers.accept(held.pk, by=sven)
            else:
                handovers.take_over(session.pk, by=bob)
        except errors.Conflict as conflict:
            return conflict.code
        finally:
            connection.close()
        return what

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(run, ["accept", "take over"]))
    row = fresh(session)
    assert outcomes[1] == "take over"
    assert row.agent == bob, "whoever comes last has it; an accept that comes after is refused"
    handed = Event.objects.filter(name="session.handed").count()
    assert (outcomes[0], handed) in [("accept", 2), ("ended", 1)]
    assert row.ticket is not None
    assert row.ticket.assignee == bob


@pytest.mark.django_db(transaction=True)
def test_eight_agents_who_take_one_chat_at_once_are_one_winner_and_seven_told(shop: Site, technical: Queue) -> None:
    crowd = []
    for number in range(8):
        user = User.objects.create_user(email=f"agent{number}@example.com", password=None, name=f"Agent {number}")
        User.objects.filter(pk=user.pk).update(role="agent")
        TeamMember.objects.create(team=technical.team, user=user)
        crowd.append(User.objects.get(pk=user.pk))
    session = waiting(shop)
    start = Barrier(8)

    def take(user: User) -> str:
        start.wait()
        try:
            sessions.accept(session.pk, by=user)
        except errors.Conflict as conflict:
            return conflict.code
        finally:
            connection.close()
        return "taken"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(take, crowd))
    assert outcomes == ["already_taken"] * 7 + ["taken"]
    row = fresh(session)
    assert row.ticket is not None
    assert row.ticket.assignee == row.agent
    assert Event.objects.filter(name="session.accepted").count() == 1


# --- offers, places and misses ---------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("queue", ["the same", "another"])
def test_one_free_place_is_not_offered_to_two_visitors(shop: Site, charlie: User, queue: str) -> None:
    charlie.chat_capacity = 1
    charlie.save(update_fields=["chat_capacity"])
    at_desk(charlie)
    first, second = waiting(shop), waiting(shop)
    if queue == "another":
        other = Queue.objects.create(slug="other", name="Other", team=shop.queue.team)
        Session.objects.filter(pk=second.pk).update(queue=other)
    outbox.drain()
    assert (fresh(first).offered_to, fresh(second).offered_to) == (charlie, None)


@pytest.mark.django_db
def test_who_misses_two_offers_in_a_row_is_offered_no_more(shop: Site, charlie: User) -> None:
    at_desk(charlie)
    session = waiting(shop)
    outbox.drain()
    for turn in range(2):
        with _at(50 * (turn + 1)):
            presence.beat(charlie.pk)
            outbox.drain()
    charlie.refresh_from_db()
    assert charlie.availability == "finishing"
    assert fresh(session).offered_to is None
    assert Event.objects.filter(name="agent.status", subject_id=charlie.pk).last().data == {  # type: ignore[union-attr]
        "status": "finishing", "reason": "missed",
    }  # fmt: skip


def _at(seconds: int) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(seconds=seconds), tick=False)


@pytest.mark.django_db
def test_an_offer_goes_on_at_once_when_its_agent_finishes_or_is_gone(shop: Site, charlie: User, sven: User) -> None:
    at_desk(charlie)
    session = waiting(shop)
    outbox.drain()
    assert fresh(session).offered_to == charlie
    at_desk(sven)
    presence.choose(charlie, "finishing")
    outbox.drain()
    assert fresh(session).offered_to == sven
    presence.leave(sven.pk)
    presence.choose(charlie, "available")
    line.somebody_left(sven.pk)
    outbox.drain()
    assert fresh(session).offered_to == charlie


# --- after the end ---------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_how_it_came_out_is_noted_by_its_agent_only_and_solved_resolves(shop: Site, charlie: User, sven: User) -> None:
    at_desk(charlie)
    session = live(shop, charlie)
    with pytest.raises(errors.Conflict):
        wrapup.say(session.pk, outcome="solved", tags=["chain"], by=charlie)
    sessions.end(session, by=charlie.actor)
    with pytest.raises(errors.NotAllowed):
        wrapup.say(session.pk, outcome="solved", tags=["chain"], by=sven)
    ticket = Ticket.objects.get()
    assert (fresh(session).outcome, ticket.status, ticket.tags.count()) == ("", "open", 0)
    wrapup.say(session.pk, outcome="solved", tags=["Chain", "oil"], by=charlie)
    ticket.refresh_from_db()
    assert (fresh(session).outcome, ticket.status) == ("solved", "solved")
    assert sorted(ticket.tags.values_list("name", flat=True)) == ["chain", "oil"]


@pytest.mark.django_db
def test_a_chat_ends_some_minutes_after_its_visitor_closed_the_last_window(shop: Site, charlie: User) -> None:
    at_desk(charlie)
    session = live(shop, charlie)
    name = presence.visitor(session.ticket_id or 0)
    presence.arrive(name)
    presence.depart(name)
    sessions.end_abandoned()
    assert fresh(session).state == "live"
    with _at(601):
        presence.arrive(name)
        sessions.end_abandoned()
        assert fresh(session).state == "live", "he came back"
        presence.depart(name)
    with _at(1_300):
        sessions.end_abandoned()
    assert (fresh(session).state, fresh(session).ended_by) == ("ended", "system")
