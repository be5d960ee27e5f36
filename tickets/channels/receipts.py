"""Acknowledgements: fixed words, few, and none to machines, so that nobody can use us to write to others.

A ticket has at most one. What surely did not leave is tried again out of the budget it was given, as long as nobody has
answered; what may have left is never sent a second time. What never left stands in the ticket's history.
"""

import smtplib
from contextlib import suppress

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.events.record import record
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors, mail, ratelimit
from helpdesk.lib.actor import SYSTEM
from tickets import deliveries, mailboxes
from tickets.channels import email_out, email_threads, mail_transport, mail_words, sources
from tickets.channels.mail_words import Fault
from tickets.models import Mailbox, Message, Receipt, Routing, Ticket
from tickets.models.ticket import Channel

PROVED_PER_DAY = 10
# Two desks that acknowledge each other's acknowledgements fall silent after as many
PER_HOUR = 3
# Over some four hours; later nobody wants to read that his request arrived
MOST_ATTEMPTS = 10
_ANSWERED = (Channel.EMAIL, Channel.WEB)


def acknowledge(event_id: int) -> None:
    """Job after `ticket.opened`: one receipt to who wrote by mail or form, within the budget of the address and the day."""
    event = Event.objects.get(pk=event_id)
    if "split_from" in event.data:
        return  # he wrote long ago and was told then
    routing = Routing.objects.filter(ticket=event.subject_id).values_list("trace__actions", flat=True).first() or {}
    if routing.get("acknowledge") is not False and not routing.get("hold"):
        acknowledge_ticket(event.subject_id)


def acknowledge_ticket(ticket_id: int) -> None:
    """Job, also of a rule that asks for a receipt: the same budgets, the same fixed words, once."""
    ticket = Ticket.objects.select_related("requester__merged_into", "queue", "mailbox").filter(pk=ticket_id).first()
    if ticket is None or ticket.channel not in _ANSWERED:
        return
    address = ticket.reply_address.lower()
    receipt = Receipt.objects.filter(ticket=ticket).first()
    if not address or not _may_be_answered(ticket, address) or (receipt and not _is_still_wanted(ticket, receipt)):
        _settle(receipt, ticket, "not_wanted")
        return
    receipt = receipt or _from_budget(ticket, address)
    if receipt is not None and _claim(receipt, ticket):
        _attempt(receipt, ticket, address)


def _may_be_answered(ticket: Ticket, address: str) -> bool:
    first = Message.objects.filter(ticket=ticket).order_by("seq").first()
    is_machine = first is None or bool(first.machine) or first.trust == Message.Trust.FAILED
    is_ours = mailboxes.ours(address) is not None
    return not is_machine and not is_ours and ticket.status != "spam"


def _is_still_wanted(ticket: Ticket, receipt: Receipt) -> bool:
    """A second try: to the address it was given for, and only while nobody has answered."""
    is_answered = Message.objects.public().filter(ticket=ticket, author_user__isnull=False).exists()
    return not is_answered and email_threads.without_token(ticket.reply_address.lower()) == receipt.address


# --- the budget ------------------------------------------------------------------------------------------------------
def _from_budget(ticket: Ticket, address: str) -> Receipt | None:
    """Count one more receipt of today; the unique row decides when two ask at once. None when there is none left."""
    requester = ticket.requester.merged_into or ticket.requester
    is_proved = requester.identities.filter(value=address, verified_at__isnull=False).exists()
    limit = PROVED_PER_DAY if is_proved else settings.RECEIPTS_PER_DAY
    # All addresses with a plus sign are one person's
    address = email_threads.without_token(address)
    if not ratelimit.allow("receipt", address, limit=PER_HOUR, seconds=3600):
        return None
    today = clock.now().date()
    number = Receipt.objects.filter(address=address, day=today).count() + 1
    if number > limit:
        return None
    if not is_proved and not (_source_has_some_left(ticket) and _are_some_left()):
        return None
    with suppress(IntegrityError), transaction.atomic():
        return Receipt.objects.create(ticket=ticket, address=address, day=today, number=number)
    return None


def _source_has_some_left(ticket: Ticket) -> bool:
    """Whoever names one address after the other gets only so many of them written to."""
    source, limit = sources.of(ticket)
    return ratelimit.allow("receipt-source", source, limit=limit, seconds=3600)


