"""The tickets API: the contract's shapes, who may do what, and that a call repeated is a call once."""

import uuid
from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from helpdesk.events.models import Event
from helpdesk.people.models import User
from tests.factories import answer, make_ticket, write
from tickets.models import Draft, Message, Queue, Ticket

Api = Callable[[User | None], APIClient]

NEW = {
    "subject": "Refund",
    "body": "Où est mon remboursement ?",
    "requester": {"name": "Léa", "email": "lea@ex.example"},
}


def test_a_program_opens_a_ticket_and_gets_the_contracts_shape(api: Api, alice: User, technical: Queue) -> None:
    answered = api(alice).post("/api/v1/tickets/", {**NEW, "queue": "billing"})
    assert answered.status_code == 201
    ticket = answered.json()
    assert ticket["number"] == str(ticket["id"])
    assert (ticket["subject"], ticket["status"], ticket["channel"]) == ("Refund", "new", "api")
    assert ticket["queue"] == {"slug": "billing", "name": "Billing"}
    assert ticket["requester"]["email"] == "lea@ex.example"
    assert ticket["language"] == "fr"
    assert ticket["kind"] == "complaint"
    assert ticket["last_seq"] == 1
    assert ticket["assignee"] is None
    assert ticket["waiting_since"] is not None
    assert ticket["routing"] == {
        "rule": None,
        "matched": [],
        "explanation_url": f"/api/v1/tickets/{ticket['id']}/routing/",
    }


def test_the_same_call_twice_is_one_ticket_and_other_content_is_refused(
    api: Api, alice: User, technical: Queue
) -> None:
    call = {**NEW, "queue": "billing", "origin_id": str(uuid.uuid4())}
    first = api(alice).post("/api/v1/tickets/", call)
    second = api(alice).post("/api/v1/tickets/", call)
    third = api(alice).post("/api/v1/tickets/", {**call, "body": "Something else"})
    assert (first.status_code, second.status_code, third.status_code) == (201, 200, 409)
    assert second.json()["id"] == first.json()["id"]
    assert third.json()["code"] == "origin_reused"
    assert Ticket.objects.count() == 1
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"body": "x" * 100_001}, "body"),
        ({"queue": "nowhere"}, "queue"),
        ({"channel": "pigeon"}, "channel"),
        ({"requester": {"email": "nobody"}}, "requester"),
        ({"requester": {}}, "requester"),
        ({"priority": 9}, "priority"),
        ({"origin_id": "not-a-uuid"}, "origin_id"),
        ({"attachments": [str(uuid.uuid4())]}, "attachments"),
    ],
)
def test_bad_fields_are_named_and_nothing_is_stored(
    api: Api, alice: User, technical: Queue, change: dict[str, object], field: str
) -> None:
    answered = api(alice).post("/api/v1/tickets/", {**NEW, **change})
    assert answered.status_code == 400
    assert answered["Content-Type"] == "application/problem+json"
    assert field in answered.json()["fields"]
    assert Ticket.objects.count() == 0


def test_errors_speak_the_callers_language(api: Api, alice: User) -> None:
    french = api(alice).post("/api/v1/tickets/", {**NEW, "queue": "nowhere"}, headers={"accept-language": "fr"})
    assert french.json()["fields"]["queue"] == ["File inconnue\u00a0: nowhere"]


def test_broken_json_and_broken_utf8_are_client_errors(api: Api, alice: User) -> None:
    for body in (b"{", b"\xff\xfe{}", b"[1,2]", b'"x"', b"\x00"):
        answered = api(alice).post("/api/v1/tickets/", body, content_type="application/json")
        assert answered.status_code == 400, body
        assert set(answered.json()) >= {"code", "title", "detail", "fields"}
    assert Ticket.objects.count() == 0


def test_strangers_and_wrong_tokens_get_401(api: Api, client: APIClient, db: None) -> None:
    assert api(None).get("/api/v1/tickets/").status_code == 401
    assert client.get("/api/v1/tickets/", headers={"authorization": "Token nonsense"}).status_code == 401


def test_nobody_sees_or_touches_another_teams_ticket(
    api: Api, alice: User, charlie: User, rita: User, billing: Queue, technical: Queue
) -> None:
    ticket = make_ticket(queue=billing)
    base = f"/api/v1/tickets/{ticket.pk}/"
    for path in ("", "messages/", "routing/", "events/", "draft/"):
        assert api(charlie).get(base + path).status_code == 404
        assert api(rita).get(base + path).status_code == 200
    message = {"kind": "public", "body": "hi", "origin_id": str(uuid.uuid4())}
    assert api(charlie).post(base + "messages/", message).status_code == 404
    assert api(charlie).patch(base, {"version": 2, "status": "solved"}).status_code == 404
    assert api(rita).post(base + "messages/", message).status_code == 403
    assert api(rita).patch(base, {"version": 2, "status": "solved"}).status_code == 403
    assert api(rita).put(base + "draft/", {"reply": "x"}).status_code == 403
    assert api(charlie).get("/api/v1/tickets/").json()["results"] == []
    ticket.refresh_from_db()
    assert (ticket.status, ticket.last_seq) == ("new", 1)


