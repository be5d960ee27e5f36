"""Opening hours as rules and queues ask for them; the tables are `models.calendar`, the arithmetic is `lib.hours`."""

from datetime import datetime

from helpdesk.lib import clock, hours
from helpdesk.lib.hours import ALWAYS, Week
from tickets.models import Calendar

DESK = ""
"""The name under which the desk's own hours stand beside the calendars' slugs."""


def weeks() -> dict[str, Week]:
    """All calendars by slug, and under '' the desk's own: the default one, else open day and night. One query."""
    found = {DESK: ALWAYS}
    for calendar in Calendar.objects.all():
        found[calendar.slug] = calendar.week
        if calendar.is_default:
            found[DESK] = calendar.week
    return found


def week(slug: str = DESK) -> Week:
    """One of them; an unknown slug is the desk's."""
    known = weeks()
    return known.get(slug, known[DESK])


def is_open(slug: str = DESK, moment: datetime | None = None) -> bool:
    """Whether it is open now, or was at `moment`."""
    return hours.is_open(week(slug), moment or clock.now())
