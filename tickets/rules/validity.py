"""Whether what somebody wrote is a tree of conditions; says what to mend when it is not."""

from typing import Any

import re2
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import errors
from tickets.rules import fields, leaves, terms

MAX_TERMS = 2_000
MAX_DEPTH = 3
_OPTIONS = {"case", "accents", "whole", "stem", "of", "calendar"}
_LONGEST_EXPRESSION = 500


def check(tree: Any, depth: int = 0) -> None:
    """Raise Invalid, naming what to mend, when a tree is not one."""
    if not isinstance(tree, dict) or depth > MAX_DEPTH or set(tree) - {"all", "any", "none"}:
        raise _invalid(_("Conditions are groups “all”, “any” and “none”, nested at most three deep."))
    for group in tree.values():
        if not isinstance(group, list) or len(group) > MAX_TERMS:
            raise _invalid(_("A group of conditions is a list."))
        for member in group:
            if isinstance(member, dict) and "field" in member:
                _check_condition(member)
            else:
                check(member, depth + 1)


def _check_condition(condition: dict[str, Any]) -> None:
    name, operator = condition["field"], condition.get("op")
    kind = fields.type_of(name)
    if kind is None:
        raise _invalid(_("Unknown field: %(name)s") % {"name": name})
    if operator not in fields.OPS[kind]:
        raise _invalid(_("“%(op)s” cannot be used on “%(name)s”.") % {"op": operator, "name": name})
    if unknown := set(condition) - {"field", "op", "value"} - _OPTIONS:
        raise _invalid(_("Unknown option: %(name)s") % {"name": ", ".join(sorted(map(str, unknown)))})
    if condition.get("of", "original") not in ("original", "current"):
        raise _invalid(_("A condition looks at the “original” or the “current” value."))
    if condition.get("stem", False) not in (True, False, "", "en", "fr"):
        raise _invalid(_("Word stems are known for “en” and “fr”."))
    _check_value(kind, str(operator), condition)


def _check_value(kind: str, operator: str, condition: dict[str, Any]) -> None:
    if operator in ("is_set", "is_not_set"):
        return
    value = condition.get("value")
    allowed = (str, int, float) if kind == "number" else (str,)
    values = value if isinstance(value, list) else [value]
    if not values or len(values) > MAX_TERMS or not all(_is(item, allowed) for item in values):
        raise _invalid(_("Give at least one word, none empty and none longer than 200 characters."))
    if operator == "regex":
        _check_expression(values, condition)
    elif kind == "text":
        if not all(terms.check(item) for item in values):
            raise _invalid(_("Give at least one word, none empty and none longer than 200 characters."))
    elif kind == "number":
        _check_numbers(values, operator)
    elif kind == "hours":
        if values not in (["inside"], ["outside"]):
            raise _invalid(_("Opening hours are “inside” or “outside”."))
    elif not all(0 < len(str(item).strip()) <= 320 for item in values):
        raise _invalid(_("Give at least one word, none empty and none longer than 200 characters."))


def _is(item: Any, allowed: tuple[type, ...]) -> bool:
    return isinstance(item, allowed) and not isinstance(item, bool)


def _check_numbers(values: list[Any], operator: str) -> None:
    try:
        numbers = [float(item) for item in values]
    except ValueError:
        raise _invalid(_("A number is needed here.")) from None
    if any(number != number or abs(number) > 10**9 for number in numbers):
        raise _invalid(_("A number is needed here."))
    if operator not in ("in", "not_in") and len(numbers) != 1:
        raise _invalid(_("One number is needed here."))


def _check_expression(values: list[Any], condition: dict[str, Any]) -> None:
    if len(values) != 1 or not 0 < len(values[0]) <= _LONGEST_EXPRESSION:
        raise _invalid(_("Give one expression of at most 500 characters."))
    try:
        leaves.expression(values[0], bool(condition.get("case")), bool(condition.get("accents")))
    except re2.error as error:
        said = error.args[0] if error.args else ""
        reason = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise _invalid(_("This expression cannot be used: %(reason)s") % {"reason": reason}) from None


def _invalid(words: Any) -> errors.Invalid:
    return errors.Invalid(fields={"conditions": [words]})
