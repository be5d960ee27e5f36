"""A desk with opening hours on a Monday morning, and a visitor who wants to be called."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from chat.callbacks import booking
from chat.callbacks.booking import Wish
from chat.models import Callback, Session
from chat.sessions import Opened
from helpdesk.people import presence
from helpdesk.people.models import User
from tests.chat.conftest import bearer
from tickets.models import Calendar

# Nine o'clock in Paris
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NUMBER = "06 12 34 56 78"


@pytest.fixture
def monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def hours(db: None) -> Calendar:
    """Nine to five, Monday to Friday."""
    spans = [{"weekday": day, "starts": "09:00", "ends": "17:00"} for day in range(5)]
    return Calendar.objects.create(slug="desk", name="Desk", timezone="Europe/Paris", hours=spans, is_default=True)


@pytest.fixture
def browser(visitor: Opened) -> APIClient:
    return bearer(visitor.keys.token)


def at_desk(user: User) -> None:
    presence.choose(user, "available")
    presence.beat(user.pk)


def paris(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """A moment of that Monday in Paris."""
    return MONDAY + timedelta(days=days, hours=hour - 9, minutes=minute)


def ask(session: Session, number: str = NUMBER, **wish: Any) -> Callback:
    origin_id = wish.pop("origin_id", str(uuid.uuid4()))
    given = {"zone": "Europe/Paris", "starts_at": paris(10), **wish}
    return booking.ask(session, Wish(number=number, **given), origin_id=origin_id)[0]
