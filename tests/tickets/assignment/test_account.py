"""Why her: what is told of a decision, to whom, in which words, and for how long it is kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import line, sessions
from chat.models import Site
from helpdesk.jobs import outbox
from helpdesk.lib import clock
from helpdesk.people import presence, schedule
from helpdesk.people.models import User
from tests.conftest import Api
from tests.factories import make_ticket
from tests.tickets.assignment.conftest import Staff, settled
from tickets import lifecycle
from tickets.assignment import account, give, waking
from tickets.models import AssignmentDecision, Queue, Ticket

pytestmark = pytest.mark.django_db


def told(api: Api, user: User, ticket: Ticket, query: str = "", language: str = "en") -> dict[str, Any]:
    outbox.drain()
    answer = api(user).get(f"/api/v1/tickets/{ticket.pk}/assignment/{query}", headers={"accept-language": language})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_everybody_considered_is_named_with_all_that_spoke_against_him(
    least_busy: Queue, staff: Staff, api: Api, bob: User
) -> None:
    least_busy.match_language = True
    least_busy.save()
    anna = staff("anna", "fr")
    lifecycle.assign(make_ticket(queue=least_busy), anna, by=anna.actor)
    staff("ben"), staff("cleo", "fr", there=False)
    dora, emil = staff("dora", "fr", ticket_capacity=0), staff("emil", "fr")
    presence.choose(emil, "away")
    schedule.add_absence(dora, clock.now(), clock.now() + timedelta(hours=1), "Doctor", by=bob)
    ticket = make_ticket(queue=least_busy, subject="Facture", body="Bonjour, le montant de ma facture est faux.")
    found = told(api, bob, ticket)
    [decision] = found["decisions"]
    assert (decision["outcome"], decision["agent"]["name"]) == ("assigned", "Anna")
    assert decision["text"] == "Anna: the only one who could be given it"
    assert decision["cause_text"] == "The ticket came in"
    assert found["needs"] == [{"slug": "fr", "label": "Fr", "from": "language"}]
    people = {each["agent"]["name"]: [reason["text"] for reason in each["reasons"]] for each in decision["considered"]}
    absent = people.pop("Dora")
    assert absent[0].startswith("absent until ")
    assert "Doctor" not in str(found), "why somebody is absent is not for colleagues"
    assert absent[1:] == ["at capacity 0/0"]
    assert people == {
        "Anna": [],
        "Ben": ["lacks the skill Fr"],
        "Bob Durand": ["offline", "lacks the skill Fr"],
        "Cleo": ["offline"],
        "Emil": ["away"],
    }
    assert decision["left_out"] == {"absent": 1, "away": 1, "lacks_skill": 1, "offline": 2}
    french = told(api, bob, ticket, language="fr")["decisions"]
    assert french[0]["text"] == "Anna\xa0: seule personne à pouvoir le recevoir"


def test_the_winner_of_several_is_told_by_what_decided(least_busy: Queue, staff: Staff, api: Api, alice: User) -> None:
    staff("anna"), staff("ben")
    first = told(api, alice, make_ticket(queue=least_busy))["decisions"]
    assert first[0]["text"] == "Anna: the least busy, with 0 open; among equals, whose turn it was"
    second = told(api, alice, make_ticket(queue=least_busy))["decisions"]
    assert second[0]["text"] == "Ben: the least busy, with 0 open"


def test_why_not_somebody_is_answered_now_also_for_strangers_to_the_team(
    least_busy: Queue, staff: Staff, api: Api, alice: User, charlie: User
) -> None:
    anna = staff("anna")
    ticket = make_ticket(queue=least_busy)
    stranger = told(api, alice, ticket, f"?agent={charlie.pk}")["asked"]
    assert stranger["text"] == "Charlie Petit: not in the team, offline"
    could = told(api, alice, ticket, f"?agent={anna.pk}")["asked"]
    assert could["text"] == "Anna: could be given it now"
    User.objects.filter(pk=anna.pk).update(is_active=False)
    gone = told(api, alice, ticket, f"?agent={anna.pk}")["asked"]
    assert [reason["code"] for reason in gone["reasons"]] == ["deactivated"]
    assert "asked" not in told(api, alice, ticket, "?agent=nobody")


def test_the_same_nobody_is_counted_and_another_nobody_is_told_anew(
    least_busy: Queue, staff: Staff, api: Api, alice: User
) -> None:
    anna = staff("anna", there=False)
    ticket = make_ticket(queue=least_busy)
    outbox.drain()
    give(ticket.pk, cause="sweep"), give(ticket.pk, cause="sweep")
    found = told(api, alice, ticket)
    assert [(each["outcome"], each["times"]) for each in found["decisions"]] == [("nobody", 3)]
    assert found["assignee"] is None
    presence.sit_down(anna), presence.choose(anna, "away")
    give(ticket.pk, cause="sweep")
    assert [each["times"] for each in told(api, alice, ticket)["decisions"]] == [1, 3]


def test_what_is_kept_is_bounded(
    least_busy: Queue, staff: Staff, api: Api, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "KEPT", 3)
    monkeypatch.setattr(account, "PEOPLE", 4)
    people = [staff(f"agent{number}") for number in range(9)]
    ticket = make_ticket(queue=least_busy)
    for _turn in range(5):
        outbox.drain()
        lifecycle.assign(ticket, None, by=people[8].actor)
    found = told(api, alice, ticket)
    assert len(found["decisions"]) == AssignmentDecision.objects.count() == 3
    decision = found["decisions"][0]
    assert (len(decision["considered"]), decision["more"]) == (4, 6)
    assert decision["considered"][0]["outcome"] == "chosen"


def test_a_chat_has_its_account_too(least_busy: Queue, staff: Staff, api: Api, alice: User) -> None:
    site = Site.objects.create(key="shop", name="Shop", queue=least_busy)
    staff("anna", chat_capacity=0)
    session = sessions.say(sessions.open(site, sessions.Visit()).session, "Hello", origin_id="0" * 32).session
    assert session.ticket is not None
    found = told(api, alice, session.ticket)
    [decision] = found["decisions"]
    assert (decision["cause"], decision["outcome"]) == ("chat", "nobody")
    assert "at capacity 0/0" in str(decision["considered"])
    assert not line.is_available(least_busy)


def test_strangers_are_told_nothing(least_busy: Queue, staff: Staff, api: Api, charlie: User, rita: User) -> None:
    staff("anna")
    ticket = settled(make_ticket(queue=least_busy))
    assert api(charlie).get(f"/api/v1/tickets/{ticket.pk}/assignment/").status_code == 404
    assert api(None).get(f"/api/v1/tickets/{ticket.pk}/assignment/").status_code == 401
    assert api(rita).get(f"/api/v1/tickets/{ticket.pk}/assignment/").status_code == 200


def test_the_account_costs_the_same_after_many_decisions(
    least_busy: Queue, staff: Staff, api: Api, alice: User
) -> None:
    people = [staff(f"agent{number}") for number in range(12)]
    ticket = make_ticket(queue=least_busy)
    counts = []
    for _turn in range(6):
        outbox.drain()
        client = api(alice)
        with CaptureQueriesContext(connection) as spent:
            client.get(f"/api/v1/tickets/{ticket.pk}/assignment/")
        counts.append(len(spent))
        lifecycle.assign(ticket, None, by=people[11].actor)
    assert counts == [counts[0]] * 6
    assert counts[0] <= 12


def test_a_settled_line_is_not_looked_at_again_by_the_sweep(least_busy: Queue, staff: Staff) -> None:
    staff("anna")
    settled(make_ticket(queue=least_busy))
    waking.sweep()
    assert not outbox.due_ids()
