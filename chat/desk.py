"""What the desk's socket asks of the rooms below: plain functions, so that each runs in one thread with one connection."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from chat import sessions
from chat.protocol import same_origin
from helpdesk.lib import live
from helpdesk.people import presence
from helpdesk.people.models import User
from tickets import access, conversation, drafts
from tickets import live as tickets_live
from tickets.channels.inbound import origin
from tickets.conversation import Line
from tickets.models import Message, Queue, Ticket
from tickets.models.ticket import Channel


@dataclass(frozen=True, slots=True)
class Standing:
    """What a user may see: when it changes, his lines close and come back with the new rights."""

    user_id: int
    role: str
    queues: tuple[int, ...]


def standings(users: Collection[User]) -> dict[int, Standing]:
    """How each of these users stands now."""
    active = Queue.objects.filter(is_active=True)
    members = [user.pk for user in users if user.role != User.Role.ADMIN]
    serves = set(active.filter(team__members__in=members).values_list("team__members", "pk")) if members else set()
    every = set(active.values_list("pk", flat=True)) if len(members) < len(users) else set()
    of = {user.pk: {queue for owner, queue in serves if owner == user.pk} for user in users}
    return {
        user.pk: Standing(user.pk, user.role, tuple(sorted(every if user.role == User.Role.ADMIN else of[user.pk])))
        for user in users
    }


@dataclass(frozen=True, slots=True)
class Now:
    """The answer to the check of every few seconds."""

    standing: Standing | None
    # Of the tickets on this line: those still visible, with the last message of each
    last: dict[int, int]


def last_seqs(asked: Sequence[tuple[User, Collection[int]]]) -> list[dict[int, int]]:
    """For each user and the tickets he asks about those he may see, with their last `seq`."""
    rows = Ticket.objects.filter(pk__in={ticket for _user, tickets in asked for ticket in tickets})
    tickets = {row.pk: row for row in rows.only("queue", "assignee", "last_seq")}
    users = {user.pk: user for user, _tickets in asked}
    visible = access.seen_by(users.values(), tickets.values()) if tickets else set()
    return [
        {ticket: tickets[ticket].last_seq for ticket in wanted if (user.pk, ticket) in visible}
        for user, wanted in asked
    ]


def sit_down(user: User) -> int:
    """A desk opens: whoever was offline only because none was open is available again. Returns how many he has open."""
    if user.availability == User.Availability.OFFLINE and user.may("chat.take"):
        presence.choose(user, User.Availability.AVAILABLE)
    return presence.sit_down(user)


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
