"""Asking to be called: a ticket with a number and a promise; changed and called off until an agent has taken it."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat import sessions
from chat.callbacks import numbers, slots, telling
from chat.models import Callback, Session
from chat.models.callback import CallbackQuerySet
from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.events.record import record
from helpdesk.lib import clock, errors, hours, locks, ratelimit, text
from helpdesk.lib.actor import SYSTEM, Actor
from helpdesk.people import customers, joining
from helpdesk.people.models import CustomerMerge
from tickets import access, conversation
from tickets.channels.inbound import Origin, origin
from tickets.models import Queue, Ticket

PER_SESSION_AND_HOUR = 6
PER_NUMBER_AND_DAY = 6
_OPEN = (Callback.State.WAITING, Callback.State.TAKEN)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor asks; `starts_at` None: as soon as possible. Typed, all of it: nothing of it is proof."""

    number: str
    zone: str
    region: str = ""
    starts_at: datetime | None = None
    topic: str = ""
    name: str = ""
    email: str = ""
    may_record: bool = False


def queue_of(session: Session) -> Queue:
    """Who would call: whoever has his ticket already, else those who answer for the site."""
    ticket = session.ticket
    return ticket.queue if ticket is not None and conversation.takes_more(ticket) else session.site.queue


# --- asking ----------------------------------------------------------------------------------------------------------
def ask(session: Session, wish: Wish, *, origin_id: str) -> tuple[Callback, bool]:
    """Promise a call. The same `origin_id` again is the same call-back; returns it and whether it is new.

    Raises Invalid for a number that cannot be called, Conflict `callback_open` while that number waits for a call,
    `slot_taken` and `no_slot` as `slots.hold`.
    """
    stamp = origin(session.sender, origin_id, asdict(wish))
    if stamp is None:
        raise errors.Invalid(fields={"origin_id": [_("Enter a UUID.")]})
    try:
        with transaction.atomic():
            row = sessions.locked(session.pk)
            again = _seen(stamp)
            return (again, False) if again else (_ask(row, wish, stamp), True)
    except IntegrityError as error:
        # The same call twice at once, or two sites at once for one number
        if again := _seen(stamp):
            return again, False
        raise _is_open() from error


def _seen(stamp: Origin) -> Callback | None:
    found = Callback.objects.filter(origin_by=stamp.by, origin_id=stamp.id).first()
    if found is not None and found.origin_hash != stamp.hash:
        raise errors.Conflict(_("This id was already used for other content."), code="origin_reused")
    return found


def _ask(row: Session, wish: Wish, stamp: Origin) -> Callback:
    if not row.site.callback_enabled:
        raise errors.Conflict(_("Nobody can call you soon. Choose a time, or write to us."), code="no_slot")
    number = numbers.check(wish.number, wish.region or row.site.default_region)
    address, zone = _address(row, wish), _zone(wish.zone)
    ratelimit.check("callback.ask", row.sender, limit=PER_SESSION_AND_HOUR, seconds=3600)
    ratelimit.check("callback.number", number.e164, limit=PER_NUMBER_AND_DAY, seconds=86_400)
    locks.for_keys("callback.number", [number.e164])
    if Callback.objects.open().filter(number=number.e164).exists():
        raise _is_open()
    due = slots.hold(row.site, queue_of(row), _utc(wish.starts_at))
    ticket = _ticket(row, wish, stamp)
    moment = clock.now()
    callback = Callback.objects.create(
        site=row.site,
        session=row,
        ticket=ticket,
        customer=row.customer,
        queue=ticket.queue,
        number=number.e164,
        region=number.region,
        zone=zone,
        language=_language(row),
        topic=text.one_line(wish.topic, 200),
        address=address,
        is_asap=wish.starts_at is None,
        due_at=due,
        consent_at=moment,
        may_record=wish.may_record,
        origin_by=stamp.by,
        origin_id=stamp.id,
        origin_hash=stamp.hash,
        created_at=moment,
    )
    telling.say(callback, "asked")
    if row.state != Session.State.LIVE:
        sessions.step_out(row, access.locked(ticket.pk))
    record(names.CALLBACK_ASKED, callback, by=row.customer.actor, data=_data(callback))
    telling.plan(callback, "asked")
    return callback


