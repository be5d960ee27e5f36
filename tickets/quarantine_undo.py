"""The release of a held mail is taken back: for some minutes, and only while nobody has gone on with what it became.

Its message keeps its place in the order and loses its words, which the stored mail still has; a request that only this mail
had opened ends without having been solved.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.events.record import record
from helpdesk.lib import clock, errors
from helpdesk.people.models import User
from tickets import access, sending
from tickets.models import Attachment, Envelope, Hint, Message, Participant, RawMail, Ticket, TrustedSender
from tickets.models.ticket import Status

_RELEASED = (RawMail.Outcome.TICKET, RawMail.Outcome.MESSAGE)
_STATUS_EVENTS = (names.TICKET_STATUS, names.TICKET_SOLVED, names.TICKET_REOPENED)
_AS_BEFORE = (Status.PENDING, Status.HOLD, Status.SOLVED)


def until(row: RawMail) -> datetime | None:
    """Until when the release can be taken back; None when it is none, or somebody has publicly answered since."""
    if row.outcome not in _RELEASED or row.settled_at is None or row.message is None or row.ticket is None:
        return None
    end = row.settled_at + timedelta(seconds=settings.QUARANTINE_UNDO_SECONDS)
    is_last = row.ticket.last_public_seq <= row.message.seq
    return end if is_last and end > clock.now() else None


@transaction.atomic
def take_back(row: RawMail, *, by: User) -> RawMail:
    """It is held again, for its old reason; a trust that was given with it ends.

    Raises Conflict `settled` when it was not released, `too_late`, `already_left` or `answered`.
    """
    locked = RawMail.objects.select_for_update(of=("self",)).select_related("mailbox__queue", "message").get(pk=row.pk)
    message, released = locked.message, _released(locked)
    if message is None or released is None:
        raise errors.Conflict(_("This mail was already dealt with."), code="settled")
    ticket = access.locked(message.ticket_id)
    _check(locked, ticket, message)
    is_alone = locked.outcome == RawMail.Outcome.TICKET
    author = message.author_customer_id
    locked.outcome, locked.reason = RawMail.Outcome.QUARANTINED, str(released.data.get("reason", ""))
    locked.ticket = None if is_alone else ticket
    locked.message = None
    locked.settled_by, locked.settled_at = by, clock.now()
    locked.save(update_fields=["outcome", "reason", "ticket", "message", "settled_by", "settled_at"])
    _empty(message, by)
    sending.count_again(ticket)
    if is_alone:
        _end(ticket, by)
    else:
        _status_back(ticket, message, by)
    _end_trust(locked, ticket, author, by)
    record(names.MESSAGE_UNSENT, ticket, by=by.actor, data={"seq": message.seq})
    record(names.MAIL_TAKEN_BACK, locked, by=by.actor, data={"ticket": ticket.pk, "seq": message.seq})
    return locked


def _released(row: RawMail) -> Event | None:
    """The release that can be taken back, if that is what happened last to this mail."""
    if row.outcome not in _RELEASED or row.settled_at is None:
        return None
    return Event.objects.of("rawmail", row.pk).filter(name=names.MAIL_RELEASED).last()


def _check(row: RawMail, ticket: Ticket, message: Message) -> None:
    limit = clock.now() - timedelta(seconds=settings.QUARANTINE_UNDO_SECONDS)
    if row.settled_at is None or row.settled_at < limit:
        raise errors.Conflict(_("It was released too long ago."), code="too_late")
    if message.deliveries.exists():
        raise errors.Conflict(_("It has already left."), code="already_left")
    written = ticket.messages.after(message.seq)
    later = written.filter(author_user__isnull=False) | written.filter(author_customer__isnull=False)
    is_alone = row.outcome == RawMail.Outcome.TICKET
    if later.exists() or message.redacted_at or (is_alone and ticket.is_finished and ticket.status != Status.SPAM):
        raise errors.Conflict(_("Somebody has gone on with this request since."), code="answered")


def _empty(message: Message, by: User) -> None:
    """No longer public, no longer known under its Message-ID: the same mail may come in again."""
    Message.objects.filter(pk=message.pk).update(
        kind=Message.Kind.NOTE,
        author_customer=None,
        author_user=by,
        body="",
        html="",
        terms="",
        trust="",
        machine="",
        sensitive=None,
        origin_id=None,
        origin_by="",
        origin_hash="",
        unsent_at=clock.now(),
    )
    Attachment.objects.filter(message=message).update(message=None)
    Envelope.objects.filter(message=message).delete()
    Hint.objects.filter(message=message).delete()


def _end(ticket: Ticket, by: User) -> None:
    """Closed without having been solved: nobody is asked how it went, nobody is given it."""
    moment = clock.now()
    ticket.status, ticket.solved_at, ticket.closed_at = Status.CLOSED, moment, moment
    ticket.waiting_since = ticket.snoozed_until = None
    ticket.set_place()
    ticket.save(update_fields=["status", "solved_at", "closed_at", "waiting_since", "snoozed_until", "place"])
    record(names.TICKET_CLOSED, ticket, by=by.actor)


def _status_back(ticket: Ticket, message: Message, by: User) -> None:
    """What the mail had opened again is as before, unless somebody has changed it since."""
    told = Event.objects.of("ticket", ticket.pk)
    posted = told.filter(name=names.MESSAGE_POSTED, data__seq=message.seq).first()
    if posted is None or ticket.status != Status.OPEN:
        return
    # A reopening is told right after the message that caused it
    since = told.filter(pk__gt=posted.pk, name__in=_STATUS_EVENTS).exclude(
        name=names.TICKET_REOPENED, actor_kind=posted.actor_kind, actor_id=posted.actor_id
    )
    last = told.filter(pk__lt=posted.pk, name__in=_STATUS_EVENTS).last()
    before = _status_after(last)
    if since.exists() or last is None or before not in _AS_BEFORE:
        return
    ticket.status = before
    ticket.solved_at = last.created_at if before == Status.SOLVED else None
    ticket.version += 1
    ticket.save(update_fields=["status", "solved_at", "version"])
    record(names.TICKET_STATUS, ticket, by=by.actor, data={"from": Status.OPEN, "to": before})


def _status_after(event: Event | None) -> str:
    if event is None:
        return ""
    return Status.SOLVED if event.name == names.TICKET_SOLVED else str(event.data.get("to", Status.OPEN))


def _end_trust(row: RawMail, ticket: Ticket, author: int | None, by: User) -> None:
    """Only what came with the release: who was trusted before stays so."""
    if row.reason == "not_a_participant" and author and author != ticket.requester_id:
        Participant.objects.filter(ticket=ticket, customer=author, kind=Participant.Role.CC).delete()
    for trust in TrustedSender.objects.filter(address=row.sender, ended_at__isnull=True):
        given = Event.objects.of("trustedsender", trust.pk).filter(name=names.SENDER_TRUSTED).last()
        if given is not None and given.data.get("mail") == row.pk:
            trust.ended_at = clock.now()
            trust.save(update_fields=["ended_at"])
            record(names.SENDER_UNTRUSTED, trust, by=by.actor)
