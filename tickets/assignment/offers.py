"""Offers: a ticket held out to one agent for a while. He accepts, declines, or the time runs out and the next is asked."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors, live
from helpdesk.lib.actor import SYSTEM, Actor
from helpdesk.people import presence
from helpdesk.people.models import User
from tickets import access, lifecycle
from tickets import live as tickets_live
from tickets.models import Offer, Ticket


def make(row: Ticket, user: User, *, until: datetime) -> Offer:
    """Hold a locked ticket out to an agent."""
    return Offer.objects.create(ticket=row, user=user, offered_at=clock.now(), expires_at=until)


def frame(offer: Offer) -> live.Frame:
    """What the agent's desks are told."""
    ticket = offer.ticket
    return {
        "type": "ticket.offer",
        "ticket": ticket.pk,
        "number": ticket.number,
        "subject": ticket.subject,
        "until": offer.expires_at.isoformat(),
    }


def of(user: User) -> list[Offer]:
    """What is held out to this user now, the most urgent first."""
    rows = Offer.objects.open().filter(user=user, ticket__assignee__isnull=True, expires_at__gt=clock.now())
    return list(rows.select_related("ticket").order_by("expires_at", "id")[:100])


@transaction.atomic
def accept(ticket: Ticket, *, by: User) -> Ticket:
    """Take a ticket that was offered. Raises Conflict `offer_gone` when it went to somebody else or the time is over."""
    row = access.locked(ticket.pk)
    offer = Offer.objects.open().filter(ticket=row, user=by).first()
    if offer is None or row.assignee_id is not None or offer.expires_at <= clock.now():
        raise errors.Conflict(_("This offer is over: somebody else was asked."), code="offer_gone")
    _end(offer, Offer.State.ACCEPTED)
    presence.took(by.pk)
    return lifecycle.assign(row, by, by=by.actor)


@transaction.atomic
def decline(ticket: Ticket, *, by: User) -> None:
    """Leave an offered ticket to others. Declining what is over is a no-op."""
    row = access.locked(ticket.pk)
    offer = Offer.objects.open().filter(ticket=row, user=by).first()
    if offer is not None:
        _end(offer, Offer.State.DECLINED)
        presence.took(by.pk)
        _tell(offer, by.actor)


@transaction.atomic
def expire(offer_id: int) -> None:
    """Job at the offer's end: the next one is asked, unless it was settled meanwhile.

    Whoever lets two in a row run out, tickets or chats, is told that no more come until he says so.
    """
    offer = Offer.objects.open().filter(pk=offer_id).first()
    if offer is None:
        return
    row = access.locked(offer.ticket_id)
    offer = Offer.objects.open().filter(pk=offer_id).first()
    if offer is None:
        return
    if row.assignee_id is not None or row.is_finished:
        settle(row)
        return
    _end(offer, Offer.State.EXPIRED)
    presence.missed(offer.user_id)
    _tell(offer, SYSTEM)


@transaction.atomic
def withdraw(offer_id: int) -> None:
    """He may no longer be given work: the next one is asked."""
    found = Offer.objects.open().filter(pk=offer_id).first()
    if found is None:
        return
    access.locked(found.ticket_id)
    offer = Offer.objects.open().filter(pk=offer_id).first()
    if offer is not None:
        _end(offer, Offer.State.WITHDRAWN)
        _tell(offer, SYSTEM)


def let_go(ticket_id: int, user_id: int) -> None:
    """Whoever puts a ticket back is not given it again at once: as if he had declined it."""
    moment = clock.now()
    Offer.objects.create(
        ticket_id=ticket_id,
        user_id=user_id,
        state=Offer.State.DECLINED,
        offered_at=moment,
        expires_at=moment,
        ended_at=moment,
    )


def settle(row: Ticket) -> None:
    """The ticket is somebody's, finished or elsewhere: what is still held out is taken back."""
    for offer in Offer.objects.open().filter(ticket=row):
        accepted = row.assignee_id == offer.user_id
        _end(offer, Offer.State.ACCEPTED if accepted else Offer.State.WITHDRAWN)


def _end(offer: Offer, state: Offer.State) -> None:
    offer.state, offer.ended_at = state, clock.now()
    offer.save(update_fields=["state", "ended_at"])
    live.publish(tickets_live.user(offer.user_id), {"type": "ticket.offer_gone", "ticket": offer.ticket_id})


def _tell(offer: Offer, by: Actor) -> None:
    record(names.TICKET_OFFER_ENDED, offer.ticket, by=by, data={"agent": offer.user_id, "how": offer.state})
