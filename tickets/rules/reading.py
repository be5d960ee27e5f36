"""A text as rules read it: folded once, cut into words once, looked up ever after. Pure."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property

from helpdesk.lib.search import analyser
from helpdesk.lib.text import Folded, fold_with_offsets

_WORD = re.compile(r"[^\W_]+")


class Reading:
    """`source` and its folded words. What costs time is done on first use: most texts meet few terms."""

    def __init__(self, source: str) -> None:
        self.source = source

    @cached_property
    def folded(self) -> Folded:
        return fold_with_offsets(self.source)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(_WORD.findall(self.folded.text))

    @cached_property
    def sorted_words(self) -> list[str]:
        return sorted(self.words)

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        return [match.span() for match in _WORD.finditer(self.folded.text)]

    def spans_of(self, word: str) -> list[tuple[int, int]]:
        """Where one word stands, in offsets of the folded text: dearer to know for all words than for the one asked."""
        source, found = self.folded.text, []
        place = source.find(word)
        while place >= 0:
            end = place + len(word)
            if not (place and source[place - 1].isalnum()) and not source[end : end + 1].isalnum():
                found.append((place, end))
            place = source.find(word, end)
        return found

    @cached_property
    def sequence(self) -> list[str]:
        """The words in their order."""
        return _WORD.findall(self.folded.text)

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Word → its places in `sequence`."""
        found: dict[str, list[int]] = {}
        for number, word in enumerate(self.sequence):
            found.setdefault(word, []).append(number)
        return found

    @cached_property
    def stems(self) -> dict[str, list[str]]:
        """Every form (`analyser.forms`) of a word here → the words that have it."""
        found: dict[str, list[str]] = {}
        for word in self.words:
            for form in analyser.forms(word):
                found.setdefault(form, []).append(word)
        return found

    def beginning_with(self, prefix: str) -> list[str]:
        """The distinct words that begin so."""
        found = []
        for word in self._from(prefix):
            if not word.startswith(prefix):
                break
            found.append(word)
        return found

    def has_beginning(self, prefix: str) -> bool:
        place = bisect_left(self.sorted_words, prefix)
        return place < len(self.sorted_words) and self.sorted_words[place].startswith(prefix)

    def _from(self, prefix: str) -> Iterator[str]:
        for place in range(bisect_left(self.sorted_words, prefix), len(self.sorted_words)):
            yield self.sorted_words[place]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The offsets in `source` of the words from place `first` to place `last`, both included."""
        return self.folded.span(*self.folded_span(first, last))

    def folded_span(self, first: int, last: int) -> tuple[int, int]:
        """The same in offsets of the folded text."""
        return self._spans[first][0], self._spans[last][1]

    def original(self, place: int) -> str:
        """One word as it was written."""
        start, end = self.span(place, place)
        return self.source[start:end]
