"""A telephone system tells of a call: what it says is kept once, and the call is folded anew from all that is kept."""

from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import engine
from helpdesk.lib import clock
from helpdesk.lib.actor import SYSTEM
from helpdesk.people.models import User
from tickets.channels import phone_folding, phone_log, phone_numbers, phone_people, phone_told
from tickets.channels.phone_folding import Folded
from tickets.channels.phone_told import Told
from tickets.models import Call, CallEvent, PhoneSystem

State, Direction = Call.State, Call.Direction
# What began so long ago and was never ended is over: the telephone system forgot to say so
FORGOTTEN = timedelta(hours=12)
_HEARD_EVERY = timedelta(minutes=1)


@transaction.atomic
def take(system: PhoneSystem, key: str, told: Told) -> tuple[Call, bool]:
    """Keep what is told. Returns the call as it stands, and whether that was news.

    Events may come in any order and any number of times: one call is one row, and the same row comes out.
    """
    blank = {"started_at": told.at, "created_at": clock.now()}
    made, _is_new = Call.objects.get_or_create(system=system, key=key, defaults=blank)
    call = locked(made.pk)
    _heard(system)
    if not _keep(call, told):
        return call, False
    _refold(call, system)
    record(names.CALL_TOLD, call, by=SYSTEM, data={"what": told.kind, "state": call.state})
    return call, True


def locked(call_id: int) -> Call:
    """The row under its lock."""
    return Call.objects.select_for_update().get(pk=call_id)


def _heard(system: PhoneSystem) -> None:
    """When it last spoke, to the minute: each event would otherwise wait for the one before it."""
    moment = clock.now()
    stale = Q(last_told_at__isnull=True) | Q(last_told_at__lt=moment - _HEARD_EVERY)
    PhoneSystem.objects.filter(stale, pk=system.pk).update(last_told_at=moment)


def _keep(call: Call, told: Told) -> bool:
    """Whether there was anything new in it: the first word counts, and whoever else it rings at is added."""
    event, is_new = CallEvent.objects.get_or_create(
        call=call, kind=told.kind, defaults={"at": told.at, "told": told.kept()}
    )
    if is_new:
        return True
    before = phone_told.again(event)
    users = tuple(sorted({*before.users, *told.users}))[: phone_told.MAX_PEOPLE]
    if users == before.users or told.kind == CallEvent.Kind.ANSWERED:
        return False
    event.told = replace(before, users=users).kept()
    event.save(update_fields=["told"])
    return True


def _refold(call: Call, system: PhoneSystem) -> None:
    folded = phone_folding.fold(phone_told.again(event) for event in call.events.all())
    rung = _set_people(call, folded, system.region)
    call.state, call.direction, call.cause = folded.state, folded.direction, folded.cause
    call.told_number, call.line = folded.number, folded.line
    call.number = phone_numbers.e164(folded.number, system.region)
    call.started_at, call.answered_at, call.ended_at = folded.started_at, folded.answered_at, folded.ended_at
    call.is_shared = not rung and call.agent is None
    if call.ticket_id is None:
        call.customer = phone_people.proved_owner(call.number)
    call.save()
    call.rung.set(rung)
    phone_log.follow(call)


def _set_people(call: Call, folded: Folded, region: str) -> list[User]:
    """At whom it rings. Whoever dials has the call; else who answered, or the only one who can have."""
    agents = phone_people.Agents([*folded.rung, *folded.answering], region)
    rung = agents.all(folded.rung)
    alone = rung[0] if len(rung) == 1 else None
    if folded.direction == Direction.OUT:
        call.agent = alone
    else:
        named = agents.all(folded.answering)
        call.agent = (named[0] if named else alone) if folded.answered_at else None
    return rung


@engine.every(600)
def sweep() -> None:
    """Calls of which nobody said that they ended: they no longer stand on anybody's screen."""
    late = Call.objects.going_on().filter(started_at__lt=clock.now() - FORGOTTEN)
    for pk in late.values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            call = locked(pk)
            system = call.system
            told = Told(kind=str(CallEvent.Kind.ENDED), at=call.started_at, cause="forgotten")
            if not call.is_over and _keep(call, told):
                _refold(call, system)
                record(names.CALL_TOLD, call, by=SYSTEM, data={"what": told.kind, "state": call.state})
