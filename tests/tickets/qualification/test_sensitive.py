"""What should not lie around is found, and cards are never shown whole."""

from datetime import timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock
from helpdesk.people.models import Customer, User
from tests.conftest import Api
from tests.factories import answer, make_ticket
from tickets import routing
from tickets.channels import email_in
from tickets.models import Mailbox, Message, Queue, Ticket
from tickets.qualification import sensitive


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("my card 4111 1111 1111 1111 ok", [("card", "4111 1111 1111 1111")]),
        (
            "4111-1111-1111-1111, 5500.0000.0000.0004",
            [("card", "4111-1111-1111-1111"), ("card", "5500.0000.0000.0004")],
        ),
        ("amex 3782 822463 10005.", [("card", "3782 822463 10005")]),
        ("4111 1111 1111 1111 12/27 123", [("card", "4111 1111 1111 1111")]),
        ("0612345678 4111111111111111", [("card", "4111111111111111")]),
        ("4111 1111 1111 1112", []),
        ("order 2024110512345678", []),
        ("0000 0000 0000 0000", []),
        ("tel 06 12 34 56 78 et 0033 6 12 34 56 78", []),
        ("IBAN FR76 3000 6000 0112 3456 7890 189 merci", [("iban", "FR76 3000 6000 0112 3456 7890 189")]),
        ("IBAN FR76 3000 6000 0112 3456 7890 188", []),
        (
            "4111 1111 1111 1111 FR76 3000 6000 0112 3456 7890 189 merci",
            [("card", "4111 1111 1111 1111"), ("iban", "FR76 3000 6000 0112 3456 7890 189")],
        ),
        ("gb82west12345698765432", [("iban", "gb82west12345698765432")]),
        ("key AKIAIOSFODNN7EXAMPLE here", [("key", "AKIAIOSFODNN7EXAMPLE")]),
        ("mon mot de passe est : Tr0ub4dor", [("key", "Tr0ub4dor")]),
        ("I forgot my password and cannot log in", []),
        ("la photo de ma carte d'identité œuvre", [("identity", "carte d'identité")]),
        ("Œuvre : mon passeport", [("identity", "passeport")]),
        ("I am diabetic, here is the prescription", [("health", "diabetic"), ("health", "prescription")]),
        ("nothing of that kind", []),
    ],
)
def test_what_is_sensitive_is_found_where_it_stands(text: str, found: list[tuple[str, str]]) -> None:
    assert [(one.kind, text[one.start : one.end]) for one in sensitive.find(text)] == found


@given(st.text(alphabet="0123456789 .-abFR\u00a0é€", max_size=200))
def test_masking_never_changes_the_length_and_never_fails(text: str) -> None:
    found = sensitive.find(text)
    masked = sensitive.mask(text, found)
    assert len(masked) == len(text)
    assert all(one.kind != "card" for one in sensitive.find(masked) if "•" in masked[one.start : one.end])


def test_html_that_hides_a_card_between_tags_is_not_shown() -> None:
    body = "card 4111 1111 1111 1111"
    marks = sensitive.marks(body)
    assert sensitive.mask_html("<p>card 4111&nbsp;1111 1111 1111</p>", body, marks) == (
        "<p>card ••••&nbsp;•••• •••• 1111</p>"
    )
    assert sensitive.mask_html("<p>card 4111 <b>1111</b> 1111 1111</p>", body, marks) == ""


@pytest.fixture
def told(billing: Queue, technical: Queue, dana: Customer) -> Message:
    """A message that holds a card number."""
    body = "Please charge 4111 1111 1111 1111 for my bike."
    ticket = make_ticket(dana, queue=billing, subject="Card 5500000000000004", body=body)
    return ticket.messages.get(seq=1)


