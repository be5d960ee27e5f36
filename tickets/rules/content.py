"""What a rule consists of when it is written down: read from the API, kept in versions, compared, put back into rows."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.lib import errors, text
from tickets.models import Rule
from tickets.models.rule import Trigger
from tickets.rules import actions as rule_actions
from tickets.rules import validity

EVENTS: Final = (
    names.MESSAGE_POSTED,
    names.TICKET_ROUTED,
    names.TICKET_ASSIGNED,
    names.TICKET_CHANGED,
    names.TICKET_STATUS,
    names.TICKET_SOLVED,
    names.TICKET_REOPENED,
    names.TICKET_CLOSED,
)
"""Events that may try a rule: those whose subject is a ticket that is there already."""
SINCE: Final = ("created", "last_message", "waiting")
_MOST_MINUTES = 60 * 24 * 366

DEFAULTS: Final[dict[str, Any]] = {
    "name": "",
    "active": True,
    "stops": True,
    "shadow": False,
    "overwrite": False,
    "trigger": "intake",
    "events": [],
    "after": None,
    "conditions": {},
    "actions": {},
}
_COLUMNS: Final = {name: "is_active" if name == "active" else name for name in DEFAULTS}
COLUMNS: Final = tuple(_COLUMNS.values())


def of_row(rule: Rule) -> dict[str, Any]:
    """The content of a rule as it stands in the list in force."""
    return {name: getattr(rule, column) for name, column in _COLUMNS.items()}


def into_row(rule: Rule, content: dict[str, Any]) -> Rule:
    """Set the row's columns; the caller saves."""
    for name, column in _COLUMNS.items():
        setattr(rule, column, content[name])
    return rule


def read(given: dict[str, Any], base: dict[str, Any] | None = None) -> dict[str, Any]:
    """A checked content of what was given over `base`. Raises Invalid, by field, for what is no rule."""
    content = {name: given.get(name, (base or DEFAULTS)[name]) for name in DEFAULTS}
    content["name"] = text.one_line(str(content["name"]), 120)
    if not content["name"]:
        raise errors.Invalid(fields={"name": [_("A rule needs a name.")]})
    for flag in ("active", "stops", "shadow", "overwrite"):
        if not isinstance(content[flag], bool):
            raise errors.Invalid(fields={flag: [_("Yes or no is needed here.")]})
    _check_trigger(content)
    validity.check(content["conditions"])
    rule_actions.check_shape(content["actions"])
    return content


def _check_trigger(content: dict[str, Any]) -> None:
    """What belongs to another trigger is forgotten, what the trigger needs must be there."""
    trigger = content["trigger"]
    if trigger not in Trigger.values:
        raise errors.Invalid(fields={"trigger": [_("Unknown value.")]})
    events = content["events"] if trigger == Trigger.EVENT else []
    if not isinstance(events, list) or (trigger == Trigger.EVENT and not events) or set(map(str, events)) - set(EVENTS):
        raise errors.Invalid(fields={"events": [_("Choose at least one event that rules can hear.")]})
    content["events"] = events
    content["after"] = _after(content["after"]) if trigger == Trigger.TIME else None


def _after(after: Any) -> dict[str, Any]:
    given = after if isinstance(after, dict) else {}
    since, minutes = given.get("since"), given.get("minutes")
    is_number = isinstance(minutes, int) and not isinstance(minutes, bool)
    if since not in SINCE or not is_number or not 1 <= int(minutes or 0) <= _MOST_MINUTES:
        raise errors.Invalid(fields={"after": [_("Say since when, and how many minutes (at least one).")]})
    return {"since": since, "minutes": minutes}