def test_privileged_fields_of_the_body_are_never_read(api: Api, alice: User, billing: Queue, technical: Queue) -> None:
    forged = {"author": "ada", "trust": "verified", "machine": "bounce", "is_staff": True, "last_seq": 99}
    answered = api(alice).post("/api/v1/tickets/", {**NEW, "queue": "billing", **forged})
    message = Message.objects.get()
    assert answered.status_code == 201
    assert (message.trust, message.machine, message.ticket.last_seq) == ("", "", 1)
    assert message.author_user is None


def test_a_reply_over_an_unseen_message_is_stopped_with_what_was_missed(
    api: Api, alice: User, billing: Queue, technical: Queue
) -> None:
    ticket = make_ticket(queue=billing)
    write(ticket, "One thing more")
    call = {"kind": "public", "body": "Here you are", "origin_id": str(uuid.uuid4()), "last_seen_seq": 1}
    stopped = api(alice).post(f"/api/v1/tickets/{ticket.pk}/messages/", call)
    assert stopped.status_code == 409
    assert stopped.json()["code"] == "unseen_messages"
    assert [message["body"] for message in stopped.json()["unseen"]] == ["One thing more"]
    assert Message.objects.filter(ticket=ticket).count() == 2
    sent = api(alice).post(f"/api/v1/tickets/{ticket.pk}/messages/", {**call, "force": True})
    assert (sent.status_code, sent.json()["seq"]) == (201, 3)


def test_a_message_needs_its_audience_said(api: Api, alice: User, billing: Queue, technical: Queue) -> None:
    ticket = make_ticket(queue=billing)
    answered = api(alice).post(
        f"/api/v1/tickets/{ticket.pk}/messages/", {"body": "for whom?", "origin_id": str(uuid.uuid4())}
    )
    assert answered.status_code == 400
    assert "kind" in answered.json()["fields"]
    assert ticket.messages.count() == 1


def test_a_reply_takes_an_unassigned_ticket_and_a_note_does_not(
    api: Api, alice: User, billing: Queue, technical: Queue
) -> None:
    noted, replied = make_ticket(queue=billing), make_ticket(queue=billing)
    answer(noted, alice, kind="note")
    answer(replied, alice)
    noted.refresh_from_db()
    replied.refresh_from_db()
    assert (noted.assignee, noted.status, noted.waiting_since is None) == (None, "new", False)
    assert (replied.assignee, replied.status, replied.waiting_since) == (alice, "open", None)


def test_a_stale_change_is_refused_with_the_current_ticket(
    api: Api, alice: User, bob: User, billing: Queue, technical: Queue
) -> None:
    ticket = make_ticket(queue=billing)
    version = ticket.version
    changed = api(bob).patch(f"/api/v1/tickets/{ticket.pk}/", {"version": version, "priority": 4})
    stale = api(alice).patch(f"/api/v1/tickets/{ticket.pk}/", {"version": version, "priority": 1, "tags": ["a"]})
    assert (changed.status_code, stale.status_code) == (200, 409)
    assert stale.json()["current"]["priority"] == 4
    ticket.refresh_from_db()
    assert ticket.priority == 4
    assert ticket.tags.count() == 0


def test_several_changes_come_all_or_none(api: Api, alice: User, billing: Queue, technical: Queue) -> None:
    ticket = make_ticket(queue=billing)
    answered = api(alice).patch(
        f"/api/v1/tickets/{ticket.pk}/", {"version": ticket.version, "priority": 3, "assignee": 10**9}
    )
    ticket.refresh_from_db()
    assert (answered.status_code, ticket.priority) == (400, 2)


def test_solving_freezes_who_solved_it(api: Api, alice: User, billing: Queue, technical: Queue) -> None:
    ticket = make_ticket(queue=billing)
    answer(ticket, alice)
    ticket.refresh_from_db()
    answered = api(alice).patch(f"/api/v1/tickets/{ticket.pk}/", {"version": ticket.version, "status": "solved"})
    assert answered.json()["status"] == "solved"
    solved = Event.objects.get(name="ticket.solved")
    assert (solved.data["agent"], solved.data["queue"], solved.data["team"]) == (alice.pk, billing.pk, billing.team_id)


