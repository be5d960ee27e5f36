"""Rows that answer a question best, over any of its words: articles, of which there are few.

The score is computed here over what the rows say, so that both databases rank alike.
"""

from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from django.db.models import QuerySet

from helpdesk.lib.search import question, vocabulary
from helpdesk.lib.search.postings import Floats, Postings
from helpdesk.lib.search.question import Sought
from helpdesk.lib.search.vocabulary import Vocabulary

# What a title whose every word was asked for gains
_TITLE_BONUS = 0.6
_SATURATION = 1.2
_LENGTH_SHARE = 0.4
# What a guessed ending or a corrected slip counts beside the word itself
_GUESS = 0.6


@dataclass(frozen=True, slots=True)
class Ranked:
    """`share` says how much of what was asked the row speaks of, from 0 to 1; `words` how many, `in_title` where."""

    pk: int
    score: float
    share: float
    words: int
    in_title: bool


def rank(
    queryset: QuerySet[Any], text: str, *, limit: int = 20, prefix: bool = True, changed: str = "updated_at"
) -> list[Ranked]:
    """The best rows for a text, best first. The model has `title_terms` and `terms`, and says when it `changed`."""
    sought = question.read(text, prefix=prefix)
    if not sought:
        return []
    known = vocabulary.of_articles(queryset, changed=changed)
    asked = len(sought)
    sought = [one for one in question.with_endings(question.with_slips(sought, known), known) if known.knows(one.terms)]
    if not sought or known.postings is None:
        return []
    # What no text speaks of weighs as much as what one alone does.
    unknown = (asked - len(sought)) * log(1 + (known.size - 0.5) / 1.5)
    return _ranked(sought, [_rarity(one, known) for one in sought], unknown, known, known.postings, limit)


def _rarity(one: Sought, known: Vocabulary) -> float:
    frequency = max(known.counts[term] for term in one.terms)
    return log(1 + (known.size - frequency + 0.5) / (frequency + 0.5))


def _ranked(
    sought: list[Sought], weights: list[float], unknown: float, known: Vocabulary, texts: Postings, limit: int
) -> list[Ranked]:
    length = 1 - _LENGTH_SHARE + _LENGTH_SHARE * texts.lengths() / known.mean
    score, said = np.zeros(len(texts)), np.zeros(len(texts))
    words, in_title = np.zeros(len(texts), dtype=np.int32), np.zeros(len(texts), dtype=np.bool_)
    for one, weight in zip(sought, weights, strict=True):
        times = _times(one, texts)
        is_said = times > 0
        score += weight * times * (_SATURATION + 1) / (times + _SATURATION * length)
        said += weight * is_said
        words += is_said
        for term in one.terms:
            in_title[texts.titled(term)] = True
    share = said / (sum(weights) + unknown or 1)
    score *= share * (1 + _TITLE_BONUS * texts.coverage(term for one in sought for term in one.terms))
    score, share = np.round(score, 6), np.round(share, 6)
    found = np.flatnonzero(words)
    best = found[np.lexsort((texts.numbers()[found], -score[found]))][:limit]
    return [
        Ranked(texts.pks[at], float(score[at]), float(share[at]), int(words[at]), bool(in_title[at])) for at in best
    ]


def _times(one: Sought, texts: Postings) -> Floats:
    """How often each text says a word, in its best form; the title counts more, a guess less."""
    exact = texts.most(one.forms)
    return np.where(exact > 0, exact, _GUESS * texts.most(one.near)) if one.near else exact
