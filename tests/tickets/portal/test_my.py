"""My requests: a link signs in, one sees one's own, notes and others' requests do not exist."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock
from helpdesk.people import customers, tokens
from helpdesk.people.models import Customer, Identity, LoginToken, User
from tests.factories import answer, make_ticket
from tests.tickets.portal.conftest import SignIn, hidden
from tickets import attachments, conversation, lifecycle
from tickets.conversation import Line
from tickets.models import Message, Queue, Ticket

LOGIN = "/en/my/login/"


@pytest.fixture
def ticket(technical: Queue, billing: Queue, alice: User, dana: Customer) -> Ticket:
    """Asked by dana, noted on and answered by alice."""
    made = make_ticket(dana, queue=billing)
    answer(made, alice, "CANARY-NOTE between us", kind="note")
    answer(made, alice, "I am looking into it.")
    return made


def mailed_link(mails: list[Any]) -> str:
    [mail] = mails
    found = re.search(r"http\S+?(/(?:en|fr)/my/login/\S+)", mail.body)
    assert found is not None
    return found.group(1)


def test_a_link_is_mailed_and_signs_in_by_a_press(
    ticket: Ticket, dana: Customer, client: Client, mailoutbox: list[Any]
) -> None:
    asked = client.post("/fr/my/login/", {"email": " Dana@example.com "})
    assert (asked.status_code, asked["Location"]) == (302, "/fr/my/login/?sent=1")
    outbox.drain()
    link = mailed_link([mail for mail in mailoutbox if "/my/login/" in mail.body])
    assert link.startswith("/fr/")
    before = client.session.session_key
    for _ in range(3):  # mail scanners follow links
        assert client.get(link).status_code == 200
    assert client.get("/en/my/").status_code == 302
    pressed = client.post(link)
    assert (pressed.status_code, pressed["Location"]) == (302, "/fr/my/")
    assert client.session["customer_id"] == dana.pk
    assert client.session.session_key != before
    assert client.get("/en/my/").status_code == 200


def test_a_link_works_once_and_for_half_an_hour(ticket: Ticket, dana: Customer, client: Client) -> None:
    used = tokens.issue(tokens.LOGIN, dana, "dana@example.com")
    assert client.post(f"{LOGIN}{used}/").status_code == 302
    old = tokens.issue(tokens.LOGIN, dana, "dana@example.com")
    LoginToken.objects.filter(used_at=None).update(expires_at=clock.now() - timedelta(seconds=1))
    proof = tokens.issue(tokens.PROVE, dana, "dana@example.com")
    for token in (used, old, proof, used.upper(), "None", "x"):
        stranger = Client()
        for response in (stranger.get(f"{LOGIN}{token}/"), stranger.post(f"{LOGIN}{token}/")):
            assert (response.status_code, response["Referrer-Policy"]) == (404, "same-origin"), token
        assert "customer_id" not in stranger.session


def test_the_answer_is_the_same_for_an_address_nobody_has(
    ticket: Ticket, mailoutbox: list[Any], django_assert_num_queries: Callable[[int], Any]
) -> None:
    mailoutbox.clear()
    answers = []
    for email in ("dana@example.com", "nobody@example.com"):
        browser = Client()
        with django_assert_num_queries(4):  # look and write a job in a transaction, known or not
            answers.append(browser.post(LOGIN, {"email": email}, follow=False))
        assert Job.objects.filter(task="tickets.portal.links.mail_link").count() == len(answers)
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/en/my/login/?sent=1")}
    outbox.drain()
    assert [mail.to for mail in mailoutbox if "/my/login/" in mail.body] == [["dana@example.com"]]
    assert LoginToken.objects.count() == 1


def test_one_address_gets_at_most_five_links_an_hour(ticket: Ticket, mailoutbox: list[Any], client: Client) -> None:
    mailoutbox.clear()
    for _ in range(8):
        assert client.post(LOGIN, {"email": "dana@example.com"})["Location"] == "/en/my/login/?sent=1"
    outbox.drain()
    assert LoginToken.objects.count() == 5


def test_too_many_attempts_from_one_place_are_slowed(ticket: Ticket, client: Client, settings: Settings) -> None:
    settings.RATE_PUBLIC_PER_MINUTE = 1
    client.post(LOGIN, {"email": "a@example.com"})
    slowed = client.post(LOGIN, {"email": "dana@example.com"})
    assert slowed.status_code == 429
    assert 'value="dana@example.com"' in slowed.content.decode()


def test_a_visitor_of_the_widget_is_never_found_by_an_address_he_typed(
    db: None, client: Client, mailoutbox: list[Any]
) -> None:
    customers.create(customers.Who(email="victim@example.com"), is_visitor=True)
    client.post(LOGIN, {"email": "victim@example.com"})
    outbox.drain()
    assert mailoutbox == []


def test_signing_in_proves_the_address(technical: Queue, eric: Customer, sign_in: SignIn) -> None:
    sign_in(eric)
    assert Identity.objects.get(customer=eric).verified_at is not None


def test_the_follow_link_leads_back_to_the_request_after_signing_in(
    ticket: Ticket, client: Client, mailoutbox: list[Any]
) -> None:
    asked = client.get(f"/en/my/{ticket.pk}/")
    assert asked["Location"] == f"/en/my/login/?request={ticket.pk}"
    assert hidden(client.get(asked["Location"]).content.decode(), "request") == str(ticket.pk)
    client.post(LOGIN, {"email": "dana@example.com", "request": ticket.pk})
    mailoutbox.clear()
    outbox.drain()
    link = mailed_link([mail for mail in mailoutbox if "/my/login/" in mail.body])
    assert hidden(client.get(link).content.decode(), "request") == str(ticket.pk)
    assert client.post(link, {"request": ticket.pk})["Location"] == f"/en/my/{ticket.pk}/"
    assert client.post("/en/my/login/x/", {"request": "//evil.example"}).status_code == 404


def test_the_list_shows_own_requests_in_plain_words_with_what_is_new(
    ticket: Ticket, dana: Customer, eric: Customer, alice: User, sign_in: SignIn
) -> None:
    foreign = make_ticket(eric, subject="CANARY-FOREIGN")
    spam = make_ticket(dana, subject="CANARY-SPAM")
    lifecycle.set_status(spam, "spam", by=alice.actor)
    answer(ticket, alice, "And now it is done.")
    html = sign_in(dana).get("/en/my/").content.decode()
    assert "2 new" in html
    assert '<span data-status="open">In progress</span>' in html
    assert f'href="/en/my/{ticket.pk}/"' in html
    assert str(foreign.pk) not in re.findall(r"/en/my/(\d+)/", html)
    for canary in ("CANARY-FOREIGN", "CANARY-SPAM", "CANARY-NOTE"):
        assert canary not in html


@pytest.mark.parametrize(
    ("status", "code", "english", "french"),
    [
        ("open", "open", "In progress", "En cours"),
        ("pending", "pending", "Waiting for you", "En attente de votre réponse"),
        ("hold", "open", "In progress", "En cours"),
        ("solved", "solved", "Solved", "Résolue"),
        ("closed", "solved", "Solved", "Résolue"),
    ],
)
def test_statuses_are_told_in_words_for_customers(
    ticket: Ticket, dana: Customer, alice: User, sign_in: SignIn, status: str, code: str, english: str, french: str
) -> None:
    if ticket.status != status:
        lifecycle.set_status(ticket, status, by=alice.actor)
    browser = sign_in(dana)
    for language, word in (("en", english), ("fr", french)):
        for path in ("/my/", f"/my/{ticket.pk}/"):
            assert f'data-status="{code}">{word}</span>' in browser.get(f"/{language}{path}").content.decode()


def test_a_new_request_is_received(technical: Queue, dana: Customer, sign_in: SignIn) -> None:
    make_ticket(dana)
    assert 'data-status="new">Received</span>' in sign_in(dana).get("/en/my/").content.decode()


def test_the_thread_shows_public_words_only_and_marks_them_seen(
    ticket: Ticket, dana: Customer, sign_in: SignIn
) -> None:
    browser = sign_in(dana)
    html = browser.get(f"/en/my/{ticket.pk}/").content.decode()
    assert re.findall(r'data-seq="(\d+)" data-author="(\w+)"', html) == [("1", "customer"), ("3", "agent")]
    assert "Alice Martin" in html
    assert "CANARY-NOTE" not in html
    assert "<b data-unread>new</b>" in html
    ticket.refresh_from_db()
    assert ticket.customer_seen_seq == 3
    assert "data-unread" not in browser.get(f"/en/my/{ticket.pk}/").content.decode()


def test_what_was_written_is_text_and_never_markup(
    ticket: Ticket, dana: Customer, alice: User, sign_in: SignIn
) -> None:
    answer(ticket, alice, "<script>alert(1)</script> see https://example.com/?a=1&b=2")
    html = sign_in(dana).get(f"/en/my/{ticket.pk}/").content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert 'href="https://example.com/?a=1&amp;b=2" rel="nofollow"' in html


@pytest.mark.parametrize("path", ["{}/", "{}/reply/", "{}/solve/"])
def test_requests_of_others_do_not_exist(ticket: Ticket, eric: Customer, sign_in: SignIn, path: str) -> None:
    browser, before = sign_in(eric), Message.objects.count()
    for number in (str(ticket.pk), "999999", "9" * 30):
        address = "/en/my/" + path.format(number)
        response = browser.get(address) if path == "{}/" else browser.post(address, {"body": "Hello"})
        assert response.status_code == 404, address
    ticket.refresh_from_db()
    assert (ticket.status, Message.objects.count()) == ("open", before)


@pytest.mark.parametrize("path", ["", "{}/", "{}/reply/", "{}/solve/"])
def test_strangers_are_asked_to_sign_in_and_nothing_happens(ticket: Ticket, client: Client, path: str) -> None:
    before = Message.objects.count()
    address = "/en/my/" + path.format(ticket.pk)
    response = client.post(address, {"body": "Hello"}) if path.count("/") > 1 else client.get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/en/my/login/")
    ticket.refresh_from_db()
    assert (ticket.status, Message.objects.count()) == ("open", before)


def test_a_reply_lands_in_the_conversation_once(ticket: Ticket, dana: Customer, sign_in: SignIn) -> None:
    browser = sign_in(dana)
    origin = hidden(browser.get(f"/en/my/{ticket.pk}/").content.decode(), "origin_id")
    given: dict[str, Any] = {"body": "Thank you, here it is.", "origin_id": origin}
    for _ in range(2):
        upload = SimpleUploadedFile("a.txt", b"file")
        sent = browser.post(f"/en/my/{ticket.pk}/reply/", {**given, "files": upload})
        assert sent["Location"] == f"/en/my/{ticket.pk}/?sent=4#m4"
    message = ticket.messages.get(seq=4)
    assert (message.body, message.author_customer, message.channel, message.kind) == (
        "Thank you, here it is.",
        dana,
        "web",
        "public",
    )
    assert ticket.messages.count() == 4
    html = browser.get(sent["Location"]).content.decode()
    assert f'data-draft-done="reply-{ticket.pk}"' in html
    link = re.search(r'href="(/en/my/\d+/files/[^"]+)"', html)
    assert link is not None
    signed = browser.get(link.group(1))["Location"]
    assert browser.get(signed).content == b"file"
    assert Client().get(signed).status_code == 404
    assert Client().get(link.group(1))["Location"].startswith("/en/my/login/")


def test_files_of_notes_and_of_others_are_not_given_out(
    ticket: Ticket, dana: Customer, eric: Customer, alice: User, sign_in: SignIn
) -> None:
    secret = attachments.store(b"secret", "a.txt", uploader=f"user:{alice.pk}")
    conversation.reply(ticket, Line("Look", kind="note", attachments=[secret]), by=alice)
    public = attachments.store(b"public", "b.txt", uploader=f"user:{alice.pk}")
    conversation.reply(ticket, Line("Here", attachments=[public]), by=alice)
    other = make_ticket(dana)
    mine = sign_in(dana)
    assert mine.get(f"/en/my/{ticket.pk}/files/{public.pk}/").status_code == 302
    for browser, number, file in ((mine, ticket, secret), (mine, other, public), (sign_in(eric), ticket, public)):
        assert browser.get(f"/en/my/{number.pk}/files/{file.pk}/").status_code == 404


def test_too_many_replies_are_slowed_and_the_words_stay(
    ticket: Ticket, dana: Customer, sign_in: SignIn, settings: Settings
) -> None:
    browser = sign_in(dana)
    settings.RATE_PUBLIC_PER_MINUTE = 0
    slowed = browser.post(f"/en/my/{ticket.pk}/reply/", {"body": "My precious words"})
    assert slowed.status_code == 429
    assert "My precious words" in slowed.content.decode()
    assert ticket.messages.count() == 3


def test_an_empty_reply_is_refused_and_a_file_alone_will_do(ticket: Ticket, dana: Customer, sign_in: SignIn) -> None:
    browser = sign_in(dana)
    refused = browser.post(f"/en/my/{ticket.pk}/reply/", {"body": " "})
    assert refused.status_code == 400
    assert "Write something first." in refused.content.decode()
    assert ticket.messages.count() == 3
    upload = SimpleUploadedFile("a.txt", b"file")
    assert browser.post(f"/en/my/{ticket.pk}/reply/", {"body": "", "files": upload}).status_code == 302
    assert ticket.messages.count() == 4


def test_writing_reopens_what_was_solved_and_follows_what_was_closed(
    ticket: Ticket, dana: Customer, alice: User, sign_in: SignIn
) -> None:
    browser = sign_in(dana)
    browser.post(f"/en/my/{ticket.pk}/solve/")
    ticket.refresh_from_db()
    assert ticket.status == "solved"
    browser.post(f"/en/my/{ticket.pk}/solve/")
    browser.post(f"/en/my/{ticket.pk}/reply/", {"body": "Not quite."})
    ticket.refresh_from_db()
    assert ticket.status == "open"
    lifecycle.set_status(ticket, "closed", by=alice.actor)
    assert "opens a new one" in browser.get(f"/en/my/{ticket.pk}/").content.decode()
    sent = browser.post(f"/en/my/{ticket.pk}/reply/", {"body": "It broke again."})
    follower = Ticket.objects.get(follows=ticket)
    assert sent["Location"] == f"/en/my/{follower.pk}/?sent=1#m1"
    assert (follower.requester, follower.subject, follower.reply_address) == (dana, ticket.subject, "dana@example.com")


def test_signing_out_forgets_the_customer(ticket: Ticket, dana: Customer, sign_in: SignIn) -> None:
    browser = sign_in(dana)
    cookie = browser.cookies["guichet_session"].value
    assert browser.post("/en/my/sign-out/")["Location"] == "/en/my/login/"
    thief = Client()
    thief.cookies["guichet_session"] = cookie
    assert thief.get("/en/my/").status_code == 302


def test_an_agent_in_the_same_browser_stays_signed_in(
    ticket: Ticket, dana: Customer, alice: User, sign_in: SignIn
) -> None:
    browser = sign_in(dana)
    browser.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    browser.post("/en/my/sign-out/")
    assert browser.get("/en/my/").status_code == 302
    assert browser.get("/api/v1/me/").status_code == 200


def test_being_an_agent_makes_nobody_a_customer(ticket: Ticket, alice: User) -> None:
    browser = Client()
    browser.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get(f"/en/my/{ticket.pk}/").status_code == 302


def test_an_erased_customer_is_signed_out(ticket: Ticket, dana: Customer, sign_in: SignIn) -> None:
    browser = sign_in(dana)
    Customer.objects.filter(pk=dana.pk).update(erased_at=clock.now())
    assert browser.get("/en/my/").status_code == 302


def test_the_list_costs_the_same_however_long_and_has_pages(
    ticket: Ticket, dana: Customer, sign_in: SignIn, django_assert_num_queries: Callable[[int], Any]
) -> None:
    browser = sign_in(dana)
    with django_assert_num_queries(4):  # session, customer, whether anything is shared with her, list
        browser.get("/en/my/")
    for _ in range(25):
        make_ticket(dana)
    with django_assert_num_queries(4):
        first = browser.get("/en/my/").content.decode()
    numbers = re.findall(r'href="/en/my/(\d+)/"', first)
    assert len(numbers) == 20
    older = browser.get(f"/en/my/?before={numbers[-1]}").content.decode()
    assert len(re.findall(r'href="/en/my/(\d+)/"', older)) == 6
    for strange in ("x", "²", "9" * 40, "-1"):
        assert browser.get("/en/my/", {"before": strange}).status_code == 200


def test_a_thread_costs_the_same_however_long(
    ticket: Ticket, dana: Customer, alice: User, sign_in: SignIn, django_assert_num_queries: Callable[[int], Any]
) -> None:
    browser = sign_in(dana)
    browser.get(f"/en/my/{ticket.pk}/")
    with django_assert_num_queries(7):
        browser.get(f"/en/my/{ticket.pk}/")
    for _ in range(10):
        answer(ticket, alice)
    browser.get(f"/en/my/{ticket.pk}/")
    with django_assert_num_queries(7):
        browser.get(f"/en/my/{ticket.pk}/")


def test_a_chat_is_joined_to_its_person_only_by_a_press(db: None, dana: Customer, client: Client) -> None:
    visitor = customers.create(customers.Who(email="dana@example.com"), is_visitor=True)
    token = tokens.issue(tokens.PROVE, visitor, "dana@example.com")
    page = client.get(f"/en/my/prove/{token}/")
    assert "dana@example.com" in page.content.decode()
    assert Customer.objects.get(pk=visitor.pk).merged_into is None
    assert client.post(f"/en/my/prove/{token}/").status_code == 200
    assert Customer.objects.get(pk=visitor.pk).merged_into == dana
    assert client.post(f"/en/my/prove/{token}/").status_code == 404
    assert "customer_id" not in client.session
