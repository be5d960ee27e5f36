"""What follows a customer when two records of one person become one."""

from django.db import transaction

from helpdesk.events.models import Event
from tickets import customer_merging
from tickets.models import Call, Message, Participant, Survey, Ticket


@transaction.atomic
def follow_merge(event_id: int) -> None:
    """Job after `customer.merged`: his tickets, words, calls, copies and answers are those of the record he became."""
    event = Event.objects.get(pk=event_id)
    if "merge" in event.data:  # staff said so, and moved it at once; this takes along what was being written meanwhile
        customer_merging.carry(event.data["merge"])
        return
    before, now = event.subject_id, event.data["into"]
    Ticket.objects.filter(requester=before).update(requester=now)
    Message.objects.filter(author_customer=before).update(author_customer=now)
    Survey.objects.filter(customer=before).update(customer=now)
    Call.objects.filter(customer=before).update(customer=now)
    copies = Participant.objects.filter(customer=before)
    copies.filter(ticket__participants__customer=now).delete()
    copies.update(customer=now)
