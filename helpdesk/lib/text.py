"""Plain-text tools: clean what arrived, fold for matching while keeping offsets, cut excerpts."""

import re
import unicodedata
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
    offsets: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original (start, end) of a folded range."""
        return self.offsets[start], self.offsets[end - 1] + 1


_FOLDED: dict[str, str] = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "’": "'", "‘": "'"}


def _fold_character(character: str) -> str:
    folded = _FOLDED.get(character)
    if folded is None:
        lowered = character.casefold()
        decomposed = unicodedata.normalize("NFKD", lowered)
        folded = "".join(_FOLDED.get(c, c) for c in decomposed if not unicodedata.combining(c))
        if len(_FOLDED) < 20_000:
            _FOLDED[character] = folded
    return folded


class _Folding(dict[int, str]):
    """For `str.translate`, which asks for each character that it has not met yet."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if len(self) < 20_000:
            self[code] = folded
        return folded


_folding = _Folding()


def fold(text: str) -> str:
    """Lower case without accents: 'Déçu' and 'decu' become one."""
    return text.lower() if text.isascii() else text.translate(_folding)


def fold_with_offsets(text: str) -> Folded:
    """The same as `fold`, keeping where each character came from so that matched words can be shown in the original."""
    if text.isascii():
        return Folded(text.lower(), list(range(len(text))))
    parts: list[str] = []
    offsets: list[int] = []
    for index, character in enumerate(text):
        folded = _fold_character(character)
        parts.append(folded)
        offsets.extend([index] * len(folded))
    return Folded("".join(parts), offsets)