def _is_open() -> errors.Conflict:
    return errors.Conflict(_("A call to this number is already arranged."), code="callback_open")


def _address(row: Session, wish: Wish) -> str:
    """Where confirmations go: the address named for it, else one he has proved."""
    address = customers.normalise_email(wish.email)
    if wish.email and not address:
        raise errors.Invalid(fields={"email": [_("Enter a valid e-mail address.")]})
    if wish.name and not row.customer.name:
        row.customer.name = text.one_line(wish.name)
        row.customer.save(update_fields=["name"])
    return address or customers.proved_email(row.customer)


def _zone(name: str) -> str:
    if not hours.is_zone(name):
        raise errors.Invalid(fields={"zone": [_("This is no time zone.")]})
    return name


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None


def _language(row: Session) -> str:
    known = dict(settings.LANGUAGES)
    return next((code[:2] for code in (row.language, row.customer.locale) if code[:2] in known), settings.LANGUAGE_CODE)


def _ticket(row: Session, wish: Wish, stamp: Origin) -> Ticket:
    """His words on his ticket, or on a new one that the site's own people have: they made the promise."""
    with translation.override(_language(row)):
        body = wish.topic.strip() or gettext("Please call me back.")
    queue = None if row.ticket is not None and conversation.takes_more(row.ticket) else row.site.queue
    return sessions.receive(row, body, origin_id=f"callback:{stamp.id}"[:100], queue=queue).ticket


def _data(callback: Callback) -> dict[str, object]:
    return {"ticket": callback.ticket_id, "due_at": callback.due_at.isoformat(), "asap": callback.is_asap}


# --- changing and calling off ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Change:
    """What is to be another one; `moves`: whether the time is, to `starts_at` or to as soon as possible."""

    moves: bool = False
    starts_at: datetime | None = None
    number: str = ""
    region: str = ""


@transaction.atomic
def change(callback: Callback, wish: Change, *, version: int | None, by: Actor) -> Callback:
    """Another time or number. Raises Conflict `stale` when somebody was faster, `too_late` once an agent calls or it is over."""
    row = locked(callback.pk)
    if version is not None and version != row.version:
        raise errors.Conflict(code="stale", version=row.version)
    if row.state != Callback.State.WAITING:
        raise errors.Conflict(_("This call can no longer be changed."), code="too_late")
    if wish.number:
        number = numbers.check(wish.number, wish.region or row.site.default_region)
        locks.for_keys("callback.number", [number.e164])
        if Callback.objects.open().filter(number=number.e164).exclude(pk=row.pk).exists():
            raise _is_open()
        row.number, row.region = number.e164, number.region
    if wish.moves:
        row.due_at = slots.hold(row.site, row.queue, _utc(wish.starts_at), moving=row)
        row.is_asap = wish.starts_at is None
    row.version += 1
    row.save(update_fields=["number", "region", "due_at", "is_asap", "version"])
    telling.say(row, "moved")
    record(names.CALLBACK_MOVED, row, by=by, data=_data(row))
    telling.plan(row, "moved")
    return row


@transaction.atomic
def cancel(callback: Callback, *, by: Actor) -> Callback:
    """Nobody calls. Again is a no-op; raises Conflict `too_late` once it is over in another way."""
    row = locked(callback.pk)
    if row.state == Callback.State.CANCELLED:
        return row
    if row.state not in _OPEN:
        raise errors.Conflict(_("This call can no longer be changed."), code="too_late")
    _end(row, by)
    return row


def _end(row: Callback, by: Actor) -> None:
    row.state, row.ended_at = Callback.State.CANCELLED, clock.now()
    row.version += 1
    row.save(update_fields=["state", "ended_at", "version"])
    telling.say(row, "cancelled")
    record(names.CALLBACK_ENDED, row, by=by, data={"ticket": row.ticket_id, "state": row.state})
    telling.plan(row, "cancelled")


