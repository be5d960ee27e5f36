"""A list of rules ready to be tried: every rule read once, and by trigger an index (`tickets.rules.index`). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tickets.facts import Facts
from tickets.rules import conditions
from tickets.rules.index import Index


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
    def idle(self) -> dict[str, Any]:
        """What the account says of it in any case, and of most rules of a list: it did not match."""
        return {
            "rule": self._ref,
            "matched": False,
            "skipped": None,
            "shadow": self.shadow,
            "effect": "none",
            "near_miss": False,
            "actions": self.actions,
            "conditions": [],
        }


@dataclass(frozen=True)
class Group:
    """The active rules of one trigger in their order, with their index."""

    entries: tuple[Entry, ...]

    def matching(self, facts: Facts) -> list[Entry]:
        """Those whose conditions are met, in their order."""
        index, entries = self.index, self.entries
        return [entries[number] for number in index.matching(facts, index.met(facts))]

    @cached_property
    def index(self) -> Index:
        return Index([entry.tree for entry in self.entries])

    @cached_property
    def places(self) -> list[tuple[tuple[int | None, int], Entry, dict[str, Any], conditions.Tree]]:
        """What the account asks of every rule, taken out once."""
        return [((entry.pk, entry.position), entry, entry.idle, entry.tree) for entry in self.entries]


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
