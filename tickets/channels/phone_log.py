"""A call becomes a line of a ticket, once: by the word of whoever had it. The line says what the call came to."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors
from helpdesk.people import customers
from helpdesk.people.models import Identity, User
from tickets import access, conversation
from tickets.channels import phone_numbers
from tickets.channels.inbound import Origin
from tickets.conversation import Line
from tickets.models import Call, Message, Ticket
from tickets.models.ticket import Channel

State, Direction = Call.State, Call.Direction
# Whoever talked has it before his eyes for so long after it ended
AFTERWARDS = timedelta(minutes=30)
_WORDS = {
    ("in", True): gettext_noop("Phone call from %(number)s"),
    ("in", False): gettext_noop("Missed call from %(number)s"),
    ("out", True): gettext_noop("Phone call to %(number)s"),
    ("out", False): gettext_noop("Call to %(number)s, not answered"),
}


def visible(user: User, call_id: int) -> Call:
    """A call the user may see; raises NotFound otherwise."""
    found = Call.objects.visible_to(user).filter(pk=call_id).first()
    if found is None:
        raise errors.NotFound()
    return found


@transaction.atomic
def put_on(call_id: int, ticket: Ticket, *, by: User) -> Call:
    """The call belongs to this ticket: its line is written there, and kept right while the call goes on.

    Doing it again is a no-op. Raises NotFound, Conflict `logged` when it stands on another ticket.
    """
    call = Call.objects.select_for_update().get(pk=visible(by, call_id).pk)
    if call.ticket_id == ticket.pk:
        return call
    if call.ticket_id is not None:
        raise errors.Conflict(
            gettext_lazy("This call stands on another ticket already."), code="logged", ticket=call.ticket_id
        )
    row = access.locked(ticket.pk)
    call.ticket, call.customer = row, row.requester
    call.message = _write(call, row, by)
    call.settled_at, call.settled_by = clock.now(), by
    call.save(update_fields=["ticket", "customer", "message", "settled_at", "settled_by"])
    if call.number and not row.requester.is_visitor:
        customers.claim(row.requester, Identity.Kind.PHONE, call.number)
    record(names.CALL_LOGGED, call, by=by.actor, data={"ticket": row.pk, "seq": call.message.seq})
    return call


def _write(call: Call, row: Ticket, by: User) -> Message:
    """Who called in vain waits for us; who was talked with has had his answer."""
    line = Line(body=words(call, row.language), channel=Channel.PHONE, was_heard=True)
    origin = Origin("call", str(call.pk))
    if call.state == State.MISSED and call.direction == Direction.IN:
        return conversation.append(row, line, by=by.actor, customer=row.requester, origin=origin)
    if call.state == State.MISSED:
        return conversation.append(row, line, by=by.actor, origin=origin)
    return conversation.append(row, line, by=by.actor, user=call.agent or by, origin=origin)


def follow(call: Call) -> None:
    """More was told of a call that stands on a ticket: its line says so."""
    if call.message_id is None:
        return
    message = Message.objects.select_related("ticket").get(pk=call.message_id)
    conversation.restate(message, words(call, message.ticket.language))


def words(call: Call, language: str) -> str:
    """What the customer and we read of it, in the language of the ticket."""
    with translation.override(language or settings.LANGUAGE_CODE):
        number = phone_numbers.shown(call.number) or call.told_number or _("a withheld number")
        said = [_(_WORDS[call.direction, call.state != State.MISSED]) % {"number": number}]
        if call.agent is not None and call.state != State.MISSED:
            said.append(call.agent.name if call.direction == Direction.OUT else _with(call.agent))
        if call.seconds is not None:
            said.append(_length(call.seconds))
        return " · ".join(said)


def _with(agent: User) -> str:
    return _("with %(name)s") % {"name": agent.name}


def _length(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


@transaction.atomic
def settle(call_id: int, settled: bool, *, by: User) -> Call:
    """Nothing is left to do about it, or there is after all. What stands on a ticket is settled for good."""
    call = Call.objects.select_for_update().get(pk=visible(by, call_id).pk)
    if (call.settled_at is not None) == settled or call.ticket_id is not None:
        return call
    call.settled_at, call.settled_by = (clock.now(), by) if settled else (None, None)
    call.save(update_fields=["settled_at", "settled_by"])
    record(names.CALL_SETTLED, call, by=by.actor, data={"settled": settled})
    return call
