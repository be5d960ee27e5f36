"""One condition, ready to be tried: on words, an expression, a code, a number, tags or opening hours. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

import re2

from helpdesk.lib import text
from tickets.facts import Facts
from tickets.rules import fields, terms
from tickets.rules.reading import Reading
from tickets.rules.terms import Options

Key = tuple[str, str]
"""A key of the index: ("word", …), ("prefix", …), ("stem", …) or (field, folded value)."""
Found = tuple[str, str, int, int, str]
MAX_TEXT = 50_000
"""An expression reads no further: RE2 needs time in proportion to this, whatever the expression."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a condition found: the value that was there, and (term, text, start, end, how) for each matched word."""

    holds: bool
    actual: str = ""
    terms: tuple[Found, ...] = ()
    note: str = ""


NOTHING = Seen(False)
"""The condition failed and there was nothing to show: most do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """`of` is 'original' or 'current'; `expected` is what the account shows."""

    field: str
    op: str
    of: str
    expected: list[str]

    def holds(self, facts: Facts) -> bool:
        raise NotImplementedError

    def look(self, facts: Facts) -> Seen:
        """The same verdict with its reasons."""
        raise NotImplementedError

    def keys(self) -> frozenset[Key] | None:
        """Facts without any of these keys cannot meet the condition; None when any facts might."""
        return None

    def _facts(self, facts: Facts) -> Facts:
        return facts.current if self.of == "current" else facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Leaf):
    """Any, all or none of the terms; a negative term that is there makes the condition fail.

    `plain` are the wanted terms that are one word each: whether a text has any of them is one question. `needed` are
    words without which none of the wanted terms but the `loose` ones can stand there.
    """

    wanted: tuple[terms.Term, ...]
    unwanted: tuple[terms.Term, ...]
    plain: frozenset[str]
    others: tuple[terms.Term, ...]
    needed: frozenset[str]
    loose: tuple[terms.Term, ...]

    def holds(self, facts: Facts) -> bool:
        facts = self._facts(facts)
        if self.field in ("subject", "body"):
            return self._may_hold(facts.reading) and self._look(facts).holds
        reading = facts.files if self.field == "attachments" else facts.reading
        wanted = self._has_all(reading) if self.op == "all_words" else self._has_any(reading)
        if self.op == "no_words":
            return not wanted
        return (wanted or not self.wanted) and not any(terms.is_in(term, reading) for term in self.unwanted)

    def _has_any(self, reading: Reading) -> bool:
        there = not self.needed.isdisjoint(reading.words)
        if not there and not self.loose:
            return False
        if there and not self.plain.isdisjoint(reading.words):
            return True
        return any(terms.is_in(term, reading) for term in (self.others if there else self.loose))

    @property
    def is_sure(self) -> bool:
        """Whether one of its keys in the text is all it takes."""
        if self.field != "text" or self.op != "words" or self.unwanted or self.of != "original":
            return False
        return all(term.is_plain or term.is_beginning for term in self.wanted)

    def _has_all(self, reading: Reading) -> bool:
        return all(terms.is_in(term, reading) for term in self.wanted)

    def _may_hold(self, reading: Reading) -> bool:
        """False when the whole text lacks what a part of it must have."""
        return self.op == "no_words" or not self.wanted or self._has_any(reading)

    def look(self, facts: Facts) -> Seen:
        facts = self._facts(facts)
        reading = facts.files if self.field == "attachments" else facts.reading
        if not self.unwanted and not self._has_any(reading):
            return Seen(True) if self.op == "no_words" else NOTHING
        return self._look(facts)

    def _look(self, facts: Facts) -> Seen:
        reading = facts.files if self.field == "attachments" else facts.reading
        low, high = (0, len(reading.source)) if self.field == "attachments" else facts.range_of(self.field)
        found: list[Found] = []
        there: list[bool] = []
        for term in (*self.wanted, *self.unwanted):
            hits = list(islice(_within(term, reading, low, high), terms.MOST_OF_ONE))
            there.append(bool(hits))
            found += [(term.raw, reading.source[hit.start : hit.end], hit.start, hit.end, hit.how) for hit in hits]
        count = len(self.wanted)
        holds = self._verdict(there[:count], any(there[count:]))
        return Seen(holds, ", ".join(dict.fromkeys(each[1] for each in found)), tuple(found))

    def _verdict(self, wanted: list[bool], has_unwanted: bool) -> bool:
        if self.op == "no_words":
            return not any(wanted)
        enough = all(wanted) if self.op == "all_words" else (any(wanted) or not wanted)
        return enough and not has_unwanted

    def keys(self) -> frozenset[Key] | None:
        if self.op == "no_words" or not self.wanted:
            return None
        each = [term.anchors for term in self.wanted]
        if self.op == "all_words":
            return min((frozenset(keys) for keys in each if keys), key=len, default=None)
        return frozenset(key for keys in each for key in keys) if all(each) else None


def _within(term: terms.Term, reading: Reading, low: int, high: int) -> Iterator[terms.Hit]:
    if terms.is_in(term, reading):
        yield from (hit for hit in terms.find(term, reading) if low <= hit.start and hit.end <= high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression(Leaf):
    """A regular expression, run by RE2: its time grows with the text and with nothing else."""

    pattern: Any
    is_folded: bool

    def holds(self, facts: Facts) -> bool:
        return self.look(facts).holds

    def look(self, facts: Facts) -> Seen:
        facts = self._facts(facts)
        reading = facts.files if self.field == "attachments" else facts.reading
        low, high = (0, len(reading.source)) if self.field == "attachments" else facts.range_of(self.field)
        source = reading.folded.text if self.is_folded else reading.source
        found: list[Found] = []
        for hit in islice(self.pattern.finditer(source[:MAX_TEXT]), terms.MOST_OF_ONE):
            if hit.start() == hit.end():
                continue
            start, end = reading.folded.span(*hit.span()) if self.is_folded else hit.span()
            if low <= start and end <= high:
                found.append((self.expected[0], reading.source[start:end], start, end, "regex"))
        return Seen(bool(found), ", ".join(dict.fromkeys(each[1] for each in found)), tuple(found))


@lru_cache(maxsize=2_000)
def expression(pattern: str, case: bool, accents: bool) -> Any:
    """The compiled expression; raises re2.error for what RE2 cannot do (backreferences, lookaround, huge repeats)."""
    options = re2.Options()
    options.max_mem = 8 << 20
    options.log_errors = False
    options.case_sensitive = case
    if not case and not accents:
        pattern = "".join(c for c in unicodedata.normalize("NFKD", pattern) if not unicodedata.combining(c))
    return re2.compile(pattern, options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Leaf):
    """A value that is one word or address: equal, one of, like, set, or not."""

    folded: frozenset[str]
    likes: tuple[re.Pattern[str], ...]

    def holds(self, facts: Facts) -> bool:
        return self._judge(_string(self._facts(facts).value(self.field)))

    def look(self, facts: Facts) -> Seen:
        actual = _string(self._facts(facts).value(self.field))
        return Seen(self._judge(actual), actual)

    def _judge(self, actual: str) -> bool:
        match self.op:
            case "is" | "in":
                return text.fold(actual) in self.folded
            case "is_not" | "not_in":
                return text.fold(actual) not in self.folded
            case "like":
                return any(like.fullmatch(text.fold(actual)) for like in self.likes)
            case "is_set":
                return actual != ""
        return actual == ""

    def keys(self) -> frozenset[Key] | None:
        return frozenset((self.field, value) for value in self.folded) if self.op in ("is", "in") else None


def _string(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "true" if value is True else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags(Leaf):
    """What the ticket bears."""

    folded: frozenset[str]

    def holds(self, facts: Facts) -> bool:
        there = {text.fold(tag) for tag in self._facts(facts).tags}
        if self.op == "all":
            return self.folded <= there
        return bool(self.folded & there) == (self.op == "any")

    def look(self, facts: Facts) -> Seen:
        return Seen(self.holds(facts), ", ".join(self._facts(facts).tags))


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Leaf):
    """A number compared; one that nobody knows meets nothing."""

    numbers: tuple[float, ...]

    def holds(self, facts: Facts) -> bool:
        return self._judge(self._facts(facts).value(self.field))

    def look(self, facts: Facts) -> Seen:
        actual = self._facts(facts).value(self.field)
        return Seen(self._judge(actual), "" if actual is None else f"{actual:g}")

    def _judge(self, actual: float | None) -> bool:
        if actual is None:
            return False
        match self.op:
            case "is" | "in":
                return actual in self.numbers
            case "is_not" | "not_in":
                return actual not in self.numbers
            case "at_least":
                return actual >= self.numbers[0]
        return actual <= self.numbers[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours(Leaf):
    """Inside or outside the opening hours of a calendar."""

    calendar: str = field(default="")

    def holds(self, facts: Facts) -> bool:
        return self._facts(facts).is_open(self.calendar) == (self.expected[0] == "inside")

    def look(self, facts: Facts) -> Seen:
        is_open = self._facts(facts).is_open(self.calendar)
        return Seen(is_open == (self.expected[0] == "inside"), "inside" if is_open else "outside")


# --- reading a condition ---------------------------------------------------------------------------------------------


def as_list(value: Any) -> list[str]:
    """The values of a condition: a list, or one."""
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def leaf_of(condition: dict[str, Any]) -> Leaf:
    """The condition ready to be tried; it has been checked (`tickets.rules.validity`)."""
    name, op = condition["field"], condition["op"]
    expected = as_list(condition.get("value", []))
    of = "current" if name in fields.ALWAYS_CURRENT else condition.get("of", "original")
    given: dict[str, Any] = {"field": name, "op": op, "of": of, "expected": expected}
    match fields.type_of(name):
        case "text":
            return _expression(condition, given) if op == "regex" else _words(condition, given)
        case "number":
            return Number(**given, numbers=tuple(float(value) for value in expected))
        case "tags":
            return Tags(**given, folded=frozenset(map(text.fold, expected)))
        case "hours":
            return Hours(**given, calendar=str(condition.get("calendar", "")))
    folded = [text.fold(value) for value in expected]
    likes = tuple(re.compile(".*".join(map(re.escape, value.split("*")))) for value in folded) if op == "like" else ()
    return Code(**given, folded=frozenset(folded), likes=likes)


def _words(condition: dict[str, Any], given: dict[str, Any]) -> Words:
    options = options_of(condition)
    parsed = [terms.parse(value, options) for value in given["expected"]]
    wanted = tuple(term for term in parsed if not term.is_negative)
    return Words(
        **given,
        wanted=wanted,
        unwanted=tuple(term for term in parsed if term.is_negative),
        plain=frozenset(term.tokens[0].text for term in wanted if term.is_plain),
        others=tuple(term for term in wanted if not term.is_plain),
        needed=frozenset(term.word for term in wanted if term.word),
        loose=tuple(term for term in wanted if not term.word),
    )


def _expression(condition: dict[str, Any], given: dict[str, Any]) -> Expression:
    case, accents = bool(condition.get("case")), bool(condition.get("accents"))
    pattern = expression(given["expected"][0], case, accents)
    return Expression(**given, pattern=pattern, is_folded=not case and not accents)


def options_of(condition: dict[str, Any]) -> Options:
    """The options of a condition on words: the same for most, so that terms are shared."""
    stem: Any = condition.get("stem") or ""
    return Options(
        case=bool(condition.get("case")),
        accents=bool(condition.get("accents")),
        whole=condition.get("whole", True) is not False,
        stem="any" if stem is True else stem,
    )
