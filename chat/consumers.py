"""The two sockets: the desk's and the visitor's. They carry news and the few frames of the closed table, no more."""

import time
from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings

from chat import desk, entry, missed, news, protocol, rounds, sessions, viewers, visit
from chat import live as chat_live
from chat.gathered import Gathered
from chat.lines import Asked
from chat.protocol import Frame
from chat.sockets import DEPARTURES, MAX_WINDOWS, STAFF, VISITORS, Missing, Socket, in_thread, lines, log
from chat.writer import writer
from helpdesk.lib import live
from helpdesk.lib.layer import Parcel
from helpdesk.people import presence
from helpdesk.people.models import User
from tickets import live as tickets_live
from tickets.models import Message
from tickets.rules import news as rules_news

SEEN = Gathered(desk.last_seqs, in_thread)
MAX_SUBSCRIPTIONS = 60
TYPING_EVERY = 1.0
# Rounds between marks of a visitor who is still there; even, for only every other round is a beat
TOUCH_EVERY = 60


def _looked_at(user: User) -> set[int]:
    """The tickets that this user has open in this process."""
    desks = [line for line in lines() if isinstance(line, DeskConsumer) and line.is_settled and not line.is_closed]
    return {ticket for desk_ in desks if desk_.user.pk == user.pk for ticket in list(desk_.reached)}


def ack(message: Message, origin_id: str) -> Frame:
    """The promise: this message is committed."""
    return {
        "type": "message.ack",
        "origin_id": origin_id,
        "ticket": message.ticket_id,
        "seq": message.seq,
        "created_at": message.created_at.isoformat(),
    }


