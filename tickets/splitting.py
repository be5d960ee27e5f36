"""A message that asks something else gets a request of its own; where it was said first nothing changes."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.events.record import record
from helpdesk.lib import clock, errors, text
from helpdesk.lib.search import analyser
from helpdesk.people import customers
from helpdesk.people.models import Customer, User
from tickets import access, said_again
from tickets.models import Envelope, Message, Ticket
from tickets.qualification import provenance, sensitive
from tickets.qualification.provenance import Source

MOST = 200


@transaction.atomic
def split(ticket: Ticket, seqs: Collection[int], *, subject: str = "", by: User) -> tuple[Ticket, bool]:
    """A new request that begins with these messages, in the same queue. Returns it and whether it is new.

    Raises Invalid for messages that are not there, Conflict `held`, or `nothing_asked` when none of them is a customer's.
    """
    row = access.locked(ticket.pk)
    wanted = sorted(set(seqs))
    if done := _done_before(row, wanted):
        return done, False
    said = list(row.messages.filter(seq__in=wanted, unsent_at__isnull=True, redacted_at__isnull=True).order_by("seq"))
    if not wanted or len(said) != len(wanted) or len(wanted) > MOST:
        raise errors.Invalid(fields={"seqs": [_("Choose messages of this request.")]})
    if any(message.is_held for message in said):
        raise errors.Conflict(_("A reply among them is about to leave. Wait, or take it back."), code="held")
    asked = next((message for message in said if message.is_public and message.author_customer_id), None)
    if asked is None:
        raise errors.Conflict(_("Choose at least one message of the customer."), code="nothing_asked")
    fresh = _open(row, said, asked, text.one_line(subject))
    source = Source.of(by.actor)
    provenance.keep(fresh.pk, {"queue": (fresh.queue.slug, source), "priority": (fresh.priority, source)})
    data = {"channel": fresh.channel, "queue": fresh.queue.slug, "rule": None, "split_from": row.pk}
    record(names.TICKET_OPENED, fresh, by=by.actor, data=data)
    record(names.TICKET_SPLIT, row, by=by.actor, data={"into": fresh.pk, "seqs": wanted})
    return fresh, True


def _done_before(row: Ticket, wanted: list[int]) -> Ticket | None:
    """The request that an identical call has made."""
    for event in Event.objects.of("ticket", row.pk).filter(name=names.TICKET_SPLIT):
        if event.data["seqs"] == wanted:
            return Ticket.objects.select_related("queue").filter(pk=event.data["into"]).first()
    return None


def _open(row: Ticket, said: list[Message], asked: Message, subject: str) -> Ticket:
    requester = _who(asked)
    title = sensitive.mask_cards(subject) or text.excerpt(asked.shown_body, 80) or row.subject
    last = [message for message in said if message.is_public][-1]
    answered = next((message for message in reversed(said) if message.is_public and message.author_user_id), None)
    first_answer = next((message for message in said if message.is_public and message.author_user_id), None)
    fresh = Ticket(
        subject=title,
        terms=analyser.analyse(title),
        channel=asked.channel,
        language=row.language,
        priority=row.priority,
        queue=row.queue,
        requester=requester,
        organization_id=requester.organization_id,
        reply_address=_address(row, asked, requester),
        mailbox=row.mailbox,
        created_at=clock.now(),
        last_message_at=last.created_at,
        preview=text.excerpt(last.shown_body),
        waiting_since=None if answered and answered.seq > asked.seq else asked.created_at,
        first_replied_at=first_answer.created_at if first_answer else None,
    )
    fresh.set_place()
    fresh.save(force_insert=True)
    copies = said_again.write(fresh, said)
    fresh.customer_seen_seq = max(
        (copy.seq for copy, message in zip(copies, said, strict=True) if _was_seen(row, message)), default=0
    )
    fresh.save(update_fields=["last_seq", "last_public_seq", "customer_seen_seq"])
    return fresh


def _was_seen(row: Ticket, message: Message) -> bool:
    return message.is_public and message.seq <= row.customer_seen_seq


def _who(asked: Message) -> Customer:
    author = asked.author_customer
    if author is None:
        raise errors.NotFound()
    return author.merged_into or author


def _address(row: Ticket, asked: Message, requester: Customer) -> str:
    """Where he wrote from; of the requester himself, where he is answered already."""
    if requester.pk in (row.requester_id, row.requester.merged_into_id):
        return row.reply_address
    envelope = Envelope.objects.filter(message=asked).first()
    return envelope.from_address if envelope else customers.proved_email(requester)
