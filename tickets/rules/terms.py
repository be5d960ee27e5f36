"""One term of a rule: a word, `word*`, a "phrase", "two words"~5 near each other, or -negative. Pure.

Words are compared folded (case and accents do not count) unless an option says otherwise; they are whole unless a `*`
opens them. A term that holds signs (`c++`, `50 %`) must stand there with them.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import snowballstemmer

from helpdesk.lib import text
from helpdesk.lib.search import analyser
from tickets.rules.reading import Reading

Stem = Literal["", "any", "en", "fr"]
MOST_OF_ONE = 20

_SHAPE = re.compile(r'\A(-?)\s*(?:"([^"]*)"(?:~(\d{1,3}))?|(.*))\Z', re.DOTALL)
_WORD = re.compile(r"[^\W_]+(?:\*+[^\W_]+)*\*?|\*+[^\W_]+(?:\*+[^\W_]+)*\*?")
# Between words these say nothing; every other sign counts
_SILENT = re.compile(r"[\s'’‘.,;:!?()/\\\-–—_*\"“”«»&]+")
_QUOTES = str.maketrans({"“": '"', "”": '"', "«": '"', "»": '"', "„": '"'})
_stemmers = {"en": snowballstemmer.stemmer("english"), "fr": snowballstemmer.stemmer("french")}


@dataclass(frozen=True, slots=True)
class Options:
    """How strictly the words of a condition are compared."""

    case: bool = False
    accents: bool = False
    whole: bool = True
    stem: Stem = ""

    @property
    def is_strict(self) -> bool:
        return self.case or self.accents


PLAIN = Options()


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a term: `text` is folded; `like` is set when a `*` stands elsewhere than at the end."""

    text: str
    written: str
    is_prefix: bool = False
    like: re.Pattern[str] | None = None


class Hit(NamedTuple):
    """Where a term stands, in places of `Reading.sequence` or, for parts of words, in offsets; and how it matched."""

    start: int
    end: int
    how: str


@dataclass(frozen=True, slots=True)
class Term:
    """A term ready to be looked for. `literal` must stand there when the term holds signs that words do not keep.

    `key` is set where the term stands in a text just where its key stands in `Reading.line`: words compared folded, of
    which the last may end anyhow.
    """

    raw: str
    tokens: tuple[Token, ...]
    options: Options
    is_negative: bool = False
    within: int | None = None
    literal: re.Pattern[str] | None = None
    part: str = ""
    key: str = ""

    @property
    def anchors(self) -> tuple[tuple[str, str], ...]:
        """Keys of the index of which a text must have one for the term to match; empty when any text may match."""
        if self.key:
            return (("line", self.key),)
        if self.part or not self.tokens:
            return ()
        token = max(self.tokens, key=lambda each: (each.like is None, not each.is_prefix, len(each.text)))
        if token.like is not None:
            return ()
        if token.is_prefix or not self.options.stem:
            return (("line", f" {token.text}" if token.is_prefix else f" {token.text} "),)
        forms = analyser.forms(token.text) if self.options.stem == "any" else (_stem(token.text, self.options.stem),)
        return tuple(("stem", form) for form in forms)


@lru_cache(maxsize=50_000)
def parse(raw: str, options: Options = PLAIN) -> Term:
    """Read a term as it was typed. It may have no word at all (`€€`): then it is looked for as it stands."""
    found = _SHAPE.match(raw.translate(_QUOTES).strip())
    sign, quoted, within, bare = found.groups() if found else ("", None, None, raw)
    said = (quoted if quoted is not None else bare).strip()
    folded = text.fold(said)
    if not options.whole:
        return Term(raw, (), options, bool(sign), part=folded.strip("*"))
    tokens = tuple(_token(word, written) for word, written in _words(folded, said))
    bare_signs = _SILENT.sub("", re.sub(r"[^\W_]", "", folded))
    literal = _literal(folded) if bare_signs or not tokens else None
    near = int(within) if within is not None and len(tokens) > 1 else None
    part = folded if not tokens else ""
    key = _key(tokens) if options == PLAIN and tokens and near is None and literal is None else ""
    return Term(raw, tokens, options, bool(sign), near, literal if tokens else None, part, key)


