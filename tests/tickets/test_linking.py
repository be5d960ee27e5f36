"""Requests that have to do with each other: who may link them, what cannot be, and what a merge does with links."""

from collections.abc import Callable
from typing import Any

import pytest

from helpdesk.events.models import Event
from helpdesk.lib import errors
from helpdesk.people.models import Customer, User
from tests.conftest import Api
from tests.factories import make_ticket
from tickets import lifecycle, linking, merging
from tickets.linking import Relation
from tickets.models import Queue, Ticket, TicketLink
from tickets.models.ticket import Status


@pytest.fixture
def three(dana: Customer, billing: Queue) -> list[Ticket]:
    return [make_ticket(dana, queue=billing, subject=name) for name in ("One", "Two", "Three")]


def seen(ticket: Ticket, user: User) -> list[tuple[str, int]]:
    return [(str(one.relation), one.ticket.pk) for one in linking.links_of(ticket, user)]


def told(ticket: Ticket) -> list[tuple[str, dict[str, Any]]]:
    events = Event.objects.of("ticket", ticket.pk).filter(name__in=linking.EVENTS)
    return [(event.name, event.data) for event in events.order_by("id")]


# --- link and unlink -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("relation", "reverse"),
    [
        ("parent", "child"),
        ("child", "parent"),
        ("blocked_by", "blocks"),
        ("blocks", "blocked_by"),
        ("related", "related"),
    ],
)
@pytest.mark.parametrize("is_turned", [False, True])
def test_a_link_is_seen_from_both_ends_and_both_tell_of_it(
    three: list[Ticket], alice: User, relation: str, reverse: str, is_turned: bool
) -> None:
    one, two = reversed(three[:2]) if is_turned else three[:2]
    linked, is_new = linking.add(one, two, relation, by=alice)
    assert (linked.ticket, str(linked.relation), linked.link.created_by, is_new) == (two, relation, alice, True)
    assert seen(one, alice) == [(relation, two.pk)]
    assert seen(two, alice) == [(reverse, one.pk)]
    assert told(one) == [("ticket.linked", {"to": two.pk, "as": relation})]
    assert told(two) == [("ticket.linked", {"to": one.pk, "as": reverse})]


def test_the_same_said_twice_or_from_the_other_end_is_one_link(three: list[Ticket], alice: User) -> None:
    one, two, _three = three
    first, _new = linking.add(one, two, Relation.CHILD, by=alice)
    assert linking.add(one, two, Relation.CHILD, by=alice)[1] is False
    again, is_new = linking.add(two, one, Relation.PARENT, by=alice)
    assert (again.link.pk, is_new, TicketLink.objects.count(), len(told(one))) == (first.link.pk, False, 1, 1)


def test_a_link_is_taken_away_and_put_back(three: list[Ticket], alice: User) -> None:
    one, two, _three = three
    linked, _new = linking.add(one, two, Relation.BLOCKED_BY, by=alice)
    linking.remove(linked, by=alice)
    linking.remove(linked, by=alice)
    assert (seen(one, alice), seen(two, alice)) == ([], [])
    assert told(two)[1:] == [("ticket.unlinked", {"to": one.pk, "as": "blocks"})]
    linking.add(one, two, Relation.BLOCKED_BY, by=alice)
    assert seen(one, alice) == [("blocked_by", two.pk)]


def test_parts_of_a_parent_come_unfinished_first(three: list[Ticket], alice: User) -> None:
    parent, two, last = three
    for child in (two, last):
        linking.add(parent, child, Relation.CHILD, by=alice)
    lifecycle.set_status(two, Status.SOLVED, by=alice.actor)
    found = linking.links_of(parent, alice)
    assert [(one.ticket.pk, one.ticket.status) for one in found] == [(last.pk, "new"), (two.pk, "solved")]


