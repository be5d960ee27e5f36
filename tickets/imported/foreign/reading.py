"""What an export holds: which product's it is, how many of which records, and the groups whose requests they are."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType

from django.utils.translation import get_language

from helpdesk.people.imports.files import MAX_COLUMNS, Unreadable
from helpdesk.people.imports.mapping import Field
from tickets.imported.cells import plain
from tickets.imported.foreign import json_stream, zammad, zendesk
from tickets.imported.foreign.shapes import KINDS, PHASE, Record, word
from tickets.models import Queue

PRODUCTS: dict[str, ModuleType] = {zammad.NAME: zammad, zendesk.NAME: zendesk}
LOOKUPS = ("group", "state", "priority")
OTHERS = ""
"""The last column: requests of every other group."""
_IN_ADDRESS = re.compile(r"tickets?[/_-](\d{1,20})(?:[/_.-]|$)")


@dataclass(frozen=True, slots=True)
class Export:
    """A file understood, as `files.Table` is: its columns are the groups, which are given queues."""

    content: bytes = field(repr=False)
    encoding: str
    columns: list[str]
    samples: list[list[str]]
    separator: str = ""

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """All records, numbered so that whoever is named by another comes first."""
        product = PRODUCTS[self.encoding]
        for number, (member, (_list, one, text)) in enumerate(json_stream.records(self.content), 1):
            kind = product.kind_of(one) or "other"
            phase = "lookup" if kind in LOOKUPS else kind
            key = f"{kind}:{word(one.get('id'))}"
            if kind == "message":
                key = f"of:{product.ticket_of(one) or _ticket_in(member)}"
            yield KINDS.index(phase) * PHASE + number, [kind, text, key]

    def key(self, cells: list[str]) -> str:
        """By what others find the record."""
        return cells[2]


def _ticket_in(member: str) -> str:
    found = _IN_ADDRESS.search(member)
    return found[1] if found else ""


def understand(content: bytes, *, separator: str = "", encoding: str = "") -> Export:
    """Find out whose export it is and what is in it. Raises Unreadable."""
    votes: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = {name: Counter() for name in PRODUCTS}
    names: dict[str, dict[str, str]] = {name: {} for name in PRODUCTS}
    groups: dict[str, Counter[str]] = {name: Counter() for name in PRODUCTS}
    for _member, (_list, one, _text) in json_stream.records(content):
        for name, product in PRODUCTS.items():
            kind = product.kind_of(one)
            kinds[name][kind or "other"] += 1
            votes[name] += bool(kind)
            if kind == "group":
                names[name][word(one.get("id"))] = word(one.get("name"))
            elif kind == "ticket":
                groups[name][_group(product, one)] += 1
    if not any(votes.values()):
        raise Unreadable("no_export")
    if all(votes[name] for name in PRODUCTS):
        raise Unreadable("two_products")
    (name, _count), *_others = votes.most_common()
    counted: Counter[str] = Counter()
    for group, many in groups[name].items():
        counted[names[name].get(group, group)] += many
    told = [(group, many) for group, many in counted.most_common(MAX_COLUMNS - 1) if group]
    found = [f"{kind}:{kinds[name][kind]}" for kind in (*KINDS[1:], *LOOKUPS) if kinds[name][kind]]
    columns = [*(group for group, _many in told), OTHERS]
    return Export(content, name, columns, [[*(f"ticket:{many}" for _group, many in told), " ".join(found)]])


def _group(product: ModuleType, one: Record) -> str:
    found: str = product.group_of(one, lambda _kind, _id: "")
    return found


def queues() -> tuple[Field, ...]:
    """What a group may become."""
    rows = Queue.objects.filter(is_active=True).order_by("position", "id")
    is_french = (get_language() or "").startswith("fr")
    return tuple(
        Field(
            queue.slug,
            (queue.name_fr if is_french else "") or queue.name,
            frozenset(plain(word_) for word_ in (queue.slug, queue.name, queue.name_fr) if word_),
            many=True,
        )
        for queue in rows
    )
