"""A visitor's requests, as his widget lists them: all of his own where his website says who he is, else this browser's."""

from django.db.models import Count, F, Q

from chat import sessions
from chat.models import Session
from helpdesk.lib import errors
from tickets.models import Message, Ticket
from tickets.models.ticket import Status, TicketQuerySet

SHOWN = 20


def own(session: Session) -> TicketQuerySet:
    """What this browser may see. A proved address alone opens no history here: it was proved in another window."""
    mine = Ticket.objects.of_customer(session.customer).exclude(status=Status.SPAM)
    if session.is_vouched:
        return mine
    return mine.filter(pk__in=Session.objects.filter(sender=session.sender, ticket__isnull=False).values("ticket"))


def listed(session: Session) -> list[Ticket]:
    """The newest, each with how much is new in it. One query."""
    by_us = Q(messages__kind=Message.Kind.PUBLIC, messages__author_customer__isnull=True)
    unread = Count("messages", filter=by_us & Q(messages__seq__gt=F("customer_seen_seq")))
    return list(own(session).annotate(unread=unread).order_by("-id")[:SHOWN])


def turn_to(session: Session, number: int) -> Session:
    """Go on with one of them; raises NotFound for any other."""
    ticket = own(session).filter(pk=number).first()
    if ticket is None:
        raise errors.NotFound()
    return sessions.turn_to(session, ticket)
