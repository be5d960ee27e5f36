"""Lines that are said at the same moment: written together, each as if it came alone."""

import asyncio
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import lines, sessions, writer
from chat.lines import Asked
from chat.models import Session, Site
from chat.sessions import Opened, Visit
from helpdesk.events.models import Event
from helpdesk.jobs.models import Job
from helpdesk.people.models import User
from tests import factories
from tickets import access
from tickets.models import Message, Participant, Queue, ReadMark, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def talks(shop: Site, charlie: User) -> list[Opened]:
    """Three visitors in a chat with charlie."""
    opened = [sessions.open(shop, Visit(language="en")) for _ in range(3)]
    for one in opened:
        said = sessions.say(one.session, "Hello", origin_id=str(uuid.uuid4()))
        sessions.accept(said.session.pk, by=charlie)
    return opened


def visitor(one: Opened, body: str, origin_id: str = "") -> Asked:
    return Asked(body, origin_id or str(uuid.uuid4()), token=one.keys.token)


def ticket_of(one: Opened) -> Ticket:
    return Session.objects.select_related("ticket").get(pk=one.session.pk).ticket  # type: ignore[return-value]


def agent(user: User, one: Opened, body: str, kind: str = "public") -> Asked:
    return Asked(body, str(uuid.uuid4()), user_id=user.pk, ticket_id=ticket_of(one).pk, kind=kind)


def said(ticket: Ticket) -> list[tuple[int, str, str]]:
    return list(ticket.messages.order_by("seq").values_list("seq", "kind", "body"))


def test_visitors_and_agents_lines_are_written_in_the_order_in_which_they_came(
    talks: list[Opened], charlie: User
) -> None:
    one, two, three = talks
    Job.objects.all().delete()
    asked = [
        visitor(one, "It squeaks"), agent(charlie, one, "Oil the chain"), agent(charlie, one, "CANARY", "note"),
        visitor(two, "Where is it?"), visitor(one, "Thank you"),
    ]  # fmt: skip
    written = lines.write(asked)
    assert [line.message.seq for line in written if line] == [2, 3, 4, 2, 5]
    ticket = ticket_of(one)
    assert said(ticket)[1:] == [
        (2, "public", "It squeaks"), (3, "public", "Oil the chain"), (4, "note", "CANARY"), (5, "public", "Thank you"),
    ]  # fmt: skip
    assert (ticket.last_seq, ticket.last_public_seq, ticket.customer_seen_seq) == (5, 5, 5)
    assert (ticket.preview, ticket.status) == ("Thank you", "open")
    last = Message.objects.get(ticket=ticket, seq=5)
    assert (ticket.last_message_at, ticket.waiting_since) == (last.created_at, last.created_at)
    assert last.terms
    assert said(ticket_of(three)) == [(1, "public", "Hello")]
    events = Event.objects.filter(name="message.posted", subject_id=ticket.pk).order_by("pk")
    assert [event.data["prev_public"] for event in events] == [0, 1, 2, 3, 3]
    assert ReadMark.objects.get(user=charlie, ticket=ticket).seq == 4
    # He talks with them: nobody need ask whether he is away
    assert not Job.objects.filter(task__endswith="after_reply").exists()


def test_what_is_not_plain_is_left_and_nothing_of_it_is_written(
    talks: list[Opened], shop: Site, charlie: User, alice: User, rita: User
) -> None:
    one, two, three = talks
    fresh = sessions.open(shop, Visit(language="en"))
    sessions.end(Session.objects.get(pk=three.session.pk), by=charlie.actor)
    twice = visitor(one, "Said once", "same-id")
    asked = [
        visitor(fresh, "My first words"), visitor(three, "After the end"), visitor(one, "   "),
        Asked("A stranger", "x", token="unknown"), agent(alice, one, "Of another team"), agent(rita, one, "A reader"),
        agent(charlie, three, "To nobody"), Asked("No such ticket", "y", user_id=charlie.pk, ticket_id=10**9),
        twice, twice, visitor(two, "Plain"),
    ]  # fmt: skip
    written = lines.write(asked)
    assert [line is not None for line in written] == [False] * 8 + [True, False, True]
    assert lines.write([twice]) == [None], "said before"
    assert [body for _seq, _kind, body in said(ticket_of(one))] == ["Hello", "Said once"]
    assert [body for _seq, _kind, body in said(ticket_of(two))] == ["Hello", "Plain"]
    assert Message.objects.count() == 5


def test_a_batch_costs_no_more_statements_than_a_few_lines(talks: list[Opened], charlie: User) -> None:
    def count(asked: list[Asked]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert all(lines.write(asked))
        return len(queries)

    few = count([visitor(talks[0], "a"), agent(charlie, talks[0], "b")])
    many = count([line for _ in range(10) for one in talks for line in (visitor(one, "a"), agent(charlie, one, "b"))])
    assert many <= few + 2


async def test_the_writer_answers_each_and_one_bad_line_spoils_no_other(
    talks: list[Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = await asyncio.gather(*(writer.writer.write(visitor(one, f"line {n}")) for n in range(5) for one in talks))
    assert all(written)
    real = lines.write

    def fail(asked: list[Asked]) -> list[lines.Written | None]:
        if any(line.body == "bad" for line in asked):
            raise RuntimeError("the database went away")
        return real(asked)

    monkeypatch.setattr(lines, "write", fail)
    assert await writer.writer.write(visitor(talks[0], "bad")) is None
    assert (await writer.writer.write(visitor(talks[0], "good"))) is not None


def test_seen_by_says_of_each_what_visible_to_says(
    charlie: User, alice: User, bob: User, rita: User, ada: User, technical: Queue, billing: Queue
) -> None:
    rows = [factories.make_ticket(queue=technical), factories.make_ticket(queue=billing)]
    rows.append(factories.make_ticket(queue=billing))
    Ticket.objects.filter(pk=rows[1].pk).update(assignee=charlie)
    Participant.objects.create(ticket=rows[2], user=charlie, kind="follower")
    rows = list(Ticket.objects.filter(pk__in=[row.pk for row in rows]))
    gone = User.objects.create_user("gone@example.com", name="Gone", is_active=False)
    users = [charlie, alice, bob, rita, ada, gone]
    expected = {(user.pk, row.pk) for user in users for row in Ticket.objects.visible_to(user)}
    assert access.seen_by(users, rows) == expected
    assert access.seen_by([], rows) == access.seen_by(users, []) == set()
