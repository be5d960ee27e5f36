"""Where a request came from, so that receipts have a budget per source: a network address, a program, a mailbox."""

from typing import Any

from django.conf import settings

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.lib import clock, signing
from tickets.channels.inbound import Inbound
from tickets.models import Ticket

_PURPOSE = "request-source"


def told(inbound: Inbound) -> dict[str, Any]:
    """What `ticket.opened` says of it: a code that tells one source from another for a day and leads back to none."""
    if not inbound.source:
        return {}
    return {"source": signing.short_code(_PURPOSE, inbound.source, clock.now().date().isoformat())}


def of(ticket: Ticket) -> tuple[str, int]:
    """The ticket's source and how many receipts an hour it may cause. A mail has no other that we could believe."""
    opened = Event.objects.of("ticket", ticket.pk).filter(name=names.TICKET_OPENED).first()
    if opened is not None and opened.actor_kind == "user":
        return f"user:{opened.actor_id}", settings.RECEIPTS_PER_SOURCE
    if opened is not None and (code := opened.data.get("source")):
        return f"code:{code}", settings.RECEIPTS_PER_SOURCE
    return f"mailbox:{ticket.mailbox_id}", settings.RECEIPTS_PER_MAILBOX
