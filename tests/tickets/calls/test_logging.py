"""A call becomes a line of a ticket: once, and what it says stays true however late the telephone system tells the rest."""

import itertools
from typing import Any

import pytest

from helpdesk.lib import errors
from helpdesk.people import customers
from helpdesk.people.models import Customer, Identity, User
from tests.conftest import Api
from tests.factories import make_ticket
from tests.tickets.calls.conftest import NUMBER, Telephone, after, claims, only
from tests.tickets.calls.test_taking import EVENTS
from tickets import conversation
from tickets.channels import phone_log
from tickets.models import Call, Delivery, Message, Queue, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(billing: Queue, dana: Customer) -> Ticket:
    return make_ticket(dana, queue=billing)


def lines(ticket: Ticket) -> list[Message]:
    return list(ticket.messages.filter(channel="phone"))


def test_the_line_says_the_same_whenever_it_was_written(
    telephone: Telephone, desks: None, alice: User, billing: Queue, dana: Customer
) -> None:
    """The agent's word stands at every place among the events, in every order of them."""
    found = set()
    for number, order in enumerate(itertools.permutations(("newCall", "answer", "hangup", "the agent"))):
        if order[0] == "the agent":
            continue
        ticket, key = make_ticket(dana, queue=billing), f"c{number}"
        for event in order:
            if event == "the agent":
                phone_log.put_on(Call.objects.get(key=key).pk, ticket, by=bob_like(alice))
            else:
                telephone.tell(event, key, **EVENTS[event])
        [line] = lines(ticket)
        found.add(line.body)
    assert found == {"Phone call from +33 6 12 34 56 78 · with Alice Martin · 2 min 00 s"}


def bob_like(user: User) -> User:
    """Whoever asks sees all calls: what is tested is the order, not the sight."""
    user.role = User.Role.ADMIN
    return user


def test_it_is_the_answer_the_customer_waited_for_and_no_mail_leaves(
    telephone: Telephone, desks: None, alice: User, ticket: Ticket
) -> None:
    assert ticket.waiting_since is not None
    for event in ("newCall", "answer", "hangup"):
        telephone.tell(event, **EVENTS[event])
    call = phone_log.put_on(only().pk, ticket, by=alice)
    ticket = Ticket.objects.filter(pk=ticket.pk)[0]
    [line] = lines(ticket)
    assert (line.kind, line.author_user, line.origin_by, line.origin_id) == ("public", alice, "call", str(call.pk))
    assert (ticket.waiting_since, ticket.status, ticket.assignee) == (None, "open", alice)
    assert (call.ticket, call.message, call.customer, call.settled_by) == (ticket, line, ticket.requester, alice)
    assert not Delivery.objects.exists()


def test_a_missed_call_leaves_the_customer_waiting(
    telephone: Telephone, desks: None, alice: User, ticket: Ticket
) -> None:
    telephone.rings()
    telephone.tell("missed")
    phone_log.put_on(only().pk, ticket, by=alice)
    [line] = lines(ticket)
    ticket.refresh_from_db()
    assert line.body == "Missed call from +33 6 12 34 56 78"
    assert (line.author_customer, ticket.waiting_since is not None) == (ticket.requester, True)


def test_in_the_language_of_the_ticket(
    telephone: Telephone, desks: None, alice: User, billing: Queue, eric: Customer
) -> None:
    ticket = make_ticket(
        eric, queue=billing, subject="Ma facture", body="Bonjour, ma facture est fausse.", language="fr"
    )
    for event in ("newCall", "answer", "hangup"):
        telephone.tell(event, **EVENTS[event])
    phone_log.put_on(only().pk, ticket, by=alice)
    assert lines(ticket)[0].body == "Appel téléphonique du +33 6 12 34 56 78 · avec Alice Martin · 2 min 00 s"


def test_a_withheld_number_is_named_as_such(telephone: Telephone, desks: None, alice: User, ticket: Ticket) -> None:
    telephone.rings(by="")
    phone_log.put_on(only().pk, ticket, by=alice)
    assert lines(ticket)[0].body == "Phone call from a withheld number"


def test_doing_it_again_changes_nothing_and_elsewhere_is_refused(
    telephone: Telephone, desks: None, alice: User, ticket: Ticket, billing: Queue
) -> None:
    other = make_ticket(queue=billing)
    telephone.rings()
    phone_log.put_on(only().pk, ticket, by=alice)
    phone_log.put_on(only().pk, ticket, by=alice)
    with pytest.raises(errors.Conflict) as refused:
        phone_log.put_on(only().pk, other, by=alice)
    assert refused.value.code == "logged"
    assert (len(lines(ticket)), lines(other), only().ticket) == (1, [], ticket)


