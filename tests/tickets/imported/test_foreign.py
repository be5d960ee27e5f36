"""Exports of Zammad and Zendesk: recognised, checked, taken in with all messages, once however often, and taken back."""

import json
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helpdesk import invariants
from helpdesk.events.models import Event
from helpdesk.people.imports import running
from helpdesk.people.models import Customer, Identity, Import, ImportRow, Organization, User
from tests import factories
from tests.conftest import Api
from tests.helpdesk.people.imports.conftest import URL, Send, counts
from tests.tickets.imported import samples
from tickets.models import Attachment, Message, Queue, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("technical", "billing", "alice")]


def said(ticket: Ticket) -> list[tuple[Any, ...]]:
    rows = ticket.messages.order_by("seq")
    return [(m.seq, m.kind, m.channel, m.author_name, m.body, m.html, m.created_at.isoformat()) for m in rows]


def faults(api: Api, ada: User, one: dict[str, Any]) -> list[tuple[str, str]]:
    found = api(ada).get(f"{URL}{one['id']}/rows/").json()["results"]
    assert all(" " in fault["text"] for row in found for fault in row["faults"])
    return [(fault["code"], fault["value"]) for row in found for fault in row["faults"]]


def test_zammad_is_recognised_and_its_groups_become_queues(send: Send) -> None:
    one = send(samples.zammad(), "zammad.zip", "helpdesk")
    assert (one["encoding"], one["mapping"]) == ("zammad", ["", "", ""])
    assert [column["name"] for column in one["columns"]] == ["Users", "Facturation", ""]
    assert one["columns"][2]["samples"] == ["organization:1 user:3 ticket:3 message:5 group:2 state:2"]
    assert [(target["name"], target["label"]) for target in one["targets"]] == [
        ("technical", "Technical"),
        ("billing", "Billing"),
    ]


def test_zammad_is_taken_in_with_all_messages(send: Send, act: Send, api: Api, ada: User, alice: User) -> None:
    one = send(samples.zammad(), "zammad.zip", "helpdesk")
    checked = act(one, "check", mapping=["", "billing", ""])
    expected = [
        ("agent_unknown", "user:4 (old@example.com)"),
        ("bad_foreign_status", "ticket:51 (lab)"),
        ("no_ticket_there", "ticket:99"),
    ]
    assert (counts(checked), faults(api, ada, one)) == ((8, 0, 5, 3), expected)
    assert (Ticket.objects.count(), Customer.objects.count(), Organization.objects.count(), Attachment.objects.count()) == (
        0, 0, 0, 0,
    )  # fmt: skip
    done = act(one, "run")
    assert (done["state"], counts(done), faults(api, ada, one)) == ("done", (8, 0, 5, 3), expected)
    first, second = Ticket.objects.order_by("pk")
    assert (first.subject, first.status, first.priority, first.queue.slug, first.assignee, first.channel) == (
        "Facture", "closed", 3, "billing", alice, "email",
    )  # fmt: skip
    assert (first.requester.name, first.organization, first.reply_address, first.waiting_since) == (
        "Zoé Petit", Organization.objects.get(), "zoe@example.com", None,
    )  # fmt: skip
    assert said(first) == [
        (1, "public", "email", "Zoé Petit", "Le montant est faux\n\nFiles left in the other help desk: scan.pdf", "",
         "2026-02-01T08:00:00+00:00"),
        (2, "note", "web", "", "Olga Old:\nà vérifier", "", "2026-02-02T08:00:00+00:00"),
        (3, "public", "email", "Alice Martin", "Corrigé.", "", "2026-02-03T10:00:00+00:00"),
    ]  # fmt: skip
    file = Attachment.objects.get()
    assert (file.name, file.file.read(), file.message) == ("note.txt", b"hello", first.messages.get(seq=1))
    assert (second.status, second.queue.slug, second.assignee) == ("open", "technical", None)
    customer = Customer.objects.get()
    assert sorted(customer.identities.values_list("value", "verified_at")) == [
        ("+33123456789", None), ("zammad:12", None), ("zoe@example.com", None),
    ]  # fmt: skip
    assert customer.note == "VIP\ncall me"
    assert (
        list(Event.objects.filter(subject="ticket").values_list("name", "data"))
        == [("ticket.imported", {"from": "zammad"})] * 2
    )
    assert (len(mail.outbox), {name: broken for name, broken in invariants.violations().items() if broken}) == (0, {})
    assert [
        cells for cells in ImportRow.objects.exclude(outcome="refused").values_list("cells", flat=True) if cells
    ] == []


