"""Rows that answer a question best, over any of its words: articles, of which there are few.

The score is computed here over the rows that the index names, so that both databases rank alike.
"""

from dataclasses import dataclass
from math import log
from typing import Any

from django.db.models import QuerySet

from helpdesk.lib.search import index, question, vocabulary
from helpdesk.lib.search.question import Sought
from helpdesk.lib.search.vocabulary import Vocabulary

_TITLE_WEIGHT = 5.0
# What a title whose every word was asked for gains
_TITLE_BONUS = 0.6
_SATURATION = 1.2
_LENGTH_SHARE = 0.4
# What a guessed ending or a corrected slip counts beside the word itself
_GUESS = 0.6
# The rarest words of a question name the candidates; words that most texts hold are only counted within them.
_CANDIDATES = 3_000


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
    if not sought:
        return []
    # What no text speaks of weighs as much as what one alone does.
    unknown = (asked - len(sought)) * log(1 + (known.size - 0.5) / 1.5)
    condition = index.containing(queryset, [_candidate_terms(sought, known)])
    rows = queryset.filter(condition).order_by().values_list("pk", "title_terms", "terms")
    weights = {one.word: _rarity(one, known) for one in sought}
    ranked = [_score(pk, f" {title} ", f" {terms} ", sought, weights, unknown, known) for pk, title, terms in rows]
    return sorted(ranked, key=lambda one: (-one.score, one.pk))[:limit]


def _candidate_terms(sought: list[Sought], known: Vocabulary) -> list[str]:
    terms: list[str] = []
    total = 0
    for one in sorted(sought, key=lambda one: (_frequency(one, known), one.word)):
        total += _frequency(one, known)
        if terms and total > _CANDIDATES:
            break
        terms += [term for term in one.terms if term in known.counts]
    return terms


def _frequency(one: Sought, known: Vocabulary) -> int:
    return min(sum(known.counts[term] for term in one.terms), known.size)


def _rarity(one: Sought, known: Vocabulary) -> float:
    frequency = max(known.counts[term] for term in one.terms)
    return log(1 + (known.size - frequency + 0.5) / (frequency + 0.5))


def _score(
    pk: int,
    title: str,
    terms: str,
    sought: list[Sought],
    weights: dict[str, float],
    unknown: float,
    known: Vocabulary,
) -> Ranked:
    length = 1 - _LENGTH_SHARE + _LENGTH_SHARE * len(terms) / known.mean
    score = said = 0.0
    words, in_title = 0, False
    for one in sought:
        if times := _times(one, title, terms):
            score += weights[one.word] * times * (_SATURATION + 1) / (times + _SATURATION * length)
            said += weights[one.word]
            words += 1
            in_title = in_title or any(f" {term} " in title for term in one.terms)
    share = said / (sum(weights.values()) + unknown or 1)
    score *= share * (1 + _TITLE_BONUS * _coverage(title, sought))
    return Ranked(pk, round(score, 6), round(share, 6), words, in_title)


def _coverage(title: str, sought: list[Sought]) -> float:
    """How much of a title was asked for, from 0 to 1."""
    terms = set(title.split())
    return len(terms.intersection(term for one in sought for term in one.terms)) / (len(terms) or 1)


def _times(one: Sought, title: str, terms: str) -> float:
    """How often a word is said, in its best form; the title counts more, a guess less."""
    exact = max(_count(term, title, terms) for term in one.forms)
    return exact or _GUESS * max((_count(term, title, terms) for term in one.near), default=0.0)


def _count(term: str, title: str, terms: str) -> float:
    padded = f" {term} "
    return _TITLE_WEIGHT * title.count(padded) + terms.count(padded)