# --- what cannot be --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("relation", list(Relation))
def test_no_request_is_linked_with_itself(three: list[Ticket], alice: User, relation: Relation) -> None:
    with pytest.raises(errors.Conflict) as refused:
        linking.add(three[0], three[0], relation, by=alice)
    assert (refused.value.code, TicketLink.objects.count(), told(three[0])) == ("same", 0, [])


@pytest.mark.parametrize("relation", [Relation.PARENT, Relation.BLOCKED_BY])
def test_nothing_stands_above_itself(three: list[Ticket], alice: User, relation: Relation) -> None:
    one, two, last = three
    linking.add(one, two, relation, by=alice)
    linking.add(two, last, relation, by=alice)
    for below, above in ((two, one), (last, one)):
        with pytest.raises(errors.Conflict) as refused:
            linking.add(below, above, relation, by=alice)
        assert refused.value.code == "circle"
    linking.add(last, one, Relation.RELATED, by=alice)
    assert (TicketLink.objects.count(), len(told(last))) == (3, 2)


def test_a_request_bears_only_so_many(three: list[Ticket], alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "MOST", 1)
    one, two, last = three
    linking.add(one, two, Relation.RELATED, by=alice)
    with pytest.raises(errors.Conflict) as refused:
        linking.add(last, two, Relation.RELATED, by=alice)
    assert (refused.value.code, TicketLink.objects.count()) == ("too_many", 1)


# --- who may ---------------------------------------------------------------------------------------------------------
def test_the_desk_links_lists_and_unlinks(three: list[Ticket], alice: User, api: Api) -> None:
    one, two, _three = three
    client, base = api(alice), f"/api/v1/tickets/{one.pk}/links/"
    made = client.post(base, {"to": two.pk, "relation": "child"}, format="json")
    assert (made.status_code, made.json()["relation"], made.json()["ticket"]) == (
        201,
        "child",
        {
            "id": two.pk,
            "number": str(two.pk),
            "subject": "Two",
            "status": "new",
            "queue": {"slug": "billing", "name": "Billing"},
            "assignee": None,
        },
    )
    assert client.post(base, {"to": two.pk, "relation": "child"}, format="json").status_code == 200
    assert client.get(base).json() == [made.json()]
    assert client.post(base, {"to": two.pk, "relation": "owns"}, format="json").status_code == 400
    circle = client.post(base, {"to": two.pk, "relation": "parent"}, format="json")
    assert (circle.status_code, circle.json()["code"]) == (409, "circle")
    assert client.delete(f"/api/v1/tickets/{three[2].pk}/links/{made.json()['id']}/").status_code == 404
    assert TicketLink.objects.count() == 1
    assert client.delete(f"{base}{made.json()['id']}/").status_code == 204
    assert client.get(base).json() == []
    assert client.delete(f"{base}{made.json()['id']}/").status_code == 404


def test_who_sees_only_one_end_is_told_nothing_of_the_other(
    three: list[Ticket], alice: User, bob: User, charlie: User, technical: Queue, dana: Customer, api: Api
) -> None:
    mine, hidden = three[0], make_ticket(dana, queue=technical, subject="Secret")
    linked, _new = linking.add(mine, hidden, Relation.BLOCKED_BY, by=bob)
    base = f"/api/v1/tickets/{mine.pk}"
    assert api(alice).get(f"{base}/links/").json() == []
    assert "ticket.linked" not in [event["name"] for event in api(alice).get(f"{base}/events/").json()]
    assert "ticket.linked" in [event["name"] for event in api(bob).get(f"{base}/events/").json()]
    assert api(alice).delete(f"{base}/links/{linked.link.pk}/").status_code == 404
    assert api(alice).post(f"{base}/links/", {"to": hidden.pk, "relation": "related"}, format="json").status_code == 404
    there = f"/api/v1/tickets/{hidden.pk}/links/"
    assert api(charlie).get(there).json() == []
    assert api(charlie).post(there, {"to": mine.pk, "relation": "related"}, format="json").status_code == 404
    assert [str(link) for link in TicketLink.objects.all()] == [f"{hidden.pk} blocks {mine.pk}"]