class DeskConsumer(Socket):
    """`/ws/desk/`: an agent's window. Joins the user's own group and his queues'; tickets as they are opened."""

    table: ClassVar[dict[str, protocol.Rule]] = protocol.DESK_FRAMES
    behind: ClassVar[Missing] = Gathered(missed.of_desks, in_thread)
    user: User
    proof: entry.Proof
    standing: desk.Standing

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_seated = False
        # When somebody last touched keyboard or mouse there; None from a screen that does not say
        self._touched: float | None = None
        self._typed: dict[int, float] = {}

    async def admit(self) -> int | None:
        proofs = entry.proofs(self.scope)
        found = await STAFF.ask(proofs) if proofs else None
        if found is None:
            return protocol.CLOSE_SIGN_IN
        self.user, self.proof, self.standing = found.user, found.proof, found.standing
        if not self.user.may("queue.read"):
            return protocol.CLOSE_NOT_YOURS
        if self.be(tickets_live.user(self.user.pk)) > MAX_WINDOWS:
            return protocol.CLOSE_SLOWER
        await self.join_group(tickets_live.user(self.user.pk))
        for queue_id in self.standing.queues:
            await self.join_group(tickets_live.queue(queue_id))
        if self.user.may("rule.write"):
            await self.join_group(rules_news.EDITORS)
        self._is_seated = True
        if not DEPARTURES.is_back(presence.desk(self.user.pk)):
            await in_thread(self._sit_down)
        return None

    def _sit_down(self) -> None:
        desk.sit_down(self.user)
        desk.tell_status(self.user.pk, self.user.availability, self.standing.queues)

    def may(self, needs: str) -> bool:
        return self.user.may(needs)

    def may_hear(self, frame: Frame) -> bool:
        """A queue's group is everybody's who reads its tickets; its chats and calls are for whom the API shows them."""
        return self.user.may("chat.read") or not frame["type"].startswith(("chat.", "callback."))

    @staticmethod
    def look_all(questions: Sequence[rounds.Desk]) -> Sequence[desk.Now]:
        return rounds.desks(questions)

    def question(self) -> rounds.Desk:
        return rounds.Desk(self.proof, tuple(self.reached))

    async def answered(self, question: rounds.Desk, answer: desk.Now) -> None:
        """Rights, and messages whose news were lost."""
        if answer.standing is None:
            await self.end(protocol.CLOSE_SIGN_IN)
        elif answer.standing != self.standing:
            # Another role or other teams: the line comes back with the rights as they are now.
            await self.end(protocol.CLOSE_RESUME)
        else:
            await self._check_tickets(question.tickets, answer.last)

    async def _check_tickets(self, asked: Sequence[int], last: dict[int, int]) -> None:
        # Only those asked about: one opened while the answer was on its way is in neither and must not be dropped.
        for ticket in asked:
            if ticket not in self.reached:
                continue
            if ticket not in last:
                await self._drop(ticket)
                await self.refuse("not_found", ticket=ticket)
            elif last[ticket] > self.reached[ticket]:
                await self.catch_up(ticket)

    def beat(self, number: int) -> None:
        presence.beat(self.user.pk)
        if self._touched is not None:
            left = settings.IDLE_SECONDS - (time.monotonic() - self._touched)
            # Kept here too: a cache that was emptied would send everybody away
            presence.active(self.user.pk, left) if left > 0 else presence.rest(self.user)
        for ticket in list(self.reached):
            viewers.look(ticket, self.user)

    async def left(self) -> None:
        if self._is_seated:
            await DEPARTURES.leave(presence.desk(self.user.pk), self._leave_desk)

    def _leave_desk(self, counts: bool) -> None:
        for ticket in set(self.reached) - _looked_at(self.user):
            viewers.leave(ticket, self.user.pk)
            self._tell_viewers(ticket)
        if counts and presence.stand_up(self.user):
            desk.tell_status(self.user.pk, User.Availability.OFFLINE, self.standing.queues)

    # --- frames ------------------------------------------------------------------------------------------------------
    async def on_hello(self, frame: Frame) -> None:
        """Join what the client has open and send what it missed."""
        after = {int(ticket): seq for ticket, seq in (frame.get("after") or {}).items()}
        last = await SEEN.ask((self.user, list(after)))
        for ticket, seq in after.items():
            if ticket in last and len(self.reached) < MAX_SUBSCRIPTIONS:
                await self._open(ticket, min(seq, last[ticket]))
                await self.catch_up(ticket)
            else:
                await self.refuse("not_found", ticket=ticket)

    async def on_subscribe(self, frame: Frame) -> None:
        ticket = frame["ticket"]
        if ticket not in self.reached:
            last = await SEEN.ask((self.user, [ticket]))
            if ticket not in last:
                await self.refuse("not_found", ticket=ticket)
                return
            if len(self.reached) >= MAX_SUBSCRIPTIONS:
                await self.refuse("too_many", ticket=ticket)
                return
            await self._open(ticket, last[ticket])
            # What was written between reading the position and joining the group
            await self.catch_up(ticket)
        await self.say({"type": "subscribed", "ticket": ticket, "seq": self.reached.get(ticket, 0)})
        await in_thread(self._look, ticket)

    async def _open(self, ticket: int, seq: int) -> None:
        self.reached[ticket] = seq
        await self.join_group(tickets_live.agents(ticket))

    def _look(self, ticket: int) -> None:
        viewers.look(ticket, self.user)
        self._tell_viewers(ticket)

    def _tell_viewers(self, ticket: int) -> None:
        live.send(tickets_live.agents(ticket), {"type": "presence", "ticket": ticket, "viewers": viewers.of(ticket)})

    async def on_unsubscribe(self, frame: Frame) -> None:
        ticket = frame["ticket"]
        if ticket in self.reached:
            await self._drop(ticket)
            await in_thread(self._look_away, ticket)

    async def _drop(self, ticket: int) -> None:
        self.reached.pop(ticket, None)
        await self.leave_group(tickets_live.agents(ticket))

    def _look_away(self, ticket: int) -> None:
        viewers.leave(ticket, self.user.pk)
        self._tell_viewers(ticket)

    async def on_send(self, frame: Frame) -> None:
        kind = frame.get("kind") or "public"
        asked = Asked(frame["body"], frame["origin_id"], user_id=self.user.pk, ticket_id=frame["ticket"], kind=kind)
        written = await writer.write(asked)
        if written is not None:
            await self.say(ack(written.message, frame["origin_id"]))
            return
        message = await in_thread(
            desk.write, self.user, frame["ticket"], kind=kind, body=frame["body"], origin_id=frame["origin_id"]
        )
        await self.say(ack(message, frame["origin_id"]))

    async def on_typing(self, frame: Frame) -> None:
        """Colleagues see that somebody writes; the customer only when it is not a note."""
        ticket, now = frame["ticket"], time.monotonic()
        if ticket not in self.reached or now - self._typed.get(ticket, 0.0) < TYPING_EVERY:
            return
        self._typed[ticket] = now
        await in_thread(self._type, ticket, frame.get("kind") != "note" and self.user.may("ticket.reply"))

    def _type(self, ticket: int, is_public: bool) -> None:
        news = {"type": "typing", "ticket": ticket, "author": {"kind": "agent", "name": self.user.name}}
        live.send(tickets_live.agents(ticket), news)
        if is_public:
            live.send(tickets_live.public(ticket), news)
        if viewers.look(ticket, self.user, writing=True):
            self._tell_viewers(ticket)

    async def on_seen(self, frame: Frame) -> None:
        ticket = frame["ticket"]
        seq = await in_thread(desk.read, self.user, ticket, frame["seq"])
        if seq and self.user.may("ticket.reply"):
            live.send(tickets_live.public(ticket), {"type": "seen", "ticket": ticket, "seq": seq, "by": "agent"})

    async def on_presence(self, frame: Frame) -> None:
        await in_thread(presence.choose, self.user, frame["status"])

    async def on_active(self, frame: Frame) -> None:
        """Somebody sits there: from a screen that says so, silence means that nobody does."""
        self._touched = time.monotonic()
        await in_thread(presence.touched, self.user)

    async def on_accept(self, frame: Frame) -> None:
        session = await in_thread(sessions.accept, frame["session"], by=self.user)
        agent = {"id": self.user.pk, "name": self.user.name}
        await self.say({"type": "chat.accepted", "session": session.pk, "ticket": session.ticket_id, "agent": agent})
        if session.ticket_id is not None and session.ticket_id not in self.reached:
            # Whoever takes a chat wants to read it: this line carries it from its first word on.
            await self._open(session.ticket_id, 0)
            await self.catch_up(session.ticket_id)


