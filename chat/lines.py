"""What visitors and agents say at the same moment, written by one transaction of a dozen statements.

Only plain lines: of an open chat, under a new origin id, by somebody who may. Whatever else a line may be (the first of
a chat, one said before, refused, with files) is left to `sessions.say` and `desk.write`, which know it all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from chat import visit
from chat.models import Key, Session
from chat.protocol import same_origin
from helpdesk.lib import clock, rows, signing, text, together
from helpdesk.people.models import User
from tickets import access, conversation
from tickets.channels.inbound import Origin, origin
from tickets.conversation import Line, Saying
from tickets.models import Message, ReadMark, Ticket
from tickets.models.ticket import UNFINISHED, Channel

_NEEDED = [f"session__{name}" for name in ("state", "sender", "ticket", "seen_at", "customer__name")]
# `seen_at` is for sweeps of half an hour and more
SEEN_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Asked:
    """A line as it came by a socket: of the visitor who holds `token`, or of the agent `user_id`."""

    body: str
    origin_id: str
    token: str = ""
    user_id: int = 0
    ticket_id: int = 0
    kind: str = Message.Kind.PUBLIC


@dataclass(frozen=True, slots=True)
class Written:
    """A line that is committed; `stand` is where its visitor stands."""

    message: Message
    stand: visit.Stand | None = None


@dataclass(slots=True)
class _Batch:
    """What the lines are about, read and locked at the beginning; `talking` says of a ticket who talks there."""

    sessions: dict[str, Session]
    users: dict[int, User]
    tickets: dict[int, Ticket]
    visible: set[tuple[int, int]]
    talking: dict[int | None, int | None]


@transaction.atomic
def write(asked: Sequence[Asked]) -> list[Written | None]:
    """Write what is plain, in the order given; None stands for a line that has to go its own way."""
    batch = _read(asked)
    meant = [_meant(line, batch) for line in asked]
    told = rows.known(Message, ("origin_by", "origin_id"), {_name(saying) for saying in meant if saying})
    plain: dict[int, Saying] = {}
    for place, saying in enumerate(meant):
        if saying is not None and _name(saying) not in told:
            told.add(_name(saying))
            plain[place] = saying
    with together.writing():
        messages = conversation.append_all(list(plain.values()))
        _mark_read(messages)
        _mark_seen([batch.sessions[asked[place].token] for place in plain if asked[place].token])
    written = dict(zip(plain, messages, strict=True))
    return [_done(line, written[place], batch) if place in written else None for place, line in enumerate(asked)]


def _name(saying: Saying) -> tuple[str, str]:
    return (saying.origin.by, saying.origin.id) if saying.origin else ("", "")


def _read(asked: Sequence[Asked]) -> _Batch:
    """Sessions are locked before tickets, and each in the order of their numbers, here and wherever several are."""
    sessions = _sessions({line.token for line in asked if line.token})
    users = {user.pk: user for user in User.objects.filter(pk__in={line.user_id for line in asked if line.user_id})}
    ids = {line.ticket_id for line in asked if line.user_id}
    tickets = access.locked_all(ids | {session.ticket_id for session in sessions.values() if session.ticket_id})
    of_agents = [row for pk, row in tickets.items() if pk in ids]
    talks = Session.objects.live().filter(ticket__in=tickets)
    return _Batch(
        sessions=sessions,
        users=users,
        tickets=tickets,
        visible=access.seen_by(users.values(), of_agents) if users else set(),
        talking=dict(talks.values_list("ticket_id", "agent_id")),
    )


def _sessions(tokens: set[str]) -> dict[str, Session]:
    """The sessions that tokens speak for, locked: as `keys.session_of` finds them."""
    if not tokens:
        return {}
    digests = {signing.digest(token): token for token in tokens}
    keys = Key.objects.filter(
        purpose=Key.Purpose.TOKEN,
        digest__in=digests,
        expires_at__gt=clock.now(),
        session__customer__erased_at__isnull=True,
        session__site__is_active=True,
    )
    # Ordered by what is locked: several batches lock the same sessions in the same order
    needed = keys.select_related("session__customer").only("digest", *_NEEDED).order_by("session_id")
    found = needed.select_for_update(of=("session",))
    return {digests[key.digest]: key.session for key in found}


def _meant(line: Asked, batch: _Batch) -> Saying | None:
    if not text.clean(line.body) or len(line.body) > conversation.MAX_BODY:
        return None
    return _of_visitor(line, batch) if line.token else _of_agent(line, batch)


def _of_visitor(line: Asked, batch: _Batch) -> Saying | None:
    session = batch.sessions.get(line.token)
    row = batch.tickets.get(session.ticket_id or 0) if session else None
    if session is None or row is None or row.status not in UNFINISHED:
        return None
    if session.state not in (Session.State.WAITING, Session.State.LIVE):
        return None
    return Saying(
        row,
        Line(body=line.body, channel=Channel.CHAT),
        by=session.customer.actor,
        customer=session.customer,
        origin=_origin(session.sender, line, {"body": line.body}),
        is_talking=row.assignee_id is not None and batch.talking.get(row.pk) == row.assignee_id,
    )


def _of_agent(line: Asked, batch: _Batch) -> Saying | None:
    """In a chat that he or a colleague talks in: what would take a chat, assign a ticket or be mailed is not plain."""
    user, row = batch.users.get(line.user_id), batch.tickets.get(line.ticket_id)
    if user is None or row is None or (user.pk, row.pk) not in batch.visible:
        return None
    if not user.may("ticket.reply" if line.kind == Message.Kind.PUBLIC else "ticket.note"):
        return None
    if row.channel != Channel.CHAT or row.pk not in batch.talking or row.assignee_id is None:
        return None
    if row.status not in UNFINISHED:
        return None
    content = {"kind": line.kind, "body": line.body, "attachments": []}
    return Saying(
        row,
        Line(body=line.body, kind=line.kind, channel=Channel.CHAT),
        by=user.actor,
        user=user,
        origin=_origin(f"user:{user.pk}", line, content),
    )


def _origin(by: str, line: Asked, content: dict[str, Any]) -> Origin | None:
    return origin(by, same_origin(line.origin_id), content)


def _mark_read(messages: Sequence[Message]) -> None:
    """Whoever writes has read what stands above his words; nobody can have read further than the newest of them."""
    newest = {(row.author_user_id, row.ticket_id): row.seq for row in messages if row.author_user_id}
    marks = [ReadMark(user_id=user, ticket_id=ticket, seq=seq) for (user, ticket), seq in newest.items()]
    ReadMark.objects.bulk_create(marks, update_conflicts=True, unique_fields=["user", "ticket"], update_fields=["seq"])


def _mark_seen(sessions: Sequence[Session]) -> None:
    moment = clock.now()
    stale = {session.pk for session in sessions if session.seen_at < moment - SEEN_EVERY}
    if stale:
        Session.objects.filter(pk__in=stale).update(seen_at=moment)


def _done(line: Asked, message: Message, batch: _Batch) -> Written:
    if not line.token:
        return Written(message)
    session = batch.sessions[line.token]
    session.ticket = message.ticket
    return Written(message, visit.of(session))
