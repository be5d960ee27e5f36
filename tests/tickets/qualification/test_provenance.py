"""Who set a field, on which words, and who may change it."""

import pytest

from helpdesk.events.models import Event
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, User
from tests.conftest import Api
from tests.factories import make_ticket
from tickets import intake, lifecycle, routing
from tickets.channels.inbound import Inbound
from tickets.models import Provenance, Queue, Rule, Ticket
from tickets.qualification import provenance
from tickets.qualification.provenance import Source


def _kinds(ticket: Ticket) -> dict[str, str]:
    return dict(Provenance.objects.filter(ticket=ticket).values_list("field", "kind"))


def _refunds(bob: User) -> Rule:
    conditions = {"any": [{"field": "text", "op": "words", "value": ["refund*"]}]}
    return routing.create_rule(
        by=bob, name="Refunds", conditions=conditions, actions={"queue": "billing", "priority": 3, "tags": ["money"]}
    )


def test_a_new_ticket_says_who_set_what(technical: Queue, billing: Queue, bob: User) -> None:
    rule = _refunds(bob)
    ticket = make_ticket(subject="My order", body="It never arrived. I want a refund, please, as soon as you can.")
    assert _kinds(ticket) == {
        "kind": "guess",
        "language": "guess",
        "priority": "rule",
        "queue": "rule",
        "standing": "default",
        "tag:money": "rule",
        "spam": "guess",
    }
    row = Provenance.objects.get(ticket=ticket, field="queue")
    assert (row.value, row.origin, row.version, row.name) == ("billing", rule.pk, rule.version, "Refunds")
    assert [(word["text"], word["start"]) for word in row.words] == [("refund", 36)]
    kind = Provenance.objects.get(ticket=ticket, field="kind")
    assert kind.value == "complaint"
    assert [word["text"] for word in kind.words] == ["never arrived", "refund"]


def test_what_was_stated_is_the_customers_word(technical: Queue, dana: Customer) -> None:
    ticket = make_ticket(dana, kind="information", priority=1)
    kinds = _kinds(ticket)
    assert (kinds["kind"], kinds["priority"], kinds["queue"]) == ("customer", "customer", "default")


def test_a_program_is_not_taken_for_an_agent(api: Api, alice: User, technical: Queue) -> None:
    given = {"subject": "Hello there", "body": "Words", "requester": {"email": "p@example.com"}, "priority": 4}
    made = api(alice).post("/api/v1/tickets/", given, format="json").json()
    by = {field["field"]: field["by"] for field in made["qualification"]["fields"]}
    assert by["priority"] == {"kind": "import", "name": "Alice Martin", "rule": None, "version": None, "user": alice.pk}


@pytest.mark.parametrize(
    ("held", "kind", "overwrite", "allowed"),
    [
        (None, "guess", False, True),
        ("agent", "agent", False, True),
        ("agent", "rule", False, False),
        ("agent", "rule", True, True),
        ("agent", "model", False, False),
        ("agent", "import", False, False),
        ("rule", "rule", False, True),
        ("rule", "model", False, False),
        ("customer", "model", False, False),
        ("customer", "rule", False, True),
        ("guess", "model", False, True),
        ("default", "model", False, True),
        ("guess", "customer", False, True),
    ],
)
def test_who_may_change_what_somebody_set(held: str | None, kind: str, overwrite: bool, allowed: bool) -> None:
    assert provenance.may_set(held, Source(kind), overwrite=overwrite) is allowed


def test_a_rule_leaves_alone_what_an_agent_chose(
    technical: Queue, billing: Queue, alice: User, bob: User, dana: Customer
) -> None:
    ticket = make_ticket(dana, queue=billing)
    lifecycle.change(ticket, {"kind": "complaint", "tags": ["vip"]}, by=alice, version=None)
    lifecycle.change(ticket, {"tags": []}, by=alice, version=None)
    before = Event.objects.count()
    source = Source.of_rule(_refunds(bob))
    applied = lifecycle.apply(
        ticket, {"kind": "assistance", "priority": 4, "tags": ["vip", "late"]}, source=source, cause=before
    )
    assert applied.done == {"priority": 4, "tags": ["late"]}
    assert applied.kept == {"kind": "agent", "tag:vip": "agent"}
    ticket.refresh_from_db()
    assert (ticket.kind, ticket.priority, [tag.name for tag in ticket.tags.all()]) == ("complaint", 4, ["late"])
    event = Event.objects.filter(name="ticket.changed", data__has_key="priority").get()
    assert event.data["source"] == {"kind": "rule", "origin": source.origin, "version": 1}
    assert (event.actor_kind, event.actor_id, event.cause) == ("rule", source.origin, before)


def test_a_rule_that_says_so_overwrites_and_history_tells(
    api: Api, technical: Queue, billing: Queue, alice: User, bob: User, dana: Customer
) -> None:
    ticket = make_ticket(dana, queue=billing)
    lifecycle.change(ticket, {"kind": "complaint"}, by=alice, version=None)
    rule = _refunds(bob)
    lifecycle.apply(ticket, {"kind": "assistance"}, source=Source.of_rule(rule), overwrite=True)
    told = api(alice).get(f"/api/v1/tickets/{ticket.pk}/qualification/").json()
    now = next(field for field in told["fields"] if field["field"] == "kind")
    assert (now["value"], now["label"], now["by"]["kind"], now["by"]["rule"]) == (
        "assistance",
        "Assistance",
        "rule",
        rule.pk,
    )
    kinds = [(one["from"], one["to"], one["by"]["kind"]) for one in told["history"] if one["field"] == "kind"]
    assert kinds == [("complaint", "assistance", "rule"), (None, "complaint", "agent")]


def test_setting_the_same_value_changes_nothing(technical: Queue, billing: Queue, alice: User, dana: Customer) -> None:
    ticket = make_ticket(dana, queue=billing, kind="complaint")
    events = Event.objects.count()
    lifecycle.change(ticket, {"kind": "complaint"}, by=alice, version=None)
    assert Event.objects.count() == events
    assert _kinds(ticket)["kind"] == "customer"


def test_standing_grows_with_requests(technical: Queue) -> None:
    who = Who(name="Zoé", email="zoe@example.com", is_proved=True)
    seen = []
    for number in range(4):
        inbound = Inbound(channel="web", who=who, subject=f"Request {number}", body="Something is wrong here.")
        ticket = intake.receive(inbound).ticket
        seen.append(Provenance.objects.get(ticket=ticket, field="standing").value)
    assert seen == ["new", "known", "known", "regular"]


def test_an_agent_who_may_not_see_the_ticket_gets_nothing(
    api: Api, charlie: User, billing: Queue, technical: Queue
) -> None:
    ticket = make_ticket(queue=billing)
    assert api(charlie).get(f"/api/v1/tickets/{ticket.pk}/qualification/").status_code == 404
    assert api(charlie).post(f"/api/v1/tickets/{ticket.pk}/spam/", {"spam": True}).status_code == 404
    ticket.refresh_from_db()
    assert ticket.status == "new"
