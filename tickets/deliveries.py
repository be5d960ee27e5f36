"""Deliveries: one mail to one address. Who may send it now, and what became of it."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, live, text
from helpdesk.lib.actor import SYSTEM
from tickets import live as tickets_live
from tickets.channels import mail_words
from tickets.channels.mail_words import Fault
from tickets.models import Delivery, Message

State = Delivery.State
SETTLED = [State.SENT, State.BOUNCED, State.FAILED]
# The one who sends is cut off before his lease ends: nobody else begins while he may still be heard
_MARGIN = 10
_LONGEST_PAUSE = 2 * 3600


class Busy(Exception):
    """Somebody is sending it at this moment, or died while he was: the job looks again."""


def claim(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Those of the rows that the caller alone may send now; the others are settled, taken back or held.

    Raises Busy when one is being sent by somebody else. One conditional UPDATE a row decides, on both databases.
    """
    mine: list[Delivery] = []
    for delivery in deliveries:
        moment = clock.now()
        free = Q(state=State.QUEUED) | Q(state=State.SENDING, leased_until__lt=moment)
        rows = Delivery.objects.filter(free, pk=delivery.pk)
        if rows.update(state=State.SENDING, leased_until=moment + lease(), attempts=F("attempts") + 1):
            delivery.refresh_from_db(fields=["state", "leased_until", "attempts"])
            mine.append(delivery)
        elif Delivery.objects.filter(pk=delivery.pk, state=State.SENDING).exists():
            raise Busy(f"delivery {delivery.pk}")
    return mine


def released(message: Message) -> bool:
    """The hold is over: from now on the message cannot be taken back. False when it was.

    This row decides between the one who takes back and the one who sends, whatever their clocks say.
    """
    rows = Message.objects.filter(pk=message.pk, unsent_at__isnull=True, redacted_at__isnull=True)
    return bool(rows.update(held_until=None))


def sent(deliveries: Sequence[Delivery]) -> None:
    """The server said that it has the mail."""
    _rows(deliveries).update(
        state=State.SENT, sent_at=clock.now(), reason="", error="", leased_until=None, next_try_at=None
    )
    _tell(deliveries)


def later(deliveries: Sequence[Delivery], fault: Fault) -> datetime | None:
    """It did not leave. Returns when it is tried again, or None when that is of no use and everybody is told."""
    moment = clock.now()
    first = deliveries[0]
    gives_up = first.created_at + timedelta(hours=settings.MAIL_GIVE_UP_HOURS) <= moment
    if fault.is_permanent or gives_up:
        failed(deliveries, fault)
        return None
    again = moment + pause(first.attempts)
    _rows(deliveries).update(
        state=State.QUEUED, reason=fault.code, error=fault.said, leased_until=None, next_try_at=again
    )
    _tell(deliveries)
    return again


def pause(attempts: int) -> timedelta:
    """How long to wait after so many tries: twice as long each time."""
    seconds = min(_LONGEST_PAUSE, settings.MAIL_RETRY_SECONDS * 2 ** (attempts - 1))
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))


def lease() -> timedelta:
    """How long one who sends holds what he sends."""
    return timedelta(seconds=settings.MAIL_SEND_SECONDS + _MARGIN)


def failed(deliveries: Sequence[Delivery], fault: Fault) -> None:
    """For good: on the message with its reason, in the ticket's history, on the open screens."""
    with transaction.atomic():
        _rows(deliveries).update(
            state=State.FAILED, reason=fault.code, error=fault.said, leased_until=None, next_try_at=None
        )
        for message in _messages(deliveries):
            record(names.MAIL_FAILED, message.ticket, by=SYSTEM, data={"seq": message.seq, "reason": fault.code})
        _tell(deliveries)


def bounced(delivery: Delivery, *, code: str = "", words: str = "") -> None:
    """It had left and came back: `code` is the report's status such as 5.1.1, `words` what it says. Twice is once."""
    reason = mail_words.of_status(code or words)
    with transaction.atomic():
        rows = Delivery.objects.filter(pk=delivery.pk).exclude(state=State.BOUNCED)
        if rows.update(state=State.BOUNCED, reason=reason, error=text.one_line(f"{code} {words}", 500)):
            message = delivery.message
            record(names.MAIL_BOUNCED, message.ticket, by=SYSTEM, data={"seq": message.seq, "reason": reason})
            _tell([delivery])


def _rows(deliveries: Sequence[Delivery]) -> models.QuerySet[Delivery]:
    return Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries])


def _messages(deliveries: Sequence[Delivery]) -> list[Message]:
    ids = {delivery.message_id for delivery in deliveries}
    return list(Message.objects.filter(pk__in=ids).select_related("ticket").order_by("seq"))


def _tell(deliveries: Sequence[Delivery]) -> None:
    """Open desks fetch the message again: a frame has no language, the reason in words has."""
    for message in _messages(deliveries):
        live.publish(tickets_live.agents(message.ticket_id), tickets_live.changed(message.ticket_id, message.seq))