def test_zendesk_lines_are_taken_in_with_their_comments(
    send: Send, act: Send, api: Api, ada: User, alice: User
) -> None:
    one = send(samples.zendesk(), "export.ndjson", "helpdesk")
    assert (one["encoding"], [column["name"] for column in one["columns"]], one["mapping"]) == (
        "zendesk", ["Billing", ""], ["billing", ""],
    )  # fmt: skip
    act(one, "check", mapping=one["mapping"])
    done = act(one, "run")
    assert (counts(done), faults(api, ada, one)) == ((3, 0, 1, 1), [("bad_foreign_status", "ticket:78 (deleted)")])
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.kind, ticket.priority, ticket.queue.slug, ticket.assignee) == (
        "solved", "assistance", 4, "billing", alice,
    )  # fmt: skip
    assert (ticket.solved_at and ticket.solved_at.isoformat(), list(ticket.tags.values_list("name", flat=True))) == (
        "2026-02-03T10:00:00+00:00", ["vip"],
    )  # fmt: skip
    assert said(ticket) == [
        (1, "public", "email", "Zoé Petit", "Le montant est faux\n\nFiles left in the other help desk: scan.pdf", "",
         "2026-02-01T08:00:00+00:00"),
        (2, "note", "web", "Alice Martin", "note", "<p>note</p>", "2026-02-02T08:00:00+00:00"),
    ]  # fmt: skip
    assert (ticket.requester.locale, ticket.requester.organization and ticket.requester.organization.domains) == (
        "fr",
        ["acme.fr"],
    )


def test_zendesk_answers_of_the_api_name_the_ticket_in_the_address_of_their_comments(send: Send, act: Send) -> None:
    ticket = {key: value for key, value in samples.ZENDESK_LINES[3].items() if key != "comments"}
    comments = samples.ZENDESK_LINES[3]["comments"]
    parts: dict[str, str | bytes] = {
        "users.json": json.dumps({"users": samples.ZENDESK_LINES[1:3], "next_page": None, "count": 2}),
        "tickets.json": json.dumps({"count": 1, "tickets": [ticket]}),
        "tickets/77/comments.json": json.dumps({"comments": comments, "count": 2}),
    }
    one = send(samples.packed(parts), "zendesk.zip", "helpdesk")
    act(one, "check", mapping=one["mapping"])
    assert counts(act(one, "run")) == (4, 0, 1, 0)
    assert [row[:4] for row in said(Ticket.objects.get())] == [
        (1, "public", "email", "Zoé Petit"),
        (2, "note", "web", "Alice Martin"),
    ]


@pytest.mark.parametrize("content", [samples.zammad(), samples.zendesk()], ids=["zammad", "zendesk"])
def test_the_same_export_again_changes_nothing(send: Send, act: Send, content: bytes) -> None:
    one = send(content, "x.zip", "helpdesk")
    act(one, "check", mapping=one["mapping"])
    act(one, "run")
    before = (Ticket.objects.count(), Message.objects.count(), Identity.objects.count(), Attachment.objects.count())
    again = send(content, "x.zip", "helpdesk")
    checked = act(again, "check", mapping=again["mapping"])
    assert (checked["made"], checked["changed"], "run" in checked["can"]) == (0, 0, False)
    assert (
        Ticket.objects.count(),
        Message.objects.count(),
        Identity.objects.count(),
        Attachment.objects.count(),
    ) == before


def test_taken_back_with_files_but_not_what_somebody_answered(
    send: Send, act: Send, alice: User, tmp_path: Any, django_capture_on_commit_callbacks: Any
) -> None:
    one = send(samples.zammad(), "zammad.zip", "helpdesk")
    act(one, "check", mapping=["", "billing", ""])
    done = act(one, "run")
    factories.answer(Ticket.objects.get(subject="Accès"), alice)
    assert len(list(tmp_path.glob("attachments/*/*"))) == 1
    with django_capture_on_commit_callbacks(execute=True):
        undone = act(done, "undo")
    # the request, its customer and his organisation
    assert (undone["state"], undone["kept"], Ticket.objects.get().subject) == ("undone", 3, "Accès")
    assert (Attachment.objects.count(), list(tmp_path.glob("attachments/*/*"))) == (0, [])


