"""What desks show of calls, and to whom: the one who is rung, and nobody beside him."""

from typing import Any

import pytest
from channels.layers import get_channel_layer

from helpdesk.lib.actor import SYSTEM
from helpdesk.people.models import Customer, TeamMember, User
from tests.conftest import Api
from tests.factories import make_ticket
from tests.tickets.calls.conftest import NUMBER, Telephone, only, proves
from tickets.channels import phone_systems
from tickets.models import PhoneSystem, Queue

pytestmark = pytest.mark.django_db
NOW = "/api/v1/calls/now/"


def cards(api: Api, user: User) -> list[Any]:
    found: list[Any] = api(user).get(NOW).json()["results"]
    return found


def test_a_call_comes_up_at_the_desk_that_is_rung_and_at_no_other(
    telephone: Telephone, desks: None, api: Api, alice: User, bob: User, charlie: User, ada: User
) -> None:
    telephone.rings()
    assert [card["id"] for card in cards(api, alice)] == [only().pk]
    assert [cards(api, user) for user in (bob, charlie, ada)] == [[], [], []]


def test_it_leaves_the_desks_of_those_who_did_not_answer(
    telephone: Telephone, desks: None, api: Api, alice: User, charlie: User
) -> None:
    telephone.rings(at="800", user=["101", "102"])
    assert (len(cards(api, alice)), len(cards(api, charlie))) == (1, 1)
    telephone.tell("answer", user=["102"])
    assert (cards(api, alice), cards(api, charlie)[0]["state"]) == ([], "answered")
    telephone.tell("hangup")
    assert cards(api, charlie)[0]["state"] == "ended", "what he heard is still to be written down"
    api(charlie).patch(f"/api/v1/calls/{only().pk}/", {"settled": True})
    assert cards(api, charlie) == []


def test_the_file_is_known_where_the_number_is_proved(
    telephone: Telephone, desks: None, api: Api, alice: User, dana: Customer, billing: Queue, technical: Queue
) -> None:
    proves(dana)
    mine = make_ticket(dana, queue=billing, subject="Mine")
    make_ticket(dana, queue=technical, subject="Of another team")
    telephone.rings()
    [card] = cards(api, alice)
    assert card["number"] == {"e164": NUMBER, "shown": "+33 6 12 34 56 78"}
    assert (card["is_known"], card["people"]) == (
        True,
        [
            {
                "id": dana.pk, "name": "Dana Dupont", "organization": "", "language": "en", "is_proved": True,
                "tickets": [{"id": mine.pk, "number": mine.number, "subject": "Mine"}], "more_tickets": False,
            }
        ],
    )  # fmt: skip


def test_who_reads_which_calls(
    telephone: Telephone, desks: None, api: Api, alice: User, bob: User, charlie: User, rita: User, ada: User
) -> None:
    telephone.rings("alice")
    telephone.rings("charlie", at="102")
    telephone.rings("anybody", at="800")

    def read(user: User) -> set[str]:
        ids = {row["id"] for row in api(user).get("/api/v1/calls/").json()["results"]}
        from tickets.models import Call

        return set(Call.objects.filter(pk__in=ids).values_list("key", flat=True))

    assert read(alice) == {"alice", "anybody"}
    assert read(charlie) == {"charlie", "anybody"}
    assert read(bob) == read(ada) == {"alice", "charlie", "anybody"}
    assert api(rita).get("/api/v1/calls/").status_code == 403
    assert api(None).get("/api/v1/calls/").status_code == 401
    TeamMember.objects.filter(user=bob).delete()
    assert read(bob) == {"anybody"}


def test_foreign_calls_do_not_exist(telephone: Telephone, desks: None, api: Api, charlie: User) -> None:
    telephone.rings()
    url = f"/api/v1/calls/{only().pk}/"
    assert api(charlie).get(url).status_code == 404
    assert api(charlie).patch(url, {"settled": True}).status_code == 404
    assert only().settled_at is None


def test_scopes(telephone: Telephone, desks: None, api: Api, alice: User) -> None:
    telephone.rings("missed")
    telephone.tell("missed", "missed")
    telephone.rings("mine")
    telephone.tell("answer", "mine")

    def count(scope: str) -> int:
        return len(api(alice).get(f"/api/v1/calls/?scope={scope}").json()["results"])

    assert (count("missed"), count("mine"), count("all")) == (1, 1, 2)


