"""Agents' words on their way out by mail: claimed, sent, marked; tried again with pauses; shown when it fails for good."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock, mail
from helpdesk.people import customers, presence
from helpdesk.people.models import Customer, Identity
from tickets import deliveries, mailboxes
from tickets import live as tickets_live
from tickets.channels import email_compose, email_threads, mail_words
from tickets.channels.email_compose import Letter, language_of
from tickets.models import Delivery, Mailbox, Message, Ticket
from tickets.models.ticket import Channel

__all__ = ["deliver", "deliver_unseen", "language_of", "mailbox_of", "recipient", "schedule", "send"]


# --- mail: one job a delivery ----------------------------------------------------------------------------------------
def schedule(delivery: Delivery, *, at: datetime | None = None, is_extra: bool = False) -> None:
    """A job that sends this delivery; several attempts are several jobs, so that a long pause holds up nobody.

    `is_extra`: beside one that waits already; whichever comes second finds it sent.
    """
    key = None if is_extra else f"delivery:{delivery.pk}:{delivery.attempts}"
    outbox.enqueue(send, at=at, unique_key=key, delivery_id=delivery.pk)


def send(delivery_id: int) -> None:
    """Job: one mail to one address. Run twice, it sends once; taken back or redacted meanwhile, it sends nothing."""
    delivery = Delivery.objects.select_related("message").filter(pk=delivery_id).first()
    if delivery is None or not deliveries.released(delivery.message):
        return
    message = _message(delivery.message_id)
    if delivery.message.held_until:
        tickets_live.released(message)
    if mine := deliveries.claim([delivery]):
        _attempt(mine, _letter(message, mine[0]))


def _message(pk: int) -> Message:
    people = ("ticket__requester__merged_into", "ticket__queue", "ticket__mailbox", "author_user")
    return Message.objects.with_people().select_related(*people).filter(pk=pk)[0]


def _letter(message: Message, delivery: Delivery) -> Letter:
    rows = list(message.deliveries.all())
    by_kind = {kind: [row.address for row in rows if row.kind == kind] for kind in Delivery.Kind.values}
    return Letter(
        messages=[message],
        address=delivery.address,
        header_id=delivery.header_id,
        mailbox=mailbox_of(message.ticket),
        reader=_reader(message.ticket, delivery),
        to=by_kind[Delivery.Kind.TO],
        cc=by_kind[Delivery.Kind.CC],
    )


def _reader(ticket: Ticket, delivery: Delivery) -> Customer:
    """Whose reply address goes along: the requester's, or that of who stands in copy under this address."""
    requester = ticket.requester.merged_into or ticket.requester
    if delivery.kind == Delivery.Kind.TO:
        return requester
    copied = ticket.participants.filter(customer__identities__value=delivery.address).select_related("customer")
    found = copied.first()
    return found.customer if found and found.customer else requester


def _attempt(mine: Sequence[Delivery], letter: Letter) -> None:
    """Send, then mark. What the server refused is noted and tried again later by a job of its own.

    Between the server's word that it has the mail and the commit of the mark lies the one moment at which a power cut
    makes it leave twice; both then bear the same Message-ID.
    """
    try:
        email_compose.transmit(letter)
    except DatabaseError:
        raise  # the lease runs out, the job tries again
    except Exception as error:
        _note(mine, letter.mailbox, mail_words.of(error))
    else:
        deliveries.sent(mine)
        if letter.mailbox:
            mailboxes.has_sent(letter.mailbox)


def _note(mine: Sequence[Delivery], mailbox: Mailbox | None, fault: mail_words.Fault) -> None:
    if fault.is_ours and mailbox:
        mailboxes.went_wrong(mailbox, "smtp", fault.code)
    again = deliveries.later(mine, fault)
    if again is not None and mine[0].message.channel != Channel.CHAT:
        schedule(mine[0], at=again)
    elif again is not None:
        ticket_id = mine[0].message.ticket_id
        outbox.enqueue(
            deliver_unseen, at=again, unique_key=f"unseen:{ticket_id}:{int(again.timestamp())}", ticket_id=ticket_id
        )


# --- chat: one mail with all that stayed unseen ----------------------------------------------------------------------
def deliver(event_id: int) -> None:
    """Job after `message.posted`: what an agent said in a chat is mailed only if it stays unseen."""
    event = Event.objects.get(pk=event_id)
    message = Message.objects.filter(ticket_id=event.subject_id, seq=event.data["seq"]).first()
    if message is not None and message.channel == Channel.CHAT and leaves(message):
        delay = timedelta(seconds=settings.UNSEEN_MAIL_SECONDS)
        outbox.enqueue(deliver_unseen, delay=delay, ticket_id=message.ticket_id)


