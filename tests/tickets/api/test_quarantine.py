"""Held mail: seen by those whose queue its mailbox feeds, let in once, by whoever may."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import translation

from helpdesk import invariants
from helpdesk.events.models import Event
from helpdesk.jobs import outbox as jobs
from helpdesk.lib import clock
from helpdesk.people.models import User
from tests.conftest import Api
from tests.factories import make_ticket
from tests.tickets.channels.conftest import compose
from tickets import quarantine
from tickets.api import mail_shapes
from tickets.channels import email_in, email_sandbox, email_threads
from tickets.channels.email_shapes import ParsedMail
from tickets.models import Mailbox, Message, Queue, RawMail, Receipt, Ticket

pytestmark = pytest.mark.django_db
LIST = "/api/v1/quarantine/"


@pytest.fixture
def held(billing: Queue, settings: object, tmp_path: object) -> RawMail:
    settings.MAIL_ROOT = tmp_path  # type: ignore[attr-defined]
    mailbox = Mailbox.objects.create(queue=billing, address="support@acme.example")
    row, _is_new = email_in.store(compose("Ten gadgets you need.", subject="News", list_id="<news.example>"), mailbox)
    return email_in.process(row.pk)


def test_an_agent_sees_what_is_held_and_why(api: Api, alice: User, held: RawMail) -> None:
    answer = api(alice).get(LIST)
    assert answer.status_code == 200
    (row,) = answer.json()["results"]
    assert {
        name: row[name] for name in ("id", "mailbox", "sender", "subject", "preview", "outcome", "reason", "ticket")
    } == {
        "id": held.pk,
        "mailbox": "support@acme.example",
        "sender": "dana@example.com",
        "subject": "News",
        "preview": "Ten gadgets you need.",
        "outcome": "quarantined",
        "reason": "list",
        "ticket": None,
    }
    assert row["reason_text"] == "A newsletter or mailing list"
    french = api(alice).get(LIST, headers={"accept-language": "fr"}).json()["results"][0]
    assert french["reason_text"] == "Une lettre d’information ou une liste de diffusion"


def test_card_numbers_are_masked_wherever_a_held_mail_is_shown(api: Api, alice: User, held: RawMail) -> None:
    card, shown = "4111 1111 1111 1111", "•••• •••• •••• 1111"
    words = f"Charge {card}. {'x ' * 120}Or {card} again."
    raw = compose(words, subject=f"Card {card}", message_id="<card@example.com>", list_id="<news.example>")
    row = email_in.process(email_in.store(raw, held.mailbox)[0].pk)
    assert row.preview.startswith(f"Charge {shown}. x x")
    assert "4111" not in row.preview
    answer = api(alice).get(f"{LIST}{row.pk}/").json()
    assert (answer["subject"], answer["text"].count(shown)) == (f"Card {shown}", 2)
    assert "4111" not in json.dumps(answer)
    assert "4111" not in api(alice).get(LIST).content.decode()
    assert card.encode() in api(alice).get(f"{LIST}{row.pk}/raw/").content


def test_releasing_makes_a_ticket_once(api: Api, alice: User, held: RawMail) -> None:
    answer = api(alice).post(f"{LIST}{held.pk}/release/")
    ticket = Ticket.objects.get()
    assert answer.status_code == 200
    assert (answer.json()["outcome"], answer.json()["ticket"], answer.json()["seq"]) == ("ticket", ticket.number, 1)
    assert (ticket.queue.slug, ticket.waiting_since is not None) == ("billing", True)
    assert api(alice).get(LIST).json()["results"] == []
    again = api(alice).post(f"{LIST}{held.pk}/release/")
    assert (again.status_code, again.json()["code"]) == (409, "settled")
    assert Message.objects.count() == 1


@pytest.mark.parametrize(("name", "listed", "released"), [("rita", 403, 403), ("charlie", 200, 404), (None, 401, 401)])
def test_others_neither_see_nor_release(
    api: Api,
    request: pytest.FixtureRequest,
    held: RawMail,
    rita: User,
    charlie: User,
    name: str | None,
    listed: int,
    released: int,
) -> None:
    client = api(request.getfixturevalue(name) if name else None)
    answer = client.get(LIST)
    assert answer.status_code in ({401, 403} if listed == 401 else {listed})
    assert answer.json().get("results", []) == []
    assert client.post(f"{LIST}{held.pk}/release/").status_code in ({401, 403} if released == 401 else {released})
    held.refresh_from_db()
    assert (held.outcome, Ticket.objects.count()) == ("quarantined", 0)


def test_a_supervisor_and_an_administrator_see_it_too(api: Api, bob: User, ada: User, held: RawMail) -> None:
    assert [len(api(user).get(LIST).json()["results"]) for user in (bob, ada)] == [1, 1]


def test_the_list_costs_the_same_for_many(
    api: Api, alice: User, held: RawMail, django_assert_max_num_queries: object
) -> None:
    for number in range(10):
        raw = compose(f"News {number}", message_id=f"<{number}@n>", list_id="<news.example>")
        email_in.process(email_in.store(raw, held.mailbox)[0].pk)
    client = api(alice)
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        assert len(client.get(LIST).json()["results"]) == 11


def hold(raw: bytes, mailbox: Mailbox) -> RawMail:
    return email_in.process(email_in.store(raw, mailbox)[0].pk)


def test_filters_and_reasons_and_words_of_every_reason(api: Api, alice: User, held: RawMail) -> None:
    other = hold(compose("", subject="", message_id="<e@x>"), held.mailbox)
    client = api(alice)

    def ids(query: str) -> list[int]:
        return [row["id"] for row in client.get(f"{LIST}?{query}").json()["results"]]

    assert ids("") == [other.pk, held.pk]
    assert ids("reason=list") == ids("q=news") == ids("q=DANA&reason=list") == [held.pk]
    assert ids("mailbox=support@acme.example&reason=empty") == [other.pk]
    assert ids("mailbox=tech@acme.example") == ids("state=deleted") == ids("state=released") == []
    assert client.get(f"{LIST}reasons/").json() == [
        {"reason": "empty", "reason_text": "There is nothing in it", "count": 1},
        {"reason": "list", "reason_text": "A newsletter or mailing list", "count": 1},
    ]
    french = api(alice)
    for reason, words in mail_shapes.REASONS.items():
        RawMail.objects.filter(pk=held.pk).update(reason=reason)
        shown = french.get(f"{LIST}?reason={reason}", headers={"accept-language": "fr"}).json()["results"]
        with translation.override("en"):
            assert shown[0]["reason_text"] != str(words), reason


def test_a_preview_is_text_and_the_original_a_download(api: Api, alice: User, charlie: User, held: RawMail) -> None:
    raw = compose(
        "<script>alert(1)</script> Hello", list_id="<x.example>", cc="Ann <ann@x.example>", message_id="<h@x>"
    )
    row = hold(raw, held.mailbox)
    shown = api(alice).get(f"{LIST}{row.pk}/").json()
    assert shown["text"] == "<script>alert(1)</script> Hello"
    assert shown["from"] == {"name": "Dana Dupont", "address": "dana@example.com"}
    assert shown["cc"] == [{"name": "Ann", "address": "ann@x.example"}]
    assert (shown["files"], shown["can"]) == ([], ["release", "trust", "delete", "reparse"])
    original = api(alice).get(shown["raw_url"])
    assert (original.content, original["Content-Disposition"]) == (raw, f'attachment; filename="mail-{row.pk}.eml"')
    assert original["X-Content-Type-Options"] == "nosniff"
    for path in ("", "raw/"):
        assert api(charlie).get(f"{LIST}{row.pk}/{path}").status_code == 404


def test_deleting_leaves_a_trace_and_is_undone(api: Api, alice: User, held: RawMail) -> None:
    client = api(alice)
    gone = client.post(f"{LIST}{held.pk}/delete/").json()
    assert (gone["outcome"], gone["settled_by"]["name"], gone["can"]) == ("deleted", "Alice Martin", ["restore"])
    assert client.get(LIST).json()["results"] == []
    assert [row["id"] for row in client.get(f"{LIST}?state=deleted").json()["results"]] == [held.pk]
    assert client.post(f"{LIST}{held.pk}/release/").json()["code"] == "settled"
    back = client.post(f"{LIST}{held.pk}/restore/").json()
    assert (back["outcome"], back["reason"]) == ("quarantined", "list")
    assert client.post(f"{LIST}{held.pk}/restore/").json()["code"] == "settled"
    assert set(Event.objects.values_list("name", flat=True)) == {"mail.quarantined", "mail.deleted", "mail.restored"}


def test_bytes_of_what_was_deleted_long_ago_are_removed_and_the_row_stays(
    api: Api, alice: User, held: RawMail, settings: object
) -> None:
    api(alice).post(f"{LIST}{held.pk}/delete/")
    quarantine.purge_deleted()
    assert email_in.raw_bytes(held)
    settings.MAIL_DELETED_DAYS = -1  # type: ignore[attr-defined]
    quarantine.purge_deleted()
    assert api(alice).get(f"{LIST}{held.pk}/raw/").status_code == 404
    assert api(alice).post(f"{LIST}{held.pk}/restore/").json()["code"] == "gone"
    held.refresh_from_db()
    assert (held.sender, held.reason, held.preview) == ("dana@example.com", "list", "")
    assert invariants.violations()["raw_mail_is_settled"] == []


def test_trust_lets_the_next_one_in_unanswered_until_it_ends(api: Api, alice: User, held: RawMail) -> None:
    client = api(alice)
    assert client.post(f"{LIST}{held.pk}/release/", {"trust": True}).json()["is_trusted"] is True
    (trust,) = client.get("/api/v1/trusted_senders/").json()["results"]
    assert (trust["address"], trust["created_by"]["name"]) == ("dana@example.com", "Alice Martin")
    row = hold(compose("Issue two", list_id="<news.example>", message_id="<2@n>"), held.mailbox)
    assert (row.outcome, row.message and row.message.machine) == ("ticket", "list")
    jobs.drain()
    assert Receipt.objects.count() == 0
    assert client.delete(f"/api/v1/trusted_senders/{trust['id']}/").status_code == 204
    assert client.get("/api/v1/trusted_senders/").json()["results"] == []
    again = hold(compose("Issue three", list_id="<news.example>", message_id="<3@n>"), held.mailbox)
    assert (again.outcome, again.reason) == ("quarantined", "list")


def test_trust_covers_no_forgery_and_no_address_of_ours(api: Api, alice: User, held: RawMail, settings: object) -> None:
    settings.MAIL_AUTHSERV_IDS = ["mx.acme.example"]  # type: ignore[attr-defined]
    client = api(alice)
    assert client.post("/api/v1/trusted_senders/", {"address": "dana@example.com"}).status_code == 201
    assert client.post("/api/v1/trusted_senders/", {"address": "DANA@example.com"}).status_code == 200
    assert client.post("/api/v1/trusted_senders/", {"address": "support@acme.example"}).status_code == 400
    forged = b"Authentication-Results: mx.acme.example; dmarc=fail header.from=example.com\r\n"
    row = hold(forged + compose("Issue two", list_id="<news.example>", message_id="<2@n>"), held.mailbox)
    assert (row.outcome, row.trust) == ("quarantined", "failed")


def test_a_released_and_trusted_stranger_takes_part_in_that_request_alone(
    api: Api, alice: User, billing: Queue, held: RawMail
) -> None:
    ticket = make_ticket(queue=billing)
    header_id = email_threads.message_id(ticket.pk, 1, "acme.example")
    stranger = {"sender": "lea@x.example", "in_reply_to": header_id}
    row = hold(compose("Me too", message_id="<1@x>", **stranger), held.mailbox)
    assert row.reason == "not_a_participant"
    answer = api(alice).post(f"{LIST}{row.pk}/release/", {"trust": True}).json()
    assert (answer["outcome"], answer["ticket"]) == ("message", ticket.number)
    next_one = hold(compose("And this", message_id="<2@x>", **stranger), held.mailbox)
    assert (next_one.outcome, next_one.ticket) == ("message", ticket)


def test_many_at_once_each_for_itself(api: Api, alice: User, charlie: User, held: RawMail) -> None:
    second = hold(compose("Two", list_id="<n.example>", message_id="<2@n>"), held.mailbox)
    ids = [held.pk, second.pk, 10**6]
    assert [
        one["ok"] for one in api(charlie).post(f"{LIST}bulk/", {"ids": ids, "action": "release"}).json()["results"]
    ] == [
        False,
        False,
        False,
    ]
    assert Ticket.objects.count() == 0
    answer = api(alice).post(f"{LIST}bulk/", {"ids": ids, "action": "release"}).json()["results"]
    assert [(one["id"], one["ok"], one["outcome"], one["code"]) for one in answer] == [
        (held.pk, True, "ticket", ""),
        (second.pk, True, "ticket", ""),
        (10**6, False, "", "not_found"),
    ]
    again = api(alice).post(f"{LIST}bulk/", {"ids": [held.pk], "action": "delete"}).json()["results"]
    assert [(one["ok"], one["code"]) for one in again] == [(False, "settled")]
    assert api(alice).post(f"{LIST}bulk/", {"ids": [], "action": "delete"}).status_code == 400
    assert api(alice).post(f"{LIST}bulk/", {"ids": [1], "action": "burn"}).status_code == 400


def test_a_mail_that_could_not_be_read_is_read_again_and_again_changes_nothing(
    api: Api, alice: User, held: RawMail, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row, _is_new = email_in.store(compose("Fine words", message_id="<9@n>"), held.mailbox)
    path = Path(settings.MAIL_ROOT) / row.path
    path.rename(f"{path}.away")
    row = email_in.process(row.pk)
    shown = api(alice).get(f"{LIST}?reason=filenotfounderror").json()["results"]
    assert [(one["id"], one["outcome"]) for one in shown] == [(row.pk, "failed")]
    Path(f"{path}.away").rename(path)
    call_command("reparse_mail", "--dry-run")
    assert json.loads(capsys.readouterr().out) == {"chosen": 1, "before": {"failed": 1}, "after": {}}
    answer = api(alice).post(f"{LIST}{row.pk}/reparse/").json()
    assert (answer["outcome"], answer["seq"], answer["reason"]) == ("ticket", 1, "")
    assert api(alice).post(f"{LIST}{row.pk}/reparse/").json()["outcome"] == "ticket"
    call_command("reparse_mail", str(row.pk), str(held.pk))
    assert json.loads(capsys.readouterr().out)["after"] == {"quarantined": 1}
    assert (Ticket.objects.count(), Message.objects.count()) == (1, 1)


def test_a_mail_that_brings_its_reader_down_is_one_visible_failure(
    api: Api, alice: User, held: RawMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_sandbox, "parse", lambda raw, **_given: ParsedMail(poison="time", text="as it is"))
    row = hold(compose("Poison", message_id="<p@n>"), held.mailbox)
    assert (row.outcome, row.reason) == ("failed", "took_too_long")
    monkeypatch.undo()
    (shown,) = api(alice).get(f"{LIST}?reason=took_too_long").json()["results"]
    assert shown["reason_text"] == "Reading it took too long; the original is kept"
    assert hold(compose("Next", message_id="<q@n>"), held.mailbox).outcome == "ticket"


def test_a_mail_that_nobody_read_for_ten_minutes_is_shown(api: Api, alice: User, held: RawMail) -> None:
    row, _is_new = email_in.store(compose("Stuck", message_id="<s@n>"), held.mailbox)
    assert [one["id"] for one in api(alice).get(LIST).json()["results"]] == [held.pk]
    RawMail.objects.filter(pk=row.pk).update(received_at=clock.now() - timedelta(minutes=11))
    (shown,) = api(alice).get(f"{LIST}?reason=not_read_yet").json()["results"]
    assert (shown["id"], shown["reason"], shown["can"]) == (row.pk, "not_read_yet", ["delete", "reparse"])
