"""Mail that providers hand over: believed only with its proof, kept byte for byte, routed by its recipient, never doubled."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client

from tests.tickets.channels.conftest import compose
from tickets.channels import email_in, webhooks
from tickets.models import Mailbox, RawMail

pytestmark = pytest.mark.django_db
SECRET = "hook:canary-secret"
BASIC = {"authorization": "Basic " + base64.b64encode(SECRET.encode()).decode()}


@pytest.fixture(autouse=True)
def _secrets(settings: Any) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": "mailgun-key"}


def send(client: Client, provider: str, body: Any, headers: dict[str, str] | None = BASIC) -> int:
    answer = client.post(f"/mail/in/{provider}/", json.dumps(body), "application/json", headers=headers)
    return answer.status_code


def postmark(raw: bytes, to: str = "support@acme.example") -> dict[str, Any]:
    return {"RawEmail": raw.decode(), "OriginalRecipient": to, "Headers": [], "MessageID": "1"}


def test_the_raw_mail_is_kept_as_it_came_and_goes_where_it_was_sent(
    client: Client, mailbox: Mailbox, other_mailbox: Mailbox
) -> None:
    raw = compose()
    assert send(client, "postmark", postmark(raw, "tech@acme.example")) == 200
    row = RawMail.objects.get()
    assert (row.mailbox, email_in.raw_bytes(row)) == (other_mailbox, raw)
    assert email_in.process(row.pk).outcome == "ticket"


def test_the_same_call_again_is_one_mail(client: Client, mailbox: Mailbox) -> None:
    for _time in range(3):
        assert send(client, "postmark", postmark(compose())) == 200
    assert RawMail.objects.count() == 1


@pytest.mark.parametrize("headers", [None, {"authorization": "Basic " + base64.b64encode(b"hook:wrong").decode()}])
def test_a_stranger_is_refused_and_nothing_is_kept(client: Client, mailbox: Mailbox, headers: Any) -> None:
    assert send(client, "postmark", postmark(compose()), headers) == 400
    assert RawMail.objects.count() == 0


def test_a_provider_without_its_secret_is_not_served(client: Client, mailbox: Mailbox, settings: Any) -> None:
    settings.ANYMAIL = {}
    assert {send(client, name, postmark(compose())) for name in webhooks.PROVIDERS} == {404}
    assert send(client, "unknown", {}) == 404
    assert RawMail.objects.count() == 0


def test_fields_without_the_raw_mail_become_a_mail_again(client: Client, mailbox: Mailbox) -> None:
    body = {
        "FromFull": {"Email": "dana@example.com", "Name": "Dana Dupont"},
        "ToFull": [{"Email": "support@acme.example", "Name": ""}],
        "Subject": "Facture erronée",
        "TextBody": "Bonjour, le montant est faux.",
        "Headers": [{"Name": "Message-ID", "Value": "<first@example.com>"}],
        "Attachments": [{"Name": "a.txt", "ContentType": "text/plain", "Content": base64.b64encode(b"42").decode()}],
    }
    assert send(client, "postmark", body) == 200
    row = email_in.process(RawMail.objects.get().pk)
    assert (row.outcome, row.subject, row.sender) == ("ticket", "Facture erronée", "dana@example.com")
    assert row.message is not None
    assert row.message.body == "Bonjour, le montant est faux."
    assert [file.name for file in row.message.attachments.all()] == ["a.txt"]


def mailgun(raw: bytes, key: str = "mailgun-key") -> tuple[bytes, str]:
    signed = hmac.new(key.encode(), b"1760000000" + b"token", hashlib.sha256).hexdigest()
    fields = {"timestamp": "1760000000", "token": "token", "signature": signed, "recipient": "support@acme.example"}
    parts = [(name, value.encode()) for name, value in fields.items()] + [("body-mime", raw)]
    body = b"".join(
        b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in parts
    )
    return body + b"--B--\r\n", "multipart/form-data; boundary=B"


def test_a_signed_form_is_believed_and_a_large_one_kept_to_the_last_byte(
    client: Client, mailbox: Mailbox, settings: Any
) -> None:
    """Larger than what Django takes of a form field, and not UTF-8."""
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": "mailgun-key"}
    raw = compose().replace(b"wrong", b"wrong \xe9\xff") + b"x" * 3_000_000
    body, kind = mailgun(raw)
    assert client.post("/mail/in/mailgun/", body, kind).status_code == 200
    assert email_in.raw_bytes(RawMail.objects.get()) == raw


def test_a_forged_signature_is_refused(client: Client, mailbox: Mailbox, settings: Any) -> None:
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": "mailgun-key"}
    body, kind = mailgun(compose(), key="guessed")
    assert client.post("/mail/in/mailgun/", body, kind).status_code == 400
    assert RawMail.objects.count() == 0


def test_too_much_is_refused_before_it_is_read_into_anything(client: Client, mailbox: Mailbox, settings: Any) -> None:
    settings.MAIL_MAX_BYTES = 1000
    assert send(client, "postmark", postmark(compose("x" * 5000))) == 400
    assert RawMail.objects.count() == 0


def test_mandrill_sends_several_at_once(client: Client, mailbox: Mailbox, settings: Any) -> None:
    settings.ANYMAIL = {"MANDRILL_WEBHOOK_KEY": "key", "MANDRILL_WEBHOOK_URL": "http://testserver/mail/in/mandrill/"}
    mails = [compose(), compose("Second.", message_id="<2@example.com>")]
    events = json.dumps(
        [
            {"event": "inbound", "ts": 1760000000, "msg": {"raw_msg": raw.decode(), "email": "support@acme.example"}}
            for raw in mails
        ]
    )
    signed = f"http://testserver/mail/in/mandrill/mandrill_events{events}".encode()
    mark = base64.b64encode(hmac.new(b"key", signed, hashlib.sha1).digest()).decode()
    headers = {"x-mandrill-signature": mark}
    assert client.post("/mail/in/mandrill/", {"mandrill_events": events}, headers=headers).status_code == 200
    assert [email_in.raw_bytes(row) for row in RawMail.objects.order_by("pk")] == mails
    headers["x-mandrill-signature"] = mark[::-1]
    assert client.post("/mail/in/mandrill/", {"mandrill_events": events}, headers=headers).status_code == 400
    assert RawMail.objects.count() == 2


def test_storage_that_is_down_makes_the_provider_try_again(
    client: Client, mailbox: Mailbox, settings: Any, tmp_path: Any
) -> None:
    (tmp_path / "file").write_text("no folder")
    settings.MAIL_ROOT = tmp_path / "file"
    client.raise_request_exception = False
    assert send(client, "postmark", postmark(compose())) >= 500
    assert RawMail.objects.count() == 0


def test_without_a_mailbox_nothing_is_taken(client: Client, db: None) -> None:
    assert send(client, "postmark", postmark(compose())) == 404
    assert RawMail.objects.count() == 0
