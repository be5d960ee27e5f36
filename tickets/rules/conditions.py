"""Match a rule's conditions against facts, and say what matched or what was expected instead. Pure.

A condition tree is `{"all": […], "any": […], "none": […]}`; each member is a condition or another tree. A condition is
`{"field", "op", "value"}` with options: on text fields `words` with terms such as `refund`, `rembours*`, `"money back"`,
`"card debit*"~5` or `-offer` (`tickets.rules.terms`); what the other fields take stands in `tickets.rules.fields`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from tickets.facts import Facts
from tickets.rules.leaves import NOTHING, Leaf, Words, as_list, leaf_of
from tickets.rules.validity import check

__all__ = ["Tree", "as_list", "build", "check", "explain", "match"]

_GROUPS = ("all", "any", "none")


@dataclass(frozen=True)
class Tree:
    """Conditions ready to be tried."""

    all: tuple["Member", ...] = ()
    any: tuple["Member", ...] = ()
    none: tuple["Member", ...] = ()

    def holds(self, facts: Facts) -> bool:
        """Whether the conditions are met; stops at the first word that decides. An empty tree holds for everything."""
        for member in self.all:
            if not member.holds(facts):
                return False
        if self.any and not any(member.holds(facts) for member in self.any):
            return False
        return not (self.none and any(member.holds(facts) for member in self.none))

    @cached_property
    def asked(self) -> tuple["Asked", ...]:
        """Every condition in the order written."""
        return tuple(asked(leaf, group, path) for leaf, group, path in _leaves(self))

    @cached_property
    def quiet(self) -> list[dict[str, Any]] | None:
        """What `explain` says of a request that has none of the words; None where it depends on more than words."""
        if not all(isinstance(each.leaf, Words) for each in self.asked):
            return None
        return [each.quiet for each in self.asked]

    @cached_property
    def halves(self) -> list[tuple["Asked", dict[str, Any] | None]]:
        """Every condition, with what it says where the request has none of the words; None where it does not ask for words."""
        return [(each, each.quiet if isinstance(each.leaf, Words) else None) for each in self.asked]


@dataclass(frozen=True, eq=False)
class Asked:
    """A condition at its place in a tree, with the finding that it failed and nothing was there."""

    leaf: Leaf
    blank: dict[str, Any]

    @cached_property
    def quiet(self) -> dict[str, Any]:
        """What it finds in a text without any of its words."""
        return {**self.blank, "matched": True} if self.leaf.is_met_by_nothing else self.blank

    def finding(self, facts: Facts) -> dict[str, Any]:
        """What it finds; a condition on a value is asked by many rules and told once."""
        told = facts.findings.get(self)
        if told is None:
            told = facts.findings[self] = self._finding(facts)
        return told

    def _finding(self, facts: Facts) -> dict[str, Any]:
        seen = self.leaf.look(facts)
        if seen is NOTHING:
            return self.blank
        return {**self.blank, "actual": seen.actual, "matched": seen.holds, "terms": list(seen.terms)}


Member = Tree | Leaf


def build(tree: dict[str, Any]) -> Tree:
    """Read a checked tree once, to be tried many times."""
    groups = {group: tuple(_member(member) for member in tree.get(group, ())) for group in _GROUPS}
    return Tree(**groups)


def _member(member: dict[str, Any]) -> Member:
    return leaf_of(member) if "field" in member else build(member)


def match(tree: dict[str, Any], facts: Facts) -> tuple[bool, list[dict[str, Any]]]:
    """Whether the tree holds, with a finding per condition in the order written."""
    built = build(tree)
    return built.holds(facts), explain(built, facts)


def explain(tree: Tree, facts: Facts) -> list[dict[str, Any]]:
    """A finding per condition, also for those that decided nothing: {"field", "op", "expected", "actual", "matched",
    "group", "of", "path", "note", "terms": [{"term", "text", "start", "end", "how"}]}. Nobody may change them: what
    failed without a trace is told with one and the same finding every time."""
    return [each.finding(facts) for each in tree.asked]


def explain_without_words(tree: Tree, facts: Facts) -> list[dict[str, Any]]:
    """The same where it is known that the request has none of the words of the tree."""
    if tree.quiet is not None:
        return tree.quiet
    return [quiet or each.finding(facts) for each, quiet in tree.halves]


def _leaves(tree: Tree, prefix: str = "") -> Iterator[tuple[Leaf, str, str]]:
    """Every condition with its group and its path such as `all.0.any.1`."""
    for group in _GROUPS:
        for number, member in enumerate(getattr(tree, group)):
            path = f"{prefix}{group}.{number}"
            if isinstance(member, Tree):
                yield from _leaves(member, f"{path}.")
            else:
                yield member, group, path


@lru_cache(maxsize=20_000)
def asked(leaf: Leaf, group: str, path: str) -> Asked:
    """One and the same for all rules that ask the same at the same place."""
    blank = {
        "field": leaf.field,
        "op": leaf.op,
        "expected": leaf.expected,
        "actual": "",
        "matched": False,
        "group": group,
        "of": leaf.of,
        "path": path,
        "note": "",
        "terms": [],
    }
    return Asked(leaf, blank)


def short_by(tree: Tree, facts: Facts) -> int:
    """How many conditions would have to change for the tree to hold."""
    missing = sum(_short_by(member, facts) for member in tree.all)
    if tree.any:
        missing += min(_short_by(member, facts) for member in tree.any)
    return missing + sum(member.holds(facts) for member in tree.none)


def _short_by(member: Member, facts: Facts) -> int:
    return short_by(member, facts) if isinstance(member, Tree) else int(not member.holds(facts))
