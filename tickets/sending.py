"""From a reply to its mails: planned with the message, held a moment, taken back in time, or tried once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.events.record import record
from helpdesk.lib import clock, errors, text
from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.models import User
from tickets import access, drafts, lifecycle, mailboxes, recipients
from tickets.channels import email_out
from tickets.models import Attachment, Delivery, Draft, Message, Participant, Ticket
from tickets.models.ticket import Channel, Status


@dataclass(frozen=True, slots=True)
class Unsent:
    """What came back: the message as it now stands, the draft with its text, its files, free to be sent again."""

    message: Message
    draft: Draft
    attachments: list[Attachment]


# --- planned with the message ----------------------------------------------------------------------------------------
def plan(message: Message, row: Ticket, cc: Sequence[str] | None = None) -> None:
    """In the transaction of the message: a Delivery per recipient and the jobs that send them when the hold is over.

    `cc` None: everybody who takes part in copy. What is said in a chat is not planned here: it is mailed only unseen.
    """
    if message.channel == Channel.CHAT or not email_out.leaves(message):
        return
    address = email_out.recipient(row)
    if not address or mailboxes.ours(address):
        return
    people = [(address, Delivery.Kind.TO)]
    people += [(copied, Delivery.Kind.CC) for copied in _copied(row, address, cc)]
    message.held_until = clock.now() + timedelta(seconds=settings.UNSEND_SECONDS) if settings.UNSEND_SECONDS else None
    if message.held_until:
        message.save(update_fields=["held_until"])
    header_id = email_out.header_id_of(message, email_out.mailbox_of(row))
    for where, kind in people:
        delivery = email_out.row_of(message, where, header_id, kind)
        email_out.schedule(delivery, at=message.held_until)


def _copied(row: Ticket, address: str, cc: Sequence[str] | None) -> list[str]:
    """Each address once, without the one in To."""
    wanted = [person["address"] for person in recipients.of(row).cc] if cc is None else _copy_in(row, cc)
    plain = (one.strip().lower() for one in wanted)
    return [one for one in dict.fromkeys(plain) if one and one != address.lower() and not mailboxes.ours(one)]


def _copy_in(row: Ticket, given: Sequence[str]) -> list[str]:
    """Who is named in Cc takes part from now on. Raises Invalid for what is no address, or one of our own."""
    found: list[str] = []
    for one in dict.fromkeys(given):
        address = customers.normalise_email(one)
        if not address or mailboxes.ours(address):
            words = _("This is one of our own addresses.") if address else _("Enter a valid e-mail address.")
            raise errors.Invalid(fields={"cc": [words]})
        found.append(address)
        customer = customers.resolve(Who(email=address))
        if customer.pk not in (row.requester_id, row.requester.merged_into_id):
            Participant.objects.get_or_create(ticket=row, customer=customer, defaults={"kind": Participant.Role.CC})
    return found


# --- taken back ------------------------------------------------------------------------------------------------------
@transaction.atomic
def unsend(ticket: Ticket, seq: int, *, by: User) -> Unsent:
    """Take back a message that has not left: its words are the author's draft again, its place in the order stays.

    Raises NotFound, NotAllowed for somebody else's words, Conflict when it has left (or never was to leave) by mail.
    """
    row = access.locked(ticket.pk)
    message = Message.objects.filter(ticket=row, seq=seq).first()
    if message is None:
        raise errors.NotFound()
    if message.author_user_id != by.pk:
        raise errors.NotAllowed(_("Only its author can take a message back."))
    body, files, copied = message.body, list(message.attachments.all()), _copies(message, row)
    _take_back(message)
    Delivery.objects.filter(message=message).delete()
    Attachment.objects.filter(message=message).update(message=None)
    before = drafts.of(by, row)
    words = "\n\n".join(part for part in (body, before.reply) if part)
    draft = drafts.keep(by, row, reply=words, note=before.note, cc=copied) or before
    count_again(row)
    _status_back(row, message, by)
    record(names.MESSAGE_UNSENT, row, by=by.actor, data={"seq": seq})
    message.refresh_from_db()
    return Unsent(message, draft, files)


def _copies(message: Message, row: Ticket) -> list[dict[str, str]] | None:
    """Who was in copy, so that the next try writes to nobody whom the author had taken out; None: as the ticket has it."""
    copied = message.deliveries.filter(kind=Delivery.Kind.CC).order_by("pk")
    addresses = list(copied.values_list("address", flat=True))
    known = {person["address"].lower(): person for person in recipients.of(row).cc}
    if set(addresses) == set(known):
        return None
    return [known.get(address, {"name": "", "address": address}) for address in addresses]


def _take_back(message: Message) -> None:
    """One UPDATE decides against the one who sends. A message that was taken back is no longer public: nobody outside sees it."""
    if message.unsent_at:
        raise errors.Conflict(_("It was taken back already."), code="already_unsent")
    held = Message.objects.filter(pk=message.pk, unsent_at__isnull=True, held_until__gt=clock.now())
    empty = {"body": "", "html": "", "terms": "", "kind": Message.Kind.NOTE, "held_until": None}
    if held.update(unsent_at=clock.now(), **empty):
        return
    if not message.deliveries.exists() or message.channel == Channel.CHAT:
        raise errors.Conflict(_("This message does not leave by mail: it cannot be taken back."), code="not_held")
    raise errors.Conflict(_("It has already left."), code="already_left")


def count_again(row: Ticket) -> None:
    """What the list shows of a locked ticket whose message is no longer public: the newest words, who waits since when."""
    said = row.messages.public()
    row.last_public_seq = said.aggregate(newest=Max("seq"))["newest"] or 0
    row.customer_seen_seq = min(row.customer_seen_seq, row.last_public_seq)
    newest = said.filter(seq=row.last_public_seq).first()
    row.preview = text.excerpt(newest.shown_body) if newest else ""
    row.last_message_at = newest.created_at if newest else row.created_at
    answers = said.filter(author_user__isnull=False).order_by("seq")
    first, last = answers.first(), answers.last()
    row.first_replied_at = first.created_at if first else None
    asked = said.after(last.seq if last else 0).filter(author_customer__isnull=False, machine="").first()
    row.waiting_since = asked.created_at if asked else None
    row.version += 1
    row.set_place()
    row.save(update_fields=_COUNTED)


_COUNTED = ["last_public_seq", "customer_seen_seq", "preview", "last_message_at", "first_replied_at", "waiting_since",
            "version", "place"]  # fmt: skip


def _status_back(row: Ticket, message: Message, by: User) -> None:
    """The status that was set with it goes back, unless somebody changed it since."""
    mine = Event.objects.filter(subject="ticket", subject_id=row.pk, actor_kind="user", actor_id=by.pk)
    posted = mine.filter(name=names.MESSAGE_POSTED, data__seq=message.seq).first()
    if posted is None:
        return
    moved = mine.filter(pk__gt=posted.pk, name__in=[names.TICKET_SOLVED, names.TICKET_STATUS]).order_by("pk").first()
    if moved is None or moved.created_at - posted.created_at > timedelta(seconds=2):
        return
    to = moved.data.get("to", Status.SOLVED)
    waits = row.waiting_since
    if row.status == to and moved.data.get("from"):
        before = moved.data["from"]
        row = lifecycle.set_status(row, Status.OPEN if before == Status.NEW else before, by=by.actor)
        if waits and row.status not in (Status.SOLVED, Status.CLOSED, Status.SPAM):
            row.waiting_since = waits
            row.set_place()
            row.save(update_fields=["waiting_since", "place"])


# --- once more -------------------------------------------------------------------------------------------------------
@transaction.atomic
def retry(ticket: Ticket, seq: int, *, by: User) -> Message:
    """Try again what failed or waits for its next try; raises Conflict when there is nothing of the kind."""
    row = access.locked(ticket.pk)
    message = Message.objects.filter(ticket=row, seq=seq, unsent_at__isnull=True, redacted_at__isnull=True).first()
    if message is None:
        raise errors.NotFound()
    waiting = Delivery.objects.filter(message=message, next_try_at__isnull=False, state=Delivery.State.QUEUED)
    again = Delivery.objects.filter(message=message, state=Delivery.State.FAILED) | waiting
    rows = list(again)
    if not rows:
        raise errors.Conflict(_("Nothing of this message failed."), code="nothing_failed")
    for delivery in rows:
        delivery.state, delivery.next_try_at, delivery.created_at = Delivery.State.QUEUED, None, clock.now()
        delivery.save(update_fields=["state", "next_try_at", "created_at"])
        email_out.schedule(delivery, is_extra=True)
    record(names.MAIL_RETRIED, row, by=by.actor, data={"seq": seq})
    return message
