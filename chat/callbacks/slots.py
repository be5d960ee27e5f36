"""The time in which calls can be kept: stretches of the opening hours, as many calls in each as agents are on shift.

Nothing is remembered: whoever books holds the queue's lock, and counts again what is booked.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self, TypedDict

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chat import line
from chat.models import Callback, Site
from helpdesk.lib import clock, errors, hours, locks
from helpdesk.lib.hours import Span, Week
from helpdesk.people import choosing
from helpdesk.people.choosing import Need, Person
from tickets import calendars
from tickets.models import Queue

SHOWN = 40
# A slot that was offered may still be booked while the visitor reads the last page
GRACE = timedelta(minutes=10)
LEAST_WAIT = timedelta(minutes=5)
# "As soon as possible" is not this afternoon
SOON = timedelta(hours=2)
_OFFICE = tuple(Span(day, 9 * 60, 18 * 60) for day in range(5))


class SlotShape(TypedDict):
    starts_at: str
    ends_at: str


class SoonestShape(TypedDict):
    due_at: str
    wait_s: int
    ahead: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time in which one more call can be kept."""

    starts_at: datetime
    ends_at: datetime

    @property
    def shape(self) -> SlotShape:
        return SlotShape(starts_at=self.starts_at.isoformat(), ends_at=self.ends_at.isoformat())


@dataclass(frozen=True, slots=True)
class Soonest:
    """What "as soon as possible" means now."""

    due_at: datetime
    wait_s: int
    ahead: int

    @property
    def shape(self) -> SoonestShape:
        return SoonestShape(due_at=self.due_at.isoformat(), wait_s=self.wait_s, ahead=self.ahead)


def length() -> timedelta:
    return timedelta(minutes=settings.CALLBACK_MINUTES)


def lead() -> timedelta:
    """How soon a slot may be booked."""
    return timedelta(minutes=settings.CALLBACK_LEAD_MINUTES)


