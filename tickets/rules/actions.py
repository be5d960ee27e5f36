"""What a rule may do to a request that is coming in, and what it may not."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from helpdesk.lib import errors
from helpdesk.people.models import User
from tickets.models import Queue
from tickets.models.ticket import Kind, Priority

KNOWN = ("queue", "priority", "kind", "tags", "assignee")


def check(actions: Any) -> None:
    """Raise Invalid when an action is unknown or points to something that is not there or switched off."""
    if not isinstance(actions, dict) or not actions:
        raise _invalid(_("Choose at least one action."))
    if unknown := set(actions) - set(KNOWN):
        raise _invalid(_("Unknown action: %(name)s") % {"name": ", ".join(sorted(unknown))})
    for name, value in actions.items():
        if not _CHECKS[name](value):
            raise _invalid(_("This value cannot be used for “%(name)s”.") % {"name": name})


_CHECKS: dict[str, Any] = {
    "queue": lambda slug: Queue.objects.filter(slug=str(slug), is_active=True).exists(),
    "priority": lambda value: value in Priority.values,
    "kind": lambda value: value in Kind.values,
    "tags": lambda tags: isinstance(tags, list) and all(isinstance(tag, str) and 0 < len(tag) <= 50 for tag in tags),
    "assignee": lambda pk: isinstance(pk, int) and User.objects.filter(pk=pk, is_active=True).exists(),
}


def _invalid(words: Any) -> errors.Invalid:
    return errors.Invalid(fields={"actions": [words]})
