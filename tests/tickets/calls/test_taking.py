"""Events of a telephone system over the API: once each, in any order, by whoever has a token and nobody else."""

import base64
import itertools
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from rest_framework.test import APIClient

from helpdesk.events.models import Event
from helpdesk.lib.actor import SYSTEM
from helpdesk.people.models import Customer, User
from tests.conftest import Api
from tests.tickets.assignment.test_races import at_once
from tests.tickets.calls.conftest import NINE, NUMBER, Telephone, after, claims, only, proves
from tickets.channels import phone_in, phone_systems, phone_told
from tickets.channels.phone_told import Told
from tickets.models import Call, CallEvent, PhoneSystem

pytestmark = pytest.mark.django_db

EVENTS: dict[str, dict[str, Any]] = {
    "newCall": {"direction": "in", "from": NUMBER, "to": "101", "at": after(0)},
    "answer": {"direction": "in", "from": NUMBER, "to": "101", "at": after(10), "user": ["101"]},
    "hangup": {"direction": "in", "from": NUMBER, "to": "101", "at": after(130), "cause": "normalClearing"},
    "missed": {"at": after(130)},
}


def shown(call: Call) -> dict[str, Any]:
    names = ("state", "direction", "number", "line", "cause", "agent_id", "is_shared", "customer_id", "started_at",
             "answered_at", "ended_at", "seconds")  # fmt: skip
    return {name: getattr(call, name) for name in names} | {"rung": sorted(call.rung.values_list("pk", flat=True))}


@pytest.mark.parametrize("chosen", [("newCall", "answer", "hangup"), ("newCall", "hangup"), ("newCall", "missed")])
def test_every_order_with_every_event_twice_makes_the_same_one_call(
    telephone: Telephone, desks: None, chosen: tuple[str, ...]
) -> None:
    found = []
    for number, order in enumerate(sorted(set(itertools.permutations(chosen * 2)))):
        for event in order:
            phone_in.take(telephone.system, *phone_told.read({"event": event, "callId": f"c{number}", **EVENTS[event]}))
        call = Call.objects.get(key=f"c{number}")
        assert call.events.count() == len(chosen)
        assert Event.objects.of("call", call.pk).count() == len(chosen)
        found.append(shown(call))
    assert all(one == found[0] for one in found)
    assert found[0]["state"] == ("ended" if "answer" in chosen else "missed")
    assert found[0]["seconds"] == (120 if "answer" in chosen else None)


def test_the_same_again_says_that_it_is_known(telephone: Telephone) -> None:
    first, again = telephone.rings(), telephone.rings()
    assert (first.status_code, first.json()["is_new"]) == (201, True)
    assert (again.status_code, again.json()) == (200, {"id": only().pk, "state": "ringing", "is_new": False})


def test_further_people_it_rings_at_are_added(telephone: Telephone, desks: None, alice: User, charlie: User) -> None:
    telephone.rings(at="800", user=["101"])
    assert set(only().rung.all()) == {alice}
    assert telephone.rings(at="800", user=["102"]).status_code == 201
    assert set(only().rung.all()) == {alice, charlie}
    assert telephone.rings(at="800", user=["102", "101"]).status_code == 200
    assert CallEvent.objects.count() == 1


def test_two_telephone_systems_may_use_the_same_id(telephone: Telephone) -> None:
    other = Telephone()
    telephone.rings("7")
    other.rings("7")
    assert Call.objects.filter(key="7").count() == 2


