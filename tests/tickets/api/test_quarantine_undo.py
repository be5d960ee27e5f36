"""A release is taken back: in time, while nobody has gone on with it, and then nothing of it is left to the outside."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from helpdesk import invariants
from helpdesk.events.models import Event
from helpdesk.jobs import outbox as jobs
from helpdesk.lib import clock
from helpdesk.people.models import Customer, User
from tests import factories
from tests.conftest import Api
from tests.tickets.channels.conftest import compose
from tickets import lifecycle
from tickets.channels import email_in, email_threads
from tickets.models import Attachment, Envelope, Mailbox, Message, Participant, Queue, RawMail, Ticket, TrustedSender

pytestmark = pytest.mark.django_db
LIST = "/api/v1/quarantine/"


@pytest.fixture
def mailbox(billing: Queue, settings: Any, tmp_path: Any) -> Mailbox:
    settings.MAIL_ROOT, settings.MEDIA_ROOT = tmp_path / "mail", tmp_path / "files"
    return Mailbox.objects.create(queue=billing, address="support@acme.example")


def hold(mailbox: Mailbox, raw: bytes) -> RawMail:
    return email_in.process(email_in.store(raw, mailbox)[0].pk)


@pytest.fixture
def news(mailbox: Mailbox) -> RawMail:
    return hold(mailbox, compose("Ten gadgets you need.", subject="News", list_id="<news.example>"))


def strangers_answer(mailbox: Mailbox, ticket: Ticket) -> RawMail:
    """A mail to the reply address of somebody else."""
    to = email_threads.reply_address(mailbox.address, ticket_id=ticket.pk, customer_id=ticket.requester_id)
    return hold(mailbox, compose("Let me in.", sender="eve@example.org", to=to, message_id="<eve@example.org>"))


def act(client: Any, row: RawMail, action: str, **body: Any) -> Any:
    return client.post(f"{LIST}{row.pk}/{action}/", body, format="json")


def test_what_a_release_opened_ends_and_the_mail_is_held_as_before(api: Api, alice: User, news: RawMail) -> None:
    client = api(alice)
    released = act(client, news, "release").json()
    assert released["can"] == ["take_back"]
    assert released["take_back_until"] is not None
    back = act(client, news, "take_back")
    assert (back.status_code, back.json()["outcome"], back.json()["reason"]) == (200, "quarantined", "list")
    assert (back.json()["ticket"], back.json()["seq"], back.json()["take_back_until"]) == (None, None, None)
    assert back.json()["can"] == ["release", "trust", "delete", "reparse"]
    assert [row["id"] for row in client.get(LIST).json()["results"]] == [news.pk]
    ticket, message = Ticket.objects.get(), Message.objects.get()
    assert (ticket.status, ticket.preview, ticket.waiting_since, ticket.last_public_seq) == ("closed", "", None, 0)
    assert (message.kind, message.body, message.terms, message.origin_id) == ("note", "", "", None)
    assert (message.seq, message.unsent_at is not None, Envelope.objects.count()) == (1, True, 0)
    jobs.drain()
    assert {name: rows for name, rows in invariants.violations().items() if rows} == {}


def test_taken_back_it_can_be_released_again(api: Api, alice: User, news: RawMail) -> None:
    client = api(alice)
    for _time in range(2):
        assert act(client, news, "release").json()["outcome"] == "ticket"
        assert act(client, news, "take_back").json()["outcome"] == "quarantined"
    last = act(client, news, "release").json()
    ticket = Ticket.objects.get(pk=int(last["ticket"]))
    assert (Ticket.objects.count(), ticket.status) == (3, "new")
    assert ticket.messages.get().body == "Ten gadgets you need."


def test_a_strangers_words_leave_the_conversation_they_were_let_into(
    api: Api, alice: User, dana: Customer, mailbox: Mailbox
) -> None:
    ticket = factories.make_ticket(dana, queue=mailbox.queue)
    factories.answer(ticket, alice, "Please wait.")
    lifecycle.set_status(ticket, "pending", by=alice.actor)
    row = strangers_answer(mailbox, ticket)
    client = api(alice)
    assert act(client, row, "release", trust=True).json()["outcome"] == "message"
    ticket.refresh_from_db()
    assert (ticket.status, ticket.preview) == ("open", "Let me in.")
    assert (Participant.objects.filter(customer__isnull=False).count(), TrustedSender.objects.count()) == (1, 1)
    assert act(client, row, "take_back").json()["reason"] == "not_a_participant"
    ticket.refresh_from_db()
    assert (ticket.status, ticket.preview, ticket.waiting_since) == ("pending", "Please wait.", None)
    assert [message.body for message in ticket.messages.public().order_by("seq")][1:] == ["Please wait."]
    assert (Participant.objects.filter(customer__isnull=False).count(), TrustedSender.objects.get().ended_at) != (
        1,
        None,
    )
    assert TrustedSender.objects.filter(ended_at__isnull=True).count() == 0
    again = strangers_answer(mailbox, ticket)
    assert (again.pk, again.outcome, again.ticket) == (row.pk, "quarantined", ticket)


def test_what_was_solved_is_solved_again_and_nobody_is_asked_twice(
    api: Api, alice: User, dana: Customer, mailbox: Mailbox
) -> None:
    ticket = factories.make_ticket(dana, queue=mailbox.queue)
    factories.answer(ticket, alice)
    solved = lifecycle.solve(ticket, by=alice.actor).solved_at
    row = strangers_answer(mailbox, ticket)
    act(api(alice), row, "release")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.solved_at) == ("open", None)
    act(api(alice), row, "take_back")
    ticket.refresh_from_db()
    assert ticket.status == "solved"
    assert solved is not None
    assert ticket.solved_at is not None
    assert abs(ticket.solved_at - solved) < timedelta(seconds=5)
    assert Event.objects.filter(name="ticket.solved").count() == 1


def test_a_trust_that_was_there_before_stays(api: Api, alice: User, news: RawMail) -> None:
    client = api(alice)
    client.post("/api/v1/trusted_senders/", {"address": "dana@example.com"}, format="json")
    act(client, news, "release", trust=True)
    act(client, news, "take_back")
    assert TrustedSender.objects.get().ended_at is None


@pytest.mark.parametrize("hindrance", ["customer", "agent", "note", "solved"])
def test_once_somebody_has_gone_on_it_stays(
    api: Api, alice: User, mailbox: Mailbox, news: RawMail, hindrance: str
) -> None:
    client = api(alice)
    ticket = Ticket.objects.get(pk=int(act(client, news, "release").json()["ticket"]))
    if hindrance == "customer":
        factories.write(ticket)
    elif hindrance == "solved":
        lifecycle.solve(ticket, by=alice.actor)
    else:
        factories.answer(ticket, alice, kind="note" if hindrance == "note" else "public")
    said = list(Message.objects.values_list("body", flat=True))
    refused = act(client, news, "take_back")
    assert (refused.status_code, refused.json()["code"]) == (409, "answered")
    news.refresh_from_db()
    assert (news.outcome, news.ticket, list(Message.objects.values_list("body", flat=True))) == ("ticket", ticket, said)


def test_too_late_is_too_late(api: Api, alice: User, news: RawMail) -> None:
    act(api(alice), news, "release")
    with time_machine.travel(clock.now() + timedelta(seconds=601)):
        assert api(alice).get(f"{LIST}{news.pk}/").json()["can"] == []
        assert act(api(alice), news, "take_back").json()["code"] == "too_late"
    assert Message.objects.get().body == "Ten gadgets you need."


def test_what_was_not_released_is_not_taken_back(api: Api, alice: User, mailbox: Mailbox, news: RawMail) -> None:
    assert act(api(alice), news, "take_back").json()["code"] == "settled"
    came_in = hold(mailbox, compose(message_id="<person@x>", sender="p@example.org"))
    assert came_in.outcome == "ticket"
    assert act(api(alice), came_in, "take_back").json()["code"] == "settled"
    assert Message.objects.get().unsent_at is None


@pytest.mark.parametrize(("name", "status"), [("rita", 403), ("charlie", 404), (None, 401)])
def test_others_take_nothing_back(
    api: Api,
    request: pytest.FixtureRequest,
    alice: User,
    rita: User,
    charlie: User,
    news: RawMail,
    name: Any,
    status: int,
) -> None:
    act(api(alice), news, "release")
    refused = act(api(request.getfixturevalue(name) if name else None), news, "take_back").status_code
    assert refused in ({401, 403} if status == 401 else {status})
    news.refresh_from_db()
    assert (news.outcome, Message.objects.get().unsent_at) == ("ticket", None)


def test_many_at_once(api: Api, alice: User, mailbox: Mailbox, news: RawMail) -> None:
    other = hold(mailbox, compose("More.", message_id="<2@x>", list_id="<news.example>"))
    act(api(alice), news, "release")
    answer = api(alice).post(f"{LIST}bulk/", {"ids": [news.pk, other.pk], "action": "take_back"}, format="json").json()
    assert [(one["id"], one["ok"], one["code"]) for one in answer["results"]] == [
        (news.pk, True, ""),
        (other.pk, False, "settled"),
    ]


def test_its_files_are_nobodys(api: Api, alice: User, mailbox: Mailbox) -> None:
    raw = (
        b"From: dana@example.com\r\nTo: support@acme.example\r\nSubject: List\r\nList-Id: <x.example>\r\nMessage-ID: <f@x>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n42"
    )
    row = hold(mailbox, raw)
    act(api(alice), row, "release")
    file = Attachment.objects.get()
    assert file.message is not None
    act(api(alice), row, "take_back")
    file.refresh_from_db()
    assert file.message is None


def test_the_customer_no_longer_sees_it(
    client: Client, api: Api, alice: User, dana: Customer, mailbox: Mailbox
) -> None:
    ticket = factories.make_ticket(dana, queue=mailbox.queue)
    row = strangers_answer(mailbox, ticket)
    act(api(alice), row, "release")
    act(api(alice), row, "take_back")
    shown = api(alice).get(f"/api/v1/tickets/{ticket.pk}/messages/").json()["results"]
    assert [(one["seq"], one["kind"], one["unsent_at"] is not None) for one in shown] == [
        (1, "public", False),
        (2, "note", True),
    ]
    assert "Let me in" not in str(shown)
