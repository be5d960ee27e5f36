"""Mailboxes over the API: made, changed, switched off, listed with how they fare, and no secret ever comes back."""

from typing import Any

import pytest
from django.utils import timezone

from helpdesk.events.models import Event
from helpdesk.lib import sealed
from helpdesk.people.models import User
from tests.conftest import Api
from tickets import mailboxes
from tickets.models import Mailbox, MailboxState, Queue

pytestmark = pytest.mark.django_db
URL = "/api/v1/mailboxes/"
GIVEN: dict[str, Any] = {
    "address": "Support@Acme.example",
    "name": "Acme Support",
    "aliases": ["Help@acme.example"],
    "queue": "billing",
    "signature": "Acme",
    "imap": {"host": "imap.invalid", "user": "support", "secret": "imap-canary"},
    "smtp": {"host": "smtp.invalid", "user": "support", "secret": "smtp-canary"},
}


def test_a_mailbox_is_made_and_its_secrets_never_come_back(api: Api, ada: User, billing: Queue) -> None:
    answer = api(ada).post(URL, GIVEN, format="json")
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made == {
        "id": made["id"],
        "address": "support@acme.example",
        "name": "Acme Support",
        "aliases": ["help@acme.example"],
        "queue": {"slug": "billing", "name": "Billing"},
        "active": True,
        "signature": "Acme",
        "signature_fr": "",
        "imap": {
            "host": "imap.invalid",
            "port": 993,
            "security": "ssl",
            "user": "support",
            "folder": "INBOX",
            "done_folder": "Guichet",
            "has_secret": True,
        },
        "smtp": {"host": "smtp.invalid", "port": 587, "security": "starttls", "user": "support", "has_secret": True},
        "checklist": {name: {"done": False, "at": None} for name in ("fetched", "received", "replied")},
        "watching": False,
        "last_seen": None,
        "last_error": None,
    }
    listed = api(ada).get(URL)
    assert [row["id"] for row in listed.json()["results"]] == [made["id"]]
    assert b"canary" not in answer.content + listed.content
    row = Mailbox.objects.get()
    assert [sealed.unseal(row.imap_secret), sealed.unseal(row.smtp_secret)] == ["imap-canary", "smtp-canary"]
    assert "canary" not in str(Event.objects.values())


def test_a_change_keeps_what_is_not_named(api: Api, ada: User, billing: Queue, technical: Queue) -> None:
    made = api(ada).post(URL, GIVEN, format="json").json()
    MailboxState.objects.update(imap_error="login_refused", imap_error_at=timezone.now())
    url = f"{URL}{made['id']}/"
    fault = api(ada).get(url, headers={"accept-language": "fr"}).json()["last_error"]
    assert (fault["of"], fault["code"]) == ("imap", "login_refused")
    assert fault["text"] == "Le serveur refuse le nom d’utilisateur ou le mot de passe."
    given = {"queue": "technical", "active": False, "imap": {"port": 143, "security": "starttls", "secret": ""}}
    changed = api(ada).patch(url, given, format="json").json()
    assert (changed["queue"]["slug"], changed["active"], changed["imap"]["host"], changed["imap"]["port"]) == (
        "technical",
        False,
        "imap.invalid",
        143,
    )
    assert changed["last_error"] is None
    assert sealed.unseal(Mailbox.objects.get().imap_secret) == "imap-canary"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"address": "nobody"}, "address"),
        ({"address": "a+b@acme.example"}, "address"),
        ({"address": "taken@acme.example"}, "address"),
        ({"address": "alias@acme.example"}, "address"),
        ({"aliases": ["taken@acme.example"]}, "aliases"),
        ({"aliases": ["no address"]}, "aliases"),
        ({"queue": "nowhere"}, "queue"),
        ({"imap": {"host": "127.0.0.1"}}, "imap.host"),
        ({"imap": {"host": "10.0.0.8"}}, "imap.host"),
        ({"smtp": {"host": "[::1]"}}, "smtp.host"),
        ({"smtp": {"host": "localhost"}}, "smtp.host"),
        ({"imap": {"host": "http://x/"}}, "imap.host"),
        ({"imap": {"host": "x.invalid", "port": 0}}, "imap"),
    ],
)
def test_what_cannot_be_a_mailbox_is_refused_and_named(
    api: Api, ada: User, billing: Queue, changed: dict[str, Any], field: str
) -> None:
    Mailbox.objects.create(queue=billing, address="taken@acme.example", aliases=["alias@acme.example"])
    answer = api(ada).post(URL, {**GIVEN, **changed}, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert Mailbox.objects.count() == 1


@pytest.mark.parametrize("name", ["alice", "bob", "rita"])
def test_nobody_but_administrators_sees_or_changes_them(
    name: str, api: Api, billing: Queue, request: pytest.FixtureRequest
) -> None:
    client = api(request.getfixturevalue(name))
    row = Mailbox.objects.create(queue=billing, address="support@acme.example")
    calls = [
        client.get(URL),
        client.post(URL, {**GIVEN, "address": "new@acme.example"}, format="json"),
        client.patch(f"{URL}{row.pk}/", {"active": False}, format="json"),
        client.post(f"{URL}{row.pk}/fetch/", {}, format="json"),
        client.get(f"{URL}providers/"),
        client.get("/api/v1/signatures/"),
    ]
    assert [answer.status_code for answer in calls] == [403] * 6
    assert list(Mailbox.objects.values_list("address", "is_active")) == [("support@acme.example", True)]


def test_the_list_takes_the_same_queries_however_long(
    api: Api, ada: User, billing: Queue, django_assert_num_queries: Any
) -> None:
    client = api(ada)
    for number in range(3):
        row = Mailbox.objects.create(queue=billing, address=f"a{number}@acme.example")
        mailboxes.state_of(row)
    client.get(URL)
    with django_assert_num_queries(3):
        assert len(client.get(URL).json()["results"]) == 3


def test_mail_to_an_alias_or_a_signed_address_is_ours(billing: Queue) -> None:
    row = Mailbox.objects.create(queue=billing, address="support@acme.example", aliases=["help@acme.example"])
    other = Mailbox.objects.create(queue=billing, address="old@other.example", is_active=False)
    known = ("support@acme.example", "Help@Acme.example", "support+7-9-abc@acme.example", "help+x@acme.example")
    assert [mailboxes.ours(address) for address in known] == [row] * 4
    assert mailboxes.ours("dana@example.com") is None
    assert mailboxes.for_recipients(["x@nowhere.example", "old@other.example"]) == other
    assert mailboxes.for_recipients(["anything@acme.example"]) == row
    assert mailboxes.for_recipients([]) == row
