"""What stands where in the texts of a shelf, kept in the process: for each term the texts that hold it, and how often.

Ten thousand articles take some thirty megabytes; a question is then answered without reading one of them.
"""

from array import array
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int32]
_NOWHERE = np.zeros(0, dtype=np.int32)


class Postings:
    """The texts in the order in which they were read; `add` each, then ask.

    What a title says counts `title_weight` times on top of what the whole text says.
    """

    def __init__(self, *, title_weight: float) -> None:
        self.pks = array("q")
        self._lengths = array("d")
        self._title_sizes = array("d")
        self._places: dict[str, array[int]] = {}
        self._times: dict[str, array[float]] = {}
        self._titles: dict[str, array[int]] = {}
        self._title_weight = title_weight

    def __len__(self) -> int:
        return len(self.pks)

    def add(self, pk: int, title: str, text: str) -> None:
        """One more text, in analysed terms."""
        here = len(self.pks)
        in_title = Counter(title.split())
        self.pks.append(pk)
        self._lengths.append(len(text) + 2)
        self._title_sizes.append(len(in_title) or 1)
        for term, times in Counter(text.split()).items():
            places = self._places.get(term)
            if places is None:
                places = self._places[term] = array("i")
                self._times[term] = array("f")
            places.append(here)
            self._times[term].append(times + self._title_weight * in_title[term])
        for term in in_title:
            self._titles.setdefault(term, array("i")).append(here)

    def counts(self) -> Counter[str]:
        """In how many texts each term stands."""
        return Counter({term: len(places) for term, places in self._places.items()})

    def mean_length(self) -> float:
        return max(sum(self._lengths) / len(self._lengths) - 2, 1.0) if self._lengths else 1.0

    def numbers(self) -> NDArray[np.int64]:
        """Their primary keys, in order."""
        return np.frombuffer(self.pks, dtype=np.int64)

    def lengths(self) -> Floats:
        return np.frombuffer(self._lengths)

    def most(self, terms: Iterable[str]) -> Floats:
        """For every text, how often it says that of the terms which it says most."""
        found = np.zeros(len(self))
        for term in terms:
            if term in self._places:
                places = np.frombuffer(self._places[term], dtype=np.int32)
                found[places] = np.maximum(found[places], np.frombuffer(self._times[term], dtype=np.float32))
        return found

    def titled(self, term: str) -> Places:
        """The texts whose title holds it."""
        return np.frombuffer(self._titles[term], dtype=np.int32) if term in self._titles else _NOWHERE

    def coverage(self, terms: Iterable[str]) -> Floats:
        """For every text, how much of its title these terms are, from 0 to 1."""
        said = np.zeros(len(self))
        for term in set(terms):
            said[self.titled(term)] += 1
        return said / np.frombuffer(self._title_sizes)
