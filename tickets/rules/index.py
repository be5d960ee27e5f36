"""From words and values to the rules that they may concern: a thousand rules meet a message in a fraction of a millisecond.

Most rules are never looked at. One that cannot hold without some word, phrase or address is found through it; all words
and phrases are looked for in one pass over the message (Aho-Corasick), and where finding one is all that a condition
asks for, that condition is not tried again. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import ahocorasick

from helpdesk.lib import text
from tickets.facts import Facts
from tickets.rules.conditions import Tree
from tickets.rules.leaves import Key, Leaf, Words
from tickets.rules.reading import Reading

# Values that many requests share tell little; those of one sender, customer or address tell much
_COMMON = frozenset(("channel", "language", "kind", "status", "trust", "machine", "author", "form", "queue"))
_LINE, _STEM = "line", "stem"
_NOTHING_MORE = Tree()


@dataclass(slots=True)
class _Slot:
    """What one key says: rules in which it meets the condition that found them, rules to be tried, rules it is told in."""

    sure: list[int] = field(default_factory=list)
    tried: list[int] = field(default_factory=list)
    told: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Met:
    """The keys that stand in the words of a request: in its text as it came in, and elsewhere."""

    here: list[_Slot]
    elsewhere: list[_Slot]


class Index:
    """An index over the conditions of rules, which it knows by their number from 0."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        self._trees = trees
        self._rest: dict[int, Tree] = {}
        self._plain: set[int] = set()
        self._always: list[int] = []
        self._always_told: list[int] = []
        self._by_line: dict[str, _Slot] = {}
        self._by_stem: dict[str, _Slot] = {}
        self._by_code: dict[str, dict[str, list[int]]] = {}
        for number, tree in enumerate(trees):
            self._find_by(number, tree)
            self._tell_by(number, tree)

    # --- built once ---

    def _find_by(self, number: int, tree: Tree) -> None:
        keys = _needed(tree)
        if keys is None:
            self._always.append(number)
            return
        rest = _left_over(tree, keys)
        if rest is not None:
            self._rest[number] = rest
            if rest == _NOTHING_MORE:
                self._plain.add(number)
        for kind, value in keys:
            if kind not in (_LINE, _STEM):
                self._by_code.setdefault(kind, {}).setdefault(value, []).append(number)
            elif rest is not None:
                self._slot(kind, value).sure.append(number)
            else:
                self._slot(kind, value).tried.append(number)

    def _tell_by(self, number: int, tree: Tree) -> None:
        traces = [each.leaf.traces() for each in tree.asked]
        if None in traces:
            self._always_told.append(number)
            return
        for keys in traces:
            for kind, value in keys or ():
                self._slot(kind, value).told.append(number)

    def _slot(self, kind: str, value: str) -> _Slot:
        return (self._by_line if kind == _LINE else self._by_stem).setdefault(value, _Slot())

    @cached_property
    def _automaton(self) -> Any:
        automaton = ahocorasick.Automaton()
        for value, slot in self._by_line.items():
            automaton.add_word(value, slot)
        automaton.make_automaton()
        return automaton

    # --- asked for each message ---

    def met(self, facts: Facts) -> Met:
        """What of the index stands in the request's words."""
        return Met(self._slots(facts.reading), [slot for each in _others(facts) for slot in self._slots(each)])

    def _slots(self, reading: Reading) -> list[_Slot]:
        found = [slot for _end, slot in self._automaton.iter(reading.line)] if self._by_line else []
        if self._by_stem:
            found += [self._by_stem[stem] for stem in self._by_stem.keys() & reading.stems.keys()]
        return found

    def matching(self, facts: Facts, met: Met) -> list[int]:
        """The rules that hold, in their order; whoever is not found here cannot."""
        sure: set[int] = set()
        tried = set(self._always)
        for slot in met.here:
            sure.update(slot.sure)
            tried.update(slot.tried)
        for slot in met.elsewhere:
            tried.update(slot.sure, slot.tried)
        for name, values in self._by_code.items():
            for value in {_code(facts, name), _code(facts.current, name)}:
                tried.update(values.get(value, ()))
        rest, trees = self._rest, self._trees
        found = [*(sure & self._plain)]
        found += [number for number in sure - self._plain if rest[number].holds(facts)]
        found += [number for number in tried - sure if trees[number].holds(facts)]
        found.sort()
        return found

    def told(self, met: Met) -> set[int]:
        """The rules whose conditions on words may have found something; of all others it is known what they found."""
        found = set(self._always_told)
        for slot in (*met.here, *met.elsewhere):
            found.update(slot.told)
        return found


def _others(facts: Facts) -> Iterable[Reading]:
    if facts.attachments:
        yield facts.files
    if facts.now is not None:
        yield facts.now.reading
        if facts.now.attachments:
            yield facts.now.files


def _code(facts: Facts, name: str) -> str:
    value = facts.value(name)
    return text.fold(str(value)) if value is not None else ""


def _needed(tree: Tree) -> frozenset[Key] | None:
    """Keys of which facts must have one for the tree to hold; None when nothing in particular is needed."""
    options = [_needed_by(member) for member in tree.all]
    if tree.any:
        each = [_needed_by(member) for member in tree.any]
        options.append(None if None in each else frozenset(key for keys in each for key in keys or ()))
    return min((keys for keys in options if keys is not None), key=_burden, default=None)


def _needed_by(member: Tree | Leaf) -> frozenset[Key] | None:
    return _needed(member) if isinstance(member, Tree) else member.keys()


def _left_over(tree: Tree, keys: frozenset[Key]) -> Tree | None:
    """What must still be tried once one of these keys was found in the text itself; None: everything.

    The rule is found by one of its conditions; where that one asks for any of some words and no more, it holds.
    """
    for number, member in enumerate(tree.all):
        if isinstance(member, Words) and member.is_sure and member.keys() == keys:
            return replace(tree, all=tree.all[:number] + tree.all[number + 1 :])
    return None


def _burden(keys: frozenset[Key]) -> tuple[int, int]:
    """How often such keys will be met: an address seldom, a word sometimes, a channel always."""
    kinds = {kind for kind, _value in keys}
    if kinds & _COMMON:
        return 2, len(keys)
    return (1 if kinds & {_LINE, _STEM} else 0), len(keys)
