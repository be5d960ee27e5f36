"""One request goes on in another: a message moves with its files, and later mail to the first belongs to the second."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors
from helpdesk.people.models import User
from tickets import access, attachments, conversation, intake
from tickets.channels.inbound import Headers
from tickets.conversation import Line
from tickets.models import Attachment, Message, Participant, Ticket
from tickets.models.ticket import Status


@transaction.atomic
def merge(source: Ticket, target: Ticket, *, by: User) -> Message:
    """Everything the customer said in `source` is said again in `target`, and `source` ends there.

    Returns the last message written to the target. Raises Conflict when either is merged or closed already.
    """
    low, high = sorted((source.pk, target.pk))
    rows = {pk: access.locked(pk) for pk in (low, high)}
    source, target = rows[source.pk], rows[target.pk]
    if source.pk == target.pk or source.merged_into_id or target.merged_into_id or target.status == Status.CLOSED:
        raise errors.Conflict(_("These requests cannot be merged."), code="not_mergeable")
    said = list(source.messages.with_people().select_related("envelope").order_by("seq"))
    written = [_say_again(message, target, by) for message in said if message.kind != Message.Kind.NOTE]
    _take_part(source, target)
    _point(source, target, by=by)
    _end(source, target, by=by)
    record(names.TICKET_MERGED, source, by=by.actor, data={"into": target.pk, "seq": written[-1].seq})
    return written[-1]


def _say_again(message: Message, target: Ticket, by: User) -> Message:
    line = Line(
        body=message.body or message.created_at.isoformat(),
        kind=message.kind,
        channel=message.channel,
        html=message.html,
        attachments=[_copied(file) for file in message.attachments.all()],
        trust=message.trust,
        machine=message.machine,
    )
    actor = message.author_customer.actor if message.author_customer else by.actor
    copy = conversation.append(target, line, by=actor, customer=message.author_customer)
    if envelope := getattr(message, "envelope", None):
        intake.keep_headers(
            copy,
            Headers(
                message_id=envelope.header_id,
                in_reply_to=envelope.in_reply_to,
                from_address=envelope.from_address,
                from_name=envelope.from_name,
                reply_to=envelope.reply_to,
                to=envelope.people("to"),
                cc=envelope.people("cc"),
                matched_by="confirmed",
                is_folded=envelope.is_folded,
                parts=envelope.parts,
            ),
        )
    return copy


def _copied(file: Attachment) -> Attachment:
    data = attachments.content(file)
    return attachments.store(data, file.name, uploader="mail", content_id=file.content_id)


def _take_part(source: Ticket, target: Ticket) -> None:
    """Who was let into the conversation answers in it from now on."""
    if source.requester_id != target.requester_id:
        Participant.objects.get_or_create(
            ticket=target, customer_id=source.requester_id, defaults={"kind": Participant.Role.CC}
        )


def _point(source: Ticket, target: Ticket, *, by: User) -> None:
    with translation.override(by.locale):
        words = _("This request goes on as #%(number)s.") % {"number": target.number}
    conversation.append(source, Line(body=words, kind=Message.Kind.NOTE, channel=source.channel), by=by.actor, user=by)


def _end(source: Ticket, target: Ticket, *, by: User) -> None:
    """Closed without having been solved: nobody is asked how it went."""
    moment = clock.now()
    source.status, source.merged_into = Status.CLOSED, target
    source.solved_at, source.closed_at = source.solved_at or moment, moment
    source.waiting_since = source.snoozed_until = None
    source.version += 1
    source.set_place()
    source.save(
        update_fields=[
            "status", "merged_into", "solved_at", "closed_at", "waiting_since", "snoozed_until", "version", "place",
        ]
    )  # fmt: skip
