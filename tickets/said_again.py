"""What was said on one ticket, written again on another: the first stays as it was, the second can be emptied again.

The pen beside `conversation`: a message that moved would take his own words from whoever may read the first ticket and not
the second, and would leave a hole in the numbers of both.
"""

from collections.abc import Sequence

from django.db.models import Max

from helpdesk.lib import clock, rows
from tickets.models import Attachment, Envelope, Message, Ticket


def write(row: Ticket, said: Sequence[Message]) -> list[Message]:
    """What was said on another ticket stands on this locked one too: by the same people, of the same moments, behind all else.

    Nothing leaves by it, nobody is told, and neither status nor waiting move. The files are the same files.
    """
    copies = []
    for message in said:
        row.last_seq += 1
        copies.append(_copy(row, message))
        if message.is_public:
            row.last_public_seq = row.last_seq
    rows.insert_all(copies)
    first = {message.pk: copy for message, copy in zip(said, copies, strict=True)}
    Attachment.objects.bulk_create(
        _file_again(file, first[file.message_id])
        for file in Attachment.objects.filter(message__in=first)
        if file.message_id
    )
    Envelope.objects.bulk_create(
        _envelope_again(envelope, first[envelope.message_id])
        for envelope in Envelope.objects.filter(message__in=first).order_by("pk")
    )
    return copies


def _copy(row: Ticket, message: Message) -> Message:
    return Message(
        ticket=row,
        seq=row.last_seq,
        kind=message.kind,
        channel=message.channel,
        author_user_id=message.author_user_id,
        author_customer_id=message.author_customer_id,
        body=message.body,
        html=message.html,
        terms=message.terms,
        sensitive=message.sensitive,
        trust=message.trust,
        machine=message.machine,
        created_at=message.created_at,
        redacted_at=message.redacted_at,
        copied_from_id=message.copied_from_id or message.pk,
    )


def _file_again(file: Attachment, copy: Message) -> Attachment:
    kept = ("uploader", "file", "name", "type", "size", "sha256", "content_id", "created_at")
    return Attachment(message=copy, **{name: getattr(file, name) for name in kept})


def _envelope_again(envelope: Envelope, copy: Message) -> Envelope:
    kept = [field.attname for field in Envelope._meta.concrete_fields if field.name not in ("id", "message")]
    return Envelope(message=copy, **{name: getattr(envelope, name) for name in kept} | {"matched_by": "confirmed"})


def take_out(row: Ticket, first: int, last: int) -> None:
    """What was written again on a locked ticket is gone from it: its numbers stay, empty and hidden. Its files are kept."""
    copies = row.messages.filter(seq__gte=first, seq__lte=last, copied_from__isnull=False)
    Attachment.objects.filter(message__in=copies).delete()
    Envelope.objects.filter(message__in=copies).delete()
    copies.update(
        kind=Message.Kind.NOTE,
        author_user=None,
        author_customer=None,
        body="",
        html="",
        terms="",
        sensitive=None,
        trust="",
        machine="",
        unsent_at=clock.now(),
    )
    row.last_public_seq = row.messages.filter(kind=Message.Kind.PUBLIC).aggregate(newest=Max("seq"))["newest"] or 0
    row.customer_seen_seq = min(row.customer_seen_seq, row.last_public_seq)
