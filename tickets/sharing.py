"""A customer names colleagues: they get our answers in copy, and who proves the address reads and answers in the portal."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import errors
from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, Sharing
from tickets import access, mailboxes
from tickets.access import Reading
from tickets.models import Delivery, Participant, Ticket

MOST = 20


def named(ticket: Ticket) -> list[Participant]:
    """Whom customers named, in the order in which they came."""
    return list(Participant.objects.filter(ticket=ticket, is_named=True).order_by("pk"))


def lets_read(ticket: Ticket) -> bool:
    """Whether a named person reads the request in the portal, so far as its organisation has a say."""
    return ticket.organization is None or ticket.organization.sharing != Sharing.OWN


@transaction.atomic
def name(reading: Reading, email: str, *, by: Customer) -> Participant:
    """Somebody takes part from now on. Who he is remains to be proved; named twice, he is named once.

    Raises Invalid for what is no address, one of our own or the requester's, and when too many take part.
    """
    row = access.locked(reading.ticket.pk)
    address = customers.normalise_email(email)
    if not address:
        raise _refused(_("Enter a valid e-mail address."))
    if mailboxes.ours(address):
        raise _refused(_("This is one of our own addresses."))
    person = customers.resolve(Who(email=address))
    if address == row.reply_address.lower() or person.pk in (row.requester_id, row.requester.merged_into_id):
        raise _refused(_("Whoever asked takes part already."))
    return _take_in(row, person, address, by)


@transaction.atomic
def join(reading: Reading, *, by: Customer) -> Participant:
    """Who reads it because his organisation shares it takes part himself; raises NotAllowed without a proved address."""
    address = customers.proved_email(by)
    if not address:
        raise errors.NotAllowed()
    return _take_in(access.locked(reading.ticket.pk), by, address, by)


def _take_in(row: Ticket, person: Customer, address: str, by: Customer) -> Participant:
    found = Participant.objects.filter(ticket=row, customer=person).first()
    if found is not None and found.is_named:
        return found
    if Participant.objects.filter(ticket=row, is_named=True).count() >= MOST:
        raise _refused(_("%(count)d colleagues take part already: that is as many as can be.") % {"count": MOST})
    found = found or Participant(ticket=row, customer=person, kind=Participant.Role.CC)
    found.is_named, found.address = True, address
    found.save()
    record(names.TICKET_NAMED, row, by=by.actor, data={"customer": person.pk})
    return found


@transaction.atomic
def remove(reading: Reading, participant_id: int, *, by: Customer) -> Participant:
    """He reads it no more from this moment, and no mail that has not left yet goes to him. Returns who it was.

    Raises NotFound for anybody whom no customer named.
    """
    row = access.locked(reading.ticket.pk)
    found = Participant.objects.filter(ticket=row, pk=participant_id, is_named=True).first()
    if found is None:
        raise errors.NotFound()
    waiting = Delivery.objects.filter(message__ticket=row, kind=Delivery.Kind.CC, state=Delivery.State.QUEUED)
    waiting.filter(address__iexact=found.address).delete()
    Participant.objects.filter(pk=found.pk).delete()
    record(names.TICKET_UNNAMED, row, by=by.actor, data={"customer": found.customer_id})
    return found


@transaction.atomic
def leave(reading: Reading, *, by: Customer) -> None:
    """He takes himself out."""
    mine = Participant.objects.filter(ticket=reading.ticket, customer=by, is_named=True).first()
    if mine is None:
        raise errors.NotFound()
    remove(reading, mine.pk, by=by)


def _refused(words: object) -> errors.Invalid:
    return errors.Invalid(fields={"email": [str(words)]})
