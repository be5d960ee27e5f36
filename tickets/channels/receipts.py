"""Acknowledgements: fixed words, few, and none to machines, so that nobody can use us to write to others."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events.models import Event
from helpdesk.lib import clock, mail, ratelimit
from tickets import mailboxes
from tickets.channels import email_out, email_threads, mail_transport, sources
from tickets.models import Message, Receipt, Routing, Ticket
from tickets.models.ticket import Channel

PROVED_PER_DAY = 10
# Two desks that acknowledge each other's acknowledgements fall silent after as many
PER_HOUR = 3
_ANSWERED = (Channel.EMAIL, Channel.WEB)


def acknowledge(event_id: int) -> None:
    """Job after `ticket.opened`: one receipt to who wrote by mail or form, within the budget of the address and the day."""
    event = Event.objects.get(pk=event_id)
    routing = Routing.objects.filter(ticket=event.subject_id).values_list("trace__actions", flat=True).first() or {}
    if routing.get("acknowledge") is not False and not routing.get("hold"):
        acknowledge_ticket(event.subject_id)


def acknowledge_ticket(ticket_id: int) -> None:
    """Job, also of a rule that asks for a receipt: the same budgets, the same fixed words."""
    ticket = Ticket.objects.select_related("requester__merged_into", "queue", "mailbox").filter(pk=ticket_id).first()
    if ticket is None or ticket.channel not in _ANSWERED:
        return
    address = ticket.reply_address.lower()
    if not address or not _may_be_answered(ticket, address) or not _take_from_budget(ticket, address):
        return
    _send(ticket, address)


def _may_be_answered(ticket: Ticket, address: str) -> bool:
    first = Message.objects.filter(ticket=ticket).order_by("seq").first()
    is_machine = first is None or bool(first.machine) or first.trust == Message.Trust.FAILED
    is_ours = mailboxes.ours(address) is not None
    return not is_machine and not is_ours and ticket.status != "spam"


def _take_from_budget(ticket: Ticket, address: str) -> bool:
    """Count one more receipt of today; the unique row decides when two ask at once."""
    requester = ticket.requester.merged_into or ticket.requester
    is_proved = requester.identities.filter(value=address, verified_at__isnull=False).exists()
    limit = PROVED_PER_DAY if is_proved else settings.RECEIPTS_PER_DAY
    # All addresses with a plus sign are one person's
    address = email_threads.without_token(address)
    if not ratelimit.allow("receipt", address, limit=PER_HOUR, seconds=3600):
        return False
    today = clock.now().date()
    number = Receipt.objects.filter(address=address, day=today).count() + 1
    if number > limit:
        return False
    if not is_proved and not (_source_has_some_left(ticket) and _are_some_left()):
        return False
    try:
        with transaction.atomic():
            Receipt.objects.create(address=address, day=today, number=number)
    except IntegrityError:
        return False
    return True


def _source_has_some_left(ticket: Ticket) -> bool:
    """Whoever names one address after the other gets only so many of them written to."""
    source, limit = sources.of(ticket)
    return ratelimit.allow("receipt-source", source, limit=limit, seconds=3600)


def _are_some_left() -> bool:
    return ratelimit.allow("receipts", "all", limit=settings.RECEIPTS_PER_HOUR, seconds=3600)


def _send(ticket: Ticket, address: str) -> None:
    """Counted before it is sent: after a crash one receipt may be missing, never one too many."""
    requester = ticket.requester.merged_into or ticket.requester
    mailbox = email_out.mailbox_of(ticket)
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
        connection=mail_transport.of(mailbox),
    )
