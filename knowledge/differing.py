"""What differs between two texts: by lines, and by words within a line that changed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

Kind = Literal["same", "gone", "new"]
# Lines kept around a change, and the longest line that is compared word by word
_AROUND = 2
_LONGEST = 4_000
_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Part:
    """Some words, and whether they stayed, went or came."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of either text, or of both laid over each other; `skipped` lines that stayed are left out before it."""

    parts: list[Part]
    skipped: int = 0

    @property
    def is_same(self) -> bool:
        return all(part.kind == "same" for part in self.parts)


def lines(before: str, after: str) -> list[Line]:
    """Both texts as one, without the long stretches that stayed."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Line([Part("same", line)]) for line in old[a:b]]
        else:
            found += _changed(old[a:b], new[c:d])
    return list(_shortened(found))


def _changed(old: list[str], new: list[str]) -> Iterator[Line]:
    for one, other in zip_longest(old, new):
        if one is None or other is None:
            yield Line([Part("new", other or "")] if one is None else [Part("gone", one)])
        else:
            yield Line(_words(one, other))


def _words(one: str, other: str) -> list[Part]:
    if len(one) > _LONGEST or len(other) > _LONGEST:
        return [Part("gone", one), Part("new", other)]
    old, new = _WORDS.findall(one), _WORDS.findall(other)
    parts: list[Part] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(Part("same", "".join(old[a:b])))
            continue
        parts += [Part("gone", "".join(old[a:b]))] if b > a else []
        parts += [Part("new", "".join(new[c:d]))] if d > c else []
    return parts


def _shortened(found: list[Line]) -> Iterator[Line]:
    changed = [at for at, line in enumerate(found) if not line.is_same]
    near = {at for place in changed for at in range(place - _AROUND, place + _AROUND + 1)}
    skipped = 0
    for at, line in enumerate(found):
        if at in near:
            yield Line(line.parts, skipped)
            skipped = 0
        else:
            skipped += 1
