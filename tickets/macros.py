"""Canned words with placeholders. Plain replacement of known names: no template engine ever sees a customer's text."""

import re
from typing import Any

from django.db.models import Q, QuerySet

from helpdesk.people.models import User
from tickets.models import Macro, Ticket

_PLACEHOLDER = re.compile(r"\{([a-z_.]+)\}")


def usable_by(user: User) -> QuerySet[Macro]:
    """Everybody's macros and those of the user's teams."""
    return Macro.objects.filter(Q(team__isnull=True) | Q(team__members=user)).distinct()


def render(macro: Macro, ticket: Ticket, *, by: User) -> dict[str, Any]:
    """The macro's text for this ticket, and its actions to be shown before they are applied."""
    values = {
        "customer.name": ticket.requester.name,
        "customer.first_name": ticket.requester.name.split(" ")[0],
        "agent.name": by.name,
        "ticket.number": ticket.number,
        "ticket.subject": ticket.subject,
    }
    body = _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), macro.body)
    return {"body": body, "actions": macro.actions}
