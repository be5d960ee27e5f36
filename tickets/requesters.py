"""What follows a customer when two records of one person become one."""

from django.db import transaction

from helpdesk.events.models import Event
from tickets.models import Call, Message, Participant, Survey, Ticket


@transaction.atomic
def follow_merge(event_id: int) -> None:
    """Job after `customer.merged`: his tickets, words, calls, copies and answers are those of the record he became."""
    event = Event.objects.get(pk=event_id)
    before, now = event.subject_id, event.data["into"]
    Ticket.objects.filter(requester=before).update(requester=now)
    Message.objects.filter(author_customer=before).update(author_customer=now)
    Survey.objects.filter(customer=before).update(customer=now)
    Call.objects.filter(customer=before).update(customer=now)
    copies = Participant.objects.filter(customer=before)
    copies.filter(ticket__participants__customer=now).delete()
    copies.update(customer=now)
