"""Why a ticket went to whom, or to nobody: what is kept of a decision. Ids and codes only, and never without bound."""

from collections import Counter
from datetime import datetime
from typing import Any

from helpdesk.lib import clock
from helpdesk.people.choosing import Choice, Person, Reason, Verdict
from tickets.models import AssignmentDecision, Queue, Ticket

KEPT = 20
PEOPLE = 40


def keep(ticket: Ticket, queue: Queue, choice: Choice, *, cause: str, outcome: str) -> AssignmentDecision:
    """Store a decision; the same finding again is counted on the row that has it. The oldest beyond twenty go."""
    data, moment = _data(queue, choice), clock.now()
    if choice.winner is None and (last := ticket.decisions.first()) and _is_same(last, data):
        last.times, last.last_at, last.data = last.times + 1, moment, data
        last.save(update_fields=["times", "last_at", "data"])
        return last
    made = AssignmentDecision.objects.create(
        ticket=ticket,
        queue=queue,
        user_id=choice.winner.id if choice.winner else None,
        outcome=outcome,
        cause=cause,
        data=data,
        created_at=moment,
        last_at=moment,
    )
    if (too_old := ticket.decisions.values_list("pk", flat=True)[KEPT : KEPT + 1]) and (oldest := too_old[0]):
        ticket.decisions.filter(pk__lte=oldest).delete()
    return made


def _is_same(last: AssignmentDecision, data: dict[str, Any]) -> bool:
    """Nobody then, nobody now, for the same reasons."""
    same = ("strategy", "skills", "relaxed", "left_out")
    return last.user_id is None and all(last.data.get(name) == data[name] for name in same)


def _data(queue: Queue, choice: Choice) -> dict[str, Any]:
    verdicts = sorted(choice.verdicts, key=lambda verdict: _rank(verdict, choice))
    left_out = Counter(verdict.reasons[0].code for verdict in verdicts if verdict.reasons)
    return {
        "strategy": queue.strategy,
        "skills": sorted(choice.need.skills),
        "relaxed": choice.is_relaxed,
        "why": choice.why,
        "tied": choice.tied,
        "again_at": _iso(choice.again_at),
        "left_out": dict(sorted(left_out.items())),
        "considered": [person_data(verdict, choice.winner) for verdict in verdicts[:PEOPLE]],
        "more": max(0, len(verdicts) - PEOPLE),
    }


def _rank(verdict: Verdict, choice: Choice) -> tuple[bool, bool, int, int]:
    """The winner, who else could have had it, then those with the least against them."""
    is_winner = choice.winner is not None and verdict.person.id == choice.winner.id
    return not is_winner, bool(verdict.reasons), len(verdict.reasons), verdict.person.load


def person_data(verdict: Verdict, winner: Person | None) -> dict[str, Any]:
    """One person of a decision as it is stored."""
    person = verdict.person
    is_winner = winner is not None and person.id == winner.id
    return {
        "agent": person.id,
        "outcome": "chosen" if is_winner else "left_out" if verdict.reasons else "available",
        "load": person.load,
        "limit": person.limit,
        "zone": person.zone,
        "reasons": [reason_data(reason) for reason in verdict.reasons],
    }


def reason_data(reason: Reason) -> dict[str, Any]:
    """A reason as it is stored: what is not said of it is left out."""
    found: dict[str, Any] = {"code": reason.code}
    if reason.until:
        found["until"] = _iso(reason.until)
    if reason.skills:
        found["skills"] = list(reason.skills)
    return found


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
