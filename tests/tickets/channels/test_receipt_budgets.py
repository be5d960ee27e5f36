"""Receipts per source: whoever names one stranger after the other soon writes to nobody, and others are answered as before."""

from typing import Any

import pytest
from django.test import Client

from helpdesk.events.models import Event
from helpdesk.jobs import outbox as jobs
from helpdesk.lib import ratelimit
from helpdesk.people.models import User
from tests.conftest import Api
from tests.tickets.channels.conftest import Pipe, compose, outbox
from tickets.models import Mailbox, Queue, Receipt, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_budgets(settings: Any) -> None:
    settings.RECEIPTS_PER_SOURCE, settings.RECEIPTS_PER_MAILBOX, settings.RECEIPTS_PER_HOUR = 3, 4, 10
    settings.RATE_PUBLIC_PER_MINUTE = 100


def ask(number: int, ip: str) -> None:
    form = {"name": "Buy now", "email": f"victim{number}@example.org", "subject": "Buy", "body": f"Buy {number}."}
    assert Client(REMOTE_ADDR=ip).post("/en/contact/request/", form).status_code == 302


def written_to() -> list[str]:
    jobs.drain()
    return sorted(str(mail["To"]).partition("@")[0] for mail in outbox())


def test_one_address_on_the_net_gets_strangers_only_so_many_receipts(technical: Queue) -> None:
    for number in range(6):
        ask(number, "203.0.113.7")
    assert (Ticket.objects.count(), written_to()) == (6, ["victim0", "victim1", "victim2"])
    ask(6, "203.0.113.8")
    assert written_to() == ["victim0", "victim1", "victim2", "victim6"]
    assert Receipt.objects.count() == 4


def test_a_network_of_the_sixth_version_is_one_source(technical: Queue) -> None:
    for number in range(6):
        ask(number, f"2001:db8:1:2::{number}")
    ask(6, "2001:db8:1:3::1")
    assert written_to() == ["victim0", "victim1", "victim2", "victim6"]


def test_a_source_that_names_the_same_address_again_spends_nothing(technical: Queue) -> None:
    for _time in range(3):
        ask(0, "203.0.113.7")
    for number in range(1, 4):
        ask(number, "203.0.113.7")
    assert written_to() == ["victim0", "victim1", "victim2"]


def test_a_program_has_a_budget_of_its_own(api: Api, alice: User, technical: Queue) -> None:
    for number in range(5):
        body = {
            "channel": "web",
            "subject": "Buy",
            "body": "Buy.",
            "requester": {"email": f"victim{number}@example.org"},
        }
        assert api(alice).post("/api/v1/tickets/", body, format="json").status_code == 201
    assert written_to() == ["victim0", "victim1", "victim2"]


def test_a_mailbox_under_attack_leaves_the_others_theirs(pipe: Pipe, mailbox: Mailbox, other_mailbox: Mailbox) -> None:
    for number in range(6):
        pipe(compose(sender=f"victim{number}@example.org", message_id=f"<{number}@x>"))
    pipe(compose(sender="dana@example.com", to="tech@acme.example", message_id="<d@x>"), "tech@acme.example")
    assert written_to() == ["dana", "victim0", "victim1", "victim2", "victim3"]


def test_all_sources_together_have_a_budget(technical: Queue, settings: Any) -> None:
    for number in range(12):
        ask(number, f"203.0.113.{number}")
    assert len(written_to()) == 10


def test_the_log_holds_no_address_and_another_code_each_day(technical: Queue, time_machine: Any) -> None:
    codes = set()
    for day in (1, 1, 2):
        time_machine.move_to(f"2026-10-0{day}T12:00:00+00:00")
        ask(0, "203.0.113.7")
        event = Event.objects.filter(name="ticket.opened").latest("pk")
        assert "203.0.113" not in str(event.data)
        codes.add(event.data["source"])
    assert len(codes) == 2


@pytest.mark.parametrize(
    ("address", "shown"),
    [("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2::9", "2001:db8:1:2::/64"), ("unix:", "unix:"), ("", "")],
)
def test_a_network_is_what_one_customer_holds(address: str, shown: str) -> None:
    assert ratelimit.network(address) == shown
