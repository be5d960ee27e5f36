"""Asking to be called: checked, promised once, changed and called off."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from rest_framework.test import APIClient

from chat import sessions
from chat.callbacks import booking, numbers, slots
from chat.callbacks.booking import Wish
from chat.models import Callback, Session, Site
from chat.sessions import Opened, Visit
from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors
from helpdesk.people import customers
from helpdesk.people.models import User
from tests import factories
from tests.chat.callbacks.conftest import MONDAY, NUMBER, ask, at_desk, paris
from tests.chat.conftest import bearer
from tickets import lifecycle, merging
from tickets.models import Message, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday", "hours")]
URL = "/api/v1/chat/callbacks/"


def post(browser: APIClient, **members: Any) -> Any:
    given = {
        "origin_id": str(uuid.uuid4()), "number": NUMBER, "zone": "Europe/Paris", "consent": True,
        "starts_at": paris(10).isoformat(),
    }  # fmt: skip
    return browser.post(URL, {**given, **members})


# --- numbers ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "region", "e164", "national", "kind"),
    [
        ("06 12 34 56 78", "FR", "+33612345678", "06 12 34 56 78", "mobile"),
        ("+33 (0)1 42 68 53 00", "GB", "+33142685300", "01 42 68 53 00", "fixed"),
        ("020 7946 0958", "gb", "+442079460958", "020 7946 0958", "fixed"),
        ("0033612345678", "FR", "+33612345678", "06 12 34 56 78", "mobile"),
    ],
)
def test_a_number_is_shown_as_it_will_be_dialled(
    shop: Site, typed: str, region: str, e164: str, national: str, kind: str
) -> None:
    answer = APIClient().get(f"{URL}number/", {"site": "shop", "number": typed, "region": region})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["e164"], body["national"], body["kind"]) == (e164, national, kind)


@pytest.mark.parametrize(
    "typed", ["", "12", "15", "abc", "06 12 34 56", "0899 12 34 56", "+1", "0612345678 ext. 5", "+999123"]
)
def test_a_number_that_cannot_be_called_is_refused(shop: Site, browser: APIClient, charlie: User, typed: str) -> None:
    looked = APIClient().get(f"{URL}number/", {"site": "shop", "number": typed})
    assert (looked.status_code, list(looked.json()["fields"])) == (400, ["number"])
    answer = post(browser, number=typed)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["number"])
    assert (Callback.objects.count(), Ticket.objects.count()) == (0, 0)


def test_only_countries_that_are_called(shop: Site, settings: Any) -> None:
    settings.CALLBACK_COUNTRIES = ["FR"]
    assert numbers.check("0612345678", "FR").region == "FR"
    with pytest.raises(errors.Invalid):
        numbers.check("+1 212 555 0100", "FR")


# --- asking ----------------------------------------------------------------------------------------------------------
def test_a_call_is_a_ticket_with_a_due_time(shop: Site, browser: APIClient, visitor: Opened, charlie: User) -> None:
    answer = post(browser, topic="My bike squeaks", name="Léa", zone="America/New_York")
    assert answer.status_code == 201
    body = answer.json()
    callback, ticket = Callback.objects.get(), Ticket.objects.get()
    assert {name: body[name] for name in ("id", "ticket", "number", "state", "asap", "due_at", "zone", "topic")} == {
        "id": callback.pk, "ticket": ticket.pk, "number": ticket.number, "state": "waiting", "asap": False,
        "due_at": paris(10).isoformat(), "zone": "America/New_York", "topic": "My bike squeaks",
    }  # fmt: skip
    assert (body["phone"]["national"], body["position"], body["attempts"], body["can_change"]) == (NUMBER, 0, 0, True)
    assert (ticket.channel, ticket.queue, ticket.requester) == ("chat", shop.queue, visitor.session.customer)
    said = list(Message.objects.order_by("seq").values_list("body", flat=True))
    assert said == ["My bike squeaks", f"We will call you at {NUMBER}: Monday 2 March, 04:00 (America/New_York)."]
    session = Session.objects.get()
    assert (session.state, session.ticket, session.customer.name) == ("ended", ticket, "Léa")
    assert Event.objects.filter(name="callback.asked", subject_id=callback.pk).count() == 1
    assert Event.objects.filter(name="session.started").count() == 0


def test_the_same_again_is_the_same_call_and_other_content_under_its_id_is_refused(
    browser: APIClient, charlie: User
) -> None:
    origin = str(uuid.uuid4())
    first, again = post(browser, origin_id=origin), post(browser, origin_id=origin)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    other = post(browser, origin_id=origin, starts_at=paris(11).isoformat())
    assert (other.status_code, other.json()["code"]) == (409, "origin_reused")
    assert (Callback.objects.count(), Ticket.objects.count(), Message.objects.count()) == (1, 1, 2)


def test_a_french_visitor_reads_french(shop: Site, charlie: User) -> None:
    ask(sessions.open(shop, Visit(language="fr")).session)
    said = list(Message.objects.order_by("seq").values_list("body", flat=True))
    assert said == [
        "Merci de me rappeler.",
        f"Nous vous appellerons au {NUMBER} : lundi 2 mars, 10:00 (Europe/Paris).",
    ]


def test_soon_is_promised_with_an_estimate(browser: APIClient, charlie: User) -> None:
    at_desk(charlie)
    body = post(browser, starts_at=None).json()
    assert (body["asap"], body["due_at"], body["due_in_s"]) == (True, (MONDAY + timedelta(minutes=10)).isoformat(), 600)


def test_soon_is_not_promised_when_nobody_is_there(browser: APIClient, charlie: User) -> None:
    answer = post(browser, starts_at=None)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_slot")
    assert (Callback.objects.count(), Ticket.objects.count(), Session.objects.get().state) == (0, 0, "opened")


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"consent": False}, "consent"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"email": "nobody"}, "email"),
        ({"starts_at": paris(10, 10).isoformat()}, "starts_at"),
        ({"starts_at": paris(8).isoformat()}, "starts_at"),
        ({"starts_at": paris(9).isoformat()}, "starts_at"),
        ({"starts_at": paris(17).isoformat()}, "starts_at"),
        ({"starts_at": paris(10, days=9).isoformat()}, "starts_at"),
        ({"starts_at": paris(10, days=5).isoformat()}, "starts_at"),
        ({"topic": "x" * 201}, "topic"),
        ({"origin_id": ""}, "origin_id"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(
    browser: APIClient, charlie: User, members: dict[str, Any], field: str
) -> None:
    answer = post(browser, **members)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert (Callback.objects.count(), Ticket.objects.count()) == (0, 0)


def test_a_slot_is_promised_as_often_as_it_can_be_kept(shop: Site, browser: APIClient, charlie: User) -> None:
    ask(sessions.open(shop, Visit()).session, "06 12 34 56 01")
    answer = post(browser)
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert (Callback.objects.count(), Ticket.objects.count()) == (1, 1)


def test_one_number_waits_for_one_call(shop: Site, browser: APIClient, charlie: User) -> None:
    first = ask(sessions.open(shop, Visit()).session)
    answer = post(browser, starts_at=paris(11).isoformat())
    assert (answer.status_code, answer.json()["code"]) == (409, "callback_open")
    booking.cancel(first, by=first.customer.actor)
    assert post(browser, starts_at=paris(11).isoformat()).status_code == 201


def test_who_waits_in_the_line_keeps_his_words_and_leaves_it(shop: Site, visitor: Opened, charlie: User) -> None:
    said = sessions.say(visitor.session, "My bike squeaks", origin_id="1")
    callback = ask(said.session)
    session = Session.objects.get()
    assert (session.state, callback.ticket) == ("ended", said.message.ticket)
    assert Ticket.objects.count() == 1
    assert Message.objects.order_by("seq").first() == said.message


def test_who_talks_with_an_agent_goes_on_talking(shop: Site, visitor: Opened, charlie: User) -> None:
    said = sessions.say(visitor.session, "My bike squeaks", origin_id="1")
    sessions.accept(said.session.pk, by=charlie)
    ask(said.session)
    assert Session.objects.get().state == "live"


def test_a_site_may_do_without_calls(shop: Site, browser: APIClient, charlie: User) -> None:
    shop.callback_enabled = False
    shop.save(update_fields=["callback_enabled"])
    assert APIClient().get(f"{URL}slots/?site=shop").json() == {"minutes": 30, "asap": None, "slots": [], "next": None}
    assert post(browser).status_code == 409
    assert Callback.objects.count() == 0


def test_the_list_of_times_goes_on_where_it_ended(shop: Site, charlie: User) -> None:
    first = APIClient().get(f"{URL}slots/?site=shop").json()
    assert (len(first["slots"]), first["asap"]) == (40, None)
    second = APIClient().get(f"{URL}slots/", {"site": "shop", "from": first["next"]}).json()
    assert second["slots"][0]["starts_at"] == first["next"]
    assert {slot["starts_at"] for slot in first["slots"]} & {slot["starts_at"] for slot in second["slots"]} == set()


# --- changing --------------------------------------------------------------------------------------------------------
def test_a_call_is_moved_and_its_old_time_is_free_again(shop: Site, browser: APIClient, charlie: User) -> None:
    body = post(browser).json()
    moved = browser.patch(f"{URL}{body['id']}/", {"version": body["version"], "starts_at": paris(11).isoformat()})
    assert (moved.status_code, moved.json()["due_at"], moved.json()["version"]) == (200, paris(11).isoformat(), 2)
    free = [slot.starts_at for slot in slots.Plan.of(shop, shop.queue, clock.now()).free()]
    assert (paris(10) in free, paris(11) in free) == (True, False)


def test_who_read_an_older_version_is_told(browser: APIClient, charlie: User) -> None:
    body = post(browser).json()
    answer = browser.patch(f"{URL}{body['id']}/", {"version": 7, "starts_at": paris(11).isoformat()})
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    assert Callback.objects.get().due_at == paris(10)


def test_another_number_is_checked_too(browser: APIClient, charlie: User) -> None:
    body = post(browser).json()
    bad = browser.patch(f"{URL}{body['id']}/", {"version": 1, "phone": "15"})
    assert bad.status_code == 400
    good = browser.patch(f"{URL}{body['id']}/", {"version": 1, "phone": "01 42 68 53 00"})
    assert (good.json()["phone"]["e164"], good.json()["due_at"]) == ("+33142685300", paris(10).isoformat())


def test_a_call_is_called_off_once(browser: APIClient, charlie: User) -> None:
    key = post(browser).json()["id"]
    assert [browser.delete(f"{URL}{key}/").json()["state"] for _time in range(2)] == ["cancelled", "cancelled"]
    assert Event.objects.filter(name="callback.ended").count() == 1
    late = browser.patch(f"{URL}{key}/", {"version": 2, "starts_at": paris(11).isoformat()})
    assert (late.status_code, late.json()["code"]) == (409, "too_late")


def test_another_visitor_sees_and_changes_nothing(shop: Site, browser: APIClient, charlie: User) -> None:
    key = post(browser).json()["id"]
    other = bearer(sessions.open(shop, Visit()).keys.token)
    assert other.get(URL).json() == {"results": []}
    answers = [
        other.get(f"{URL}{key}/"),
        other.patch(f"{URL}{key}/", {"version": 1, "starts_at": paris(11).isoformat()}),
        other.delete(f"{URL}{key}/"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert (Callback.objects.get().state, Callback.objects.get().due_at) == ("waiting", paris(10))
    assert [row["id"] for row in browser.get(URL).json()["results"]] == [key]


def test_nobody_is_called_about_what_is_solved(visitor: Opened, charlie: User) -> None:
    callback = ask(visitor.session)
    lifecycle.solve(callback.ticket, by=charlie.actor)
    outbox.drain()
    assert Callback.objects.get().state == "cancelled"


def test_the_call_follows_its_ticket_to_another_queue(visitor: Opened, charlie: User, bob: User, billing: Any) -> None:
    callback = ask(visitor.session)
    lifecycle.change(callback.ticket, {"queue": billing}, by=bob, version=None)
    outbox.drain()
    assert Callback.objects.get().queue == billing


def test_a_merged_customer_keeps_his_calls(visitor: Opened, charlie: User, dana: Any) -> None:
    callback = ask(visitor.session)
    customers.merge(callback.customer, into=dana, by=dana.actor)
    outbox.drain()
    assert Callback.objects.get().customer == dana


# --- at once ---------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_the_last_place_exactly_one_gets_it(shop: Site, charlie: User) -> None:
    opened = [sessions.open(shop, Visit()) for _visitor in range(6)]
    start = Barrier(len(opened))

    def want(number: int) -> str:
        with time_machine.travel(MONDAY, tick=False):
            start.wait(timeout=30)
            try:
                wish = Wish(number=f"06 12 34 56 1{number}", zone="Europe/Paris", starts_at=paris(10))
                booking.ask(opened[number].session, wish, origin_id=str(number))
            except errors.Conflict as refusal:
                return refusal.code
            finally:
                connection.close()
            return "promised"

    with ThreadPoolExecutor(len(opened)) as pool:
        results = sorted(pool.map(want, range(len(opened))))
    assert results == ["promised"] + 5 * ["slot_taken"]
    assert (Callback.objects.count(), Ticket.objects.count()) == (1, 1)


def test_nobody_is_called_about_spam(visitor: Opened, charlie: User) -> None:
    callback = ask(visitor.session)
    lifecycle.change(callback.ticket, {"status": "spam"}, by=charlie, version=None)
    outbox.drain()
    assert Callback.objects.get().state == "cancelled"


def test_he_is_called_about_the_request_that_goes_on(visitor: Opened, charlie: User) -> None:
    callback = ask(visitor.session)
    other = factories.make_ticket(callback.customer, queue=callback.queue)
    merging.merge(callback.ticket, other, by=charlie)
    outbox.drain()
    assert (Callback.objects.get().ticket, Callback.objects.get().state) == (other, "waiting")
