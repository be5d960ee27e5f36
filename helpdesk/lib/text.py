"""Plain-text tools: clean what arrived, fold for matching while keeping offsets, cut excerpts."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """Text that every database stores: no NUL or control characters, no lone surrogates, newlines as \\n."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str, limit: int = 200) -> str:
    """One line of at most `limit` characters, for subjects and names: headers cannot be injected through it."""
    return _SPACES.sub(" ", clean(text)).strip()[:limit]


def excerpt(text: str, limit: int = 140) -> str:
    """The beginning of a text on one line, cut at a word, with an ellipsis when something was left out."""
    line = _SPACES.sub(" ", text).strip()
    if len(line) <= limit:
        return line
    return line[: limit - 1].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


@dataclass(frozen=True, slots=True)
class Folded:
    """A text folded for matching and, per folded character, the offset of its origin in the original."""

    text: str
    offsets: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original (start, end) of a folded range."""
        return self.offsets[start], self.offsets[end - 1] + 1


class _Folds(dict[int, str]):
    """Code point → folded text, filled as characters are met: `str.translate` then runs in C."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        decomposed = unicodedata.normalize("NFKD", character.casefold())
        folded = "".join(_SPECIAL.get(c, c) for c in decomposed if not unicodedata.combining(c))
        if len(folded) != 1:
            _UNEVEN.add(character)
        self[point] = folded
        return folded


_SPECIAL = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "’": "'", "‘": "'"}
# Characters met so far whose folding is longer or shorter than they are
_UNEVEN = {character for character, folded in _SPECIAL.items() if len(folded) != 1}
_FOLDS = _Folds({ord(character): folded for character, folded in _SPECIAL.items()})


_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_MANY = 48


def fold(text: str) -> str:
    """Lower case without accents: 'Déçu' and 'decu' become one."""
    return text.lower() if text.isascii() else _fold(text, set(_BEYOND_ASCII.findall(text)))


def _fold(text: str, foreign: set[str]) -> str:
    """European texts hold few different letters with accents: replacing these is ten times faster than going by letter."""
    if len(foreign) > _MANY:
        return text.translate(_FOLDS).lower()
    for character in foreign:
        text = text.replace(character, _FOLDS[ord(character)])
    return text.lower()


def fold_with_offsets(text: str) -> Folded:
    """The same as `fold`, keeping where each character came from so that matched words can be shown in the original."""
    if text.isascii():
        return Folded(text.lower(), range(len(text)))
    foreign = set(_BEYOND_ASCII.findall(text))
    folded = _fold(text, foreign)
    if _UNEVEN.isdisjoint(foreign):
        return Folded(folded, range(len(text)))
    return Folded(folded, _offsets(text, foreign & _UNEVEN))


def _offsets(text: str, uneven: set[str]) -> list[int]:
    """Runs of characters that stay one each are counted at once; only the others are looked at."""
    offsets: list[int] = []
    begin = 0
    for match in re.finditer("[" + re.escape("".join(uneven)) + "]", text):
        place = match.start()
        offsets.extend(range(begin, place))
        offsets.extend([place] * len(_FOLDS[ord(match.group())]))
        begin = place + 1
    offsets.extend(range(begin, len(text)))
    return offsets