def locked(callback_id: int) -> Callback:
    """Locked first and read after, as sessions are."""
    Callback.objects.select_for_update().values_list("pk", flat=True).get(pk=callback_id)
    return Callback.objects.with_people().get(pk=callback_id)


def owned(session: Session) -> CallbackQuerySet:
    """All of the person's where his website says who he is, else what this browser asked for.

    An address alone opens nothing here: it may have been proved in another window.
    """
    rows = Callback.objects.of_customer(session.customer)
    return rows if session.is_vouched else rows.filter(origin_by=session.sender)


def own(session: Session, callback_id: int) -> Callback:
    """One of them; raises NotFound for any other."""
    found = owned(session).with_people().filter(pk=callback_id).first()
    if found is None:
        raise errors.NotFound()
    return found


# --- what others did -------------------------------------------------------------------------------------------------
@transaction.atomic
def end_with_ticket(event_id: int) -> None:
    """Job after `ticket.solved`, `ticket.closed` and a ticket that became spam: nobody is called about what is settled."""
    waiting = Callback.objects.filter(ticket=Event.objects.get(pk=event_id).subject_id, state=Callback.State.WAITING)
    for callback in waiting:
        _end(locked(callback.pk), SYSTEM)


@transaction.atomic
def follow_ticket(event_id: int) -> None:
    """Job after `ticket.routed`: whoever has the ticket now calls."""
    event = Event.objects.get(pk=event_id)
    for callback in Callback.objects.open().filter(ticket=event.subject_id).select_related("ticket"):
        if callback.queue_id != callback.ticket.queue_id:
            Callback.objects.filter(pk=callback.pk).update(queue=callback.ticket.queue_id)
            telling.tell_again(callback.pk)


@transaction.atomic
def follow_ticket_merge(event_id: int) -> None:
    """Job after `ticket.merged`: he is called about the request that goes on."""
    event = Event.objects.get(pk=event_id)
    into = Ticket.objects.select_related("queue").filter(pk=event.data["into"]).first()
    if into is None or not Ticket.objects.filter(pk=event.subject_id, merged_into=into).exists():
        return  # or it was undone before this job ran
    for callback in Callback.objects.open().filter(ticket=event.subject_id):
        Callback.objects.filter(pk=callback.pk).update(ticket=into, queue=into.queue)
        telling.tell_again(callback.pk)


@transaction.atomic
def follow_ticket_unmerge(event_id: int) -> None:
    """Job after `ticket.unmerged`: what was asked for in that request is called about there again."""
    event = Event.objects.get(pk=event_id)
    again = Ticket.objects.select_related("queue").filter(pk=event.subject_id).first()
    if again is None:
        return
    there = Callback.objects.open().filter(ticket=event.data["from"])
    asked = Event.objects.filter(name=names.CALLBACK_ASKED, subject="callback", subject_id__in=there.values("pk"))
    mine = asked.filter(data__ticket=again.pk).values_list("subject_id", flat=True)
    for pk in list(mine):
        Callback.objects.filter(pk=pk).update(ticket=again, queue=again.queue)
        telling.tell_again(pk)


def follow_merge(event_id: int) -> None:
    """Job after `customer.merged`: his call-backs are those of the record that he became."""
    event = Event.objects.get(pk=event_id)
    if "merge" in event.data:
        joining.carry(event.data["merge"], "callbacks", Callback.objects.all())
    else:
        Callback.objects.filter(customer=event.subject_id).update(customer=event.data["into"])


def follow_unmerge(event_id: int) -> None:
    """Job after `customer.unmerged`: the call-backs that went along go back."""
    done = CustomerMerge.objects.get(pk=Event.objects.get(pk=event_id).data["merge"])
    joining.carry_back(done, "callbacks", Callback.objects.all())