def test_the_generic_form_as_a_form_at_the_address_that_was_pasted(
    telephone: Telephone, desks: None, alice: User
) -> None:
    alice.name = "Alice Martin"
    form = "event=newCall&from=33612345678&to=33123456789&direction=in&callId=abc&user[]=Alice+Martin"
    url = phone_systems.url(telephone.token).removeprefix(settings.PUBLIC_URL)
    answer = APIClient().post(url, form, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 201
    call = only()
    assert (call.number, call.line, call.key) == (NUMBER, "33123456789", "abc")
    assert list(call.rung.all()) == [alice]
    assert APIClient().post(f"{url}/", {"event": "hangup", "callId": "abc", "cause": "cancel"}).status_code == 201
    assert only().state == "missed"


def test_the_houses_own_form(telephone: Telephone, desks: None, alice: User) -> None:
    telephone.client.post(
        "/api/v1/calls/",
        {"event": "ringing", "call_id": 9, "direction": "out", "from": "101", "to": "06 12 34 56 78"},
        headers={"authorization": f"Bearer {telephone.token}"},
    )
    call = only()
    assert (call.key, call.direction, call.number, call.agent) == ("9", "out", NUMBER, alice)


@pytest.mark.parametrize(
    "said",
    [
        {"event": "dance", "callId": "1"},
        {"callId": "1"},
        {"event": "newCall"},
        {"event": "newCall", "callId": ""},
        {"event": "newCall", "callId": "x" * 251},
        {"event": "newCall", "callId": ["1"]},
        {"event": "newCall", "callId": True},
        {"event": "newCall", "callId": "1", "direction": "up"},
        {"event": "newCall", "callId": "1", "from": {"a": 1}},
        {"event": "newCall", "callId": "1", "from": "1" * 81},
        {"event": "newCall", "callId": "1", "at": "yesterday"},
        {"event": "newCall", "callId": "1", "at": "2026-13-45T99:00:00Z"},
        {"event": "newCall", "callId": "1", "at": "2999-01-01T00:00:00Z"},
        {"event": "newCall", "callId": "1", "at": "0001-01-01T00:00:00+12:00"},
        {"event": "newCall", "callId": "1", "user": [{"a": 1}]},
        [],
        "newCall",
    ],
)
def test_what_is_not_understood_is_refused_and_nothing_is_kept(telephone: Telephone, said: Any) -> None:
    answer = telephone.client.post("/api/v1/calls/", said, headers={"authorization": f"Bearer {telephone.token}"})
    assert answer.status_code == 400
    assert (Call.objects.count(), CallEvent.objects.count(), Event.objects.filter(subject="call").count()) == (0, 0, 0)


def test_a_word_with_a_nul_is_kept_without_it(telephone: Telephone) -> None:
    telephone.rings("a\x00b", by="\x00anonymous")
    assert (only().key, only().told_number, only().number) == ("ab", "anonymous", "")


# --- who may tell ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", [None, "alice", "rita", "bob"])
def test_nobody_but_a_telephone_system_or_an_administrator_tells_of_calls(
    api: Api, telephone: Telephone, who: str | None, request: pytest.FixtureRequest
) -> None:
    client = api(request.getfixturevalue(who) if who else None)
    answer = client.post("/api/v1/calls/", {"event": "newCall", "callId": "1"})
    assert answer.status_code == (403 if who else 401)
    assert Call.objects.count() == 0


def test_an_administrators_program_speaks_for_the_telephone_system(api: Api, telephone: Telephone, ada: User) -> None:
    assert api(ada).post("/api/v1/calls/", {"event": "newCall", "callId": "1"}).status_code == 201
    assert only().system == telephone.system


@pytest.mark.parametrize("token", ["", "x", "Ā", "a" * 43, "' or 1=1", "\x7f"])
def test_a_wrong_token_opens_nothing(telephone: Telephone, token: str) -> None:
    closed = PhoneSystem.objects.create(name="Closed", created_at=NINE)
    assert closed.digest == ""
    for scheme in ("Bearer", "Token", "Basic"):
        head = {"authorization": f"{scheme} {token}".encode().decode("latin-1")}
        answer = APIClient().post("/api/v1/calls/", {"event": "newCall", "callId": "1"}, headers=head)
        assert answer.status_code == 401
    assert APIClient().post(f"/api/v1/cti/{'a' * 43}", {"event": "newCall", "callId": "1"}).status_code == 401
    assert Call.objects.count() == 0


def test_the_password_of_basic_is_a_token_too(telephone: Telephone) -> None:
    basic = base64.b64encode(f"guichet:{telephone.token}".encode()).decode()
    answer = APIClient().post(
        "/api/v1/calls/", {"event": "newCall", "callId": "1"}, headers={"authorization": f"Basic {basic}"}
    )
    assert answer.status_code == 201


def test_a_token_opens_nothing_else(telephone: Telephone) -> None:
    head = {"authorization": f"Bearer {telephone.token}"}
    assert APIClient().get("/api/v1/calls/", headers=head).status_code == 403
    for path in ("calls/now/", "tickets/", "customers/", "me/", "phone_systems/"):
        assert APIClient().get(f"/api/v1/{path}", headers=head).status_code == 401


def test_a_revoked_or_renewed_token_opens_nothing(telephone: Telephone) -> None:
    new = phone_systems.renew(telephone.system, by=SYSTEM)
    assert telephone.rings().status_code == 401
    telephone.token = new
    assert telephone.rings().status_code == 201
    phone_systems.revoke(telephone.system, by=SYSTEM)
    assert telephone.rings("c2").status_code == 401
    assert Call.objects.count() == 1


def test_of_the_token_only_the_hash_is_kept(telephone: Telephone) -> None:
    system = PhoneSystem.objects.get()
    assert telephone.token not in str(vars(system))
    assert len(system.digest) == 64


def test_one_telephone_system_may_tell_only_so_much_in_a_minute(telephone: Telephone, settings: Any) -> None:
    settings.CALL_EVENTS_PER_MINUTE = 2
    assert [telephone.rings(f"c{number}").status_code for number in range(3)] == [201, 201, 429]
    assert Call.objects.count() == 2


# --- whose call ------------------------------------------------------------------------------------------------------
def test_whoever_answers_has_the_call(telephone: Telephone, desks: None, charlie: User) -> None:
    telephone.rings(at="800", user=["101", "102"])
    assert only().agent is None
    telephone.tell("answer", answeringNumber="102")
    assert only().agent == charlie


def test_who_answers_is_clear_when_it_rang_at_one(telephone: Telephone, desks: None, alice: User) -> None:
    telephone.rings()
    telephone.tell("answer")
    assert only().agent == alice


def test_an_extension_is_known_by_any_of_its_spellings(telephone: Telephone, alice: User) -> None:
    alice.extension = "0123456789"
    alice.save()
    for number, told in enumerate(
        ("+33123456789", "0033123456789", "33123456789", "01 23 45 67 89", "ALICE@example.com")
    ):
        telephone.rings(f"c{number}", at=told)
        assert list(Call.objects.get(key=f"c{number}").rung.all()) == [alice], told


def test_a_name_that_two_bear_rings_at_neither(telephone: Telephone, alice: User, charlie: User) -> None:
    charlie.name = alice.name
    charlie.save()
    telephone.rings(at="800", user=[alice.name])
    assert (list(only().rung.all()), only().is_shared) == ([], True)


def test_it_rings_at_nobody_who_left_or_may_only_read(
    telephone: Telephone, desks: None, alice: User, rita: User
) -> None:
    alice.is_active, rita.extension = False, "103"
    alice.save()
    rita.save()
    telephone.rings(user=["103"])
    assert list(only().rung.all()) == []


def test_only_a_proved_number_says_who_it_is(telephone: Telephone, dana: Customer, eric: Customer) -> None:
    claims(dana)
    telephone.rings("c1")
    assert Call.objects.get(key="c1").customer is None
    proves(eric)
    telephone.rings("c2", by="06 12 34 56 78")
    assert Call.objects.get(key="c2").customer == eric


def test_what_nobody_ended_is_over_after_some_hours(telephone: Telephone, desks: None) -> None:
    telephone.rings("c1", at="101")
    moment = after(0)
    telephone.rings("old", at="101")
    CallEvent.objects.filter(call__key="old").update(at=moment)
    Call.objects.filter(key="old").update(started_at=moment)
    phone_in.sweep()
    assert dict(Call.objects.values_list("key", "state")) == {"c1": "ringing", "old": "missed"}
    assert telephone.tell("answer", "old").status_code == 201
    assert Call.objects.get(key="old").state == "ended"


def test_an_event_costs_so_many_queries(telephone: Telephone, desks: None, django_assert_num_queries: Any) -> None:
    telephone.rings("c0")
    told = Told("ringing", NINE, "in", NUMBER, "101", ("101", "102"))
    with django_assert_num_queries(19):
        phone_in.take(telephone.system, "c1", told)
    with django_assert_num_queries(6):
        phone_in.take(telephone.system, "c1", told)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
def test_events_at_the_same_moment_make_one_call(telephone: Telephone, desks: None) -> None:
    kinds = ("ringing", "answered", "ended") * 4
    calls = [
        lambda kind=kind: phone_in.take(telephone.system, "c1", Told(kind, NINE, "in", NUMBER, "101")) for kind in kinds
    ]
    assert at_once(*calls) == []
    call = only()
    assert (call.state, call.events.count()) == ("ended", 3)
    assert Event.objects.of("call", call.pk).count() == 3
