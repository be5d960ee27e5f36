"""Match a rule's conditions against facts, and say what matched or what was expected instead. Pure.

A condition tree is `{"all": […], "any": […], "none": […]}`; each member is a condition or another tree. A condition is
`{"field", "op", "value"}` with options: on text fields `words` with terms such as `refund`, `rembours*`, `"money back"`,
`"card debit*"~5` or `-offer` (`tickets.rules.terms`); what the other fields take stands in `tickets.rules.fields`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from tickets.facts import Facts
from tickets.rules.leaves import Leaf, as_list, leaf_of
from tickets.rules.validity import check

__all__ = ["Finding", "Term", "Tree", "as_list", "build", "check", "explain", "match"]

_GROUPS = ("all", "any", "none")


@dataclass(frozen=True, slots=True)
class Term:
    """One matched word: the rule's term, the customer's own words, where they stand, and what folding made them match."""

    term: str
    text: str
    start: int
    end: int
    how: str

    def as_json(self) -> dict[str, Any]:
        return {"term": self.term, "text": self.text, "start": self.start, "end": self.end, "how": self.how}


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition tried: what was expected, what was there, whether it held, and on which words."""

    field: str
    op: str
    expected: list[str]
    actual: str
    matched: bool
    group: str
    of: str = "original"
    path: str = ""
    note: str = ""
    terms: list[Term] = dataclass_field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "op": self.op,
            "expected": self.expected,
            "actual": self.actual,
            "matched": self.matched,
            "group": self.group,
            "of": self.of,
            "path": self.path,
            "note": self.note,
            "terms": [term.as_json() for term in self.terms],
        }


@dataclass(frozen=True, slots=True)
class Tree:
    """Conditions ready to be tried."""

    all: tuple["Member", ...] = ()
    any: tuple["Member", ...] = ()
    none: tuple["Member", ...] = ()

    def holds(self, facts: Facts) -> bool:
        """Whether the conditions are met; stops at the first word that decides. An empty tree holds for everything."""
        return (
            all(member.holds(facts) for member in self.all)
            and (not self.any or any(member.holds(facts) for member in self.any))
            and not any(member.holds(facts) for member in self.none)
        )


Member = Tree | Leaf


def build(tree: dict[str, Any]) -> Tree:
    """Read a checked tree once, to be tried many times."""
    groups = {group: tuple(_member(member) for member in tree.get(group, ())) for group in _GROUPS}
    return Tree(**groups)


def _member(member: dict[str, Any]) -> Member:
    return leaf_of(member) if "field" in member else build(member)


def match(tree: dict[str, Any], facts: Facts) -> tuple[bool, list[Finding]]:
    """Whether the tree holds, with a finding per condition in the order written."""
    built = build(tree)
    findings = explain(built, facts)
    return built.holds(facts), findings


def explain(tree: Tree, facts: Facts) -> list[Finding]:
    """A finding per condition in the order written, also for those that decided nothing."""
    return [_finding(leaf, facts, group, path) for leaf, group, path in leaves(tree)]


def leaves(tree: Tree, prefix: str = "") -> Iterator[tuple[Leaf, str, str]]:
    """Every condition with its group and its path such as `all.0.any.1`."""
    for group in _GROUPS:
        for number, member in enumerate(getattr(tree, group)):
            path = f"{prefix}{group}.{number}"
            if isinstance(member, Tree):
                yield from leaves(member, f"{path}.")
            else:
                yield member, group, path


def _finding(leaf: Leaf, facts: Facts, group: str, path: str) -> Finding:
    seen = leaf.look(facts)
    terms = [Term(*found) for found in seen.terms]
    return Finding(leaf.field, leaf.op, leaf.expected, seen.actual, seen.holds, group, leaf.of, path, seen.note, terms)


def short_by(tree: Tree, facts: Facts) -> int:
    """How many conditions would have to change for the tree to hold."""
    missing = sum(_short_by(member, facts) for member in tree.all)
    if tree.any:
        missing += min(_short_by(member, facts) for member in tree.any)
    return missing + sum(member.holds(facts) for member in tree.none)


def _short_by(member: Member, facts: Facts) -> int:
    return short_by(member, facts) if isinstance(member, Tree) else int(not member.holds(facts))
