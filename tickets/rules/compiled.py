"""A list of rules ready to be tried: trees read once, and an index from words to the rules that they may concern. Pure.

A thousand rules meet a message in about a millisecond because most are never looked at: each rule that cannot hold
without some word or address is found through that word or address, and the message is cut into words once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from helpdesk.lib import text
from tickets.facts import Facts
from tickets.rules import conditions
from tickets.rules.leaves import Key, Leaf, Words

# Values that many requests share tell little; those of one sender, customer or address tell much
_COMMON = frozenset(("channel", "language", "kind", "status", "trust", "machine", "author", "form", "queue"))
_WORDS = ("word", "prefix", "stem")
_HEAD = 3


@dataclass(frozen=True)
class Entry:
    """One rule of a list in the version of that list. `pk` is None for one that was never saved."""

    pk: int | None
    version: int
    position: int
    content: Mapping[str, Any]
    key: str = ""

    @cached_property
    def name(self) -> str:
        return str(self.content["name"])

    @cached_property
    def actions(self) -> dict[str, Any]:
        return dict(self.content["actions"])

    @cached_property
    def tree(self) -> conditions.Tree:
        return conditions.build(self.content["conditions"])

    @cached_property
    def stops(self) -> bool:
        return bool(self.content["stops"])

    @cached_property
    def shadow(self) -> bool:
        return bool(self.content.get("shadow"))

    @cached_property
    def overwrite(self) -> bool:
        return bool(self.content.get("overwrite"))

    @cached_property
    def is_active(self) -> bool:
        return bool(self.content.get("active", True))

    @cached_property
    def trigger(self) -> str:
        return str(self.content.get("trigger") or "intake")

    def ref(self) -> dict[str, Any]:
        """How accounts name it."""
        return self._ref

    @cached_property
    def _ref(self) -> dict[str, Any]:
        return {"id": self.pk, "name": self.name, "position": self.position, "version": self.version}

    @cached_property
    def sure(self) -> conditions.Tree | None:
        """What is left to try once the index has found the rule in the text itself; None: everything.

        The index finds a rule by one of its conditions; where that one asks for any of some words and no more, it holds.
        """
        return _left_over(self.tree)

    def holds(self, facts: Facts) -> bool:
        """Whether a candidate's conditions are met."""
        if self.sure is None or facts.attachments or facts.now is not None:
            return self.tree.holds(facts)
        return self.sure.holds(facts)


@dataclass(frozen=True)
class Group:
    """The active rules of one trigger in their order, with their index."""

    entries: tuple[Entry, ...]

    def candidates(self, facts: Facts) -> list[Entry]:
        """Those that may hold; whoever is missing cannot. In their order."""
        index, found = self._index, set(self._index.always)
        words = index.by_words.get("word", {})
        for reading in _readings(facts):
            for word in words.keys() & reading.words:
                found.update(words[word])
            if heads := index.heads:
                for head in heads.keys() & {word[:_HEAD] for word in reading.words}:
                    for prefix in heads[head]:
                        if reading.has_beginning(prefix):
                            found.update(index.by_words["prefix"][prefix])
            for prefix in index.short:
                if reading.has_beginning(prefix):
                    found.update(index.by_words["prefix"][prefix])
            if stems := index.by_words.get("stem"):
                for stem in stems.keys() & reading.stems.keys():
                    found.update(stems[stem])
        for name, values in index.by_code.items():
            for value in {_code(facts, name), _code(facts.current, name)}:
                found.update(values.get(value, ()))
        return [self.entries[number] for number in sorted(found)]

    @cached_property
    def _index(self) -> "_Index":
        index = _Index()
        for number, entry in enumerate(self.entries):
            keys = _needed(entry.tree)
            if keys is None:
                index.always.append(number)
            for kind, value in keys or ():
                index.add(kind, value, number)
        return index


@dataclass
class _Index:
    always: list[int] = field(default_factory=list)
    by_words: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    by_code: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    # Prefixes by their first letters, so that few words of a text are compared with few prefixes
    heads: dict[str, list[str]] = field(default_factory=dict)
    short: list[str] = field(default_factory=list)

    def add(self, kind: str, value: str, number: int) -> None:
        table = self.by_words if kind in _WORDS else self.by_code
        rules = table.setdefault(kind, {}).setdefault(value, [])
        if not rules and kind == "prefix":
            (self.heads.setdefault(value[:_HEAD], []) if len(value) >= _HEAD else self.short).append(value)
        rules.append(number)


def _readings(facts: Facts) -> Iterable[Any]:
    yield facts.reading
    if facts.attachments:
        yield facts.files
    if facts.now is not None:
        yield facts.now.reading
        if facts.now.attachments:
            yield facts.now.files


def _code(facts: Facts, name: str) -> str:
    value = facts.value(name)
    return text.fold(str(value)) if value is not None else ""


def _needed(tree: conditions.Tree) -> frozenset[Key] | None:
    """Keys of which facts must have one for the tree to hold; None when nothing in particular is needed."""
    options = [_needed_by(member) for member in tree.all]
    if tree.any:
        each = [_needed_by(member) for member in tree.any]
        options.append(None if None in each else frozenset(key for keys in each for key in keys or ()))
    return min((keys for keys in options if keys is not None), key=_burden, default=None)


def _left_over(tree: conditions.Tree) -> conditions.Tree | None:
    keys = _needed(tree)
    for number, member in enumerate(tree.all):
        if isinstance(member, Words) and member.is_sure and member.keys() is not None and member.keys() == keys:
            return replace(tree, all=tree.all[:number] + tree.all[number + 1 :])
    return None


def _needed_by(member: conditions.Tree | Leaf) -> frozenset[Key] | None:
    return _needed(member) if isinstance(member, conditions.Tree) else member.keys()


def _burden(keys: frozenset[Key]) -> tuple[int, int]:
    """How often such keys will be met: an address seldom, a word sometimes, a channel always."""
    kinds = {kind for kind, _value in keys}
    if kinds & _COMMON:
        return 2, len(keys)
    return (1 if kinds & set(_WORDS) else 0), len(keys)


@dataclass(frozen=True)
class Compiled:
    """A whole list, by trigger. `number` is that of the published list, None for one that is not published."""

    number: int | None
    entries: tuple[Entry, ...]

    def group(self, trigger: str) -> Group:
        return self._groups.get(trigger, _EMPTY)

    @cached_property
    def _groups(self) -> dict[str, Group]:
        triggers = {entry.trigger for entry in self.entries}
        return {
            trigger: Group(tuple(entry for entry in self.entries if entry.is_active and entry.trigger == trigger))
            for trigger in triggers
        }

    @cached_property
    def heard(self) -> frozenset[str]:
        """Names of the events that try a rule."""
        return frozenset(name for entry in self.group("event").entries for name in entry.content.get("events") or ())

    def of_event(self, name: str) -> Group:
        """The rules that one event tries."""
        if name not in self._by_event:
            entries = [each for each in self.group("event").entries if name in (each.content.get("events") or ())]
            self._by_event[name] = Group(tuple(entries))
        return self._by_event[name]

    @cached_property
    def _by_event(self) -> dict[str, Group]:
        return {}


_EMPTY = Group(())
