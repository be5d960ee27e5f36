"""Who gets a piece of work, and why nobody else did. Pure: people and the moment come in, a choice and its reasons go out.

Tickets and chats ask the same function; they differ in what counts as load and where the limit lies.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from helpdesk.lib import hours
from helpdesk.lib.hours import ALWAYS, Week

Order = Literal["in_turn", "least_busy"]
Passed = Literal["", "declined", "not_accepted"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who might get the work, as he is at the moment. `limit` None: any number; `hours` are his shifts."""

    id: int
    name: str = ""
    role: str = "agent"
    zone: str = "UTC"
    is_active: bool = True
    is_member: bool = True
    is_present: bool = True
    availability: str = "available"
    skills: frozenset[str] = frozenset()
    load: int = 0
    limit: int | None = None
    hours: Week = ALWAYS
    absences: tuple[tuple[datetime, datetime], ...] = ()
    # He had this very piece of work before him and let it go; it comes back to him after `passed_until`
    passed: Passed = ""
    passed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What the work asks. From `relaxes_at` on, skills are only a preference; None: never."""

    skills: frozenset[str] = frozenset()
    relaxes_at: datetime | None = None

    def is_relaxed(self, moment: datetime) -> bool:
        return bool(self.skills) and self.relaxes_at is not None and moment >= self.relaxes_at


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody was left out. `until`: when this reason ends by itself."""

    code: str
    until: datetime | None = None
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One person and all that speaks against him; nothing: he could have had it."""

    person: Person
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """`why` is the winner's advantage: 'only_one', 'in_turn', 'least_busy'; `tied`: how many had as little to do.

    `again_at`: the next moment at which the answer may be another one by the mere passing of time.
    """

    winner: Person | None
    verdicts: tuple[Verdict, ...]
    order: Order
    why: str = ""
    tied: int = 0
    is_relaxed: bool = False
    again_at: datetime | None = None
    need: Need = field(default_factory=Need)


def weigh(person: Person, need: Need, moment: datetime) -> tuple[Reason, ...]:
    """All that speaks against giving this person the work now, the weightiest first."""
    if not person.is_active:
        return (Reason("deactivated"),)
    if person.role == "reader":
        return (Reason("reader"),)
    reasons = [] if person.is_member else [Reason("not_in_team")]
    reasons += _times(person, moment)
    reasons += _presence(person)
    if person.limit is not None and person.load >= person.limit:
        reasons.append(Reason("full"))
    if missing := need.skills - person.skills:
        reasons.append(Reason("lacks_skill", need.relaxes_at, tuple(sorted(missing))))
    if person.passed and (person.passed_until is None or moment < person.passed_until):
        reasons.append(Reason(person.passed, person.passed_until))
    return tuple(reasons)


def _times(person: Person, moment: datetime) -> list[Reason]:
    if until := absent_until(person, moment):
        return [Reason("absent", until)]
    if not hours.is_open(person.hours, moment):
        return [Reason("off_shift", hours.next_opening(person.hours, moment))]
    return []


def absent_until(person: Person, moment: datetime) -> datetime | None:
    """When the absence around `moment` ends, those that follow on it included; None when he is not absent."""
    until: datetime | None = None
    for start, end in sorted(person.absences):
        if start <= (until or moment) < end:
            until = end
    return until


def _presence(person: Person) -> list[Reason]:
    if not person.is_present or person.availability == "offline":
        return [Reason("offline")]
    return [] if person.availability == "available" else [Reason(person.availability)]


def choose(people: Iterable[Person], need: Need, moment: datetime, *, order: Order, last: int = 0) -> Choice:
    """One of the people, or nobody. `last` is whose turn was last: ties and turns go on behind him.

    Skills that nobody available has are dropped once they are relaxed; then whoever lacks fewest of them comes first.
    """
    folk = tuple(people)
    verdicts = tuple(Verdict(person, weigh(person, need, moment)) for person in folk)
    able = [verdict.person for verdict in verdicts if not verdict.reasons]
    is_relaxed = not able and need.is_relaxed(moment)
    if is_relaxed:
        verdicts = tuple(Verdict(person, weigh(person, Need(), moment)) for person in folk)
        able = _nearest([verdict.person for verdict in verdicts if not verdict.reasons], need)
    ranked = rank(able, order=order, last=last)
    winner = ranked[0] if ranked else None
    return Choice(
        winner=winner,
        verdicts=verdicts,
        order=order,
        why="" if winner is None else "only_one" if len(able) == 1 else order,
        tied=sum(1 for person in able if winner and person.load == winner.load),
        is_relaxed=is_relaxed,
        again_at=_again_at(verdicts, moment) if winner is None else None,
        need=need,
    )


def _nearest(people: Sequence[Person], need: Need) -> list[Person]:
    fewest = min((len(need.skills - person.skills) for person in people), default=0)
    return [person for person in people if len(need.skills - person.skills) == fewest]


def rank(people: Iterable[Person], *, order: Order, last: int = 0) -> list[Person]:
    """The people in the order in which they would be asked."""
    ring = sorted(people, key=lambda person: (person.id <= last, person.id))
    return ring if order == "in_turn" else sorted(ring, key=lambda person: person.load)


def _again_at(verdicts: Iterable[Verdict], moment: datetime) -> datetime | None:
    times = [reason.until for verdict in verdicts for reason in verdict.reasons if reason.until]
    return min((time for time in times if time > moment), default=None)


def with_one_more(people: Iterable[Person], person_id: int) -> list[Person]:
    """The same people after one of them was given a piece."""
    return [replace(person, load=person.load + 1) if person.id == person_id else person for person in people]
