"""What can be kept right now: a chat, a call, an answer in writing. Nothing is offered that nobody would keep."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Literal, TypedDict

from django.conf import settings

from chat import line, uploads
from chat.callbacks import slots
from chat.models import Session, Site
from helpdesk.lib import clock, hours
from helpdesk.lib.hours import Week
from helpdesk.people.choosing import Person
from tickets import calendars
from tickets.models import Queue, Ticket

STRETCHES = 7
ANSWERS, LEAST_ANSWERS = 40, 5
REMEMBER_S = 60

Reason = Literal["closed", "nobody", "long"]


class Stretch(TypedDict):
    opens_at: str
    closes_at: str


class Chat(TypedDict):
    available: bool
    reason: Reason | None
    agents: int
    position: int | None
    wait_s: int | None
    limit_s: int


class Writing(TypedDict):
    available: bool
    answer_s: int | None


class Files(TypedDict):
    max_bytes: int
    max_count: int
    accept: str


class Calls(TypedDict):
    available: bool
    asap: slots.SoonestShape | None
    first: slots.SlotShape | None
    minutes: int


class Channels(TypedDict):
    now: str
    open: bool
    opens_at: str | None
    closes_at: str | None
    hours: list[Stretch]
    chat: Chat
    callback: Calls
    writing: Writing
    files: Files


def of_site(site: Site) -> Channels:
    """Everything the widget needs to offer its ways honestly, in a fixed number of queries."""
    moment, queue = clock.now(), site.queue
    week = calendars.week(queue.calendar.slug if queue.calendar else calendars.DESK)
    people = line.people(queue, moment)
    is_open = hours.is_open(week, moment)
    change = hours.next_change(week, moment)
    return Channels(
        now=moment.isoformat(),
        open=is_open,
        opens_at=change.isoformat() if change and not is_open else None,
        closes_at=change.isoformat() if change and is_open else None,
        hours=_stretches(week, moment),
        chat=_chat(site, people, moment, is_open=is_open),
        callback=_calls(site, people, week, moment),
        writing=Writing(available=True, answer_s=usual_answer(queue)),
        files=Files(
            max_bytes=settings.ATTACHMENT_MAX_BYTES,
            max_count=settings.ATTACHMENT_MAX_COUNT,
            accept=uploads.ACCEPT,
        ),
    )


def _stretches(week: Week, moment: datetime) -> list[Stretch]:
    return [
        Stretch(opens_at=start.isoformat(), closes_at=end.isoformat())
        for start, end in hours.coming(week, moment, STRETCHES)
    ]


# --- chat ------------------------------------------------------------------------------------------------------------
def _chat(site: Site, people: Sequence[Person], moment: datetime, *, is_open: bool) -> Chat:
    serving = line.serving(people, site.queue, moment)
    position = Session.objects.waiting().filter(queue=site.queue_id).count() + 1
    expected = line.expected(line.typical_wait(site.queue_id), position, serving)
    is_soon = not line.beyond(position, serving) or (expected or 0) <= site.wait_limit_s
    is_kept = bool(serving) and is_soon
    reason: Reason | None = None if is_kept else "long" if serving else "nobody" if is_open else "closed"
    return Chat(
        available=is_kept,
        reason=reason,
        agents=len(serving),
        position=position if is_kept else None,
        wait_s=expected if is_kept else None,
        limit_s=site.wait_limit_s,
    )


# --- a call ----------------------------------------------------------------------------------------------------------
def _calls(site: Site, people: Sequence[Person], week: Week, moment: datetime) -> Calls:
    if not site.callback_enabled:
        return Calls(available=False, asap=None, first=None, minutes=settings.CALLBACK_MINUTES)
    plan = slots.Plan.of(site, site.queue, moment, people=people, week=week)
    soonest, first = plan.soonest(), next(plan.free(), None)
    return Calls(
        available=soonest is not None or first is not None,
        asap=soonest.shape if soonest else None,
        first=first.shape if first else None,
        minutes=settings.CALLBACK_MINUTES,
    )


# --- writing ---------------------------------------------------------------------------------------------------------
def usual_answer(queue: Queue) -> int | None:
    """Seconds until the first answer to the last requests of a queue (median); None when too few were answered.

    Uses index: ticket_queue_newest.
    """
    key = f"chat:answer:{queue.pk}"
    if (known := line.remembered(key)) is not None:
        return known if known >= 0 else None
    since = clock.now() - timedelta(days=30)
    rows = Ticket.objects.filter(queue=queue, created_at__gte=since, first_replied_at__isnull=False).order_by("-id")
    times = rows.values_list("created_at", "first_replied_at")[:ANSWERS]
    waits = [(replied - asked).total_seconds() for asked, replied in times if replied]
    found = round(median(waits)) if len(waits) >= LEAST_ANSWERS else None
    line.remember(key, -1 if found is None else found, seconds=REMEMBER_S)
    return found