def deliver_unseen(ticket_id: int) -> None:
    """Job some time after a chat line: one mail with everything the visitor has not seen and that was not mailed yet."""
    ticket = Ticket.objects.select_related("requester__merged_into").filter(pk=ticket_id).first()
    if ticket is None:
        return
    lines = Message.objects.public().filter(ticket=ticket, channel=Channel.CHAT, author_user__isnull=False)
    # What was written again from another ticket was mailed, or seen, there
    lines = lines.filter(copied_from__isnull=True)
    unseen = lines.after(ticket.customer_seen_seq).exclude(deliveries__state__in=deliveries.SETTLED)
    found = [message for message in unseen.with_people() if leaves(message)]
    if found and presence.is_watching(ticket_id):
        _look_again(ticket_id)
    elif found:
        _send_together([_message(message.pk) for message in found])


def _send_together(messages: Sequence[Message]) -> None:
    ticket, newest = messages[0].ticket, messages[-1]
    address, mailbox = recipient(ticket), mailbox_of(ticket)
    if not address or mailboxes.ours(address):
        return
    header_id = header_id_of(newest, mailbox)
    rows = [row_of(message, address, header_id) for message in messages]
    mine = deliveries.claim(rows)
    claimed = {delivery.message_id for delivery in mine}
    if mine:
        reader = ticket.requester.merged_into or ticket.requester
        lines = [message for message in messages if message.pk in claimed]
        _attempt(mine, Letter(lines, address, header_id, mailbox, reader, to=[address]))


def _look_again(ticket_id: int) -> None:
    """The widget is open before him: he may still read, or leave without having read. Once per ticket and slot of time."""
    wait = max(1, settings.UNSEEN_MAIL_SECONDS)
    slot = int(clock.now().timestamp()) // wait + 1
    delay = timedelta(seconds=settings.UNSEEN_MAIL_SECONDS)
    outbox.enqueue(deliver_unseen, delay=delay, unique_key=f"unseen:{ticket_id}:{slot}", ticket_id=ticket_id)


# --- who and whence --------------------------------------------------------------------------------------------------
def leaves(message: Message) -> bool:
    """Only an agent's public words; a note never, nor what was redacted or taken back meanwhile.

    What was seen counts in chats alone (`deliver_unseen`): a customer who writes a second mail has not read our answer yet.
    """
    is_gone = message.redacted_at is not None or message.unsent_at is not None
    return message.is_public and message.author_user_id is not None and not is_gone


def recipient(ticket: Ticket) -> str:
    """Where answers to this ticket go: the address it came from, else a proved one, else one that staff or a form was given.

    A visitor of the chat only claims an address: until it is proved no word about him goes there.
    """
    requester = ticket.requester.merged_into or ticket.requester
    if ticket.reply_address:
        return ticket.reply_address
    if proved := customers.proved_email(requester):
        return proved
    if ticket.channel == Channel.CHAT or requester.is_visitor:
        return ""
    claimed = requester.identities.filter(kind=Identity.Kind.EMAIL).order_by("is_apart", "-pk")
    return claimed.values_list("value", flat=True).first() or ""


def mailbox_of(ticket: Ticket) -> Mailbox | None:
    """The address that speaks for this ticket: the one written to, else its queue's, else any of ours."""
    if ticket.mailbox and ticket.mailbox.is_active:
        return ticket.mailbox
    active = Mailbox.objects.filter(is_active=True).order_by("pk")
    return active.filter(queue=ticket.queue).first() or active.first()


def header_id_of(message: Message, mailbox: Mailbox | None) -> str:
    """The Message-ID of a message: always the same, so that a mail sent again after a crash is known by it."""
    domain = mail.domain_of(mailbox.address if mailbox else settings.DEFAULT_FROM_EMAIL)
    return email_threads.message_id(message.ticket_id, message.seq, domain)


def row_of(message: Message, address: str, header_id: str, kind: str = Delivery.Kind.TO) -> Delivery:
    """The unique row of this message and address."""
    defaults = {"header_id": header_id, "created_at": clock.now(), "kind": kind}
    return Delivery.objects.get_or_create(message=message, address=address, defaults=defaults)[0]
