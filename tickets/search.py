"""Find tickets by subject, words said, number, name or address, among those the caller may see."""

from typing import Any

from django.db.models import Q, QuerySet

from helpdesk.lib import search, text
from helpdesk.people.models import Customer, Identity
from tickets.models import Message, Ticket


def find(tickets: QuerySet[Ticket], query: str) -> QuerySet[Ticket]:
    """Narrow `tickets` to those a person would mean by `query`; composes with any filter and order."""
    query = text.one_line(query, 200)
    number = query.lstrip("#")
    if number.isdigit():
        return tickets.filter(Q(pk=int(number[:15])) | _by_words(query))
    if "@" in query:
        identities = Identity.objects.filter(value__startswith=query.lower()).values("customer")
        return tickets.filter(Q(requester__in=identities) | _by_words(query))
    return tickets.filter(_by_words(query) | Q(requester__in=_by_name(query)))


def _by_words(query: str) -> Q:
    subjects = search.match(Ticket.objects.all(), query).values("pk")
    said = search.match(Message.objects.all(), query).values("ticket")
    return Q(pk__in=subjects) | Q(pk__in=said)


def _by_name(query: str) -> QuerySet[Customer, Any]:
    return Customer.objects.filter(name__icontains=query).values("pk")