def test_the_pages_cost_the_same_however_many_calls_there_are(
    telephone: Telephone,
    desks: None,
    api: Api,
    alice: User,
    dana: Customer,
    billing: Queue,
    django_assert_num_queries: Any,
) -> None:
    proves(dana)
    make_ticket(dana, queue=billing)
    client = api(alice)
    for number in range(3):
        telephone.rings(f"c{number}")
    with django_assert_num_queries(5):
        assert len(client.get("/api/v1/calls/").json()["results"]) == 3
    with django_assert_num_queries(10):
        assert len(client.get(NOW).json()["results"]) == 3


def test_without_a_telephone_system_the_desk_is_told_so(api: Api, alice: User) -> None:
    assert api(alice).get(NOW).json() == {"results": [], "missed": 0, "connected": False}


def test_news_go_to_those_who_are_rung_and_to_nobody_else(
    telephone: Telephone,
    desks: None,
    alice: User,
    charlie: User,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: Any,
) -> None:
    from helpdesk.lib import live

    told: list[tuple[list[str], dict[str, Any]]] = []
    monkeypatch.setattr(live, "send_all", lambda groups, frame: told.append((groups, frame)))
    with django_capture_on_commit_callbacks(execute=True):
        telephone.rings()
    assert get_channel_layer() is not None
    assert told == [
        (
            [f"user.{alice.pk}"],
            {
                "type": "call.changed", "call": only().pk, "state": "ringing", "direction": "in",
                "number": "+33 6 12 34 56 78", "agent": None, "ticket": None,
            },
        )
    ]  # fmt: skip


# --- telephone systems -----------------------------------------------------------------------------------------------
def test_an_administrator_makes_one_and_sees_its_address_once(api: Api, ada: User) -> None:
    made = api(ada).post("/api/v1/phone_systems/", {"name": "PBX", "region": "be"})
    assert made.status_code == 201
    assert made.json()["url"].endswith(f"/api/v1/cti/{made.json()['token']}")
    [row] = api(ada).get("/api/v1/phone_systems/").json()["results"]
    assert set(row) == {"id", "name", "region", "is_open", "token_made_at", "last_told_at"}
    assert (row["region"], row["is_open"], row["last_told_at"]) == ("BE", True, None)
    renewed = api(ada).post(f"/api/v1/phone_systems/{row['id']}/token/").json()["token"]
    assert renewed != made.json()["token"]
    assert phone_systems.of_token(made.json()["token"]) is None
    assert api(ada).delete(f"/api/v1/phone_systems/{row['id']}/token/").status_code == 204
    assert phone_systems.of_token(renewed) is None
    renamed = api(ada).patch(f"/api/v1/phone_systems/{row['id']}/", {"name": "Main"}).json()
    assert (renamed["name"], renamed["is_open"]) == ("Main", False)


@pytest.mark.parametrize("who", [None, "alice", "bob"])
def test_nobody_else_does(api: Api, telephone: Telephone, who: str | None, request: pytest.FixtureRequest) -> None:
    client = api(request.getfixturevalue(who) if who else None)
    before = PhoneSystem.objects.get().digest
    path = f"/api/v1/phone_systems/{telephone.system.pk}/"
    answers = [
        client.get("/api/v1/phone_systems/"),
        client.post("/api/v1/phone_systems/", {"name": "Mine"}),
        client.patch(path, {"name": "Mine"}),
        client.post(f"{path}token/"),
        client.delete(f"{path}token/"),
    ]
    assert {answer.status_code for answer in answers} == {403 if who else 401}
    assert PhoneSystem.objects.get().digest == before


def test_an_extension_belongs_to_one_person(api: Api, desks: None, bob: User, alice: User, charlie: User) -> None:
    refused = api(bob).patch(f"/api/v1/team/{charlie.pk}/", {"extension": "101"})
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["extension"])
    charlie.refresh_from_db()
    assert charlie.extension == "102"
    assert api(bob).patch(f"/api/v1/team/{charlie.pk}/", {"extension": " 01 23 45 "}).json()["extension"] == "012345"
    assert api(bob).patch(f"/api/v1/team/{alice.pk}/", {"extension": ""}).status_code == 200
    assert api(alice).patch(f"/api/v1/team/{alice.pk}/", {"extension": "7"}).status_code == 403
    assert phone_systems.create({"name": "x"}, by=SYSTEM)[0].region == "FR"
