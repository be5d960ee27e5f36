"""Past requests from a table: history that sends nothing, repeated without harm, taken back, and into a table again."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helpdesk import invariants
from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.people import customers
from helpdesk.people.imports import running
from helpdesk.people.models import Customer, Identity, Import, User
from tests import factories
from tests.conftest import Api
from tests.helpdesk.people.imports.conftest import URL, Send, counts
from tests.helpdesk.people.imports.test_exports import fetch, table
from tickets import lifecycle
from tickets.assignment import desk, waking
from tickets.imported import own
from tickets.models import Delivery, Message, Offer, Queue, Survey, Tag, Ticket
from tickets.models.ticket import Status

pytestmark = pytest.mark.django_db
MORE_STATEMENTS = 2
CSV = (
    "id;sujet;statut;file;type;priorité;étiquettes;créé le;résolu le;client;courriel;nom;agent;canal;langue;message\n"
    "A-1;Facture fausse;résolu;Billing;réclamation;haute;vip, facture;31/01/2026 09:30;2026-02-01T10:00:00+00:00;"
    "c1;;;alice@example.com;courriel;fr;Le montant est faux.\n"
    "A-2;Mot de passe;ouvert;;;;;2026-03-01 08:00;;;zoe@example.com;Zoé Petit;;;;Je ne peux plus entrer.\n"
)


@pytest.fixture
def desk_of(technical: Queue, billing: Queue, alice: User, dana: Customer) -> None:
    customers.claim(dana, "external", "c1")


def shown(ticket: Ticket) -> dict[str, Any]:
    names = ("subject", "status", "kind", "priority", "channel", "language", "reply_address", "last_seq")
    moments = ("created_at", "solved_at", "last_message_at", "waiting_since")
    return {
        **{name: getattr(ticket, name) for name in names},
        **{name: value and value.isoformat() for name in moments for value in [getattr(ticket, name)]},
        "queue": ticket.queue.slug,
        "assignee": ticket.assignee and ticket.assignee.email,
        "requester": ticket.requester.name,
        "tags": sorted(ticket.tags.values_list("name", flat=True)),
        "said": [
            (m.seq, m.kind, m.body, m.created_at.isoformat(), m.author_name) for m in ticket.messages.order_by("seq")
        ],
    }


@pytest.mark.usefixtures("desk_of")
def test_a_row_becomes_a_request_as_it_was(take_in: Send) -> None:
    assert counts(take_in(CSV, kind="tickets")) == (2, 0, 0, 0)
    first, second = Ticket.objects.order_by("pk")
    assert shown(first) == {
        "subject": "Facture fausse", "status": "solved", "kind": "complaint", "priority": 3, "channel": "email",
        "language": "fr", "reply_address": "dana@example.com", "last_seq": 1, "created_at": "2026-01-31T08:30:00+00:00",
        "solved_at": "2026-02-01T10:00:00+00:00", "last_message_at": "2026-01-31T08:30:00+00:00", "waiting_since": None,
        "queue": "billing", "assignee": "alice@example.com", "requester": "Dana Dupont", "tags": ["facture", "vip"],
        "said": [(1, "public", "Le montant est faux.", "2026-01-31T08:30:00+00:00", "Dana Dupont")],
    }  # fmt: skip
    assert shown(second) | {"said": []} == {
        "subject": "Mot de passe", "status": "open", "kind": None, "priority": 2, "channel": "email", "language": "",
        "reply_address": "zoe@example.com", "last_seq": 1, "created_at": "2026-03-01T07:00:00+00:00", "solved_at": None,
        "last_message_at": "2026-03-01T07:00:00+00:00", "waiting_since": None, "queue": "technical", "assignee": None,
        "requester": "Zoé Petit", "tags": [], "said": [],
    }  # fmt: skip
    assert Identity.objects.get(value="zoe@example.com").verified_at is None
    assert {(one.field, one.kind, one.name) for one in first.provenance.all()} == {
        (name, "import", "import")
        for name in ("queue", "priority", "assignee", "kind", "language", "tag:facture", "tag:vip")
    }
    assert {name: broken for name, broken in invariants.violations().items() if broken} == {}


@pytest.mark.usefixtures("desk_of")
def test_it_is_history_nobody_is_told_and_nothing_is_given_out(take_in: Send, alice: User, technical: Queue) -> None:
    Queue.objects.update(strategy=Queue.Strategy.LEAST_BUSY)
    take_in(CSV, kind="tickets")
    waking.sweep()
    outbox.drain()
    assert (Delivery.objects.count(), Survey.objects.count(), Offer.objects.count(), len(mail.outbox)) == (0, 0, 0, 0)
    assert Job.objects.filter(task__startswith="tickets").count() == 0
    told = Event.objects.filter(subject="ticket").values_list("name", "data")
    assert list(told) == [("ticket.imported", {"from": "import"})] * 2
    ticket = Ticket.objects.get(subject="Mot de passe")
    assert list(desk.waiting(technical, datetime.now(UTC))) == []
    factories.write(ticket, "Toujours pas.")
    assert list(desk.waiting(technical, datetime.now(UTC))) == [ticket]


@pytest.mark.usefixtures("desk_of")
def test_it_is_found_and_stands_in_the_timeline(take_in: Send, api: Api, ada: User, dana: Customer) -> None:
    take_in(CSV, kind="tickets")
    ticket = Ticket.objects.get(subject="Facture fausse")
    found = api(ada).get("/api/v1/tickets/?q=montant+faux").json()["results"]
    assert [one["id"] for one in found] == [ticket.pk]
    timeline = api(ada).get(f"/api/v1/customers/{dana.pk}/timeline/").json()["results"]
    assert [(one["kind"], one["at"], one["status"], one["ticket"]) for one in timeline] == [
        ("ticket", "2026-01-31T09:30:00+01:00", "solved", ticket.pk)
    ]


@pytest.mark.usefixtures("desk_of")
def test_the_check_leaves_nothing_behind(send: Send, act: Send) -> None:
    one = send(CSV, kind="tickets")
    assert counts(act(one, "check", mapping=one["mapping"])) == (2, 0, 0, 0)
    assert (Ticket.objects.count(), Message.objects.count(), Tag.objects.count(), Customer.objects.count()) == (
        0,
        0,
        0,
        1,
    )


@pytest.mark.usefixtures("desk_of")
def test_the_same_file_again_changes_nothing_and_another_value_replaces(take_in: Send, act: Send) -> None:
    take_in(CSV, kind="tickets")
    before = [shown(ticket) for ticket in Ticket.objects.order_by("pk")]
    assert counts(take_in(CSV, kind="tickets")) == (0, 0, 2, 0)
    done = take_in("id;statut;priority;tags;résolu le;file\nA-2;fermé;urgent;new;02/03/2026;billing\n", kind="tickets")
    assert counts(done) == (0, 1, 0, 0)
    ticket = Ticket.objects.get(subject="Mot de passe")
    assert (ticket.status, ticket.priority, ticket.queue.slug, ticket.closed_at) == (
        "closed",
        4,
        "billing",
        ticket.solved_at,
    )
    assert list(ticket.tags.values_list("name", flat=True)) == ["new"]
    act(done, "undo")
    assert [shown(ticket) for ticket in Ticket.objects.order_by("pk")] == before


@pytest.mark.usefixtures("desk_of")
def test_whoever_worked_on_it_here_is_not_overruled(
    take_in: Send, send: Send, act: Send, api: Api, ada: User, alice: User
) -> None:
    done = take_in(CSV, kind="tickets")
    ticket = Ticket.objects.get(subject="Facture fausse")
    lifecycle.change(ticket, {"priority": 1}, by=alice, version=None)
    one = send("id;statut\nA-1;fermé\n", kind="tickets")
    assert counts(act(one, "check", mapping=one["mapping"])) == (0, 0, 0, 1)
    faults = api(ada).get(f"{URL}{one['id']}/rows/").json()["results"][0]["faults"]
    assert [(f["column"], f["code"]) for f in faults] == [("statut", "worked_on")]
    undone = act(done, "undo")
    assert (undone["state"], undone["kept"]) == ("undone", 1)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.priority, Ticket.objects.count()) == ("solved", 1, 1)


@pytest.mark.usefixtures("desk_of")
def test_taken_back_with_whoever_was_made_for_it(take_in: Send, act: Send, dana: Customer) -> None:
    undone = act(take_in(CSV, kind="tickets"), "undo")
    assert (undone["state"], undone["kept"]) == ("undone", 0)
    assert (Ticket.objects.count(), Message.objects.count(), list(Customer.objects.all())) == (0, 0, [dana])
    assert counts(take_in(CSV, kind="tickets")) == (2, 0, 0, 0)


@pytest.mark.usefixtures("desk_of")
def test_wrong_rows_are_told(send: Send, act: Send, api: Api, ada: User) -> None:
    text = (
        "id;sujet;statut;file;agent;priorité;type;canal;créé le;résolu le;client\n"
        ";x;;;;;;;2026-01-01;;c1\n"
        "2;x;lost;;;;;;2026-01-01;;c1\n"
        "3;x;;Sales;nobody@example.com;;;;2026-01-01;;c1\n"
        "4;x;;;;9;pigeon;smoke;2026-01-01;;c1\n"
        "5;x;;;;;;;;;c1\n"
        "6;x;;;;;;;2999-01-01;;c1\n"
        "7;x;;;;;;;2026-01-02;2026-01-01;c1\n"
        "8;;;;;;;;2026-01-02;;c1\n"
        "9;x;;;;;;;2026-01-02;;\n"
        "9;x;;;;;;;2026-01-02;;c1\n"
        f"{'n' * 101};x;;;;;;;2026-01-02;;c1\n"
        "11;x;;;;;;;99999-01-02;;c1\n"
    )
    one = send(text, kind="tickets")
    assert counts(act(one, "check", mapping=one["mapping"])) == (0, 0, 0, 12)
    found = api(ada).get(f"{URL}{one['id']}/rows/").json()["results"]
    assert [(row["number"], f["column"], f["code"]) for row in found for f in row["faults"]] == [
        (2, "id", "no_ticket_id"),
        (3, "statut", "bad_status"),
        (4, "file", "no_queue"), (4, "agent", "no_agent"),
        (5, "type", "bad_ticket_kind"), (5, "priorité", "bad_priority"), (5, "canal", "bad_channel"),
        (6, "créé le", "no_date"),
        (7, "créé le", "not_past"),
        (8, "résolu le", "before_start"),
        (9, "sujet", "no_subject"),
        (10, "client", "no_requester"),
        (11, "id", "twice"),
        (12, "id", "too_long"),
        (13, "créé le", "bad_date"),
    ]  # fmt: skip
    assert all(" " in f["text"] for row in found for f in row["faults"])
    assert Ticket.objects.count() == 0


@pytest.mark.usefixtures("desk_of")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_imported_again_changes_nothing(
    api: Api, ada: User, take_in: Send, alice: User, billing: Queue, form: str
) -> None:
    take_in(CSV, kind="tickets")
    native = factories.make_ticket(queue=billing, subject="=1+1", body="-2\n@SUM(A1)")
    factories.answer(native, alice)
    lifecycle.change(native, {"status": Status.SOLVED, "tags": ["b", "a"]}, by=alice, version=None)
    content = fetch(api, ada, kind="tickets", form=form)
    before = [shown(ticket) for ticket in Ticket.objects.order_by("pk")]
    assert counts(take_in(content, f"tickets.{form}", kind="tickets")) == (0, 0, 3, 0)
    assert [shown(ticket) for ticket in Ticket.objects.order_by("pk")] == before


@pytest.mark.usefixtures("desk_of")
def test_an_export_taken_in_elsewhere_gives_the_same_rows(api: Api, ada: User, take_in: Send, act: Send) -> None:
    done = take_in(CSV, kind="tickets")
    rows = table(fetch(api, ada, kind="tickets"))
    content = fetch(api, ada, kind="tickets")
    act(done, "undo")
    assert counts(take_in(content, kind="tickets")) == (2, 0, 0, 0)
    place = rows[0].index("number")
    without = [row[:place] + row[place + 1 :] for row in table(fetch(api, ada, kind="tickets"))]
    assert without == [row[:place] + row[place + 1 :] for row in rows]
    assert rows[1][:5] == ["A-1", "Facture fausse", "solved", "billing", "complaint"]


@pytest.mark.usefixtures("desk_of")
def test_a_file_does_not_change_what_was_made_here(take_in: Send, send: Send, act: Send, billing: Queue) -> None:
    native = factories.make_ticket(queue=billing)
    one = send(f"id;statut\n{own.id_of(native)};fermé\nnowhere#{native.pk};fermé\n", kind="tickets")
    assert counts(act(one, "check", mapping=one["mapping"])) == (0, 0, 0, 2)
    native.refresh_from_db()
    assert (native.status, Ticket.objects.count()) == ("new", 1)


def test_who_is_known_by_a_name_alone_is_nobodys_old_acquaintance(
    take_in: Send, technical: Queue, dana: Customer
) -> None:
    text = "id;subject;created;name\n1;a;2026-01-01;Dana Dupont\n2;b;2026-01-01;Dana Dupont\n"
    assert counts(take_in(text, kind="tickets")) == (2, 0, 0, 0)
    assert counts(take_in(text.replace("\n2;b", "\n3;c"), kind="tickets")) == (1, 0, 1, 0)
    made = Customer.objects.exclude(pk=dana.pk).get()
    assert list(Ticket.objects.values_list("requester", flat=True)) == [made.pk] * 3


@pytest.mark.usefixtures("desk_of")
def test_a_piece_costs_the_same_however_many_rows_it_has(send: Send, act: Send) -> None:
    def cost(many: int, start: int) -> int:
        rows = "".join(
            f"{start + n};s;solved;billing;2026-01-01;c{start + n}@example.com;alice@example.com;t{start + n}\n"
            for n in range(many)
        )
        one = send(f"id;subject;statut;file;created;email;agent;tags\n{rows}", kind="tickets")
        act(one, "check", mapping=one["mapping"])
        with CaptureQueriesContext(connection) as caught:
            running.run(Import.objects.get(pk=one["id"]))
            running.step(import_id=one["id"], after=0)
        return len(caught)

    # SQLite takes 999 values in a statement
    assert cost(40, 0) - cost(5, 1000) == (0 if connection.vendor == "postgresql" else MORE_STATEMENTS)
