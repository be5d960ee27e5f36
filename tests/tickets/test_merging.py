"""One request goes on in another, and begins again; a message gets a request of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from helpdesk import invariants
from helpdesk.events.models import Event
from helpdesk.lib import clock, errors
from helpdesk.people.models import Customer, User
from tests.conftest import Api
from tests.factories import answer, make_ticket, write
from tickets import conversation, lifecycle, merging, splitting
from tickets.conversation import Line
from tickets.models import Attachment, Merge, Message, Participant, Queue, Ticket
from tickets.models.ticket import Status

_STANDS = (
    "status", "merged_into_id", "solved_at", "closed_at", "waiting_since", "snoozed_until", "preview",
    "last_message_at", "first_replied_at", "customer_seen_seq", "last_public_seq",
)  # fmt: skip


def stand(ticket: Ticket) -> dict[str, Any]:
    return dict(Ticket.objects.filter(pk=ticket.pk).values(*_STANDS)[0])


def said(ticket: Ticket) -> list[tuple[str, str]]:
    """What can be read in it, in its order."""
    return list(ticket.messages.filter(unsent_at=None).order_by("seq").values_list("kind", "body"))


def told(ticket: Ticket) -> list[str]:
    return list(Event.objects.of("ticket", ticket.pk).values_list("name", flat=True))


def breaks() -> dict[str, list[str]]:
    checks = (invariants.seq_is_gapless, invariants.public_seq_is_the_last_public, invariants.place_is_recomputed,
              invariants.finished_tickets_have_times)  # fmt: skip
    return {check.__name__: list(check()) for check in checks}


WHOLE: dict[str, list[str]] = {
    "seq_is_gapless": [],
    "public_seq_is_the_last_public": [],
    "place_is_recomputed": [],
    "finished_tickets_have_times": [],
}


@pytest.fixture
def pair(dana: Customer, billing: Queue, alice: User) -> tuple[Ticket, Ticket]:
    """Two requests of Dana's: the second, with an answer and a note, shall go on in the first."""
    target = make_ticket(dana, queue=billing, subject="Invoice", body="The sum is wrong.")
    source = make_ticket(dana, queue=billing, subject="Invoice again", body="Did you get it?")
    answer(source, alice, "We did.")
    answer(source, alice, "She called, too.", kind="note")
    Message.objects.update(held_until=None)
    write(source, "And?")
    return source, target


# --- merge -----------------------------------------------------------------------------------------------------------
def test_all_that_was_said_stands_behind_what_stays(pair: tuple[Ticket, Ticket], alice: User, dana: Customer) -> None:
    source, target = pair
    done = merging.merge(source, target, by=alice)
    assert said(target) == [
        ("public", "The sum is wrong."),
        ("public", "Did you get it?"),
        ("public", "We did."),
        ("note", "She called, too."),
        ("public", "And?"),
    ]
    copies = list(target.messages.filter(copied_from__isnull=False).order_by("seq").select_related("copied_from"))
    assert (done.first_seq, done.last_seq, [copy.seq for copy in copies]) == (2, 5, [2, 3, 4, 5])
    for copy in copies:
        assert copy.copied_from is not None
        first = copy.copied_from
        assert (copy.created_at, copy.channel, copy.author_user_id, copy.author_customer_id) == (
            first.created_at, first.channel, first.author_user_id, first.author_customer_id,
        )  # fmt: skip
    assert said(source) == said(target)[1:]
    assert breaks() == WHOLE


def test_the_one_that_ends_is_closed_without_being_solved_and_both_tell_of_it(
    pair: tuple[Ticket, Ticket], alice: User
) -> None:
    source, target = pair
    merging.merge(source, target, by=alice)
    source.refresh_from_db()
    assert (source.status, source.merged_into, source.waiting_since) == ("closed", target, None)
    assert told(source)[-1:] == ["ticket.merged"]
    assert told(target)[-1:] == ["ticket.took_in"]
    assert "ticket.solved" not in told(source)


