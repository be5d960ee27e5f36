"""Later mail to a request that goes on in another one finds its way, and finds it back when that is undone."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from helpdesk.people.models import Customer, User
from tests.tickets.channels.conftest import Pipe, compose
from tests.tickets.channels.test_mail_threads import ticket_of
from tests.tickets.portal.conftest import hidden
from tickets import merging
from tickets.channels import email_out, email_threads
from tickets.conversation import Line, reply
from tickets.models import Mailbox, Message, Queue, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(pipe: Pipe, mailbox: Mailbox) -> list[Ticket]:
    """Three requests by mail of one person."""
    return [ticket_of(pipe(compose(f"Request {number}.", message_id=f"<{number}@example.com>"))) for number in range(3)]


def goes_to(pipe: Pipe, number: int, **headers: str) -> str:
    """Where an answer ends up."""
    return str(pipe(compose("Later.", message_id=f"<later{number}@example.com>", **headers))["ticket"])


def test_an_answer_to_his_own_mail_arrives_where_it_goes_on(pipe: Pipe, three: list[Ticket], alice: User) -> None:
    first, second, third = three
    merging.merge(second, first, by=alice)
    assert goes_to(pipe, 1, in_reply_to="<1@example.com>") == first.number
    merging.merge(first, third, by=alice)
    assert goes_to(pipe, 2, in_reply_to="<1@example.com>") == third.number
    assert (second.messages.count(), first.messages.count()) == (1, 3)


def test_an_answer_to_our_mail_arrives_where_it_goes_on(
    pipe: Pipe, three: list[Ticket], alice: User, settings: Settings
) -> None:
    settings.UNSEND_SECONDS = 0
    first, second, _third = three
    message, _new = reply(second, Line(body="We look into it.", channel="email"), by=alice)
    sent = message.deliveries.get().header_id
    merging.merge(second, first, by=alice)
    assert goes_to(pipe, 1, in_reply_to=sent) == first.number
    to = email_threads.reply_address("support@acme.example", ticket_id=second.pk, customer_id=second.requester_id)
    assert goes_to(pipe, 2, to=to) == first.number
    assert email_out.recipient(first) == "dana@example.com"


def test_after_the_merge_was_undone_mail_arrives_as_before(pipe: Pipe, three: list[Ticket], alice: User) -> None:
    first, second, _third = three
    merging.merge(second, first, by=alice)
    merging.undo(second, by=alice)
    assert goes_to(pipe, 1, in_reply_to="<1@example.com>") == second.number
    assert goes_to(pipe, 2, in_reply_to="<0@example.com>") == first.number


def test_the_same_mail_again_is_known_in_both(pipe: Pipe, three: list[Ticket], alice: User) -> None:
    first, second, _third = three
    merging.merge(second, first, by=alice)
    again = pipe(b"X-Hop: 2\r\n" + compose("Request 1.", message_id="<1@example.com>"))
    assert (again["outcome"], Message.objects.filter(ticket=first).count()) == ("duplicate", 2)


# --- my requests -----------------------------------------------------------------------------------------------------
def signed_in(customer: Customer) -> Client:
    from helpdesk.people import tokens

    client = Client()
    assert client.post(f"/en/my/login/{tokens.issue(tokens.LOGIN, customer, 'dana@example.com')}/").status_code == 302
    return client


def test_his_page_leads_to_where_it_goes_on_and_so_do_his_words(three: list[Ticket], alice: User) -> None:
    first, second, _third = three
    merging.merge(second, first, by=alice)
    browser = signed_in(second.requester)
    page = browser.get(f"/en/my/{second.pk}/").content.decode()
    assert f"This request goes on as no. {first.number}." in page
    assert "Request 1." in page
    given = {"body": "By the page.", "origin_id": hidden(page, "origin_id")}
    answer = browser.post(f"/en/my/{second.pk}/reply/", given)
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"/en/my/{first.pk}/")
    assert Ticket.objects.count() == 3


def test_another_person_reads_his_own_words_and_nothing_of_the_other(
    three: list[Ticket], eric: Customer, alice: User, technical: Queue
) -> None:
    """Somebody agreed that both may read it; the page of the one that ends shows no more than before all the same."""
    first, second, _third = three
    Ticket.objects.filter(pk=first.pk).update(requester=eric)
    first.refresh_from_db()
    merging.merge(second, first, by=alice, is_agreed=True)
    browser = signed_in(second.requester)
    page = browser.get(f"/en/my/{second.pk}/").content.decode()
    assert ("Request 1." in page, "Request 0." in page, "goes on as" in page) == (True, False, False)
    assert browser.get(f"/en/my/{first.pk}/").status_code == 404
    given = {"body": "Still mine?", "origin_id": hidden(page, "origin_id")}
    answer = browser.post(f"/en/my/{second.pk}/reply/", given)
    opened = Ticket.objects.order_by("pk").last()
    assert opened is not None
    assert (opened.follows, answer["Location"].startswith(f"/en/my/{opened.pk}/")) == (second, True)
