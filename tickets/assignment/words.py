"""The account of assignment as people read it: names and labels of today, words in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helpdesk.lib import clock
from helpdesk.people import choosing, words
from helpdesk.people.choosing import Person, Verdict
from helpdesk.people.models import Skill, User
from tickets import skills
from tickets.assignment import account, desk
from tickets.models import AssignmentDecision, Offer, Ticket


@dataclass(frozen=True)
class Names:
    """What ids and slugs are called now; two queries for a whole page of decisions."""

    people: Mapping[int, str]
    skills: Mapping[str, str]

    @classmethod
    def of(cls, user_ids: Iterable[int]) -> "Names":
        people = dict(User.objects.filter(pk__in=set(user_ids)).values_list("pk", "name"))
        return cls(people, {skill.slug: skill.label for skill in Skill.objects.all()})

    def agent(self, user_id: int | None) -> dict[str, Any] | None:
        return {"id": user_id, "name": self.people.get(user_id, "")} if user_id else None

    def labels(self, slugs: Iterable[str]) -> list[dict[str, str]]:
        return [{"slug": slug, "label": self.skills.get(slug, slug)} for slug in slugs]


def told(ticket: Ticket, reader: User, *, asked: int | None = None) -> dict[str, Any]:
    """All that is known of who got the ticket and why. `asked`: a user of whom the reader wants to know why not he."""
    decisions = list(ticket.decisions.all()[: account.KEPT])
    offer = Offer.objects.open().filter(ticket=ticket).first()
    needs = skills.asked_by(ticket)
    names = Names.of(_ids(ticket, decisions, offer, asked))
    relaxes_at = desk.relaxes_at(ticket) if needs else None
    found = {
        "assignee": names.agent(ticket.assignee_id),
        "offer": _offer(offer, names, reader),
        "strategy": ticket.queue.strategy,
        "needs": [{**names.labels([need.slug])[0], "from": need.origin} for need in needs],
        "relaxes_at": relaxes_at,
        "again_at": decisions[0].data.get("again_at") if decisions and ticket.assignee_id is None else None,
        "decisions": [_decision(decision, names) for decision in decisions],
    }
    if asked is not None:
        found["asked"] = _asked(ticket, asked, names)
    return found


def _ids(ticket: Ticket, decisions: list[AssignmentDecision], offer: Offer | None, asked: int | None) -> Iterable[int]:
    ids = {each["agent"] for decision in decisions for each in decision.data["considered"]}
    ids |= {decision.user_id for decision in decisions if decision.user_id}
    return ids | {pk for pk in (ticket.assignee_id, offer.user_id if offer else None, asked) if pk}


def _offer(offer: Offer | None, names: Names, reader: User) -> dict[str, Any] | None:
    if offer is None or offer.expires_at <= clock.now():
        return None
    return {"agent": names.agent(offer.user_id), "until": offer.expires_at, "mine": offer.user_id == reader.pk}


def _decision(decision: AssignmentDecision, names: Names) -> dict[str, Any]:
    data = decision.data
    return {
        "at": decision.last_at,
        "cause": decision.cause,
        "cause_text": _cause(decision.cause),
        "times": decision.times,
        "outcome": decision.outcome,
        "agent": names.agent(decision.user_id),
        "text": _sentence(decision, names),
        "strategy": data["strategy"],
        "skills": names.labels(data["skills"]),
        "relaxed": data["relaxed"],
        "considered": [_considered(each, names) for each in data["considered"]],
        "left_out": data["left_out"],
        "more": data["more"],
    }


def _considered(each: Mapping[str, Any], names: Names) -> dict[str, Any]:
    more = {"zone": each["zone"], "load": each["load"], "limit": each["limit"], "skills": names.skills}
    return {
        "agent": names.agent(each["agent"]),
        "outcome": each["outcome"],
        "load": each["load"],
        "limit": each["limit"],
        "reasons": [{"code": reason["code"], "text": words.reason(reason, **more)} for reason in each["reasons"]],
    }


def _cause(cause: str) -> str:
    return {
        "opened": _("The ticket came in"),
        "routed": _("It came from another queue"),
        "released": _("It was put back"),
        "returned": _("The customer wrote while its agent was away"),
        "reopened": _("It was opened again"),
        "skills": _("A rule asked for skills"),
        "woken": _("Its snooze was over"),
        "declined": _("The one asked before declined"),
        "withdrawn": _("The one asked before works here no more"),
        "expired": _("The one asked before did not accept in time"),
        "chat_ended": _("The chat ended and nobody had taken it"),
        "chat": _("A chat was waiting"),
        "somebody_free": _("Somebody had come or was free again"),
        "time": _("The time had come to look again"),
        "sweep": _("The line was looked at again"),
    }.get(cause, cause)


def _sentence(decision: AssignmentDecision, names: Names) -> str:
    data = decision.data
    if decision.outcome == AssignmentDecision.Outcome.NOBODY:
        return _("Nobody could be given it")
    load = next((each["load"] for each in data["considered"] if each["outcome"] == "chosen"), 0)
    why = {
        "only_one": _("the only one who could be given it"),
        "in_turn": _("whose turn it was"),
        "knows_it": _("who knows the ticket"),
        "least_busy": ngettext("the least busy, with %(n)s open", "the least busy, with %(n)s open", load)
        % {"n": load},
    }.get(data["why"], "")
    if data["why"] == "least_busy" and data["tied"] > 1:
        why = _("%(why)s; among equals, whose turn it was") % {"why": why}
    if data["relaxed"]:
        why = _("%(why)s; nobody with the skills asked was free in time") % {"why": why}
    name = names.people.get(decision.user_id or 0, "")
    return _("%(name)s: %(why)s") % {"name": name, "why": why}


def _asked(ticket: Ticket, user_id: int, names: Names) -> dict[str, Any]:
    """This person now, by the rules of the ticket's queue, whether or not he is in its team."""
    moment = clock.now()
    found = desk.person(user_id, moment)
    person = found or Person(id=user_id, is_active=False)
    if found is not None and not User.objects.filter(pk=user_id, teams=ticket.queue.team_id).exists():
        person = replace(found, is_member=False)
    person = desk.without_those_who_let_go(ticket, [person], moment)[0]
    need = desk.need(ticket)
    if need.is_relaxed(moment):
        need = choosing.Need()
    verdict = Verdict(person, choosing.weigh(person, need, moment))
    stored = account.person_data(verdict, None)
    shown = _considered(stored, names)
    texts = ", ".join(reason["text"] for reason in shown["reasons"])
    name = names.people.get(user_id, "")
    return {
        **{key: shown[key] for key in ("agent", "outcome", "reasons", "load", "limit")},
        "text": _("%(name)s: %(why)s") % {"name": name, "why": texts or _("could be given it now")},
    }