def test_readers_read_and_strangers_do_not(three: list[Ticket], alice: User, rita: User, api: Api) -> None:
    one, two, last = three
    linked, _new = linking.add(one, two, Relation.RELATED, by=alice)
    base = f"/api/v1/tickets/{one.pk}/links/"
    assert [link["ticket"]["id"] for link in api(rita).get(base).json()] == [two.pk]
    for user, status in ((rita, 403), (None, 401)):
        assert api(user).post(base, {"to": last.pk, "relation": "related"}, format="json").status_code == status
        assert api(user).delete(f"{base}{linked.link.pk}/").status_code == status
    assert api(None).get(base).status_code == 401
    assert TicketLink.objects.count() == 1


def test_links_cost_the_same_however_many(
    three: list[Ticket], alice: User, dana: Customer, billing: Queue, api: Api,
    django_assert_num_queries: Callable[[int], Any],
) -> None:  # fmt: skip
    client, address = api(alice), f"/api/v1/tickets/{three[0].pk}/links/"
    linking.add(three[0], three[1], Relation.CHILD, by=alice)
    client.get(address)
    with django_assert_num_queries(6):
        assert len(client.get(address).json()) == 1
    for number in range(12):
        linking.add(three[0], make_ticket(dana, queue=billing, subject=f"Part {number}"), Relation.CHILD, by=alice)
    with django_assert_num_queries(6):
        assert len(client.get(address).json()) == 13


# --- merging ---------------------------------------------------------------------------------------------------------
def test_links_move_with_a_merge_and_come_back_with_its_undoing(
    three: list[Ticket], alice: User, dana: Customer, billing: Queue
) -> None:
    source, target, parent = three
    blocker = make_ticket(dana, queue=billing, subject="Blocker")
    linking.add(source, parent, Relation.PARENT, by=alice)
    linking.add(source, blocker, Relation.BLOCKED_BY, by=alice)
    before = sorted(str(link) for link in TicketLink.objects.all())
    merging.merge(source, target, by=alice)
    assert seen(target, alice) == [("parent", parent.pk), ("blocked_by", blocker.pk)]
    assert seen(parent, alice) == [("child", target.pk)]
    assert seen(source, alice) == []
    merging.undo(source, by=alice)
    assert sorted(str(link) for link in TicketLink.objects.all()) == before
    assert seen(target, alice) == []


def test_a_merge_makes_no_link_twice_with_itself_or_round(three: list[Ticket], alice: User) -> None:
    source, target, other = three
    linking.add(source, target, Relation.RELATED, by=alice)
    for one in (source, target):
        linking.add(one, other, Relation.RELATED, by=alice)
    linking.add(source, other, Relation.CHILD, by=alice)
    linking.add(target, other, Relation.PARENT, by=alice)
    before = sorted(str(link) for link in TicketLink.objects.all())
    merging.merge(source, target, by=alice)
    assert seen(target, alice) == [("parent", other.pk), ("related", other.pk)]
    assert seen(other, alice) == [("child", target.pk), ("related", target.pk)]
    merging.undo(source, by=alice)
    assert sorted(str(link) for link in TicketLink.objects.all()) == before


def test_a_link_taken_away_after_a_merge_stays_away(three: list[Ticket], alice: User) -> None:
    source, target, other = three
    linking.add(source, other, Relation.RELATED, by=alice)
    merging.merge(source, target, by=alice)
    linking.remove(linking.links_of(target, alice)[0], by=alice)
    merging.undo(source, by=alice)
    assert (TicketLink.objects.count(), seen(source, alice)) == (0, [])


def test_what_went_on_elsewhere_is_not_linked(three: list[Ticket], alice: User) -> None:
    source, target, other = three
    merging.merge(source, target, by=alice)
    with pytest.raises(errors.Conflict) as refused:
        linking.add(other, source, Relation.RELATED, by=alice)
    assert (refused.value.code, TicketLink.objects.count()) == ("merged", 0)
