"""What is told of a call: mails of fixed words, a calendar file, the page of its link, the customer's history."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.test import Client
from rest_framework.test import APIClient

from chat import sessions
from chat.callbacks import booking, calling, ics, links, telling
from chat.models import Callback, Site
from chat.sessions import Opened, Visit
from helpdesk.jobs import outbox
from helpdesk.lib import live, signing
from helpdesk.people.models import User
from tests.chat.callbacks.conftest import MONDAY, ask, at_desk, paris
from tests.chat.test_identity import token
from tests.conftest import Api

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday", "hours")]
TOMORROW: dict[str, Any] = {"starts_at": paris(10, days=1)}


def later(moment: Any) -> None:
    with time_machine.travel(moment, tick=False):
        outbox.drain()


# --- mails -----------------------------------------------------------------------------------------------------------
def test_a_stranger_s_address_gets_one_mail_a_day_without_a_word_that_he_wrote(
    visitor: Opened, charlie: User, mailoutbox: list[EmailMessage]
) -> None:
    callback = ask(visitor.session, email="dana@example.com", topic="CANARY topic", name="CANARY name", **TOMORROW)
    booking.cancel(callback, by=callback.customer.actor)
    outbox.drain()
    assert mailoutbox == []  # called off before its mail had left
    again = ask(visitor.session, "0612345601", email="dana@example.com", topic="CANARY", **TOMORROW)
    outbox.drain()
    booking.cancel(again, by=again.customer.actor)
    outbox.drain()
    (mail,) = mailoutbox
    words = mail.message().as_string()
    assert (mail.to, "CANARY" in words, "0612345601" in words, "61 23 45" in words) == (
        ["dana@example.com"], False, False, False,
    )  # fmt: skip
    assert "•• 01: Tuesday 3 March, 10:00 (Europe/Paris)" in str(mail.body)


def test_a_proved_address_is_told_of_every_change_and_reminded(
    shop: Site, charlie: User, mailoutbox: list[EmailMessage]
) -> None:
    session = sessions.open(shop, Visit(identity=token())).session
    callback = ask(session, **TOMORROW)
    outbox.drain()
    moved = booking.change(
        callback, booking.Change(moves=True, starts_at=paris(15, days=1)), version=1, by=callback.customer.actor
    )
    outbox.drain()
    later(paris(9, 31, days=1))  # half an hour before the first time: it holds no longer
    later(paris(14, 31, days=1))
    assert [mail.subject for mail in mailoutbox] == [
        "Your call is arranged", "Your call has another time", "We will call you soon",
    ]  # fmt: skip
    assert "15:00" in str(mailoutbox[-1].body)
    assert [name for name, _content, _type in mailoutbox[1].attachments] == ["call.ics"]
    assert moved.version == 2


def test_who_was_not_reached_is_written_to(visitor: Opened, charlie: User, shop: Site, mailoutbox: list[Any]) -> None:
    at_desk(charlie)
    session = sessions.open(shop, Visit(identity=token(), language="fr")).session
    callback = ask(session, starts_at=None)
    calling.outcome(callback.pk, "wrong_number", by=charlie, origin_id="1")
    outbox.drain()
    (mail,) = [mail for mail in mailoutbox if mail.subject == "Nous n’avons pas pu vous joindre"]
    assert "Vous recevrez notre réponse par écrit." in str(mail.body)
    assert mail.attachments == []


def test_agents_see_the_card_when_its_time_is_near(
    visitor: Opened, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    callback = ask(visitor.session, starts_at=paris(11))
    told: list[Any] = []
    monkeypatch.setattr(live, "publish", lambda group, frame: told.append((group, frame)))
    later(paris(10, 54))
    assert [frame["type"] for _group, frame in told] == []
    later(paris(10, 56))
    ((group, frame),) = told
    assert (group, frame["type"], frame["callback"]["id"]) == (
        f"queue.{callback.queue_id}", "callback.due", callback.pk,
    )  # fmt: skip


# --- the calendar file -----------------------------------------------------------------------------------------------
def test_the_calendar_file_is_one_event(visitor: Opened, charlie: User, settings: Any) -> None:
    settings.PUBLIC_URL, settings.SITE_NAME = "https://help.example", "Marlotte, Finch; " + "é" * 40
    callback = ask(visitor.session, topic="CANARY")
    lines = ics.of(callback).decode().split("\r\n")
    assert lines[:11] == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Guichet//Call-back//EN", "METHOD:PUBLISH", "BEGIN:VEVENT",
        f"UID:callback-{callback.pk}@help.example", "SEQUENCE:1", "DTSTAMP:20260302T080000Z",
        "DTSTART:20260302T090000Z", "DTEND:20260302T093000Z",
        "SUMMARY:Call from Marlotte\\, Finch\\; " + "é" * 19,
    ]  # fmt: skip
    assert lines[11] == " " + "é" * 21
    assert max(len(line.encode()) for line in lines) <= 75
    assert ("STATUS:CONFIRMED" in lines, "CANARY" in "".join(lines)) == (True, False)
    off = booking.cancel(callback, by=callback.customer.actor)
    assert {"STATUS:CANCELLED", "SEQUENCE:2"} <= set(ics.of(off).decode().split("\r\n"))


# --- the page --------------------------------------------------------------------------------------------------------
def shown(callback: Callback) -> str:
    page = Client().get(links.manage(callback))
    assert page.status_code == 200
    assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    return page.content.decode()


def test_opening_the_link_changes_nothing_and_shows_no_more_than_needed(visitor: Opened, charlie: User) -> None:
    callback = ask(visitor.session, topic="CANARY", name="CANARY")
    page = shown(callback)
    assert "Monday 2 March, 10:00<br><small>Europe/Paris</small>" in page
    assert ("CANARY" in page, "61234" in page.replace(" ", "")) == (False, False)
    callback.refresh_from_db()
    assert (callback.state, callback.version) == ("waiting", 1)
    assert Client().get(links.calendar(callback)).headers["Content-Type"] == "text/calendar; charset=utf-8"


def test_the_page_moves_and_calls_off_by_its_buttons(visitor: Opened, charlie: User) -> None:
    callback = ask(visitor.session)
    url = links.manage(callback)
    times = re.findall(r'<option value="(2026[^"]+)">', shown(callback))
    assert times[0] == paris(9, 30).isoformat()
    stale = Client().post(url, {"act": "move", "starts_at": times[0], "version": "9"})
    wrong = Client().post(url, {"act": "move", "starts_at": "tomorrow", "version": "1"})
    assert [stale.status_code, wrong.status_code] == [409, 400]
    assert 'role="alert"' in wrong.content.decode()
    assert Callback.objects.get().due_at == paris(10)
    assert Client().post(url, {"act": "move", "starts_at": times[0], "version": "1"}).status_code == 302
    assert Callback.objects.get().due_at == paris(9, 30)
    assert Client().post(url, {"act": "cancel"}).status_code == 302
    assert Callback.objects.get().state == "cancelled"
    assert "The call was called off." in shown(callback)


def test_a_link_that_is_forged_too_old_or_of_another_purpose_opens_nothing(visitor: Opened, charlie: User) -> None:
    callback = ask(visitor.session)
    good = links.token(callback)
    for wrong in (good[:-2] + "xx", "x", signing.sign("survey", callback.pk)):
        assert Client().post(f"/en/call/{wrong}/", {"act": "cancel"}).status_code == 404
        assert Client().get(f"/call/{wrong}/call.ics").status_code == 404
    with time_machine.travel(MONDAY + timedelta(days=31), tick=False):
        assert Client().get(f"/en/call/{good}/").status_code == 404
    assert Callback.objects.get().state == "waiting"


def test_the_page_speaks_french(shop: Site, charlie: User) -> None:
    callback = ask(sessions.open(shop, Visit(language="fr")).session)
    assert links.manage(callback).startswith("/fr/call/")
    page = shown(callback)
    assert "lundi 2 mars, 10:00<br>" in page
    assert "Annuler le rappel" in page


# --- the customer's history ------------------------------------------------------------------------------------------
def test_a_call_is_part_of_the_customers_history(visitor: Opened, charlie: User, alice: User, api: Api) -> None:
    callback = ask(visitor.session, topic="My bike squeaks")
    url = f"/api/v1/customers/{callback.customer_id}/timeline/"
    entries = [entry for entry in api(charlie).get(url).json()["results"] if entry["kind"] == "callback"]
    assert [(entry["title"], entry["excerpt"], entry["ticket"]) for entry in entries] == [
        ("+33 6 12 34 56 78 · To be called", "My bike squeaks", callback.ticket_id)
    ]
    assert [entry for entry in api(alice).get(url).json().get("results", []) if entry["kind"] == "callback"] == []


def test_words_are_masked_where_anybody_may_read_them(visitor: Opened, charlie: User) -> None:
    callback = ask(visitor.session)
    assert telling.words_of(callback, "asked", is_masked=True).startswith("We will call you at •• 78: ")
    assert APIClient().get("/api/v1/callbacks/").status_code == 401