def test_who_waits_longest_counts_and_what_slept_or_was_solved_wakes(
    pair: tuple[Ticket, Ticket], alice: User, bob: User
) -> None:
    source, target = pair
    answer(target, alice, "Done.")
    Message.objects.update(held_until=None)
    lifecycle.set_status(target, Status.SOLVED, by=alice.actor)
    waits = Ticket.objects.get(pk=source.pk).waiting_since
    merging.merge(source, target, by=alice)
    target.refresh_from_db()
    assert (target.status, target.solved_at, target.waiting_since) == ("open", None, waits)
    assert told(target)[-2:] == ["ticket.reopened", "ticket.took_in"]


def test_tags_are_merged_as_sets_and_copies_go_along(
    pair: tuple[Ticket, Ticket], alice: User, bob: User, eric: Customer
) -> None:
    source, target = pair
    lifecycle.change(target, {"tags": ["vip", "invoice"]}, by=alice, version=None)
    lifecycle.change(source, {"tags": ["invoice", "late"]}, by=alice, version=None)
    Participant.objects.create(ticket=source, customer=eric, kind="cc")
    Participant.objects.create(ticket=source, user=bob, kind="follower")
    seen = merging.preview(source, target)
    assert (seen.tags, [person.pk for person in seen.people]) == (["late"], [eric.pk])
    merging.merge(source, target, by=alice)
    assert sorted(target.tags.values_list("name", flat=True)) == ["invoice", "late", "vip"]
    assert set(target.participants.values_list("customer_id", "user_id")) == {(eric.pk, None), (None, bob.pk)}
    merging.undo(source, by=alice)
    assert sorted(target.tags.values_list("name", flat=True)) == ["invoice", "vip"]
    assert target.participants.count() == 0


