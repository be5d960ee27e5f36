"""The place of a text that speaks of a question, with the words that do so."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from helpdesk.lib.search import analyser, question


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a passage; `is_hit` where it is one of the words asked for."""

    text: str
    is_hit: bool = False


def passage(source: str, text: str, limit: int = 180) -> list[Part]:
    """At most `limit` characters of a line of `source` around the words of `text`, as parts; its beginning when none
    is there."""
    line, hits = _richest_line(source, _wanted(text))
    start, end = _window(line, hits, limit)
    parts = [Part("… ")] if start else []
    position = start
    for hit in hits:
        if start <= hit.start and hit.end <= end:
            parts += [Part(line[position : hit.start]), Part(line[hit.start : hit.end], is_hit=True)]
            position = hit.end
    parts += [Part(line[position:end].rstrip()), Part("…" if end < len(line) else "")]
    return [part for part in parts if part.text]


def plain(parts: Iterable[Part]) -> str:
    return "".join(part.text for part in parts)


@lru_cache(maxsize=64)
def _wanted(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The same for all the articles that a question finds."""
    sought = question.read(text)
    return frozenset(form for one in sought for form in one.forms), tuple(one.word for one in sought if one.is_prefix)


def _is_wanted(word: str, wanted: tuple[frozenset[str], tuple[str, ...]]) -> bool:
    terms, beginnings = wanted
    return not terms.isdisjoint(analyser.forms(word)) or (bool(beginnings) and word.startswith(beginnings))


def _richest_line(source: str, wanted: tuple[frozenset[str], tuple[str, ...]]) -> tuple[str, list[analyser.Place]]:
    """The line with the most different words asked for; without any, all of them as one."""
    best, most = source, 0
    for line in source.splitlines():
        # Where the words stand is asked of the one line that is shown.
        richness = sum(_is_wanted(word, wanted) for word in set(analyser.words(line)) if analyser.is_telling(word))
        if richness > most:
            best, most = line, richness
    best = " ".join(best.split())
    return best, [place for place in analyser.places(best) if _is_wanted(place.word, wanted)] if most else []


def _window(line: str, hits: list[analyser.Place], limit: int) -> tuple[int, int]:
    """Where the most different words asked for stand together, beginning with a sentence when one is near."""
    if len(line) <= limit:
        return 0, len(line)
    start = max((_lead(line, hit.start) for hit in hits), key=lambda at: (_richness(hits, at, limit), -at), default=0)
    end = min(start + limit, len(line))
    if end < len(line) and (blank := line.rfind(" ", start + limit // 2, end)) > 0:
        end = blank
    return start, end


def _richness(hits: list[analyser.Place], start: int, limit: int) -> int:
    inside = [hit.word for hit in hits if start <= hit.start and hit.end <= start + limit]
    return 10 * len(set(inside)) + min(len(inside), 9)


def _lead(line: str, hit: int) -> int:
    """A little before the word: at the beginning of its sentence, or else at a blank."""
    if hit < 60:
        return 0
    earliest = hit - 60
    sentence = max(line.rfind(mark, earliest, hit) for mark in (". ", "! ", "? ", ": "))
    return sentence + 2 if sentence >= 0 else line.find(" ", earliest, hit) + 1 or earliest
