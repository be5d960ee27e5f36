"""Surveys: one per solving, frozen, sent later, answered once, changeable for some days."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock, errors
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, User
from tests.factories import answer, make_ticket, write
from tickets import lifecycle, surveys
from tickets.models import Queue, Survey, Ticket


@pytest.fixture
def solved(technical: Queue, billing: Queue, alice: User, dana: Customer) -> Ticket:
    """Asked, answered by alice, solved by alice; the survey waits to leave."""
    ticket = make_ticket(dana, queue=billing, reply_address="dana@example.com")
    answer(ticket, alice)
    lifecycle.solve(ticket, by=alice.actor)
    outbox.drain()
    return ticket


def invite_now() -> None:
    """Run the jobs of the day after."""
    with clock.pretend(clock.now() + timedelta(days=1, minutes=1)):
        outbox.drain()


def events(name: str) -> list[dict[str, Any]]:
    return list(Event.objects.filter(name=name).order_by("id").values_list("data", flat=True))


def test_solving_makes_one_survey_frozen_as_things_were(
    solved: Ticket, alice: User, bob: User, billing: Queue, technical: Queue
) -> None:
    lifecycle.change(solved, {"queue": technical}, by=bob, version=None)
    survey = Survey.objects.get()
    assert (survey.agent, survey.queue, survey.team) == (alice, billing, billing.team)
    assert (survey.nr, survey.channel, survey.rule, survey.sent_at, survey.score) == (1, "web", "", None, None)
    assert survey.customer == solved.requester


def test_the_same_event_handled_twice_makes_one_survey(solved: Ticket) -> None:
    event = Event.objects.get(name=names.TICKET_SOLVED)
    surveys.ask(event.pk)
    assert Survey.objects.count() == 1
    assert Job.objects.filter(task="tickets.surveys.invite").count() == 1


def test_the_invitation_leaves_after_the_delay_and_not_before(solved: Ticket, settings: Settings) -> None:
    outbox.drain()
    assert Survey.objects.get().sent_at is None
    invite_now()
    survey = Survey.objects.get()
    assert survey.sent_at is not None
    assert survey.score is None
    assert events(names.SURVEY_SENT) == [{"survey": survey.pk}]


def test_the_mail_says_what_it_is_about_in_the_language_of_the_request(
    technical: Queue, billing: Queue, alice: User, eric: Customer, mailoutbox: list[Any]
) -> None:
    subject, body = "Remboursement non reçu", "Bonjour, je n'ai toujours pas reçu mon remboursement."
    ticket = make_ticket(eric, queue=billing, subject=subject, body=body, reply_address="eric@example.com")
    answer(ticket, alice)
    lifecycle.solve(ticket, by=alice.actor)
    outbox.drain()
    mailoutbox.clear()
    invite_now()
    [mail] = mailoutbox
    assert mail.to == ["eric@example.com"]
    assert mail.extra_headers["Content-Language"] == "fr"
    assert subject in mail.body
    assert surveys.link(Survey.objects.get()) in mail.body


@pytest.mark.parametrize("channel", ["web", "email"])
def test_nobody_is_asked_about_spam(
    technical: Queue, billing: Queue, alice: User, dana: Customer, channel: str
) -> None:
    ticket = make_ticket(dana, queue=billing, channel=channel)
    lifecycle.set_status(ticket, "spam", by=alice.actor)
    outbox.drain()
    assert Survey.objects.count() == 0


def test_nobody_is_asked_when_no_person_answered(technical: Queue, billing: Queue, alice: User, dana: Customer) -> None:
    ticket = make_ticket(dana, queue=billing)
    answer(ticket, alice, "Only for us", kind="note")
    lifecycle.solve(ticket, by=alice.actor)
    outbox.drain()
    assert Survey.objects.count() == 0


def test_a_request_reopened_before_the_mail_left_is_not_asked_about_until_solved_again(
    solved: Ticket, alice: User, mailoutbox: list[Any]
) -> None:
    write(solved, "It still does not work.")
    mailoutbox.clear()
    invite_now()
    assert mailoutbox == []
    assert Survey.objects.get().sent_at is None
    answer(solved, alice)
    lifecycle.solve(solved, by=alice.actor)
    outbox.drain()
    mailoutbox.clear()
    invite_now()
    assert [(row.nr, row.sent_at is None) for row in Survey.objects.order_by("nr")] == [(1, True), (2, False)]
    assert len(mailoutbox) == 1


def test_without_an_address_nothing_is_sent_and_nothing_fails(technical: Queue, billing: Queue, alice: User) -> None:
    ticket = make_ticket(Who(name="Caller", phone="+33612345678"), queue=billing, channel="phone")
    answer(ticket, alice)
    lifecycle.solve(ticket, by=alice.actor)
    outbox.drain()
    invite_now()
    assert Survey.objects.get().sent_at is None
    assert Job.objects.count() == 0


def test_an_answer_is_recorded_with_its_event(solved: Ticket, dana: Customer) -> None:
    survey = Survey.objects.get()
    surveys.answer(survey, 4, " Quick \x00and kind ", True, by=dana.actor)
    survey.refresh_from_db()
    assert (survey.score, survey.comment, survey.may_contact) == (4, "Quick and kind", True)
    assert survey.answered_at is not None
    assert events(names.SURVEY_ANSWERED) == [{"survey": survey.pk, "score": 4}]


@pytest.mark.parametrize(
    ("score", "comment", "field"), [(0, "", "score"), (6, "", "score"), (3, "x" * 4001, "comment")]
)
def test_a_wrong_answer_is_refused_and_changes_nothing(
    solved: Ticket, dana: Customer, score: int, comment: str, field: str
) -> None:
    survey = Survey.objects.get()
    with pytest.raises(errors.Invalid) as refused:
        surveys.answer(survey, score, comment, by=dana.actor)
    assert list(refused.value.fields) == [field]
    survey.refresh_from_db()
    assert (survey.score, survey.comment, survey.answered_at) == (None, "", None)
    assert events(names.SURVEY_ANSWERED) == []


def test_an_answer_may_be_changed_for_a_week_counted_from_the_first(solved: Ticket, dana: Customer) -> None:
    survey = Survey.objects.get()
    first = clock.now()
    with clock.pretend(first):
        surveys.answer(survey, 2, by=dana.actor)
    with clock.pretend(first + timedelta(days=6)):
        surveys.answer(survey, 5, "Now it works", by=dana.actor)
    survey.refresh_from_db()
    assert (survey.score, survey.answered_at) == (5, first)
    with clock.pretend(first + timedelta(days=8)), pytest.raises(errors.Conflict) as refused:
        surveys.answer(survey, 1, by=dana.actor)
    assert refused.value.code == "survey_closed"
    survey.refresh_from_db()
    assert (survey.score, survey.comment) == (5, "Now it works")


def test_who_has_answered_already_gets_no_mail(solved: Ticket, dana: Customer, mailoutbox: list[Any]) -> None:
    surveys.answer(Survey.objects.get(), 5, by=dana.actor)
    mailoutbox.clear()
    invite_now()
    assert mailoutbox == []


def test_a_link_opens_its_survey_only_and_a_forged_one_opens_nothing(solved: Ticket) -> None:
    survey = Survey.objects.get()
    token = surveys.link(survey).rstrip("/").rpartition("/")[2]
    assert surveys.open_link(token) == survey
    for forged in ("", token[:-1], token.upper(), "None", "0"):
        with pytest.raises(errors.NotFound):
            surveys.open_link(forged)


def test_rating_in_the_conversation_answers_the_survey_that_waits(solved: Ticket, dana: Customer) -> None:
    surveys.rate(solved, dana, 5, "Thanks")
    survey = Survey.objects.get()
    assert (survey.nr, survey.score, survey.comment) == (1, 5, "Thanks")


def test_rating_before_solving_makes_the_survey_and_solving_asks_no_second_time(
    technical: Queue, billing: Queue, alice: User, dana: Customer, mailoutbox: list[Any]
) -> None:
    ticket = make_ticket(dana, queue=billing, reply_address="dana@example.com")
    answer(ticket, alice)
    surveys.rate(ticket, dana, 4)
    lifecycle.solve(ticket, by=alice.actor)
    outbox.drain()
    mailoutbox.clear()
    invite_now()
    survey = Survey.objects.get()
    assert (survey.nr, survey.score, survey.agent) == (1, 4, alice)
    assert mailoutbox == []


def test_solved_rated_reopened_and_solved_again_is_asked_again(solved: Ticket, alice: User, dana: Customer) -> None:
    surveys.rate(solved, dana, 2)
    write(solved, "No, it is still wrong.")
    answer(solved, alice)
    lifecycle.solve(solved, by=alice.actor)
    outbox.drain()
    assert list(Survey.objects.order_by("nr").values_list("nr", "score")) == [(1, 2), (2, None)]


def test_nobody_rates_the_request_of_another(solved: Ticket, eric: Customer) -> None:
    with pytest.raises(errors.NotFound):
        surveys.rate(solved, eric, 1)
    assert Survey.objects.get().score is None