def test_from_then_on_the_number_is_one_that_the_customer_claims(
    telephone: Telephone, desks: None, alice: User, ticket: Ticket
) -> None:
    telephone.rings()
    phone_log.put_on(only().pk, ticket, by=alice)
    identity = Identity.objects.get(kind="phone")
    assert (identity.customer, identity.value, identity.verified_at) == (ticket.requester, NUMBER, None)


def test_what_was_redacted_stays_so(telephone: Telephone, desks: None, alice: User, ticket: Ticket) -> None:
    telephone.rings()
    call = phone_log.put_on(only().pk, ticket, by=alice)
    assert call.message
    conversation.redact(call.message, by=alice)
    telephone.tell("answer")
    assert lines(ticket)[0].body == ""


def test_his_calls_follow_a_customer_who_is_merged(
    telephone: Telephone, desks: None, alice: User, ticket: Ticket, eric: Customer, api: Api
) -> None:
    telephone.rings()
    phone_log.put_on(only().pk, ticket, by=alice)
    entries = api(alice).get(f"/api/v1/customers/{ticket.requester_id}/timeline/").json()["results"]
    [entry] = [entry for entry in entries if entry["kind"] == "call"]
    assert (entry["title"], entry["ticket"], entry["channel"]) == (
        "Phone call from +33 6 12 34 56 78", ticket.pk, "phone"
    )  # fmt: skip


# --- over the API ----------------------------------------------------------------------------------------------------
def test_a_new_ticket_takes_its_call_along(
    telephone: Telephone, desks: None, api: Api, alice: User, billing: Queue
) -> None:
    telephone.rings()
    body: dict[str, Any] = {
        "subject": "Late parcel", "body": "It has not come.", "channel": "phone", "queue": "billing",
        "requester": {"name": "Léa", "phone": NUMBER}, "call": only().pk,
        "origin_id": "7d1c2f3e-0000-4000-8000-000000000001",
    }  # fmt: skip
    made = api(alice).post("/api/v1/tickets/", body)
    again = api(alice).post("/api/v1/tickets/", body)
    assert (made.status_code, again.status_code, made.json()["id"]) == (201, 200, again.json()["id"])
    ticket = Ticket.objects.get()
    assert [message.body for message in ticket.messages.order_by("seq")] == [
        "It has not come.",
        "Phone call from +33 6 12 34 56 78",
    ]
    assert only().ticket == ticket


def test_a_ticket_for_a_call_that_is_not_ones_own_is_not_made(
    telephone: Telephone, desks: None, api: Api, charlie: User, technical: Queue
) -> None:
    telephone.rings()
    body = {"subject": "x", "body": "y", "channel": "phone", "requester": {"name": "Léa"}, "call": only().pk}
    assert api(charlie).post("/api/v1/tickets/", body).status_code == 404
    assert (Ticket.objects.count(), only().ticket) == (0, None)


def test_only_who_sees_both_puts_a_call_on_a_ticket(
    telephone: Telephone,
    desks: None,
    api: Api,
    alice: User,
    charlie: User,
    rita: User,
    ticket: Ticket,
    technical: Queue,
) -> None:
    telephone.rings()
    url = f"/api/v1/calls/{only().pk}/"
    theirs = make_ticket(queue=technical)
    assert api(charlie).patch(url, {"ticket": ticket.pk}).status_code == 404
    assert api(rita).patch(url, {"ticket": ticket.pk}).status_code == 403
    assert api(None).patch(url, {"ticket": ticket.pk}).status_code == 401
    assert api(alice).patch(url, {"ticket": theirs.pk}).status_code == 404
    assert (only().ticket, lines(ticket), lines(theirs)) == (None, [], [])
    answer = api(alice).patch(url, {"ticket": ticket.pk})
    assert (answer.status_code, answer.json()["ticket"]["id"]) == (200, ticket.pk)


def test_a_missed_call_is_looked_after_and_may_be_taken_back(
    telephone: Telephone, desks: None, api: Api, alice: User
) -> None:
    telephone.rings()
    telephone.tell("hangup", cause="noAnswer")
    url = f"/api/v1/calls/{only().pk}/"
    assert api(alice).get("/api/v1/calls/now/").json()["missed"] == 1
    assert api(alice).patch(url, {"settled": True}).json()["settled"] is True
    assert api(alice).get("/api/v1/calls/now/").json()["missed"] == 0
    api(alice).patch(url, {"settled": False})
    assert only().settled_at is None


def test_claimed_numbers_are_choices(telephone: Telephone, desks: None, api: Api, alice: User, dana: Customer) -> None:
    twin = customers.create(customers.Who(name="Dan", email="dan@example.com"))
    claims(dana)
    claims(twin)
    telephone.rings()
    [card] = api(alice).get("/api/v1/calls/now/").json()["results"]
    assert (card["is_known"], [person["name"] for person in card["people"]]) == (False, ["Dana Dupont", "Dan"])
    assert after(0) < card["started_at"]
