"""Who set a field of a ticket, when, and on which words. Every writer of such a field says so here, in its transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpdesk.lib import clock, together
from helpdesk.lib.actor import SYSTEM, Actor
from tickets.models import Provenance, Rule, Ticket

Kind = Provenance.Kind
# What an agent chose yields to agents; what the machine believes yields to everybody who knows.
_HELD = (Kind.AGENT,)
_BELIEFS = (Kind.GUESS, Kind.MODEL, Kind.DEFAULT, Kind.MAILBOX)


@dataclass(frozen=True, slots=True)
class Source:
    """Who says what a field is: `origin` and `version` name the rule or model as it was then; `words` are offsets."""

    kind: str
    actor: Actor = SYSTEM
    origin: int | None = None
    version: int | None = None
    name: str = ""
    words: Sequence[Mapping[str, Any]] = ()
    confidence: float | None = None

    @classmethod
    def of(cls, actor: Actor) -> "Source":
        """A person, a rule or the system, as the actor says."""
        if actor.kind == "rule":
            return cls(Kind.RULE, actor, origin=actor.id, name=actor.name)
        return cls({"user": Kind.AGENT, "customer": Kind.CUSTOMER}.get(actor.kind, Kind.DEFAULT), actor)

    @classmethod
    def of_rule(cls, rule: Rule, words: Sequence[Mapping[str, Any]] = ()) -> "Source":
        """A rule in its present version, on the words that it matched."""
        actor = Actor("rule", rule.pk, rule.name)
        return cls(Kind.RULE, actor, origin=rule.pk, version=rule.version, name=rule.name, words=words)

    @classmethod
    def guess(cls, words: Sequence[Mapping[str, Any]] = (), confidence: float | None = None) -> "Source":
        """What the words alone seem to say."""
        return cls(Kind.GUESS, words=words, confidence=confidence)

    def brief(self) -> dict[str, Any]:
        """For events: ids and codes only, never words."""
        said = {"kind": str(self.kind), "origin": self.origin, "version": self.version}
        return {name: value for name, value in said.items() if value is not None}


def may_set(held: str | None, source: Source, *, overwrite: bool = False) -> bool:
    """Whether `source` may change a field whose value comes from `held` (None: from nobody).

    An agent's value yields to agents, and to a rule only when it says so; guesses and models yield to everybody else.
    """
    if source.kind == Kind.AGENT or overwrite or held is None:
        return True
    if source.kind in (Kind.GUESS, Kind.MODEL):
        return held in _BELIEFS
    return held not in _HELD


def held_by(ticket_id: int, fields: Iterable[str]) -> dict[str, str]:
    """The kind of source that holds each of these fields; what nobody set is missing."""
    rows = Provenance.objects.filter(ticket_id=ticket_id, field__in=list(fields))
    return dict(rows.values_list("field", "kind"))


def keep(ticket_id: int, values: Mapping[str, tuple[Any, Source]]) -> None:
    """Store field → (value, source): one statement however many fields."""
    Provenance.objects.bulk_create(
        _rows(ticket_id, values), update_conflicts=True, unique_fields=["ticket", "field"], update_fields=_REPLACED
    )


def keep_first(ticket_id: int, values: Mapping[str, tuple[Any, Source]]) -> None:
    """The same for a ticket that was made in this transaction."""
    together.insert(*_rows(ticket_id, values))


def _rows(ticket_id: int, values: Mapping[str, tuple[Any, Source]]) -> list[Provenance]:
    moment = clock.now()
    return [
        Provenance(
            ticket_id=ticket_id,
            field=field[:60],
            value=value,
            kind=source.kind,
            origin=source.origin,
            version=source.version,
            name=source.name[:120],
            user_id=source.actor.id if source.actor.kind == "user" else None,
            words=list(source.words)[:_MOST_WORDS],
            confidence=source.confidence,
            set_at=moment,
        )
        for field, (value, source) in values.items()
    ]


_MOST_WORDS = 20
_REPLACED = ["value", "kind", "origin", "version", "name", "user", "words", "confidence", "set_at"]


def of(ticket: Ticket) -> list[Provenance]:
    """The current account of a ticket, in the order screens show it."""
    rows = Provenance.objects.filter(ticket=ticket).select_related("user")
    return sorted(rows, key=lambda row: (_ORDER.get(row.field, len(_ORDER)), row.field))


_ORDER = {name: place for place, name in enumerate(("kind", "language", "priority", "queue", "assignee", "standing"))}
