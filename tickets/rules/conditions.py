"""Match a rule's conditions against facts, and say what matched or what was expected instead. Pure.

A condition tree is `{"all": […], "any": […], "none": […]}`; each member is a condition or another tree. A condition is
`{"field", "op", "value"}`: on text fields `words` with terms such as `refund`, `rembours*` or `"money back"`; on the
others `is` and `in`. Case and accents are folded and words are whole unless a `*` opens them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from helpdesk.lib import errors, text
from tickets.facts import Facts

TEXT_FIELDS = ("text", "subject", "body")
CODE_FIELDS = ("sender", "domain", "channel", "mailbox", "language", "kind")
MAX_TERMS = 2_000
MAX_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Term:
    """One matched word: the rule's term, the customer's own words, where they stand, and what folding made them match."""

    term: str
    text: str
    start: int
    end: int
    how: str

    def as_json(self) -> dict[str, Any]:
        return {"term": self.term, "text": self.text, "start": self.start, "end": self.end, "how": self.how}


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition tried: what was expected, what was there, whether it held, and on which words."""

    field: str
    op: str
    expected: list[str]
    actual: str
    matched: bool
    group: str
    terms: list[Term] = dataclass_field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "op": self.op,
            "expected": self.expected,
            "actual": self.actual,
            "matched": self.matched,
            "group": self.group,
            "terms": [term.as_json() for term in self.terms],
        }


def match(tree: dict[str, Any], facts: Facts) -> tuple[bool, list[Finding]]:
    """Whether the tree holds, with a finding per condition in the order written. An empty tree holds for everything."""
    findings: list[Finding] = []
    return _match_tree(tree, facts, findings), findings


def _match_tree(tree: dict[str, Any], facts: Facts, findings: list[Finding]) -> bool:
    verdicts = {
        group: [_match_member(member, facts, findings, group) for member in tree.get(group, [])]
        for group in ("all", "any", "none")
    }
    return all(verdicts["all"]) and (not verdicts["any"] or any(verdicts["any"])) and not any(verdicts["none"])


def _match_member(member: dict[str, Any], facts: Facts, findings: list[Finding], group: str) -> bool:
    if "field" not in member:
        return _match_tree(member, facts, findings)
    finding = _try(member, facts, group)
    findings.append(finding)
    return finding.matched


def _try(condition: dict[str, Any], facts: Facts, group: str) -> Finding:
    name, operator = condition["field"], condition["op"]
    expected = as_list(condition["value"])
    if name in TEXT_FIELDS:
        terms = list(find(expected, facts, name))
        actual = ", ".join(dict.fromkeys(term.text for term in terms))
        return Finding(name, operator, expected, actual, bool(terms), group, terms)
    actual = str(getattr(facts, name) or "")
    holds = text.fold(actual) in {text.fold(value) for value in expected}
    return Finding(name, operator, expected, actual, holds, group)


def find(terms: list[str], facts: Facts, name: str = "text") -> Iterator[Term]:
    """Every occurrence of the terms in one text field, in the order of the terms; at most 20 of each."""
    low, high = facts.range_of(name)
    folded = facts.folded
    for term in terms:
        for number, found in enumerate(pattern(term).finditer(folded.text)):
            start, end = folded.span(*found.span())
            if number >= 20:
                break
            if low <= start and end <= high:
                original = facts.text[start:end]
                yield Term(term, original, start, end, _how(term, original))


@lru_cache(maxsize=20_000)
def pattern(term: str) -> re.Pattern[str]:
    """A term as an expression over folded text: whole words, `*` for any ending, quotes for a phrase."""
    words = text.fold(term.strip().strip('"“”«»').strip()).split()
    parts = [re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in words]
    return re.compile(r"(?<!\w)" + r"\W+".join(parts) + r"(?!\w)")


def _how(term: str, original: str) -> str:
    """The transformation that made it match: 'exact', 'folded' (case or accents) or 'wildcard'."""
    if "*" in term:
        return "wildcard"
    return "exact" if original == term.strip('"') else "folded"


def as_list(value: Any) -> list[str]:
    """The values of a condition: a list, or one."""
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def check(tree: Any, depth: int = 0) -> None:
    """Raise Invalid, naming what to mend, when a tree is not one."""
    if not isinstance(tree, dict) or depth > MAX_DEPTH or set(tree) - {"all", "any", "none"}:
        raise _invalid(_("Conditions are groups “all”, “any” and “none”, nested at most three deep."))
    for group in tree.values():
        if not isinstance(group, list):
            raise _invalid(_("A group of conditions is a list."))
        for member in group:
            if isinstance(member, dict) and "field" in member:
                _check_condition(member)
            else:
                check(member, depth + 1)


def _check_condition(condition: dict[str, Any]) -> None:
    name, operator, value = condition.get("field"), condition.get("op"), condition.get("value")
    is_text = name in TEXT_FIELDS
    if not is_text and name not in CODE_FIELDS:
        raise _invalid(_("Unknown field: %(name)s") % {"name": name})
    if operator not in (("words",) if is_text else ("is", "in")):
        raise _invalid(_("“%(op)s” cannot be used on “%(name)s”.") % {"op": operator, "name": name})
    values = as_list(value) if isinstance(value, (list, str)) else []
    if not values or len(values) > MAX_TERMS or not all(_is_usable(item) for item in values):
        raise _invalid(_("Give at least one word, none empty and none longer than 200 characters."))


def _is_usable(term: str) -> bool:
    return bool(term.strip('"* “”«»')) and len(term) <= 200


def _invalid(words: Any) -> errors.Invalid:
    return errors.Invalid(fields={"conditions": [words]})
