"""One condition, ready to be tried: on words, an expression, a code, a number, tags or opening hours. Pure."""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

import re2

from helpdesk.lib import text
from tickets.facts import Facts
from tickets.qualification import sensitive
from tickets.rules import fields, terms
from tickets.rules.reading import Reading
from tickets.rules.terms import Options

Key = tuple[str, str]
"""A key of the index: ("line", part of `Reading.line`), ("stem", …) or (field, folded value)."""
Found = dict[str, Any]
MAX_TEXT = 50_000
"""An expression reads no further: RE2 needs time in proportion to this, whatever the expression."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a condition found: the value that was there, and {"term", "text", "start", "end", "how"} for each matched word."""

    holds: bool
    actual: str = ""
    terms: Sequence[Found] = ()


NOTHING = Seen(False)
"""The condition failed and there was nothing to show: most do."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leaf:
    """One for all rules that ask the same (`leaf_of`), so that a request answers each once.

    `of` is 'original' or 'current'; `expected` is what the account shows.
    """

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

    def traces(self) -> frozenset[Key] | None:
        """In words without any of these keys it finds nothing; None when it must look to know."""
        return frozenset()

    @property
    def is_met_by_nothing(self) -> bool:
        """Its verdict where it finds none of its words."""
        return False

    def _facts(self, facts: Facts) -> Facts:
        return facts.current if self.of == "current" else facts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Words(Leaf):
    """Any, all or none of the terms; a negative term that is there makes the condition fail."""

    wanted: tuple[terms.Term, ...]
    unwanted: tuple[terms.Term, ...]

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
        return any(terms.is_in(term, reading) for term in self.wanted)

    @property
    def is_sure(self) -> bool:
        """Whether one of its keys in the text is all it takes."""
        if self.field != "text" or self.unwanted or self.of != "original":
            return False
        is_any = self.op == "words" or (self.op == "all_words" and len(self.wanted) == 1)
        return is_any and all(term.key for term in self.wanted)

    def _has_all(self, reading: Reading) -> bool:
        return all(terms.is_in(term, reading) for term in self.wanted)

    def _may_hold(self, reading: Reading) -> bool:
        """False when the whole text lacks what a part of it must have."""
        return self.op == "no_words" or not self.wanted or self._has_any(reading)

    def look(self, facts: Facts) -> Seen:
        return self._look(self._facts(facts))

    def _look(self, facts: Facts) -> Seen:
        reading = facts.files if self.field == "attachments" else facts.reading
        part = facts.range_of(self.field) if self.field in ("subject", "body") else None
        found: list[Found] = []
        wanted = [_seen(term, reading, part, found) for term in self.wanted]
        unwanted = [_seen(term, reading, part, found) for term in self.unwanted]
        holds = self._verdict(wanted, any(unwanted))
        return _seen_all(holds, found)

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

    def traces(self) -> frozenset[Key] | None:
        each = [term.anchors for term in (*self.wanted, *self.unwanted)]
        return frozenset(key for keys in each for key in keys) if all(each) else None

    @property
    def is_met_by_nothing(self) -> bool:
        return self._verdict([False] * len(self.wanted), False)


def _seen(term: terms.Term, reading: Reading, part: tuple[int, int] | None, found: list[Found]) -> bool:
    """Whether the term stands in this part of the text; where, is added to `found`."""
    if not terms.is_in(term, reading):
        return False
    before = len(found)
    hits = terms.find(term, reading)
    if part is not None:
        hits = (hit for hit in hits if part[0] <= hit.start and hit.end <= part[1])
    found += [_found(term.raw, reading, *hit) for hit in islice(hits, terms.MOST_OF_ONE)]
    return len(found) > before


def _found(term: str, reading: Reading, start: int, end: int, how: str) -> Found:
    # Accounts are read by many: an expression may have met a card
    seen = sensitive.mask_cards(reading.source[start:end]) if end - start > 12 else reading.source[start:end]
    return {"term": term, "text": seen, "start": start, "end": end, "how": how}


def _seen_all(holds: bool, found: list[Found]) -> Seen:
    if not found:
        return Seen(True) if holds else NOTHING
    return Seen(holds, ", ".join(dict.fromkeys(each["text"] for each in found)), found)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expression(Leaf):
    """A regular expression, run by RE2: its time grows with the text and with nothing else."""

    pattern: Any
    is_folded: bool

    def traces(self) -> frozenset[Key] | None:
        return None

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
                found.append(_found(self.expected[0], reading, start, end, "regex"))
        return _seen_all(bool(found), found)


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Code(Leaf):
    """A value that is one word or address: equal, one of, like, set, or not."""

    folded: frozenset[str]
    likes: tuple[re.Pattern[str], ...]

    def holds(self, facts: Facts) -> bool:
        known = facts.judged
        if self not in known:
            known[self] = self._judge(_string(self._facts(facts).value(self.field)))
        return known[self]

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
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
    return _leaf_of(json.dumps(condition))


@lru_cache(maxsize=20_000)
def _leaf_of(written: str) -> Leaf:
    condition = json.loads(written)
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
