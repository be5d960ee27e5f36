"""The shop's telephone system: an extension at every desk, and a few calls of today."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from helpdesk.people import schedule
from helpdesk.people.models import Identity, User
from tickets.channels import phone_in, phone_systems
from tickets.channels.phone_told import Told

FIRST_EXTENSION = 101
# Minutes ago, direction, extension, and for how many seconds it was talked; none: in vain
CALLS = ((170, "in", "101", 312), (95, "out", "101", 74), (26, "in", "101", None), (11, "in", "102", None))


@transaction.atomic
def connect(users: Iterable[User], lead: User, now: datetime) -> str:
    """Returns the token with which more calls can be told."""
    for number, user in enumerate((user for user in users if user.may("call.read")), FIRST_EXTENSION):
        schedule.change(user, {"extension": str(number)}, by=lead)
    system, token = phone_systems.create({"name": "PBX", "region": "FR"}, by=lead.actor)
    phones = Identity.objects.filter(kind=Identity.Kind.PHONE).order_by("pk")
    numbers = list(phones.values_list("value", flat=True)[: len(CALLS)]) or ["+33199000000"]
    for number, (ago, direction, extension, seconds) in enumerate(CALLS):
        began, other = now - timedelta(minutes=ago), numbers[number % len(numbers)]
        caller, called = (other, extension) if direction == "in" else (extension, other)
        story = [Told("ringing", began, direction, caller, called)]
        if seconds is not None:
            story.append(Told("answered", began + timedelta(seconds=6)))
        story.append(Told("ended", began + timedelta(seconds=6 + (seconds or 20))))
        for told in story:
            phone_in.take(system, f"demo-{number}", told)
    return token