def test_files_are_read_in_both_and_redacted_in_both(
    dana: Customer, billing: Queue, alice: User, settings: Settings, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    from tickets import attachments

    target = make_ticket(dana, queue=billing)
    source = make_ticket(
        dana, queue=billing, body="See file.", attachments=[attachments.store(b"abc", "a.txt", uploader="web")]
    )
    merging.merge(source, target, by=alice)
    files = Attachment.objects.filter(message__ticket=target)
    assert [(file.name, attachments.content(file)) for file in files] == [("a.txt", b"abc")]
    conversation.redact(target.messages.get(seq=2), by=alice)
    for message in (source.messages.get(seq=1), target.messages.get(seq=2)):
        assert (message.body, message.redacted_at is not None) == ("", True)
    assert Attachment.objects.count() == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_goes_on_elsewhere_is_not_opened_or_solved_by_itself(pair: tuple[Ticket, Ticket], alice: User) -> None:
    source, target = pair
    merging.merge(source, target, by=alice)
    before = stand(source)
    for status in (Status.OPEN, Status.SOLVED, Status.SPAM):
        with pytest.raises(errors.Conflict) as refused:
            lifecycle.change(source, {"status": status}, by=alice, version=None)
        assert (refused.value.code, stand(source)) == ("merged", before)


def test_merging_twice_is_once(pair: tuple[Ticket, Ticket], alice: User) -> None:
    source, target = pair
    done = merging.merge(source, target, by=alice)
    assert merging.merge(source, target, by=alice) == done
    assert (Merge.objects.count(), target.messages.count()) == (1, 5)


@pytest.mark.parametrize("code", ["same", "merged_already", "target_merged", "target_closed", "target_spam", "held"])
def test_what_cannot_be_merged_is_refused_and_nothing_changes(
    code: str, pair: tuple[Ticket, Ticket], alice: User, billing: Queue, dana: Customer
) -> None:
    source, target = pair
    third = make_ticket(dana, queue=billing)
    into = source if code == "same" else target
    if code == "merged_already":
        merging.merge(source, third, by=alice)
    elif code == "target_merged":
        merging.merge(target, third, by=alice)
    elif code == "target_closed":
        lifecycle.set_status(target, Status.CLOSED, by=alice.actor)
    elif code == "target_spam":
        lifecycle.set_status(target, Status.SPAM, by=alice.actor)
    elif code == "held":
        answer(source, alice, "One moment.")
        source.messages.filter(seq=source.last_seq).update(held_until=None)
        last = source.messages.order_by("-seq").first()
        assert last is not None
        Message.objects.filter(pk=last.pk).update(held_until=clock.now() + timedelta(minutes=5))
    source.refresh_from_db()
    into.refresh_from_db()
    before, events = (stand(source), stand(into)), Event.objects.count()
    assert merging.preview(source, into).problem == code
    with pytest.raises(errors.Conflict) as refused:
        merging.merge(source, into, by=alice)
    assert refused.value.code == code
    assert ((stand(source), stand(into)), Event.objects.count()) == (before, events)


def test_requests_of_two_people_need_somebody_who_was_told(
    dana: Customer, eric: Customer, billing: Queue, alice: User
) -> None:
    target, source = make_ticket(dana, queue=billing), make_ticket(eric, queue=billing, body="Me too.")
    seen = merging.preview(source, target)
    assert (seen.problem, seen.is_other_requester, [person.pk for person in seen.people]) == ("", True, [eric.pk])
    with pytest.raises(errors.Conflict) as refused:
        merging.merge(source, target, by=alice)
    assert (refused.value.code, target.messages.count(), target.participants.count()) == ("other_requester", 1, 0)
    merging.merge(source, target, by=alice, is_agreed=True)
    assert target.participants.get().customer == eric
    assert target.messages.get(seq=2).author_customer == eric


# --- undo ------------------------------------------------------------------------------------------------------------
def test_undone_both_are_as_before(pair: tuple[Ticket, Ticket], alice: User) -> None:
    source, target = pair
    before, words = (stand(source), stand(target)), (said(source), said(target))
    merging.merge(source, target, by=alice)
    merging.undo(source, by=alice)
    assert (stand(source), stand(target)) == before
    assert (said(source), said(target)) == words
    assert told(source)[-2:] == ["ticket.merged", "ticket.unmerged"]
    assert told(target)[-2:] == ["ticket.took_in", "ticket.gave_back"]
    assert breaks() == WHOLE
    assert Attachment.objects.count() == 0
    again = merging.merge(target, source, by=alice)
    assert (again.source, again.target) == (target, source)


def test_it_can_be_undone_only_while_nobody_has_replied(pair: tuple[Ticket, Ticket], alice: User) -> None:
    source, target = pair
    merging.merge(source, target, by=alice)
    answer(target, alice, "For us only.", kind="note")
    state = merging.standing(source)
    assert state is not None
    assert merging.why_not_undo(state) == ""
    write(target, "Hello?")
    before = (stand(source), stand(target))
    with pytest.raises(errors.Conflict) as refused:
        merging.undo(source, by=alice)
    assert (refused.value.code, (stand(source), stand(target))) == ("replied", before)


def test_what_somebody_changed_since_stays(pair: tuple[Ticket, Ticket], alice: User) -> None:
    source, target = pair
    merging.merge(source, target, by=alice)
    lifecycle.set_status(target, Status.HOLD, by=alice.actor)
    lifecycle.change(target, {"priority": 4}, by=alice, version=None)
    merging.undo(source, by=alice)
    target.refresh_from_db()
    assert (target.status, target.priority, target.messages.filter(kind="public").count()) == ("hold", 4, 1)
    assert breaks() == WHOLE


def test_chains_are_undone_from_their_end(
    pair: tuple[Ticket, Ticket], alice: User, dana: Customer, billing: Queue
) -> None:
    source, target = pair
    last = make_ticket(dana, queue=billing, body="Third.")
    merging.merge(source, target, by=alice)
    merging.merge(target, last, by=alice)
    assert [body for _kind, body in said(last)] == [
        "Third.", "The sum is wrong.", "Did you get it?", "We did.", "She called, too.", "And?",
    ]  # fmt: skip
    with pytest.raises(errors.Conflict) as refused:
        merging.undo(source, by=alice)
    assert refused.value.code == "merged_on"
    merging.undo(target, by=alice)
    merging.undo(source, by=alice)
    assert [said(row)[0] for row in (source, target, last)] == [
        ("public", "Did you get it?"), ("public", "The sum is wrong."), ("public", "Third."),
    ]  # fmt: skip
    assert [len(said(row)) for row in (source, target, last)] == [4, 1, 1]


def test_what_is_not_merged_cannot_be_undone(pair: tuple[Ticket, Ticket], alice: User) -> None:
    with pytest.raises(errors.Conflict) as refused:
        merging.undo(pair[0], by=alice)
    assert refused.value.code == "not_merged"


# --- races -----------------------------------------------------------------------------------------------------------
def at_once(*calls: Callable[[], object]) -> list[str]:
    """Each in a thread of its own, begun together; 'ok' or the code of the refusal."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> str:
        gate.wait()
        try:
            call()
        except errors.DomainError as error:
            return error.code
        finally:
            connection.close()
        return "ok"

    with ThreadPoolExecutor(len(calls)) as threads:
        return sorted(threads.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_two_merges_that_cross_make_one(dana: Customer, billing: Queue, alice: User) -> None:
    one, two = make_ticket(dana, queue=billing, body="One."), make_ticket(dana, queue=billing, body="Two.")
    outcome = at_once(
        lambda: merging.merge(one, two, by=alice),
        lambda: merging.merge(two, one, by=alice),
        lambda: merging.merge(one, two, by=alice),
        lambda: merging.merge(two, one, by=alice),
    )
    ended = Ticket.objects.filter(merged_into__isnull=False)
    assert outcome.count("ok") == 2  # one that did it, and the same asked again
    assert (ended.count(), Merge.objects.count()) == (1, 1)
    assert sorted(Message.objects.filter(ticket=ended[0].merged_into).values_list("body", flat=True)) == [
        "One.",
        "Two.",
    ]
    assert breaks() == WHOLE


@pytest.mark.django_db(transaction=True)
def test_words_that_arrive_during_a_merge_are_never_left_behind(dana: Customer, billing: Queue, alice: User) -> None:
    """Whoever comes first: the customer's words stand in the conversation that goes on."""
    one, two = make_ticket(dana, queue=billing, body="One."), make_ticket(dana, queue=billing, body="Two.")
    outcome = at_once(
        lambda: merging.merge(one, two, by=alice),
        lambda: conversation.say(one, Line(body="Late word."), customer=dana),
    )
    assert outcome == ["ok", "ok"]
    assert sorted(body for _kind, body in said(two)) == ["Late word.", "One.", "Two."]
    assert breaks() == WHOLE


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_an_undo_at_once_lose_nothing(dana: Customer, billing: Queue, alice: User) -> None:
    one, two = make_ticket(dana, queue=billing, body="One."), make_ticket(dana, queue=billing, body="Two.")
    merging.merge(one, two, by=alice)
    outcome = at_once(
        lambda: merging.undo(one, by=alice),
        lambda: conversation.say(two, Line(body="Late word."), customer=dana),
    )
    assert outcome in (["ok", "ok"], ["ok", "replied"])
    assert ("public", "Late word.") in said(two)
    one.refresh_from_db()
    assert (one.merged_into_id is None) == (outcome == ["ok", "ok"])
    assert breaks() == WHOLE


# --- split -----------------------------------------------------------------------------------------------------------
def test_a_message_gets_a_request_of_its_own(dana: Customer, billing: Queue, alice: User, settings: Settings) -> None:
    settings.UNSEND_SECONDS = 0
    ticket = make_ticket(dana, queue=billing, body="First question.", reply_address="dana@example.com")
    answer(ticket, alice, "An answer.")
    later = write(ticket, "By the way, my password is lost.")
    before = (stand(ticket), said(ticket))
    fresh, is_new = splitting.split(ticket, [later.seq], subject="Lost password", by=alice)
    assert is_new
    fresh.refresh_from_db()
    assert (fresh.subject, fresh.status, fresh.queue, fresh.requester, fresh.reply_address) == (
        "Lost password", "new", billing, dana, "dana@example.com",
    )  # fmt: skip
    assert (fresh.waiting_since, fresh.last_seq, said(fresh)) == (later.created_at, 1, [("public", later.body)])
    assert (stand(ticket), said(ticket)) == before
    assert (told(ticket)[-1], told(fresh)) == ("ticket.split", ["ticket.opened"])
    assert breaks() == WHOLE
    assert splitting.split(ticket, [later.seq], subject="Lost password", by=alice) == (fresh, False)
    assert Ticket.objects.count() == 2


def test_a_split_needs_words_of_the_customer_that_are_there(dana: Customer, billing: Queue, alice: User) -> None:
    ticket = make_ticket(dana, queue=billing)
    answer(ticket, alice, "A note.", kind="note")
    for seqs, code in (([2], "nothing_asked"), ([9], "invalid"), ([], "invalid")):
        with pytest.raises(errors.DomainError) as refused:
            splitting.split(ticket, seqs, by=alice)
        assert refused.value.code == code
    assert Ticket.objects.count() == 1


# --- API -------------------------------------------------------------------------------------------------------------
def test_the_desk_previews_merges_and_undoes(pair: tuple[Ticket, Ticket], alice: User, api: Api) -> None:
    source, target = pair
    base = f"/api/v1/tickets/{source.pk}"
    seen = api(alice).get(f"{base}/merge/preview/?into={target.pk}").json()
    assert (seen["problem"], seen["can_swap"], seen["is_other_requester"], seen["messages"], seen["files"]) == (
        "", True, False, 4, 0,
    )  # fmt: skip
    assert (seen["source"]["number"], seen["target"]["subject"]) == (source.number, "Invoice")
    assert api(alice).get(f"{base}/merge/").status_code == 404
    done = api(alice).post(f"{base}/merge/", {"into": target.pk}, format="json")
    assert (done.status_code, done.json()["into"], done.json()["can_undo"]) == (200, target.pk, True)
    assert api(alice).get(f"{base}/merge/").json() == done.json()
    shown = api(alice).get(f"/api/v1/tickets/{target.pk}/messages/").json()["results"]
    assert [message["copied_from"] for message in shown[:2]] == [None, {"ticket": source.pk, "seq": 1}]
    back = api(alice).post(f"{base}/merge/undo/")
    assert (back.status_code, back.json()["status"], back.json()["merged_into"]) == (200, "open", None)
    assert api(alice).post(f"{base}/merge/undo/").json()["code"] == "not_merged"


def test_whoever_does_not_see_both_merges_neither(
    pair: tuple[Ticket, Ticket], alice: User, charlie: User, rita: User, technical: Queue, dana: Customer, api: Api
) -> None:
    source, target = pair
    foreign = make_ticket(dana, queue=technical)
    calls = [
        (charlie, source, target, 404), (alice, source, foreign, 404), (alice, foreign, source, 404),
        (rita, source, target, 403), (None, source, target, 401),
    ]  # fmt: skip
    events = Event.objects.count()
    for user, one, two, status in calls:
        base = f"/api/v1/tickets/{one.pk}"
        assert api(user).get(f"{base}/merge/preview/?into={two.pk}").status_code == status
        assert api(user).post(f"{base}/merge/", {"into": two.pk}, format="json").status_code == status
    for user, status in ((charlie, 404), (rita, 403), (None, 401)):
        assert api(user).post(f"/api/v1/tickets/{source.pk}/merge/undo/").status_code == status
        assert api(user).post(f"/api/v1/tickets/{source.pk}/split/", {"seqs": [1]}, format="json").status_code == status
    assert (Merge.objects.count(), Ticket.objects.count(), Event.objects.count()) == (0, 3, events)


def test_a_preview_costs_the_same_however_long(
    pair: tuple[Ticket, Ticket], alice: User, api: Api, django_assert_num_queries: Callable[[int], Any]
) -> None:
    source, target = pair
    client = api(alice)
    address = f"/api/v1/tickets/{source.pk}/merge/preview/?into={target.pk}"
    client.get(address)
    with django_assert_num_queries(17):
        client.get(address)
    for _ in range(10):
        write(source)
    with django_assert_num_queries(17):
        client.get(address)


def test_a_split_by_the_api_answers_with_the_new_request(dana: Customer, billing: Queue, alice: User, api: Api) -> None:
    ticket = make_ticket(dana, queue=billing, body="One. Two.")
    made = api(alice).post(f"/api/v1/tickets/{ticket.pk}/split/", {"seqs": [1], "subject": "Two"}, format="json")
    assert (made.status_code, made.json()["subject"], made.json()["id"] != ticket.pk) == (201, "Two", True)
    again = api(alice).post(f"/api/v1/tickets/{ticket.pk}/split/", {"seqs": [1], "subject": "Two"}, format="json")
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