def beginning(moment: datetime) -> datetime:
    """The beginning of the slot around a moment: whole multiples of the length since 1970, so :00 and :30."""
    seconds = int(length().total_seconds())
    return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """The people, hours and bookings of a queue, as they are at one moment."""

    moment: datetime
    people: tuple[Person, ...]
    need: Need
    week: Week
    is_always: bool
    limit: int | None
    # Due times of everything still to be called, the oldest first
    due: tuple[datetime, ...]
    booked: Counter[datetime]

    @classmethod
    def of(
        cls,
        site: Site,
        queue: Queue,
        moment: datetime,
        *,
        people: Sequence[Person] | None = None,
        week: Week | None = None,
        without: Callback | None = None,
    ) -> Self:
        """`without`: a call-back that is about to move, and takes no place where it is now."""
        own = week or calendars.week(queue.calendar.slug if queue.calendar else calendars.DESK)
        rows = Callback.objects.open().filter(queue=queue)
        rows = rows.exclude(pk=without.pk) if without else rows
        due = tuple(rows.order_by("due_at").values_list("due_at", flat=True))
        return cls(
            moment=moment,
            people=tuple(line.people(queue, moment) if people is None else people),
            need=line.lasting_need(queue),
            # Where nobody said when the desk is open, nobody is rung at night
            week=Week(str(settings.TIME_ZONE), _OFFICE) if own.is_always else own,
            is_always=own.is_always,
            limit=site.callbacks_per_slot,
            due=due,
            booked=Counter(beginning(max(one, moment)) for one in due),
        )

    # --- slots -------------------------------------------------------------------------------------------------------
    def free(self, since: datetime | None = None) -> Iterator[Slot]:
        """The slots that can still be booked, in order, from `since` or the usual lead on."""
        earliest = since or self.moment + lead()
        last = self.moment + timedelta(days=settings.CALLBACK_DAYS)
        for opens, closes in hours.coming(self.week, self.moment, 7 * settings.CALLBACK_DAYS):
            start = beginning(max(opens, earliest))
            if start < max(opens, earliest):
                start += length()
            while start + length() <= closes and start <= last:
                if self.has_room(start):
                    yield Slot(start, start + length())
                start += length()
            if start > last:
                return

    def has_room(self, start: datetime) -> bool:
        booked = self.booked[start]
        most = len(self.people) if self.limit is None else min(self.limit, len(self.people))
        return booked < most and booked < self._on_shift(start, booked)

    def _on_shift(self, start: datetime, enough: int) -> int:
        """How many are on shift for the whole slot; counting stops once there are more than `enough`."""
        found = 0
        for person in self.people:
            found += self._works(person, start)
            if found > enough:
                break
        return found

    def _works(self, person: Person, start: datetime) -> bool:
        last = start + length() - timedelta(seconds=1)
        if not person.is_active or person.role == "reader" or self.need.skills - person.skills:
            return False
        is_there = hours.is_open(person.hours, start) and hours.is_open(person.hours, last)
        return is_there and not any(begins < last and start < ends for begins, ends in person.absences)

    def is_slot(self, start: datetime) -> bool:
        """Whether this is a slot of the opening hours that may be booked now, whether or not one is left in it."""
        is_ahead = start >= self.moment + lead() - GRACE
        is_near = start <= self.moment + timedelta(days=settings.CALLBACK_DAYS)
        if start != beginning(start) or not (is_ahead and is_near) or not hours.is_open(self.week, start):
            return False
        closes = hours.next_change(self.week, start)
        return closes is None or closes >= start + length()

    # --- as soon as possible -----------------------------------------------------------------------------------------
    def soonest(self) -> Soonest | None:
        """When a call asked for now is made; None when nobody is there to make it, or not soon."""
        able = sum(1 for person in self.people if self._is_there(person))
        able = able if self.limit is None else min(able, self.limit)
        if not able or not (self.is_always or hours.is_open(self.week, self.moment)):
            return None
        pace = timedelta(minutes=settings.CALLBACK_CALL_MINUTES)
        ahead = sum(1 for one in self.due if one <= self.moment + pace)
        due = self.moment + max(LEAST_WAIT, pace * (ahead // able + 1))
        while self.booked[beginning(due)] >= able:
            due = beginning(due) + length()
            if due > self.moment + SOON:
                return None
        closes = None if self.is_always else hours.next_change(self.week, self.moment)
        if due > self.moment + SOON or (closes is not None and due >= closes):
            return None
        ahead = sum(1 for one in self.due if one <= due)
        return Soonest(due, round((due - self.moment).total_seconds()), ahead)

    def _is_there(self, person: Person) -> bool:
        """At his desk and willing; that he talks with somebody now only makes it longer."""
        return all(reason.code == "full" for reason in choosing.weigh(person, self.need, self.moment))


def serialise(queue: Queue) -> None:
    """Whoever promises a time of this queue does so alone until his transaction ends."""
    locks.for_keys("callback", [str(queue.pk)])


def hold(site: Site, queue: Queue, starts_at: datetime | None, *, moving: Callback | None = None) -> datetime:
    """The moment promised, held until the transaction ends; `starts_at` None: as soon as possible.

    Raises Conflict `slot_taken` when somebody was faster, `no_slot` when nobody could call soon.
    """
    serialise(queue)
    plan = Plan.of(site, queue, clock.now(), without=moving)
    if starts_at is None:
        soonest = plan.soonest()
        if soonest is None:
            raise errors.Conflict(_("Nobody can call you soon. Choose a time, or write to us."), code="no_slot")
        return soonest.due_at
    if not plan.is_slot(starts_at):
        raise errors.Invalid(fields={"starts_at": [_("Choose one of the times on offer.")]})
    if not plan.has_room(starts_at):
        raise errors.Conflict(_("This time has just been taken. Choose another one."), code="slot_taken")
    return starts_at