def test_taken_back_whole(send: Send, act: Send, tmp_path: Any) -> None:
    one = send(samples.zammad(), "zammad.zip", "helpdesk")
    act(one, "check", mapping=["", "billing", ""])
    undone = act(act(one, "run"), "undo")
    assert (undone["state"], undone["kept"]) == ("undone", 0)
    assert (
        Ticket.objects.count(),
        Message.objects.count(),
        Customer.objects.count(),
        Organization.objects.count(),
    ) == (0, 0, 0, 0)


DEEP = b'[{"id":1,"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}]"
MIXED = json.dumps([samples.ZAMMAD_USERS[0], samples.ZENDESK_LINES[3]]).encode()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (DEEP, "too_deep"),
        (MIXED, "two_products"),
        (b'[{"id":1', "broken_json"),
        (b'[{"id":1]]', "broken_json"),
        (b"[{\"id\":1,'x':2}]", "broken_json"),
        (b'[{"id":1}]', "no_export"),
        (b"a,b\n1,2\n", "no_export"),
        (b"", "no_export"),
        (samples.zammad()[:200], "broken_zip"),
        (samples.packed({"users.json": b" " * (151 * 1024 * 1024)}), "too_large_json"),
        (b'[{"id":1,"x":"' + b"a" * (10 * 1024 * 1024) + b'"}]', "record_too_large"),
    ],
    ids=["deep", "mixed", "cut", "crossed", "quotes", "other", "csv", "empty", "cut zip", "bomb", "long"],
)
def test_what_cannot_be_read_is_told_and_not_kept(
    api: Api, ada: User, tmp_path: Any, content: bytes, code: str
) -> None:
    file = SimpleUploadedFile("x.json", content)
    answer = api(ada).post(URL, {"file": file, "kind": "helpdesk"}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid" if not content else code)
    assert (Import.objects.count(), list(tmp_path.iterdir())) == (0, [])


def test_huge_numbers_and_odd_values_harm_nothing(send: Send, act: Send, api: Api, ada: User) -> None:
    number = "9" * 10_000
    rows = (
        f'{{"id":{number},"name":"A","email":"a@example.com","role":"end-user","phone":{{"x":1}},"organization_id":[]}}\n'
        '{"id":5,"subject":"s","status":"open","requester_id":6,"created_at":"2026-01-01T00:00:00Z","comments":"x"}\n'
        '{"id":7,"subject":"s","status":"open","requester_id":8,"created_at":"99999-01-01","comments":NaN}\n'
        '{"id":8,"name":"B","email":"b@example.com","role":"end-user","phone":1e999,"organization_id":null}\n'
    )
    one = send(rows, "x.ndjson", "helpdesk")
    checked = act(one, "check", mapping=one["mapping"])
    assert checked["state"] == "checked"
    assert [code for code, _value in faults(api, ada, one)] == ["no_messages", "bad_date"]


def test_a_piece_costs_the_same_however_many_tickets_it_has(send: Send, act: Send) -> None:
    def cost(many: int, start: int) -> int:
        lines = [
            {"id": n, "subject": "s", "status": "open", "requester_id": n, "group_id": None, "tags": [f"t{n}"],
             "requester": {"id": n, "name": "C", "email": f"c{n}@example.com"}, "created_at": "2026-01-01T00:00:00Z",
             "description": "text"}
            for n in range(start, start + many)
        ]  # fmt: skip
        one = send("\n".join(json.dumps(line) for line in lines), "x.ndjson", "helpdesk")
        act(one, "check", mapping=one["mapping"])
        with CaptureQueriesContext(connection) as caught:
            running.run(Import.objects.get(pk=one["id"]))
            running.step(import_id=one["id"], after=0)
        assert Ticket.objects.filter(subject="s").count() >= many
        return len(caught)

    # Few enough for one statement of SQLite
    assert cost(8, 10_000) == cost(4, 20_000)


def test_queues_alone_can_be_chosen(send: Send, api: Api, ada: User) -> None:
    one = send(samples.zendesk(), "x.ndjson", "helpdesk")
    Queue.objects.filter(slug="technical").update(is_active=False)
    for wrong in (["technical", ""], ["nowhere", ""], ["billing"]):
        answer = api(ada).post(f"{URL}{one['id']}/check/", {"mapping": wrong}, format="json")
        assert answer.status_code == 400
    assert Import.objects.get().state == "new"
