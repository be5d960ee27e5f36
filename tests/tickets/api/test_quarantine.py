"""Held mail: seen by those whose queue its mailbox feeds, let in once, by whoever may."""

import pytest

from helpdesk.people.models import User
from tests.conftest import Api
from tests.tickets.channels.conftest import compose
from tickets.channels import email_in
from tickets.models import Mailbox, Message, Queue, RawMail, Ticket

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
