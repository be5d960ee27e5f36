"""Understand a request from its words: language, kind, priority. Pure: no database, no rule of the administrator."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from helpdesk.lib import text
from tickets.models.ticket import Kind, Priority
from tickets.qualification import signs
from tickets.qualification.lexicon import Found

LANGUAGES = ("en", "fr")
# Complaints outweigh, then what does not work.
_WEIGHTS: dict[str, float] = {Kind.COMPLAINT: 1.5, Kind.ASSISTANCE: 1.2, Kind.INFORMATION: 1.0}
# What was said first says what it is about, and where its language is one, a few lines tell it.
_READ, _LANGUAGE_READ = 20_000, 250
Words = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Qualification:
    """What the words say; `language` '' and `kind` None when they say nothing.

    `kind_words` and `priority_words` are what decided, with offsets into "subject\\nbody"; `language_score` is from 0 to 1.
    """

    language: str
    kind: str | None
    priority: int
    language_score: float = 0.0
    kind_words: tuple[dict[str, Any], ...] = ()
    priority_words: tuple[dict[str, Any], ...] = ()


def qualify(subject: str, body: str, *, locale: str = "") -> Qualification:
    """Qualify a request; `locale` is the customer's known language and decides where the text is too short to tell."""
    source = f"{subject}\n{body}"[:_READ]
    folded = text.fold(source)
    by_meaning: dict[str, list[Found]] = {}
    for found in signs.LEXICON.find(folded.replace("-", " ")):
        by_meaning.setdefault(found.speaks_for, []).append(found)
    scores = {
        kind: weight * len({found.sign for found in by_meaning.get(kind, ())}) for kind, weight in _WEIGHTS.items()
    }
    best = max(scores, key=lambda kind: scores[kind])
    kind = str(best) if scores[best] else None
    language, score = read_language(f"{subject} {body[:1000]}", prior=locale)
    urgent = by_meaning.get(signs.URGENT, [])
    return Qualification(
        language=language,
        kind=kind,
        priority=Priority.HIGH if urgent else Priority.NORMAL,
        language_score=score,
        kind_words=_shown(by_meaning.get(kind, []) if kind else [], source, folded),
        priority_words=_shown(urgent, source, folded),
    )


def _shown(found: list[Found], source: str, folded: str) -> tuple[dict[str, Any], ...]:
    """The signs as they stand in the original; folding seldom changes lengths, and only then costs a second pass."""
    if not found:
        return ()
    mapping = None if len(folded) == len(source) else text.fold_with_offsets(source)
    words = []
    for one in found[:10]:
        start, end = mapping.span(one.start, one.end) if mapping else (one.start, one.end)
        words.append({"term": one.sign, "text": source[start:end], "start": start, "end": end})
    return tuple(words)


def read_language(source: str, *, prior: str = "") -> tuple[str, float]:
    """The language and how sure that is. Single words are often misjudged: a known language decides below five words."""
    head = source[:_LANGUAGE_READ]
    count = len(head.split(maxsplit=5))
    if count < 5 and prior in LANGUAGES:
        return prior, 0.5
    if not count:
        return "", 0.0
    if plain := _by_little_words(head):
        return plain, 0.99
    ranked = _identifier().rank(head)
    gap = float(ranked[0][1] - ranked[1][1])
    return str(ranked[0][0]), round(1 / (1 + math.exp(-min(gap, 50.0))), 3)


_LITTLE: dict[str, frozenset[str]] = {
    "en": frozenset(
        "the is and you my of to it have for with was not this that are be please your would when how i".split()
    ),
    "fr": frozenset(
        "le la les de des et je est vous pour que une pas mon ma sur avec du au il ce ne nous dans merci".split()
    ),
}


def _by_little_words(head: str) -> str:
    """The language whose little words stand there when those of the other hardly do: a tenth of the work of the model."""
    words = set(head.lower().replace("'", " ").split())
    english, french = (len(words & _LITTLE[language]) for language in LANGUAGES)
    if english >= 4 and english > 4 * french:
        return "en"
    return "fr" if french >= 4 and french > 4 * english else ""


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # 0.7 s to load: on first use only

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier
