"""Each provider in the shape that its documentation shows: believed with its proof, kept byte for byte, refused without.

Those whose program must fetch the mail are asked over verified TLS, by a real server here; nothing is followed elsewhere.
"""

import base64
import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.test import Client

from helpdesk.lib import clock
from tests.certificates import Authority
from tests.tickets.channels.conftest import compose
from tickets.channels import email_in, webhooks
from tickets.models import Mailbox, RawMail

pytestmark = pytest.mark.django_db
TO = "support@acme.example"
BASIC = {"authorization": "Basic " + base64.b64encode(b"hook:secret").decode()}
# In a charset that is not UTF-8, as mail is
RAW = compose("Le montant est faux.").replace(b"montant est", b"montant \xe9tait")
PLAIN = compose("The amount is wrong.")
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SVIX = "whsec_" + base64.b64encode(b"svix-secret").decode()


def postal_key() -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(_KEY.public_key().public_bytes(serialization.Encoding.DER, form)).decode()


@pytest.fixture(autouse=True)
def _secrets(settings: Any) -> None:
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": "hook:secret",
        "BREVO_API_KEY": "brevo-key",
        "MAILERSEND_INBOUND_SECRET": "mailersend-key",
        "MAILTRAP_INBOUND_SECRET": "mailtrap-key",
        "MAILTRAP_API_TOKEN": "mailtrap-token",
        "POSTAL_WEBHOOK_KEY": postal_key(),
        "RESEND_INBOUND_SECRET": SVIX,
        "RESEND_API_KEY": "resend-key",
    }


# --- what each of them sends -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Call:
    """A body and the headers that prove it; `forged` are such that prove nothing."""

    body: bytes
    headers: dict[str, str]
    forged: dict[str, str]
    kind: str = "application/json"


def signed(body: bytes, key: str) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def mailersend(raw: bytes) -> Call:
    event = {
        "type": "inbound.message",
        "inbound_id": "i1",
        "data": {
            "object": "message",
            "id": "m1",
            "recipients": {"rcptTo": [{"email": TO}], "to": {"raw": TO}},
            "sender": {"email": "dana@example.com"},
            "created_at": "2026-11-22T10:00:00.000000Z",
            "raw": raw.decode(),
        },
    }
    body = json.dumps(event).encode()
    proof = {"signature": signed(body, "mailersend-key")}
    return Call(body, BASIC | proof, BASIC | {"signature": signed(body, "guessed")})


def postal(raw: bytes) -> Call:
    event = {"id": 7, "rcpt_to": TO, "mail_from": "dana@example.com", "base64": True, "size": len(raw)}
    body = json.dumps(event | {"message": base64.b64encode(raw).decode()}).encode()
    mark = base64.b64encode(_KEY.sign(body, padding.PKCS1v15(), hashes.SHA1())).decode()
    return Call(body, BASIC | {"x-postal-signature": mark}, BASIC | {"x-postal-signature": mark[::-1]})


def sparkpost(raw: bytes) -> Call:
    content = {"email_rfc822": base64.b64encode(raw).decode(), "email_rfc822_is_base64": True, "subject": "Invoice"}
    relay = {"rcpt_to": TO, "msg_from": "dana@example.com", "protocol": "smtp", "webhook_id": "1", "content": content}
    return Call(json.dumps([{"msys": {"relay_message": relay}}]).encode(), BASIC, {})


def sendgrid(raw: bytes) -> Call:
    envelope = json.dumps({"to": [TO], "from": "dana@example.com"}).encode()
    fields = {b"email": raw, b"envelope": envelope, b"to": TO.encode(), b"spam_score": b"0.1"}
    parts = [b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair for pair in fields.items()]
    return Call(b"".join(parts) + b"--B--\r\n", BASIC, {}, "multipart/form-data; boundary=B")


def mailjet(raw: bytes) -> Call:
    event = {
        "Sender": "dana@example.com",
        "Recipient": TO,
        "Date": "20261122T100000",
        "From": "Dana Dupont <dana@example.com>",
        "Subject": "Facture erronée",
        "Headers": {
            "From": "Dana Dupont <dana@example.com>",
            "To": TO,
            "Subject": "Facture erronée",
            "Message-ID": "<mj@example.com>",
            "Received": ["by a", "by b"],
        },
        "Parts": [
            {"Headers": {"Content-Type": "text/plain"}, "ContentRef": "Text-part"},
            {
                "Headers": {"Content-Type": 'text/plain; name="a.txt"', "Content-Disposition": 'attachment; filename="a.txt"'},
                "ContentRef": "Attachment1",
            },
        ],
        "Text-part": "Le montant est faux.",
        "Attachment1": base64.b64encode(b"42").decode(),
        "SpamAssassinScore": "0.5",
    }  # fmt: skip
    return Call(json.dumps(event).encode(), BASIC, {})


def send(client: Client, provider: str, call: Call, headers: dict[str, str] | None = None) -> Any:
    proof = call.headers if headers is None else headers
    return client.generic("POST", f"/mail/in/{provider}/", call.body, call.kind, headers=proof)


WHOLE: dict[str, tuple[Callable[[bytes], Call], bytes]] = {
    "mailersend": (mailersend, PLAIN),
    "postal": (postal, RAW),
    "sparkpost": (sparkpost, RAW),
    "sendgrid": (sendgrid, RAW),
}


@pytest.mark.parametrize("provider", WHOLE)
def test_the_raw_mail_is_kept_to_the_last_byte_once(
    client: Client, mailbox: Mailbox, other_mailbox: Mailbox, provider: str
) -> None:
    make, raw = WHOLE[provider]
    for _time in range(2):
        assert send(client, provider, make(raw)).status_code == 200
    row = RawMail.objects.get()
    assert (row.mailbox, email_in.raw_bytes(row)) == (mailbox, raw)
    assert email_in.process(row.pk).outcome == "ticket"


def test_fields_and_files_become_a_mail_again(client: Client, mailbox: Mailbox) -> None:
    assert send(client, "mailjet", mailjet(PLAIN)).status_code == 200
    row = email_in.process(RawMail.objects.get().pk)
    assert (row.outcome, row.subject, row.sender) == ("ticket", "Facture erronée", "dana@example.com")
    assert row.message is not None
    assert row.message.body == "Le montant est faux."
    assert [file.name for file in row.message.attachments.all()] == ["a.txt"]


@pytest.mark.parametrize("provider", [*WHOLE, "mailjet"])
def test_without_its_proof_it_is_refused_and_nothing_is_kept(client: Client, mailbox: Mailbox, provider: str) -> None:
    make = mailjet if provider == "mailjet" else WHOLE[provider][0]
    call = make(PLAIN)
    assert [send(client, provider, call, headers).status_code for headers in (call.forged, {})] == [400, 400]
    assert RawMail.objects.count() == 0


def test_amazon_is_served_only_with_the_package_that_proves_it(client: Client, mailbox: Mailbox) -> None:
    assert webhooks.is_ready(webhooks.PROVIDERS["amazon_ses"]) is False
    assert send(client, "amazon_ses", Call(b"{}", BASIC, {})).status_code == 404


# --- those that are asked for the mail -------------------------------------------------------------------------------
@dataclass
class Provider:
    """The provider's own server: what it answers to which path, and what it was asked under which key."""

    url: str
    answers: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def provider(settings: Any, tmp_path: Any) -> Iterator[Provider]:
    authority = Authority(tmp_path)
    pair = authority.issue("api", "localhost")
    settings.MAIL_CA_FILE, settings.MAIL_NETWORKS = str(authority.file), ["127.0.0.0/8"]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked.append((self.path, self.headers.get("authorization", self.headers.get("api-key", ""))))
            found = here.answers.get(self.path)
            if found is not None and found.startswith(b"->"):
                self.send_response(302)
                self.send_header("Location", found[2:].decode())
            else:
                self.send_response(200 if found is not None else 404)
                self.send_header("Content-Type", "application/octet-stream")
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *_args: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        here = Provider(f"https://localhost:{server.server_port}")
        for name in ("BREVO", "MAILTRAP", "RESEND"):
            settings.ANYMAIL[f"{name}_API_URL"] = f"{here.url}/api/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield here
        server.shutdown()


def brevo() -> Call:
    item = {
        "Uuid": ["u1"],
        "MessageId": "<b@example.com>",
        "Headers": {
            "From": "Dana Dupont <dana@example.com>", "To": TO, "Subject": "Facture", "Delivered-To": TO,
            "Message-ID": "<b@example.com>",
        },
        "RawTextBody": "Le montant est faux.",
        "Attachments": [{"Name": "a.txt", "ContentType": "text/plain", "ContentLength": 2, "DownloadToken": "t/1"}],
    }  # fmt: skip
    return Call(json.dumps({"items": [item]}).encode(), BASIC, {})


def mailtrap() -> Call:
    event = {"event": "inbound.message_received", "event_id": "e1", "inbox_id": 9, "message_id": "m1", "timestamp": 1}
    body = json.dumps({"events": [event]}).encode()
    proof = {"mailtrap-signature": signed(body, "mailtrap-key")}
    return Call(body, BASIC | proof, BASIC | {"mailtrap-signature": signed(body, "guessed")})


