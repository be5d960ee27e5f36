"""What rules decided is done to a ticket, each change in the name of the rule that asked for it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from helpdesk.jobs import outbox
from helpdesk.lib import errors
from helpdesk.lib.actor import Actor
from helpdesk.people.models import Team, User
from tickets import access, conversation, lifecycle, macros, skills
from tickets.channels import receipts
from tickets.conversation import Line
from tickets.models import Macro, Message, Participant, Queue, Ticket
from tickets.models.ticket import Status
from tickets.qualification.provenance import Source
from tickets.rules.engine import Decision

REVIEW = "review"
"""The tag of what a rule holds back until somebody has looked."""
_MOST_FOLLOWERS = 50


@dataclass
class Done:
    """What a run changed, and what it left because an agent had chosen it or it could not be done."""

    applied: list[dict[str, Any]] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)


def apply(ticket: Ticket, decision: Decision, *, cause: int | None = None) -> Done:
    """Do everything that the rules say; the caller holds the transaction."""
    done = Done()
    # In an order of its own: PostgreSQL gives back the members of JSON in another than they were written
    for name in _FIELDS:
        if name in decision.actions:
            _set(ticket, name, decision.actions[name], decision, cause, done)
    after_intake(ticket, decision, cause=cause, done=done)
    if decision.actions.get("acknowledge"):
        outbox.enqueue(receipts.acknowledge_ticket, ticket_id=ticket.pk)
        done.applied.append({"field": "acknowledge", "from": None, "to": True})
    return done


_FIELDS = ("queue", "assignee", "priority", "kind", "tags", "status")


AFTER_INTAKE = frozenset({"skills", "macro", "notify", "hold"})


def after_intake(ticket: Ticket, decision: Decision, *, cause: int | None = None, done: Done | None = None) -> None:
    """What can only be done once the ticket and its first message are there."""
    done = done or Done()
    for name, act in (("skills", _require), ("macro", _macro), ("notify", _notify), ("hold", _hold)):
        if name in decision.actions:
            act(ticket, decision.actions[name], decision, cause, done)


def _set(ticket: Ticket, name: str, value: Any, decision: Decision, cause: int | None, done: Done) -> None:
    """One field by its rule; tags one by one, for several rules may have given them."""
    wanted = [(f"tag:{tag}", {"tags": [tag]}) for tag in value] if name == "tags" else [(name, {name: value})]
    for said, values in wanted:
        before = _shown(ticket, name)
        try:
            _apply(ticket, said, values, decision, cause, done, before)
        except (errors.DomainError, Queue.DoesNotExist, User.DoesNotExist) as error:
            done.kept.append({"field": said, "value": value, "reason": getattr(error, "code", "missing")})
    ticket.refresh_from_db()


def _apply(
    ticket: Ticket,
    said: str,
    values: dict[str, Any],
    decision: Decision,
    cause: int | None,
    done: Done,
    before: Any,
) -> None:
    name = next(iter(values))
    given = {name: _OBJECTS[name](values[name])} if name in _OBJECTS else values
    applied = lifecycle.apply(
        ticket, given, source=decision.sources[said], overwrite=name in decision.overwrites, cause=cause
    )
    shown = values[name][0] if name == "tags" else values[name]
    done.applied += [
        {"field": name, "from": None if name == "tags" else before, "to": shown} for _field in applied.done
    ]
    done.kept += [{"field": name, "value": shown, "reason": reason} for reason in applied.kept.values()]


_OBJECTS: dict[str, Callable[[Any], Any]] = {
    "queue": lambda slug: Queue.objects.get(slug=slug, is_active=True),
    "assignee": lambda pk: User.objects.get(pk=pk, is_active=True),
}


def _shown(ticket: Ticket, name: str) -> Any:
    if name == "queue":
        return ticket.queue.slug
    return ticket.assignee_id if name == "assignee" else getattr(ticket, name, None) if name != "tags" else None


def _require(ticket: Ticket, slugs: Any, decision: Decision, cause: int | None, done: Done) -> None:
    skills.require(ticket, list(slugs), by=decision.sources["skills"].actor, cause=cause)
    done.applied.append({"field": "skills", "from": None, "to": list(slugs)})


def _hold(ticket: Ticket, _value: Any, decision: Decision, cause: int | None, done: Done) -> None:
    """Held for review: seen by the team, given to nobody, answered by no machine."""
    source = decision.sources["hold"]
    applied = lifecycle.apply(ticket, {"status": Status.HOLD, "tags": [REVIEW]}, source=source, cause=cause)
    if "status" in applied.done:
        done.applied.append({"field": "status", "from": ticket.status, "to": str(Status.HOLD)})
    ticket.refresh_from_db()


def _macro(ticket: Ticket, macro_id: Any, decision: Decision, cause: int | None, done: Done) -> None:
    """The macro's changes are made; its words wait in a note, for a rule writes to no customer."""
    macro, source = Macro.objects.filter(pk=macro_id).first(), decision.sources["macro"]
    if macro is None:
        done.kept.append({"field": "macro", "value": macro_id, "reason": "missing"})
        return
    for name, value in macro.actions.items():
        if name in _FIELDS:
            given = Decision(decision.rule, {name: value}, sources=_same(name, value, source))
            _set(ticket, name, value, given, cause, done)
    body = macros.render(macro, ticket, by=User(name=source.name))["body"]
    if body:
        with override(ticket.language or None):
            said = _("Suggested by the rule “%(rule)s”:") % {"rule": source.name}
        _note(ticket, f"{said}\n\n{body}", source.actor)
    done.applied.append({"field": "macro", "from": None, "to": macro.name})


def _same(name: str, value: Any, source: Source) -> dict[str, Source]:
    return {f"tag:{tag}": source for tag in value} if name == "tags" else {name: source}


def _notify(ticket: Ticket, notice: Any, decision: Decision, cause: int | None, done: Done) -> None:
    """The people follow the ticket from now on, and a note says why."""
    source = decision.sources["notify"]
    users = User.objects.filter(is_active=True, pk__in=notice.get("users", []))
    teams = Team.objects.filter(slug__in=notice.get("teams", []))
    members = User.objects.filter(is_active=True, teams__in=teams)
    people = list((users | members).distinct().order_by("id")[:_MOST_FOLLOWERS])
    following = set(Participant.objects.filter(ticket=ticket, user__isnull=False).values_list("user_id", flat=True))
    Participant.objects.bulk_create(
        Participant(ticket=ticket, user=user, kind=Participant.Role.FOLLOWER)
        for user in people
        if user.pk not in following
    )
    named = ", ".join([f"@{user.name}" for user in users] + [f"@{team.name}" for team in teams])
    with override(ticket.language or None):
        said = _("The rule “%(rule)s” asks for a look.") % {"rule": source.name}
    _note(ticket, " ".join(filter(None, (named, notice.get("note") or said))), source.actor)
    done.applied.append({"field": "notify", "from": None, "to": named})


def _note(ticket: Ticket, body: str, by: Actor) -> None:
    row = access.locked(ticket.pk)
    conversation.append(row, Line(body=body, kind=Message.Kind.NOTE, channel=ticket.channel), by=by)
    ticket.refresh_from_db()
