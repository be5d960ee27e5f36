"""The words that texts use and in how many texts: for typos, for the weight of a word, for endings while typing.

It is read from the very rows a caller may see, so that no correction gives away a word of a hidden one.
"""

import threading
from bisect import bisect_left
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Count, Max, QuerySet
from rapidfuzz import process
from rapidfuzz.distance import OSA

from helpdesk.lib.search.postings import Postings

Rows = QuerySet[Any]
# What one word of a title counts beside one of the text
_TITLE_WEIGHT = 5.0
# Vocabularies kept in this process: one per audience and language, and one per table of tickets
_KEPT = 16
_kept: "OrderedDict[str, tuple[object, Vocabulary]]" = OrderedDict()
_guard = threading.Lock()
_reading = threading.Lock()


@dataclass(frozen=True)
class Vocabulary:
    """`counts` says for each term in how many of the `size` texts it stands; `mean` is their mean length.

    `postings` says where, of articles.
    """

    counts: Counter[str] = field(default_factory=Counter)
    size: int = 0
    mean: float = 1.0
    postings: Postings | None = None

    def knows(self, terms: Iterable[str]) -> bool:
        return any(term in self.counts for term in terms)

    def completions(self, beginning: str, limit: int) -> tuple[str, ...]:
        """Known terms that begin so, the most used first."""
        found = []
        for term in self._sorted[bisect_left(self._sorted, beginning) :]:
            if not term.startswith(beginning):
                break
            found.append(term)
        return tuple(sorted(found, key=lambda term: (-self.counts[term], term))[:limit])

    def nearest(self, word: str) -> str | None:
        """The known word that differs by a slip (two in long words); words with digits are never guessed."""
        if len(word) < 4 or any(character.isdigit() for character in word):
            return None
        slips = 1 if len(word) < 8 else 2
        near = process.extract(word, self._plain, scorer=OSA.distance, score_cutoff=slips, limit=20)
        if not near:
            return None
        return min(near, key=lambda hit: (hit[1], hit[0][0] != word[0], -self.counts[hit[0]], hit[0]))[0]

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.counts)

    @cached_property
    def _plain(self) -> list[str]:
        return [term for term in self._sorted if len(term) > 2 and not any(letter.isdigit() for letter in term)]


def of_articles(rows: Rows, *, changed: str) -> Vocabulary:
    """The words of all these rows, read again once their number or the newest `changed` moves."""
    try:
        key = str(rows.order_by().query)
    except EmptyResultSet:
        return Vocabulary()
    stamp = rows.order_by().aggregate(n=Count("pk"), newest=Max("pk"), changed=Max(changed))
    return _remember(f"all {key}", tuple(stamp.values()), lambda: _read_articles(rows))


def of_newest(rows: Rows, column: str, sample: int = 3_000) -> Vocabulary:
    """The words of the newest rows, read again after so many new ones that it matters."""
    newest = rows.order_by("-pk").values_list("pk", column).first()
    if newest is None:
        return Vocabulary()
    # In a small table every row matters; in a large one its share of the sample does.
    stamp = newest if newest[0] < 200 else newest[0] // max(50, min(newest[0] // 20, sample // 2))
    key = f"newest {rows.model._meta.label} {column}"
    return _remember(key, stamp, lambda: _read(rows.order_by("-pk")[:sample], column))


def forget() -> None:
    """Read everything anew when next asked."""
    with _guard:
        _kept.clear()


def _remember(key: str, stamp: object, read: Callable[[], Vocabulary]) -> Vocabulary:
    if kept := _kept_as(key, stamp):
        return kept
    # One reads, the others wait for what it found.
    with _reading:
        if kept := _kept_as(key, stamp):
            return kept
        made = read()
        with _guard:
            _kept[key] = (stamp, made)
            _kept.move_to_end(key)
            while len(_kept) > _KEPT:
                _kept.popitem(last=False)
        return made


def _kept_as(key: str, stamp: object) -> Vocabulary | None:
    with _guard:
        kept = _kept.get(key)
        if kept is None or kept[0] != stamp:
            return None
        _kept.move_to_end(key)
        return kept[1]


def _read_articles(rows: Rows) -> Vocabulary:
    texts = Postings(title_weight=_TITLE_WEIGHT)
    for row in rows.order_by().values_list("pk", "title_terms", "terms").iterator(chunk_size=500):
        texts.add(*row)
    return Vocabulary(texts.counts(), len(texts), texts.mean_length(), texts)


def _read(rows: Rows, column: str) -> Vocabulary:
    counts: Counter[str] = Counter()
    size = length = 0
    for terms in rows.values_list(column, flat=True).iterator(chunk_size=500):
        counts.update(set(terms.split()))
        size += 1
        length += len(terms)
    return Vocabulary(counts, size, max(length / size, 1.0) if size else 1.0)
