"""Try a list of rules on facts: which win, what they say, on which words, and the account of every one. Pure.

Production, rehearsal, saved tests and back-tests all call `choose`: what differs is only what is done with its answer.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from tickets.facts import Facts
from tickets.qualification.provenance import Source
from tickets.rules import conditions
from tickets.rules.compiled import Entry, Group

WON, ADDED, NONE, SHADOW, SKIPPED, OWN = "won", "added", "none", "shadow", "skipped", "own_effect"
_MANY = ("tags", "skills")


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules decided: the rule that placed the request, the merged actions, whose each is, and what matched.

    `steps` tells of the rules that acted or would have; `account` gives every one. `tally` is for the counters.
    """

    rule: Entry | None
    actions: dict[str, Any]
    steps: list[dict[str, Any]] = field(default_factory=list)
    matched: list[dict[str, Any]] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    overwrites: frozenset[str] = frozenset()
    tally: list[list[Any]] = field(default_factory=list)
    number: int | None = None


class _Course:
    """The walk through the rules that match, in their order."""

    def __init__(self) -> None:
        self.winner: Entry | None = None
        self.stopped: Entry | None = None
        self.merged: dict[str, Any] = {}
        self.sources: dict[str, Source] = {}
        self.overwrites: set[str] = set()
        self.matched: list[dict[str, Any]] = []
        self.steps: list[dict[str, Any]] = []
        self.tally: list[list[Any]] = []

    def meet(self, entry: Entry, facts: Facts, *, is_own: bool) -> None:
        effect = OWN if is_own else SHADOW if entry.shadow else ADDED
        findings = conditions.explain(entry.tree, facts)
        if effect == ADDED:
            words = [term for each in findings if each["group"] != "none" for term in each["terms"]]
            self._take(entry, words)
            if self.winner is None or ("queue" in entry.actions and "queue" not in self.winner.actions):
                self.winner, self.matched = entry, words
        self.steps.append(step(entry, True, findings, effect=effect, skipped=None))
        if effect != OWN:
            self.tally.append([entry.pk, "shadow" if effect == SHADOW else "hit", None])
        if effect == ADDED and entry.stops:
            self.stopped = entry

    def _take(self, entry: Entry, words: Sequence[dict[str, Any]]) -> None:
        """The first rule that says something has the word; tags and skills come together."""
        source = Source.of_rule(entry, words)  # type: ignore[arg-type]
        for name, value in entry.actions.items():
            if name in _MANY:
                before = self.merged.get(name, [])
                self.merged[name] = list(dict.fromkeys([*before, *value]))
                new = {f"tag:{tag}" if name == "tags" else name for tag in value if tag not in before}
            else:
                new = set() if name in self.merged else {name}
                self.merged.setdefault(name, value)
            for each in new:
                self.sources.setdefault(each, source)
            if new and entry.overwrite:
                self.overwrites.add(name)


def choose(facts: Facts, group: Group, *, skip: Collection[int] = (), number: int | None = None) -> Decision:
    """Try the rules in order: the first that matches wins; one that does not stop lets later ones add what is unset.

    Rules behind the one that stopped are tried too, so that the account can say what would have matched. Those in `skip`
    are the ones of whose effect this run is: they do not act again.
    """
    course = _Course()
    for entry in group.matching(facts):
        if course.stopped is not None and entry.pk not in skip:
            # It changes nothing: its account is given when somebody asks
            course.tally.append([entry.pk, "behind", course.stopped.pk])
        else:
            course.meet(entry, facts, is_own=entry.pk in skip)
    won = course.winner
    for each in course.steps:
        if won is not None and each["effect"] == ADDED and each["rule"] == won.ref():
            each["effect"] = WON
    return Decision(
        won,
        course.merged,
        course.steps,
        course.matched,
        course.sources,
        frozenset(course.overwrites),
        course.tally,
        number,
    )


def step(
    entry: Entry,
    holds: bool,
    findings: list[dict[str, Any]],
    *,
    effect: str,
    skipped: str | None,
    near_miss: bool = False,
) -> dict[str, Any]:
    """One rule of the account; `skipped` names the rule that stopped before it."""
    idle = {**entry.idle, "matched": holds, "effect": effect, "near_miss": near_miss}
    return {**idle, "skipped": skipped, "conditions": findings}


def account(facts: Facts, group: Group, decided: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every rule in order: those that acted as they were told then, the others with what they were short of."""
    known = {(told["rule"]["id"], told["rule"]["position"]): told for told in decided}
    index = group.index
    met = index.met(facts)
    matching, speaking = set(index.matching(facts, met)), index.told(met)
    skipped: str | None = None
    steps = []
    for number, (place, entry, idle, tree) in enumerate(group.places):
        if place in known:
            told = known[place]
            if told["effect"] in (WON, ADDED) and entry.stops:
                skipped = entry.name
        elif number in matching:
            findings = conditions.explain(tree, facts)
            told = step(entry, True, findings, effect=SKIPPED if skipped else NONE, skipped=skipped)
        elif number in speaking:
            findings = conditions.explain(tree, facts)
            near = _is_near(entry, findings, facts)
            told = step(entry, False, findings, effect=NONE, skipped=skipped, near_miss=near)
        else:
            # Nine rules of ten: a copy is three times as fast as a new one
            told = idle.copy()
            told["skipped"] = skipped
            told["conditions"] = tree.quiet or conditions.explain_without_words(tree, facts)
        steps.append(told)
    return steps


def _is_near(entry: Entry, findings: list[dict[str, Any]], facts: Facts) -> bool:
    """Whether one condition alone failed while words that another wanted were there."""
    if not any(each["terms"] and each["matched"] and each["group"] != "none" for each in findings):
        return False
    return conditions.short_by(entry.tree, facts) == 1