def _are_some_left() -> bool:
    return ratelimit.allow("receipts", "all", limit=settings.RECEIPTS_PER_HOUR, seconds=3600)


# --- sending ---------------------------------------------------------------------------------------------------------
def _claim(receipt: Receipt, ticket: Ticket) -> bool:
    """Whether the caller alone may send it now. One whose sender died may have left: it is not sent a second time."""
    rows = Receipt.objects.filter(pk=receipt.pk, state=Receipt.State.QUEUED)
    until = clock.now() + deliveries.lease()
    if rows.update(state=Receipt.State.SENDING, leased_until=until, attempts=F("attempts") + 1):
        receipt.refresh_from_db()
        return True
    receipt.refresh_from_db()
    if receipt.state == Receipt.State.SENDING and receipt.leased_until and receipt.leased_until > clock.now():
        raise deliveries.Busy(f"receipt {receipt.pk}")
    _settle(receipt, ticket, "interrupted")
    return False


def _attempt(receipt: Receipt, ticket: Ticket, address: str) -> None:
    mailbox = email_out.mailbox_of(ticket)
    connection = mail_transport.of(mailbox) or get_connection()
    is_open = False
    try:
        with connection:
            is_open = True
            _send(ticket, address, mailbox, connection)
    except DatabaseError:
        raise
    except Exception as error:
        fault = mail_words.of(error)
        may_have_left = is_open and not _is_said(error)
        _not_sent(receipt, ticket, mailbox, Fault("interrupted", is_permanent=True) if may_have_left else fault)
    else:
        Receipt.objects.filter(pk=receipt.pk).update(state=Receipt.State.SENT, reason="", leased_until=None)


def _is_said(error: Exception) -> bool:
    """Whether the server itself said no, or we did: whoever only hung up may have taken the mail."""
    clear = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError)
    return isinstance(error, (*clear, errors.DomainError, ValueError))


def _not_sent(receipt: Receipt, ticket: Ticket, mailbox: Mailbox | None, fault: Fault) -> None:
    if fault.is_ours and mailbox:
        mailboxes.went_wrong(mailbox, "smtp", fault.code)
    gives_up = receipt.attempts >= MOST_ATTEMPTS
    if fault.is_permanent or gives_up:
        _settle(receipt, ticket, fault.code)
        return
    Receipt.objects.filter(pk=receipt.pk).update(state=Receipt.State.QUEUED, reason=fault.code, leased_until=None)
    again = clock.now() + deliveries.pause(receipt.attempts)
    key = f"receipt:{receipt.pk}:{receipt.attempts}"
    outbox.enqueue(acknowledge_ticket, at=again, unique_key=key, ticket_id=ticket.pk)


@transaction.atomic
def _settle(receipt: Receipt | None, ticket: Ticket, reason: str) -> None:
    """It will not leave any more, and the ticket's history says so."""
    waiting = [Receipt.State.QUEUED, Receipt.State.SENDING]
    rows = Receipt.objects.filter(pk=receipt.pk, state__in=waiting) if receipt else Receipt.objects.none()
    if rows.update(state=Receipt.State.FAILED, reason=reason, leased_until=None):
        record(names.RECEIPT_FAILED, ticket, by=SYSTEM, data={"reason": reason})


def _send(ticket: Ticket, address: str, mailbox: Mailbox | None, connection: BaseEmailBackend) -> None:
    requester = ticket.requester.merged_into or ticket.requester
    sender = mailbox.address if mailbox else ""
    header_id = email_threads.message_id(ticket.pk, 0, mail.domain_of(sender or settings.DEFAULT_FROM_EMAIL))
    reply_to = ""
    if mailbox:
        reply_to = email_threads.reply_address(mailbox.address, ticket_id=ticket.pk, customer_id=requester.pk)
    first = Message.objects.filter(ticket=ticket, envelope__isnull=False).order_by("seq").first()
    answered = first.envelope.header_id if first else ""
    headers = {"In-Reply-To": answered, "References": answered} if answered.startswith("<") else {}
    mail.send(
        to=address,
        subject=_("We have received your request"),
        template="tickets/mail/receipt",
        context={"number": ticket.number},
        language=email_out.language_of(ticket),
        headers=headers,
        automatic=True,
        sender=sender,
        sender_name=mailbox.name if mailbox else "",
        reply_to=reply_to,
        message_id=header_id,
        connection=connection,
    )