def resend(age: int = 0) -> Call:
    body = json.dumps(
        {"type": "email.received", "created_at": "2026-11-22T10:00:00.000Z", "data": {"email_id": "r1", "to": [TO]}}
    ).encode()
    stamp = str(int(clock.now().timestamp()) - age)
    mark = base64.b64encode(hmac.new(b"svix-secret", f"id1.{stamp}.".encode() + body, hashlib.sha256).digest()).decode()
    proof = {"svix-id": "id1", "svix-timestamp": stamp, "svix-signature": f"v1,AAAA v1,{mark}"}
    return Call(body, BASIC | proof, BASIC | proof | {"svix-id": "id2"})


def fill(provider: Provider, raw: bytes) -> None:
    told = {"id": "m1", "raw_message_url": f"{provider.url}/store/raw?sign=1"}
    provider.answers["/api/inbound/inboxes/9/messages/m1"] = json.dumps(told).encode()
    told = {"id": "r1", "raw": {"download_url": f"{provider.url}/store/raw?sign=1"}}  # type: ignore[dict-item]
    provider.answers["/api/emails/receiving/r1"] = json.dumps(told).encode()
    provider.answers["/store/raw?sign=1"] = raw
    provider.answers["/api/inbound/attachments/t%2F1"] = b"42"


ASKED = {"mailtrap": (mailtrap, "Bearer mailtrap-token"), "resend": (resend, "Bearer resend-key")}


@pytest.mark.parametrize("name", ASKED)
def test_the_mail_is_fetched_from_the_provider_with_the_key_for_it_alone(
    client: Client, mailbox: Mailbox, provider: Provider, name: str
) -> None:
    fill(provider, RAW)
    make, key = ASKED[name]
    assert send(client, name, make()).status_code == 200
    assert email_in.raw_bytes(RawMail.objects.get()) == RAW
    assert [asked for _path, asked in provider.asked] == [key, ""]


def test_files_are_fetched_from_brevo(client: Client, mailbox: Mailbox, provider: Provider) -> None:
    fill(provider, RAW)
    assert send(client, "brevo", brevo()).status_code == 200
    row = email_in.process(RawMail.objects.get().pk)
    assert (row.outcome, row.mailbox) == ("ticket", mailbox)
    assert row.message is not None
    assert [(file.name, file.size) for file in row.message.attachments.all()] == [("a.txt", 2)]
    assert provider.asked == [("/api/inbound/attachments/t%2F1", "brevo-key")]


@pytest.mark.parametrize("name", [*ASKED, "brevo"])
def test_without_their_proof_they_are_refused_and_nobody_is_asked(
    client: Client, mailbox: Mailbox, provider: Provider, name: str
) -> None:
    fill(provider, RAW)
    call = brevo() if name == "brevo" else ASKED[name][0]()
    assert [send(client, name, call, headers).status_code for headers in (call.forged, {})] == [400, 400]
    assert (RawMail.objects.count(), provider.asked) == (0, [])


def test_an_old_call_played_again_is_refused(client: Client, mailbox: Mailbox, provider: Provider) -> None:
    fill(provider, RAW)
    assert send(client, "resend", resend(age=301)).status_code == 400
    assert (RawMail.objects.count(), provider.asked) == (0, [])


@pytest.mark.parametrize("name", [*ASKED, "brevo"])
@pytest.mark.parametrize("fault", ["network", "certificate", "missing", "moved", "too_big"])
def test_what_cannot_be_fetched_is_asked_for_again_later(
    client: Client, mailbox: Mailbox, provider: Provider, settings: Any, name: str, fault: str
) -> None:
    fill(provider, RAW)
    if fault == "network":
        settings.MAIL_NETWORKS = []
    elif fault == "certificate":
        settings.MAIL_CA_FILE = ""
    elif fault == "missing":
        provider.answers.clear()
    elif fault == "moved":
        provider.answers = dict.fromkeys(provider.answers, f"->{provider.url}/store/raw?sign=1".encode())
    elif fault == "too_big":
        settings.MAIL_MAX_BYTES = 1
    call = brevo() if name == "brevo" else ASKED[name][0]()
    answer = send(client, name, call)
    # The second: larger than is taken at all
    assert answer.status_code == (400 if fault == "too_big" else 503)
    assert RawMail.objects.count() == 0
    assert ("/store/raw?sign=1" in dict(provider.asked)) is False


def test_an_address_inside_our_network_that_the_provider_names_is_not_asked(
    client: Client, mailbox: Mailbox, provider: Provider
) -> None:
    for address in ("https://169.254.169.254/latest", "http://localhost/raw", "file:///etc/passwd"):
        told = {"id": "r1", "raw": {"download_url": address}}
        provider.answers["/api/emails/receiving/r1"] = json.dumps(told).encode()
        assert send(client, "resend", resend()).status_code == 503
    assert RawMail.objects.count() == 0
