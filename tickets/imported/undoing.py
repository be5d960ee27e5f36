"""Taking imported requests back: as long as nobody has done anything with them here."""

from datetime import datetime
from typing import Any

from django.db import transaction

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.lib.search import analyser
from helpdesk.people.imports import running, undoing
from helpdesk.people.imports.undoing import Kept
from helpdesk.people.models import Customer, Identity
from tickets.models import Attachment, Message, Provenance, ReadMark, Ticket, TicketTag

_OURS: set[Any] = {Message, Provenance, ReadMark, TicketTag}


def ticket(saved: dict[str, Any]) -> list[str]:
    """Take a request back; raises Kept when somebody did something with it here."""
    one = Ticket.objects.select_for_update().filter(pk=saved["ticket"]).first()
    if one is None:
        raise Kept("gone")
    if Event.objects.of("ticket", one.pk).exclude(name=names.TICKET_IMPORTED).exists():
        raise Kept("ticket_used")
    if not saved["made"]:
        return _restore(one, saved)
    remove(one)
    for number in saved["customers"]:
        _remove_unused(number)
    return []


def foreign(saved: dict[str, Any]) -> list[str]:
    """The same for whatever a record of another help desk became."""
    if "ticket" in saved:
        return ticket(saved)
    return undoing.customer(saved) if "customer" in saved else undoing.organization(saved)


@transaction.atomic
def remove(one: Ticket) -> None:
    """The request with all that was imported of it, files included."""
    messages = Message.objects.filter(ticket=one)
    if Message.objects.filter(copied_from__in=messages.values("pk")).exists():
        raise Kept("ticket_used")
    paths = list(Attachment.objects.filter(message__in=messages).values_list("file", flat=True))
    messages.delete()
    undoing.remove(one, "ticket_used", ignoring=_OURS)
    transaction.on_commit(lambda: _forget(paths), robust=True)


def _forget(paths: list[str]) -> None:
    for path in paths:
        running.forget(path)


def _restore(one: Ticket, saved: dict[str, Any]) -> list[str]:
    if one.version != saved["version"]:
        raise Kept("changed_since")
    for name, value in saved["was"].items():
        setattr(one, name, datetime.fromisoformat(value) if name.endswith("_at") and value else value)
    one.terms, one.version = analyser.analyse(one.subject), one.version - 1
    one.set_place()
    one.save(update_fields=[*saved["was"], "terms", "version", "place"])
    TicketTag.objects.filter(ticket=one, tag__name__in=saved["tags"]).delete()
    return []


def _remove_unused(customer_id: int) -> None:
    found = Customer.objects.filter(pk=customer_id).first()
    if found is None:
        return
    try:
        undoing.remove(found, "in_use", ignoring={Identity})
    except Kept:
        return