def _key(tokens: tuple[Token, ...]) -> str:
    if any(token.like is not None for token in tokens) or any(token.is_prefix for token in tokens[:-1]):
        return ""
    return " " + " ".join(token.text for token in tokens) + ("" if tokens[-1].is_prefix else " ")


def _words(folded: str, said: str) -> Iterator[tuple[str, str]]:
    written = [match.group() for match in _WORD.finditer(said)]
    words = [match.group() for match in _WORD.finditer(folded)]
    yield from zip(words, written if len(written) == len(words) else words, strict=True)


def _token(word: str, written: str) -> Token:
    inner = word.rstrip("*")
    if "*" in inner:
        like = r"\w*".join(re.escape(part) for part in re.split(r"\*+", word))
        return Token(inner, written, like=re.compile(like))
    return Token(inner, written.rstrip("*"), is_prefix=word.endswith("*"))


def _literal(folded: str) -> re.Pattern[str]:
    parts = [re.escape(part).replace(r"\*", r"\w*") for part in folded.split()]
    before = r"(?<!\w)" if folded[:1].isalnum() else ""
    after = r"(?!\w)" if folded[-1:].isalnum() else ""
    return re.compile(before + r"\s*".join(parts) + after)


# --- holds it? -------------------------------------------------------------------------------------------------------


def is_in(term: Term, reading: Reading) -> bool:
    """Whether the term stands in the text at all; as cheap as can be, for most terms do not."""
    if term.key:
        return term.key in reading.line
    if term.part:
        return term.part in reading.folded.text and next(find(term, reading), None) is not None
    if not term.options.stem:
        for token in term.tokens:
            if token.like is not None:
                continue
            if not (reading.has_beginning(token.text) if token.is_prefix else reading.has(token.text)):
                return False
    return next(find(term, reading), None) is not None


def find(term: Term, reading: Reading) -> Iterator[Hit]:
    """Where the term stands, in offsets of the original text, in the order of the text."""
    if term.part:
        yield from _find_part(term, reading)
        return
    if len(term.tokens) == 1 and term.literal is None:
        yield from _find_word(term, reading)
        return
    for first, last in _runs(term, reading):
        span = _with_signs(term, reading, first, last) if term.literal is not None else reading.span(first, last)
        if span is not None:
            yield Hit(*span, _how(term, [reading.original(place) for place in range(first, last + 1)]))


def _find_word(term: Term, reading: Reading) -> Iterator[Hit]:
    token = term.tokens[0]
    if term.key and not token.is_prefix:
        yield from _find_plain(token, reading)
        return
    words, is_strict, folded = _same(token, term, reading), term.options.is_strict, reading.folded
    spans = (
        reading.spans_of(words[0]) if len(words) == 1 else sorted(s for word in words for s in reading.spans_of(word))
    )
    for low, high in spans:
        start, end = folded.span(low, high)
        original = reading.source[start:end]
        if not is_strict or _is_written(token, original, term.options):
            yield Hit(start, end, _how(term, [original]))


def _find_plain(token: Token, reading: Reading) -> Iterator[Hit]:
    """Most terms are one whole word, and most accounts are of these."""
    offsets, source, written = reading.folded.offsets, reading.source, token.written
    for low, high in reading.spans_of(token.text):
        start, end = offsets[low], offsets[high - 1] + 1
        original = source[start:end]
        yield Hit(start, end, "exact" if original == written else _folding_of(original, written))


def _with_signs(term: Term, reading: Reading, first: int, last: int) -> tuple[int, int] | None:
    """Where the words stand with their signs around them, if these do."""
    low, high = reading.folded_span(first, last)
    found = term.literal and term.literal.search(
        reading.folded.text, max(0, low - len(term.raw)), min(len(reading.folded.text), high + len(term.raw))
    )
    return reading.folded.span(*found.span()) if found else None


def _find_part(term: Term, reading: Reading) -> Iterator[Hit]:
    place = reading.folded.text.find(term.part)
    while place >= 0:
        start, end = reading.folded.span(place, place + len(term.part))
        written = term.raw.strip().lstrip("-").strip('"')
        if not term.options.is_strict or _strictly(reading.source[start:end], written, term.options):
            yield Hit(start, end, "part" if not term.options.whole else "exact")
        place = reading.folded.text.find(term.part, place + 1)


