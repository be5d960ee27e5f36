"""Many words looked for at once: one pass over a folded text, however many there are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """A word in a folded text: what it speaks for, the word as listed, and where it stands."""

    speaks_for: str
    sign: str
    start: int
    end: int


class Lexicon:
    """Meaning → its words, divided by "|": folded, whole words or phrases; a trailing * stands for any ending."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words

    def find(self, folded: str) -> Iterator[Found]:
        """Every word that stands in a folded text, in the order of their ends."""
        for last, (length, entries) in self._automaton.iter(folded):
            start = last - length + 1
            if start and _is_word(folded[start - 1]):
                continue
            end = last + 1
            for speaks_for, sign in entries:
                if sign[-1] != "*":
                    if end == len(folded) or not _is_word(folded[end]):
                        yield Found(speaks_for, sign, start, end)
                    continue
                while end < len(folded) and _is_word(folded[end]):
                    end += 1
                yield Found(speaks_for, sign, start, end)

    @cached_property
    def _automaton(self) -> Any:
        import ahocorasick

        entries: dict[str, list[tuple[str, str]]] = {}
        for speaks_for, listed in self.words.items():
            for sign in listed.split("|"):
                entries.setdefault(sign.rstrip("*"), []).append((str(speaks_for), sign))
        automaton = ahocorasick.Automaton()
        for literal, found in entries.items():
            automaton.add_word(literal, (len(literal), found))
        automaton.make_automaton()
        return automaton


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
