"""Who waits, who could take it, and to whom it is offered."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache

from chat import line, sessions
from chat.models import Session, Site
from chat.sessions import Visit
from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock
from helpdesk.people import presence
from helpdesk.people.models import TeamMember, User
from tickets import lifecycle
from tickets.models import Queue

pytestmark = pytest.mark.django_db


def at_desk(*users: User) -> None:
    for user in users:
        presence.choose(user, "available")
        presence.beat(user.pk)


def waiting(shop: Site) -> Session:
    opened = sessions.open(shop, Visit())
    return sessions.say(opened.session, "Hello", origin_id=str(uuid.uuid4())).session


def taken_after(shop: Site, user: User, seconds: int) -> None:
    session = waiting(shop)
    with time_machine.travel(clock.now() + timedelta(seconds=seconds), tick=False):
        sessions.accept(session.pk, by=user)
    sessions.end(session, by=user.actor)


def offered(session: Session) -> User | None:
    return Session.objects.select_related("offered_to").get(pk=session.pk).offered_to


def test_a_chat_is_offered_only_while_somebody_is_there_and_willing(shop: Site, charlie: User) -> None:
    assert not line.is_available(shop.queue)
    presence.choose(charlie, "available")
    assert not line.is_available(shop.queue), "willing, but no desk is open"
    presence.beat(charlie.pk)
    assert line.is_available(shop.queue)
    presence.choose(charlie, "finishing")
    assert not line.is_available(shop.queue)


def test_who_serves_another_queue_or_may_only_read_makes_nobody_available(shop: Site, alice: User, rita: User) -> None:
    TeamMember.objects.create(team=shop.queue.team, user=rita)
    at_desk(alice, rita)
    assert not line.is_available(shop.queue)


def test_an_agent_with_all_places_taken_is_not_available(shop: Site, charlie: User) -> None:
    charlie.chat_capacity = 1
    charlie.save(update_fields=["chat_capacity"])
    at_desk(charlie)
    session = waiting(shop)
    assert line.is_available(shop.queue)
    sessions.accept(session.pk, by=charlie)
    assert not line.is_available(shop.queue)
    sessions.end(session, by=charlie.actor)
    assert line.is_available(shop.queue)


def test_a_deactivated_agent_makes_nobody_available(shop: Site, charlie: User) -> None:
    at_desk(charlie)
    charlie.is_active = False
    charlie.save(update_fields=["is_active"])
    assert not line.is_available(shop.queue)


def test_places_are_in_the_order_of_coming(shop: Site, charlie: User) -> None:
    at_desk(charlie)
    first, second = waiting(shop), waiting(shop)
    assert line.place(first) == {"position": 1, "wait_s": None, "late": False}
    assert line.place(second) == {"position": 2, "wait_s": None, "late": False}
    sessions.end(first, by=charlie.actor)
    assert line.place(second) == {"position": 1, "wait_s": None, "late": False}


def test_while_all_hands_are_full_the_place_stays_and_the_estimate_grows_with_it(shop: Site, charlie: User) -> None:
    charlie.chat_capacity = 1
    charlie.save(update_fields=["chat_capacity"])
    at_desk(charlie)
    sessions.accept(waiting(shop).pk, by=charlie)
    first, second = waiting(shop), waiting(shop)
    assert line.place(first) == {"position": 1, "wait_s": 300, "late": False}
    assert line.place(second) == {"position": 2, "wait_s": 600, "late": False}
    presence.choose(charlie, "finishing")
    assert line.place(first) is None


def test_without_anybody_there_no_place_is_promised(shop: Site) -> None:
    assert line.place(waiting(shop)) is None


def test_the_wait_is_what_the_last_ones_waited_and_unknown_without_enough_of_them(shop: Site, charlie: User) -> None:
    assert line.typical_wait(shop.queue_id) is None
    for seconds in (10, 40, 20):
        taken_after(shop, charlie, seconds)
    cache.clear()
    assert line.typical_wait(shop.queue_id) == 20


def test_a_chat_is_offered_to_one_and_then_to_the_next(shop: Site, charlie: User, bob: User) -> None:
    at_desk(charlie, bob)
    session = waiting(shop)
    outbox.drain()
    first = offered(session)
    assert first in (charlie, bob)
    with time_machine.travel(clock.now() + timedelta(seconds=settings.CHAT_OFFER_SECONDS + 1), tick=False):
        at_desk(charlie, bob)
        outbox.drain()
    second = offered(session)
    assert second in (charlie, bob)
    assert second != first


def test_there_is_one_chain_of_offers_however_often_a_job_runs(shop: Site, charlie: User) -> None:
    at_desk(charlie)
    session = waiting(shop)
    outbox.drain()
    for _again in range(3):
        line.offer(session.pk, 0)
    assert Job.objects.filter(task="chat.line.offer").count() == 1


def test_the_chain_ends_when_the_chat_is_taken(shop: Site, charlie: User) -> None:
    at_desk(charlie)
    session = waiting(shop)
    outbox.drain()
    sessions.accept(session.pk, by=charlie)
    with time_machine.travel(clock.now() + timedelta(seconds=settings.CHAT_OFFER_SECONDS + 1), tick=False):
        outbox.drain()
    assert offered(session) is None
    assert Job.objects.filter(task="chat.line.offer").count() == 0


def test_somebody_who_comes_later_is_offered_what_still_waits(shop: Site, charlie: User) -> None:
    session = waiting(shop)
    outbox.drain()
    assert offered(session) is None
    at_desk(charlie)
    with time_machine.travel(clock.now() + timedelta(seconds=line.NOBODY_FREE_SECONDS + 1), tick=False):
        at_desk(charlie)
        outbox.drain()
    assert offered(session) == charlie


def test_a_waiting_chat_follows_its_ticket_into_another_queue(
    shop: Site, charlie: User, alice: User, billing: Queue, bob: User
) -> None:
    at_desk(alice)
    session = waiting(shop)
    assert session.ticket is not None
    lifecycle.change(session.ticket, {"queue": billing}, by=bob, version=None)
    outbox.drain()
    assert Session.objects.get(pk=session.pk).queue == billing
    assert offered(session) == alice
    assert not Session.objects.visible_to(charlie).filter(pk=session.pk).exists()
