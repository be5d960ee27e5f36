"""What a rule may do to a request, and what it may not."""

from collections.abc import Callable
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from helpdesk.lib import errors
from tickets.models.ticket import Kind, Priority


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_slug(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 50


def _are(check: Callable[[Any], bool], value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= 50 and all(check(item) for item in value)


def _is_notice(value: Any) -> bool:
    """{"users": [ids], "teams": [slugs], "note": words}: somebody must be told something."""
    if not isinstance(value, dict) or set(value) - {"users", "teams", "note"}:
        return False
    users, teams, note = value.get("users", []), value.get("teams", []), value.get("note", "")
    named = (not users or _are(_is_id, users)) and (not teams or _are(_is_slug, teams))
    return named and isinstance(note, str) and len(note) <= 500 and bool(users or teams or note.strip())


SHAPES: Final[dict[str, Callable[[Any], bool]]] = {
    "queue": _is_slug,
    "priority": lambda value: _is_id(value) and value in Priority.values,
    "kind": lambda value: value in Kind.values,
    "tags": lambda tags: _are(_is_slug, tags),
    "assignee": _is_id,
    "skills": lambda skills: _are(_is_slug, skills),
    "macro": _is_id,
    "acknowledge": lambda value: isinstance(value, bool),
    "notify": _is_notice,
    "hold": lambda value: value is True,
    "status": lambda value: value == "spam",
}
"""Action → whether a value is one; that what it names exists is told by `tickets.rules.references`."""


def check_shape(actions: Any) -> None:
    """Raise Invalid when an action is unknown or its value is none."""
    if not isinstance(actions, dict) or not actions:
        raise _invalid(_("Choose at least one action."))
    if unknown := set(actions) - set(SHAPES):
        raise _invalid(_("Unknown action: %(name)s") % {"name": ", ".join(sorted(unknown))})
    for name, value in actions.items():
        if not SHAPES[name](value):
            raise _invalid(_("This value cannot be used for “%(name)s”.") % {"name": name})


def _invalid(words: Any) -> errors.Invalid:
    return errors.Invalid(fields={"actions": [words]})
