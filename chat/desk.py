"""What the desk's socket asks of the rooms below: plain functions, so that each runs in one thread with one connection."""

from dataclasses import dataclass

from django.db import transaction

from chat import sessions
from chat.protocol import Frame, same_origin
from helpdesk.lib import live
from helpdesk.people import presence
from helpdesk.people.models import User
from tickets import access, conversation, drafts
from tickets import live as tickets_live
from tickets.channels.inbound import origin
from tickets.conversation import Line
from tickets.models import Message, Ticket
from tickets.models.ticket import Channel


@dataclass(frozen=True, slots=True)
class Standing:
    """What a user may see: when it changes, his lines close and come back with the new rights."""

    user_id: int
    role: str
    queues: tuple[int, ...]


def standing(user: User) -> Standing:
    return Standing(user.pk, user.role, tuple(access.queues(user).values_list("pk", flat=True).order_by("pk")))


@dataclass(frozen=True, slots=True)
class Now:
    """The answer to the check of every few seconds."""

    standing: Standing | None
    # Of the tickets on this line: those still visible, with the last message of each
    last: dict[int, int]


def last_seqs(user: User, ticket_ids: list[int]) -> dict[int, int]:
    """Of these tickets the ones the user may see, each with its last `seq`."""
    if not ticket_ids:
        return {}
    rows = Ticket.objects.visible_to(user).filter(pk__in=ticket_ids)
    return dict(rows.values_list("pk", "last_seq"))


def sit_down(user: User) -> int:
    """A desk opens: whoever was offline only because none was open is available again. Returns how many he has open."""
    if user.availability == User.Availability.OFFLINE and user.may("chat.take"):
        presence.choose(user, User.Availability.AVAILABLE)
    return presence.sit_down(user)


def missed(user: User, ticket_id: int, after: int, limit: int) -> list[Frame] | int:
    """Messages and notes behind `after`; the last `seq` when there are more than `limit`."""
    rows = list(Message.objects.with_words().filter(ticket_id=ticket_id).after(after)[: limit + 1])
    if len(rows) > limit:
        return last_seqs(user, [ticket_id]).get(ticket_id, after)
    return [tickets_live.frame(message, message.seq - 1) for message in rows]


def write(user: User, ticket_id: int, *, kind: str, body: str, origin_id: str) -> Message:
    """A reply or a note; the same origin id by the API is the same message."""
    ticket = access.ticket(user, ticket_id, needs="ticket.reply" if kind == "public" else "ticket.note")
    spelled = same_origin(origin_id)
    message, is_new = conversation.reply(
        ticket,
        Line(body=body, kind=kind, channel=Channel.CHAT if ticket.channel == Channel.CHAT else Channel.WEB),
        by=user,
        origin=origin(f"user:{user.pk}", spelled, {"kind": kind, "body": body, "attachments": []}),
    )
    if is_new and kind == "public":
        sessions.answered(ticket.pk, by=user)
    return message


@transaction.atomic
def read(user: User, ticket_id: int, seq: int) -> int:
    """The user has read up to `seq`; returns how much of what the customer sees that covers."""
    ticket = access.ticket(user, ticket_id)
    drafts.mark_read(user, ticket, seq)
    return min(seq, ticket.last_public_seq)


def tell_status(user_id: int, status: str, queue_ids: tuple[int, ...]) -> None:
    """Colleagues of the same queues and the user's other windows see whether he takes work."""
    news = {"type": "presence", "user": user_id, "status": status}
    for group in (tickets_live.user(user_id), *map(tickets_live.queue, queue_ids)):
        live.send(group, news)