def test_the_list_costs_the_same_however_long(
    api: Api,
    alice: User,
    billing: Queue,
    technical: Queue,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = api(alice)
    for count in (3, 9):
        for number in range(count):
            make_ticket(queue=billing, subject=f"Request {number}")
        with django_assert_num_queries(8):
            rows = client.get("/api/v1/tickets/?queue=billing&page_size=5").json()["results"]
        assert len(rows) == min(5, count)


def test_the_line_is_by_priority_then_by_waiting(api: Api, alice: User, billing: Queue, technical: Queue) -> None:
    first, second, urgent, answered = (
        make_ticket(queue=billing, subject=name) for name in ("1", "2", "urgent", "done")
    )
    api(alice).patch(f"/api/v1/tickets/{urgent.pk}/", {"version": urgent.version, "priority": 4})
    answer(answered, alice)
    rows = api(alice).get("/api/v1/tickets/?queue=billing").json()["results"]
    assert [row["id"] for row in rows] == [urgent.pk, first.pk, second.pk, answered.pk]


def test_pages_follow_each_other_without_gap_or_repeat(api: Api, alice: User, billing: Queue, technical: Queue) -> None:
    made = [make_ticket(queue=billing, subject=f"Request {number}").pk for number in range(7)]
    url, seen = "/api/v1/tickets/?page_size=3", []
    while url:
        page = api(alice).get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == made


def test_search_finds_subjects_words_numbers_names_and_addresses(
    api: Api, alice: User, charlie: User, billing: Queue, technical: Queue
) -> None:
    ticket = make_ticket(queue=billing, subject="Kettle leaks", body="Elle fuit depuis les vacances d'été")
    make_ticket(queue=billing, subject="Another", body="nothing of the kind")
    for query in ("kettles", "fuit", "vacance", f"#{ticket.pk}", "dana@exam", "dupont"):
        found = [row["id"] for row in api(alice).get("/api/v1/tickets/", {"q": query}).json()["results"]]
        assert ticket.pk in found, query
        assert api(charlie).get("/api/v1/tickets/", {"q": query}).json()["results"] == []


def test_odd_searches_and_filters_are_no_errors_of_ours(
    api: Api, alice: User, billing: Queue, technical: Queue
) -> None:
    make_ticket(queue=billing)
    for query in ('"', "%", "*", "a" * 500, "\x00", "' OR 1=1 --", "AND OR NOT", "((", "é" * 300):
        assert api(alice).get("/api/v1/tickets/", {"q": query}).status_code == 200, query
    for name, value in (("status", "x"), ("view", "x"), ("assignee", "x"), ("ordering", "x"), ("requester", "9" * 30)):
        answered = api(alice).get("/api/v1/tickets/", {name: value})
        assert answered.status_code == 400, name
        assert name in answered.json()["fields"]


def test_drafts_and_read_marks_are_the_callers_own(
    api: Api, alice: User, bob: User, billing: Queue, technical: Queue
) -> None:
    ticket = make_ticket(queue=billing)
    base = f"/api/v1/tickets/{ticket.pk}/"
    api(alice).put(base + "draft/", {"reply": "to be sent", "note": "to be kept"})
    api(alice).post(base + "seen/", {"seq": 1})
    assert api(alice).get(base + "draft/").json() == {"reply": "to be sent", "note": "to be kept", "cc": None}
    assert api(bob).get(base + "draft/").json() == {"reply": "", "note": "", "cc": None}
    assert api(alice).get(base).json()["unread"] == 0
    assert api(bob).get(base).json()["unread"] == 1


def test_who_shall_be_in_copy_is_kept_with_the_draft_also_before_a_word_is_written(
    api: Api, alice: User, billing: Queue
) -> None:
    where = f"/api/v1/tickets/{make_ticket(queue=billing).pk}/draft/"
    copied = [{"name": "", "address": "paul@kunde.example"}]
    assert api(alice).put(where, {"cc": copied}, format="json").status_code == 200
    assert api(alice).get(where).json() == {"reply": "", "note": "", "cc": copied}
    assert api(alice).put(where, {"cc": [{"name": "No address"}]}, format="json").status_code == 400
    assert api(alice).get(where).json()["cc"] == copied
    api(alice).put(where, {"reply": "", "note": "", "cc": None}, format="json")
    assert not Draft.objects.exists()


def test_counts_follow_what_the_caller_may_see(
    api: Api, alice: User, charlie: User, billing: Queue, technical: Queue
) -> None:
    make_ticket(queue=billing)
    answer(make_ticket(queue=billing), alice)
    counts = api(alice).get("/api/v1/counts/").json()
    assert (counts["mine"], counts["unassigned"]) == (1, 1)
    assert counts["queues"] == [{"slug": "billing", "name": "Billing", "open": 2}]
    assert api(charlie).get("/api/v1/counts/").json()["queues"] == [
        {"slug": "technical", "name": "Technical", "open": 0}
    ]
