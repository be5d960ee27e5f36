"""The request form: one request per sending, clear refusals, nothing typed or uploaded lost."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from helpdesk.people.models import Customer, Identity
from tests.tickets.portal.conftest import SignIn, hidden
from tickets.models import Attachment, Message, Queue, Ticket

FORM = "/en/contact/request/"
ORIGIN = "0c7a4f0e-3df5-4f0c-9a4d-0f5a3c1e2b11"
GIVEN = {
    "subject": "Refund not received",
    "body": "Hello, my refund has not arrived yet.",
    "order": "A-1042",
    "name": "Léa Martin",
    "email": "Lea@Example.com",
    "origin_id": ORIGIN,
}


def counts() -> tuple[int, int, int]:
    return Ticket.objects.count(), Message.objects.count(), Attachment.objects.count()


def test_a_request_becomes_a_ticket_with_what_was_typed(technical: Queue, client: Client) -> None:
    sent = client.post(FORM, {**GIVEN, "files": SimpleUploadedFile("facture.pdf", b"%PDF-1.4\n")})
    assert sent.status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.channel, ticket.reply_address) == ("Refund not received", "web", "lea@example.com")
    assert ticket.fields == {"order": "A-1042"}
    assert (ticket.requester.name, ticket.requester.locale) == ("Léa Martin", "en")
    message = ticket.messages.get()
    assert (message.body, message.trust) == ("Hello, my refund has not arrived yet.", "unverified")
    assert [file.name for file in message.attachments.all()] == ["facture.pdf"]
    assert Identity.objects.get().verified_at is None


def test_the_page_after_sending_names_the_reference_and_the_way_to_follow(technical: Queue, client: Client) -> None:
    page = client.post(FORM, GIVEN, follow=True)
    ticket = Ticket.objects.get()
    html = page.content.decode()
    assert f"Reference: no. {ticket.number}" in html
    assert "lea@example.com" in html
    assert f'href="/en/my/{ticket.number}/"' in html
    assert 'data-draft-done="request"' in html
    assert page["Referrer-Policy"] == "same-origin"
    stranger = Client().get("/en/contact/request/forged/")
    assert (stranger.status_code, stranger["Location"]) == (302, "/en/contact/")


def test_the_same_page_sent_twice_makes_one_request(technical: Queue, client: Client) -> None:
    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile("a.txt", b"same")

    first = client.post(FORM, {**GIVEN, "files": file()}, follow=True)
    again = client.post(FORM, {**GIVEN, "files": file()}, follow=True)
    assert Ticket.objects.count() == 1
    assert Message.objects.get().attachments.count() == 1
    reference = f"Reference: no. {Ticket.objects.get().number}"
    assert reference in first.content.decode()
    assert reference in again.content.decode()


def test_the_page_sent_again_with_other_words_says_so_and_sends_them_at_the_next_press(
    technical: Queue, client: Client
) -> None:
    client.post(FORM, GIVEN)
    changed = {**GIVEN, "body": "Something quite different."}
    refused = client.post(FORM, changed)
    html = refused.content.decode()
    assert refused.status_code == 409
    assert "Something quite different." in html
    assert counts() == (1, 1, 0)
    client.post(FORM, {**changed, "origin_id": hidden(html, "origin_id")})
    assert list(Message.objects.order_by("id").values_list("body", flat=True)) == [
        GIVEN["body"],
        "Something quite different.",
    ]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("subject", "", "This field is required."),
        ("body", "  \n ", "This field is required."),
        ("email", "", "This field is required."),
        ("email", "lea@", "Enter a valid email address."),
        ("email", "a\r\nBcc: b@example.com", "Enter a valid email address."),
        ("subject", "x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
        ("body", "x" * 100_001, "This text is too long (100001 characters, at most 100000)"),
        ("body", "nul \x00 here", "Some characters could not be read"),
        ("subject", "bell \x07", "Some characters could not be read"),
        ("website", "http://spam.example", "This field must stay empty."),
    ],
)
def test_a_wrong_field_is_named_and_everything_typed_is_still_there(
    technical: Queue, client: Client, field: str, value: str, words: str
) -> None:
    refused = client.post(FORM, {**GIVEN, field: value})
    html = refused.content.decode()
    assert refused.status_code == 400
    assert words in html
    assert 'role="alert" data-summary tabindex="-1" autofocus' in html
    if field != "website":
        assert f'<a href="#id_{field}">' in html
        assert f'aria-describedby="id_{field}_error"' in html or f'id_{field}_error"' in html
        assert 'aria-invalid="true"' in html
    for name in {"subject", "order", "name"} - {field}:
        assert f'value="{GIVEN[name]}"' in html
    if field != "body":
        assert GIVEN["body"] in html
    assert hidden(html, "origin_id") == ORIGIN
    assert counts() == (0, 0, 0)


def test_broken_utf8_is_refused_by_name_and_shown(technical: Queue, client: Client) -> None:
    body = b"subject=caf%C3%A9&email=lea@example.com&body=d%E9j%E0+vu"
    refused = client.post(FORM, body, content_type="application/x-www-form-urlencoded")
    html = refused.content.decode()
    assert refused.status_code == 400
    assert "Some characters could not be read" in html
    assert 'value="café"' in html
    assert "d\ufffdj\ufffd vu" in html
    assert counts() == (0, 0, 0)


def test_an_absurd_amount_of_text_is_refused_without_a_crash(technical: Queue, client: Client) -> None:
    assert client.post(FORM, {**GIVEN, "body": "x" * 3_000_000}).status_code == 400
    assert counts() == (0, 0, 0)


def test_a_file_survives_a_mistake_in_another_field(technical: Queue, client: Client) -> None:
    upload = SimpleUploadedFile("facture.pdf", b"%PDF-1.4\n")
    refused = client.post(FORM, {**GIVEN, "email": "", "files": upload})
    html = refused.content.decode()
    assert "facture.pdf" in html
    again = {**GIVEN, "form_key": hidden(html, "form_key"), "kept": hidden(html, "kept")}
    assert client.post(FORM, again).status_code == 302
    assert [file.name for file in Message.objects.get().attachments.all()] == ["facture.pdf"]
    assert Attachment.objects.count() == 1


def test_a_kept_file_belongs_to_its_form_only(technical: Queue, client: Client) -> None:
    upload = SimpleUploadedFile("facture.pdf", b"%PDF-1.4\n")
    html = client.post(FORM, {**GIVEN, "email": "", "files": upload}).content.decode()
    client.post(FORM, {**GIVEN, "form_key": "f" * 32, "kept": hidden(html, "kept")})
    assert Message.objects.get().attachments.count() == 0
    assert Attachment.objects.get().message is None


def test_a_file_that_was_unticked_is_not_sent(technical: Queue, client: Client) -> None:
    upload = SimpleUploadedFile("facture.pdf", b"%PDF-1.4\n")
    html = client.post(FORM, {**GIVEN, "email": "", "files": upload}).content.decode()
    client.post(FORM, {**GIVEN, "form_key": hidden(html, "form_key")})
    assert Message.objects.get().attachments.count() == 0


def test_a_file_that_is_too_large_is_refused_and_the_good_one_kept(
    technical: Queue, client: Client, settings: Settings
) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1024 * 1024
    files = [SimpleUploadedFile("big.bin", b"x" * (1024 * 1024 + 1)), SimpleUploadedFile("good.txt", b"good")]
    refused = client.post(FORM, {**GIVEN, "files": files})
    html = refused.content.decode()
    assert refused.status_code == 413
    assert "“big.bin” is larger than 1 MB." in html
    assert '<a href="#id_files">' in html
    assert "good.txt" in html
    assert counts() == (0, 0, 1)


def test_more_files_than_allowed_are_refused(technical: Queue, client: Client, settings: Settings) -> None:
    settings.ATTACHMENT_MAX_COUNT = 2
    files = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(3)]
    refused = client.post(FORM, {**GIVEN, "files": files})
    assert refused.status_code == 400
    assert "Attach at most 2 files." in refused.content.decode()
    assert counts() == (0, 0, 2)


def test_too_many_requests_from_one_address_are_slowed_and_what_was_typed_stays(
    technical: Queue, client: Client, settings: Settings
) -> None:
    settings.RATE_PUBLIC_PER_MINUTE = 1
    client.post(FORM, GIVEN)
    slowed = client.post(FORM, {**GIVEN, "origin_id": "", "files": SimpleUploadedFile("a.txt", b"1")})
    html = slowed.content.decode()
    assert slowed.status_code == 429
    assert "Too many attempts, please wait a moment" in html
    assert GIVEN["body"] in html
    assert counts() == (1, 1, 0)


def test_the_subject_may_come_from_the_search_that_found_nothing(technical: Queue, client: Client) -> None:
    html = client.get(FORM, {"subject": 'Refund "late" \x00<b>'}).content.decode()
    assert 'value="Refund &quot;late&quot; &lt;b&gt;"' in html


def test_what_is_known_of_a_signed_in_customer_is_not_asked_again(
    technical: Queue, dana: Customer, sign_in: SignIn
) -> None:
    browser = sign_in(dana)
    html = browser.get(FORM).content.decode()
    assert 'value="Dana Dupont"' in html
    assert 'value="dana@example.com"' in html
    browser.post(FORM, {**GIVEN, "email": "dana@example.com"})
    ticket = Ticket.objects.get()
    assert (ticket.requester, ticket.messages.get().trust) == (dana, "verified")


def test_an_address_of_another_is_only_claimed(
    technical: Queue, dana: Customer, eric: Customer, sign_in: SignIn
) -> None:
    sign_in(dana).post(FORM, {**GIVEN, "email": "eric@example.com"})
    ticket = Ticket.objects.get()
    assert (ticket.requester, ticket.messages.get().trust) == (eric, "unverified")


def test_a_page_without_a_token_is_refused(technical: Queue) -> None:
    strict: Any = Client(enforce_csrf_checks=True)
    assert strict.post(FORM, GIVEN).status_code == 403
    assert counts() == (0, 0, 0)


@pytest.mark.parametrize("path", ["/en/contact/", "/fr/contact/", "/en/contact/request/", "/fr/contact/request/"])
def test_pages_speak_the_language_of_their_address(technical: Queue, client: Client, path: str) -> None:
    html = client.get(path).content.decode()
    assert f'<html lang="{path[1:3]}">' in html
    assert ("Nous écrire" in html) == path.startswith("/fr/")
