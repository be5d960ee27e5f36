"""A text as rules read it: folded once, cut into words once, looked up ever after. Pure."""

import re
from bisect import bisect_left
from functools import cached_property

from helpdesk.lib.search import analyser
from helpdesk.lib.text import Folded, fold_with_offsets

_WORD = re.compile(r"[^\W_]+")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
# What is no letter and no digit of ASCII divides words
_ASCII = bytes(code if code < 128 and chr(code).isalnum() else 32 for code in range(256))


def words_of(folded: str) -> list[str]:
    """The words of a folded text in their order. Most folded texts have letters of ASCII only: these are cut in C."""
    if folded.isascii() or not any(map(str.isalnum, set(_BEYOND_ASCII.findall(folded)))):
        return folded.encode("ascii", "replace").translate(_ASCII).decode("ascii").split()
    return _WORD.findall(folded)


class Reading:
    """`source` and its folded words. What costs time is done on first use: most texts meet few terms."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._places: dict[str, list[int]] = {}
        self._spans: dict[str, list[tuple[int, int]]] = {}

    @cached_property
    def folded(self) -> Folded:
        return fold_with_offsets(self.source)

    @cached_property
    def sequence(self) -> list[str]:
        """The words in their order."""
        return words_of(self.folded.text)

    @cached_property
    def line(self) -> str:
        """The words in their order with one blank before, between and behind them: what the index looks through."""
        return f" {' '.join(self.sequence)} "

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(self.sequence)

    def spans_of(self, word: str) -> list[tuple[int, int]]:
        """Where one word stands, in offsets of the folded text: dearer to know for all words than for the one asked."""
        if word not in self._spans:
            self._spans[word] = self._find_spans(word)
        return self._spans[word]

    def _find_spans(self, word: str) -> list[tuple[int, int]]:
        source, found = self.folded.text, []
        place = source.find(word)
        while place >= 0:
            end = place + len(word)
            if not (place and source[place - 1].isalnum()) and not source[end : end + 1].isalnum():
                found.append((place, end))
            place = source.find(word, end)
        return found

    def places_of(self, word: str) -> list[int]:
        """The places of one word in `sequence`."""
        if word not in self._places:
            self._places[word] = self._find(f" {word} ")
        return self._places[word]

    def _find(self, word: str) -> list[int]:
        line, found, before, counted = self.line, [], 0, 0
        at = line.find(word)
        while at >= 0:
            before += line.count(" ", counted, at)
            found.append(before)
            counted, at = at, line.find(word, at + len(word) - 1)
        return found

    @cached_property
    def stems(self) -> dict[str, list[str]]:
        """Every form (`analyser.forms`) of a word here → the words that have it."""
        found: dict[str, list[str]] = {}
        for word in self.words:
            for form in analyser.forms(word):
                found.setdefault(form, []).append(word)
        return found

    def has(self, word: str) -> bool:
        """Whether the whole word stands here."""
        return f" {word} " in self.line

    def has_beginning(self, prefix: str) -> bool:
        return f" {prefix}" in self.line

    def beginning_with(self, prefix: str) -> list[str]:
        """The distinct words that begin so."""
        line, found = self.line, []
        at = line.find(f" {prefix}")
        while at >= 0:
            end = line.index(" ", at + 1)
            found.append(line[at + 1 : end])
            at = line.find(f" {prefix}", end)
        return list(dict.fromkeys(found))

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The offsets in `source` of the words from place `first` to place `last`, both included."""
        return self.folded.span(*self.folded_span(first, last))

    def folded_span(self, first: int, last: int) -> tuple[int, int]:
        """The same in offsets of the folded text."""
        return self._span_at(first)[0], self._span_at(last)[1]

    def _span_at(self, place: int) -> tuple[int, int]:
        word = self.sequence[place]
        return self.spans_of(word)[bisect_left(self.places_of(word), place)]

    def original(self, place: int) -> str:
        """One word as it was written."""
        start, end = self.span(place, place)
        return self.source[start:end]