def _runs(term: Term, reading: Reading) -> Iterator[tuple[int, int]]:
    """(first, last) places of the words that the term covers."""
    starts = _places(term.tokens[0], term, reading)
    if len(term.tokens) == 1:
        yield from ((place, place) for place in starts)
    elif term.within is not None:
        yield from _near(term, reading, starts)
    else:
        rest = [set(_places(token, term, reading)) for token in term.tokens[1:]]
        for place in starts:
            if all(place + offset in places for offset, places in enumerate(rest, start=1)):
                yield place, place + len(rest)


def _near(term: Term, reading: Reading, starts: list[int]) -> Iterator[tuple[int, int]]:
    """The words in any order with at most `within` other words between the first and the last."""
    others = [_places(token, term, reading) for token in term.tokens[1:]]
    if not all(others):
        return
    room = (term.within or 0) + len(term.tokens)
    past = -1
    for place in starts:
        taken = [place]
        for places in others:
            free = _nearest_free(places, place, taken)
            if free is None:
                return
            taken.append(free)
        first, last = min(taken), max(taken)
        if last - first < room and first > past:
            past = last
            yield first, last


def _nearest_free(places: list[int], to: int, taken: list[int]) -> int | None:
    """The place nearest to `to` that no other word of the term has; the earlier one of two. Looks at a handful of them."""
    at = bisect_left(places, to)
    around = places[max(0, at - len(taken) - 1) : at + len(taken) + 1]
    return min((place for place in around if place not in taken), key=lambda place: abs(place - to), default=None)


def _places(token: Token, term: Term, reading: Reading) -> list[int]:
    words = _same(token, term, reading)
    found = [place for word in words for place in reading.places_of(word)]
    if term.options.is_strict:
        found = [place for place in found if _is_written(token, reading.original(place), term.options)]
    return found if len(words) == 1 else sorted(found)


def _same(token: Token, term: Term, reading: Reading) -> list[str]:
    """The words of the text that the token stands for."""
    if token.like is not None:
        return [word for word in reading.words if token.like.fullmatch(word)]
    if token.is_prefix:
        return reading.beginning_with(token.text)
    if term.options.stem:
        return _same_stem(token.text, term.options.stem, reading)
    return [token.text] if reading.has(token.text) else []


def _same_stem(word: str, stem: Stem, reading: Reading) -> list[str]:
    if stem == "any":
        return list({same for form in analyser.forms(word) for same in reading.stems.get(form, ())})
    wanted = _stem(word, stem)
    return [other for other in reading.words if _stem(other, stem) == wanted]


@lru_cache(maxsize=50_000)
def _stem(word: str, stem: Stem) -> str:
    return str(_stemmers[stem].stemWord(word))


def _is_written(token: Token, original: str, options: Options) -> bool:
    if token.is_prefix:
        original = original[: len(token.written)]
    return token.like is not None or _strictly(original, token.written, options)


def _strictly(original: str, written: str, options: Options) -> bool:
    return _keep(original, options) == _keep(written, options)


def _keep(word: str, options: Options) -> str:
    """The word with what counts left in it."""
    if options.accents:
        word = unicodedata.normalize("NFC", word)
        return word if options.case else word.casefold()
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return plain if options.case else plain.casefold()


def _how(term: Term, words: list[str]) -> str:
    """What made it match: 'near', 'wildcard', 'stem', else 'exact', or which folding it took."""
    if term.within is not None:
        return "near"
    if any(token.is_prefix or token.like for token in term.tokens):
        return "wildcard"
    if term.options.stem and [text.fold(word) for word in words] != [token.text for token in term.tokens]:
        return "stem"
    return _folding(words, [token.written for token in term.tokens])


@lru_cache(maxsize=50_000)
def _folding_of(word: str, written: str) -> str:
    return _folding([word], [written])


def _folding(words: list[str], written: list[str]) -> str:
    if words == written:
        return "exact"
    if [word.casefold() for word in words] == [word.casefold() for word in written]:
        return "case"
    as_is = Options(case=True)
    if [_keep(word, as_is) for word in words] == [_keep(word, as_is) for word in written]:
        return "accents"
    return "folded"


def check(raw: Any) -> bool:
    """Whether a term says something and is of a bearable length."""
    return isinstance(raw, str) and len(raw) <= 200 and bool(raw.strip('-"* “”«»\t\n'))