class VisitorConsumer(Socket):
    """`/ws/visitor/`: a visitor's widget. Hears its session and the public side of its one ticket, nothing else."""

    table: ClassVar[dict[str, protocol.Rule]] = protocol.VISITOR_FRAMES
    behind: ClassVar[Missing] = Gathered(missed.of_visitors, in_thread)
    token: str
    stand: visit.Stand

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._typed = 0.0
        self._here = ""

    async def admit(self) -> int | None:
        tokens = entry.tokens(self.scope)
        found = await VISITORS.ask(tokens) if tokens else None
        if found is None:
            return protocol.CLOSE_SIGN_IN
        stand, self.token = found
        if self.be(chat_live.visitor(stand.session_id)) > MAX_WINDOWS:
            return protocol.CLOSE_SLOWER
        await self._follow(stand)
        return None

    def may(self, needs: str) -> bool:
        return needs == protocol.VISITOR

    async def _follow(self, stand: visit.Stand, after: int | None = None) -> None:
        """Stand where the token leads now: the session's group and its ticket's public one, no others."""
        self.stand = stand
        wanted = {chat_live.visitor(stand.session_id)}
        if stand.ticket_id is not None:
            wanted.add(tickets_live.public(stand.ticket_id))
            if stand.ticket_id not in self.reached:
                self.reached = {stand.ticket_id: stand.last if after is None else after}
        for group in self.joined - wanted:
            await self.leave_group(group)
        for group in wanted - self.joined:
            await self.join_group(group)
        if stand.ticket_id is not None and self._here != presence.visitor(stand.ticket_id):
            before, self._here = self._here, presence.visitor(stand.ticket_id)
            is_back = DEPARTURES.is_back(self._here)
            if before or not is_back:
                await in_thread(self._arrive, before, self._here, stand.ticket_id, is_back)

    @staticmethod
    def _arrive(before: str, here: str, ticket: int, is_back: bool) -> None:
        if before:
            presence.depart(before)
        if not is_back and presence.arrive(here) == 1:
            news.visitor_moved(ticket, is_here=True)

    @staticmethod
    def look_all(questions: Sequence[rounds.Visitor]) -> Sequence[visit.Stand | None]:
        return rounds.visitors([asked.token for asked in questions])

    def question(self) -> rounds.Visitor:
        return rounds.Visitor(self.token, self.stand.session_id, self.stand.ticket_id)

    async def answered(self, question: rounds.Visitor, answer: visit.Stand | None) -> None:
        # Whoever moved on while the answer was on its way knows better.
        if question == self.question():
            await self._stand_at(answer)

    async def _stand_at(self, answer: visit.Stand | None) -> None:
        """Where his token leads now, and messages whose news were lost."""
        if answer is None:
            await self.end(protocol.CLOSE_SIGN_IN)
            return
        is_new = answer.ticket_id is not None and answer.ticket_id not in self.reached
        await self._follow(answer, after=0 if is_new else None)
        if answer.ticket_id is not None and answer.last > self.reached[answer.ticket_id]:
            await self.catch_up(answer.ticket_id)

    async def _look_again(self) -> None:
        await self._stand_at(await in_thread(visit.stand, self.token))

    def beat(self, number: int) -> None:
        if self._here:
            presence.stay(self._here)
        if number % TOUCH_EVERY == 0:
            visit.touch(self.stand.session_id, self.stand.ticket_id)

    async def left(self) -> None:
        if self._here:
            await DEPARTURES.leave(self._here, self._depart)

    def _depart(self, counts: bool) -> None:
        ticket = self.stand.ticket_id
        if counts and presence.depart(self._here) and ticket is not None:
            news.visitor_moved(ticket, is_here=False)

    def may_hear(self, frame: Frame) -> bool:
        """Nothing publishes notes or viewers to these groups; should it ever happen, it is stopped and told of."""
        is_ours = frame.get("kind") == "note" or frame.get("viewers") is not None
        if is_ours:
            log.error("socket.note_stopped", session=self.stand.session_id)
        return not is_ours

    def hear_news(self, parcel: Parcel) -> None:
        frame = parcel.frame
        is_mark = frame["type"] == "chat.waiting" and "position" not in frame
        if not is_mark:
            self.pass_on(parcel)
        if frame["type"].startswith("chat."):
            self.do(self._look_again())

    # --- frames ------------------------------------------------------------------------------------------------------
    async def on_hello(self, frame: Frame) -> None:
        """Send every public message behind what the client says it has."""
        ticket = self.stand.ticket_id
        if ticket is None:
            return
        after = (frame.get("after") or {}).get(str(ticket), 0)
        self.reached[ticket] = min(after, self.stand.last)
        await self.catch_up(ticket)

    async def on_send(self, frame: Frame) -> None:
        said = await self._write(frame)
        if said is None:
            await self.end(protocol.CLOSE_SIGN_IN)
            return
        message, stand = said
        await self.say(ack(message, frame["origin_id"]))
        if stand.ticket_id in self.reached and stand.session_id == self.stand.session_id:
            self.stand = stand
            return
        is_new = stand.ticket_id is not None and stand.ticket_id not in self.reached
        await self._follow(stand, after=message.seq - 1 if is_new else None)
        if is_new and stand.ticket_id is not None:
            # The group was joined after the first line was told: nothing said meanwhile is lost.
            await self.catch_up(stand.ticket_id)

    async def _write(self, frame: Frame) -> tuple[Message, visit.Stand] | None:
        files = frame.get("attachments") or []
        if not files:
            written = await writer.write(Asked(frame["body"], frame["origin_id"], token=self.token))
            if written is not None and written.stand is not None:
                return written.message, written.stand
        more = {"attachments": files} if files else {}
        return await in_thread(visit.say, self.token, frame["body"], frame["origin_id"], **more)

    async def on_typing(self, frame: Frame) -> None:
        ticket, now = self.stand.ticket_id, time.monotonic()
        if ticket is None or now - self._typed < TYPING_EVERY:
            return
        self._typed = now
        author = {"kind": "customer", "name": self.stand.name}
        live.send(tickets_live.agents(ticket), {"type": "typing", "ticket": ticket, "author": author})

    async def on_seen(self, frame: Frame) -> None:
        marked = await in_thread(visit.seen, self.token, frame["seq"])
        if marked is not None:
            ticket, seq = marked
            live.send(tickets_live.agents(ticket), {"type": "seen", "ticket": ticket, "seq": seq, "by": "customer"})