def test_screens_get_the_masked_text_and_the_database_the_whole(api: Api, alice: User, told: Message) -> None:
    answer = api(alice).get(f"/api/v1/tickets/{told.ticket_id}/messages/").json()["results"][0]
    assert answer["body"] == "Please charge •••• •••• •••• 1111 for my bike."
    assert answer["sensitive"] == [{"kind": "card", "start": 14, "end": 33}]
    ticket = api(alice).get(f"/api/v1/tickets/{told.ticket_id}/").json()
    assert ticket["preview"] == "Please charge •••• •••• •••• 1111 for my bike."
    assert ticket["subject"] == "Card ••••••••••••0004"
    assert told.body == "Please charge 4111 1111 1111 1111 for my bike."


def test_the_ticket_is_found_by_its_words_and_not_by_the_card(api: Api, alice: User, told: Message) -> None:
    found = api(alice).get("/api/v1/tickets/", {"q": "bike charge"}).json()["results"]
    assert [ticket["id"] for ticket in found] == [told.ticket_id]
    assert api(alice).get("/api/v1/tickets/", {"q": "4111"}).json()["results"] == []


def test_only_who_may_reveal_reads_it_and_that_is_kept(api: Api, alice: User, bob: User, told: Message) -> None:
    url = f"/api/v1/tickets/{told.ticket_id}/messages/1/reveal/"
    assert api(alice).post(url).status_code == 403
    assert not Event.objects.filter(name="message.revealed").exists()
    assert api(bob).post(url).json() == {"body": told.body, "html": ""}
    event = Event.objects.get(name="message.revealed")
    assert (event.subject_id, event.actor_id, event.data) == (told.ticket_id, bob.pk, {"seq": 1})


def test_a_card_leaves_by_no_mail_and_only_supervisors_open_the_original(
    api: Api, alice: User, bob: User, billing: Queue, technical: Queue, mailoutbox: list[EmailMessage]
) -> None:
    Mailbox.objects.create(address="help@desk.example", name="Help", queue=billing)
    raw = (
        b"From: Dana <dana@example.com>\r\nTo: help@desk.example\r\nSubject: My card\r\nMessage-ID: <a@example.com>\r\n"
        b"\r\nPlease charge 4111 1111 1111 1111 for it.\r\n"
    )
    kept, _is_new = email_in.store(raw, Mailbox.objects.get())
    email_in.process(kept.pk)
    ticket = Ticket.objects.get()
    url = f"/api/v1/tickets/{ticket.pk}/messages/"
    assert api(alice).get(f"{url}1/whole/").json()["text"] == "Please charge •••• •••• •••• 1111 for it."
    assert api(alice).get(f"{url}1/raw/").status_code == 403
    assert api(bob).get(f"{url}1/raw/").status_code == 200
    assert api(alice).get(f"/api/v1/tickets/{ticket.pk}/routing/").json()["text"].endswith("•••• 1111 for it.")
    answer(ticket, alice, "You mean 4111 1111 1111 1111, do you?")
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        outbox.drain()
    bodies = [str(mail.body) for mail in mailoutbox]
    assert any("You mean •••• •••• •••• 1111, do you?" in body for body in bodies)
    assert not any("4111 1111 1111 1111" in body for body in bodies)


def test_a_rule_that_met_a_card_tells_it_masked(
    api: Api, alice: User, bob: User, billing: Queue, technical: Queue, dana: Customer
) -> None:
    digits = {"field": "text", "op": "regex", "value": r"\d[\d ]{14,}\d"}
    routing.create_rule(by=bob, name="Cards", conditions={"all": [digits]}, actions={"queue": "billing"})
    ticket = make_ticket(dana, subject="My card", body="Please charge 4111 1111 1111 1111 for my bike.")
    assert ticket.queue == billing
    told = api(alice).get(f"/api/v1/tickets/{ticket.pk}/routing/")
    assert [found["text"] for found in told.json()["matched"]] == ["•••• •••• •••• 1111"]
    shown = api(alice).get(f"/api/v1/tickets/{ticket.pk}/").content + told.content
    assert b"4111" not in shown
