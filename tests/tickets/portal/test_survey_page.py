"""The survey page: looking changes nothing, sending records, one language, one survey."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.people.models import Customer, User
from tests.factories import answer, make_ticket
from tickets import lifecycle, surveys
from tickets.models import Queue, Survey


@pytest.fixture
def survey(technical: Queue, billing: Queue, alice: User, eric: Customer) -> Survey:
    """Of a French request that alice answered and solved."""
    body = "Bonjour, je n'ai toujours pas reçu mon remboursement, merci de votre aide."
    ticket = make_ticket(eric, queue=billing, subject="Remboursement non reçu", body=body)
    answer(ticket, alice, "CANARY-NOTE", kind="note")
    answer(ticket, alice)
    lifecycle.solve(ticket, by=alice.actor)
    outbox.drain()
    return Survey.objects.get()


def path(survey: Survey) -> str:
    return surveys.path(survey)


def state() -> tuple[list[Any], int]:
    return list(Survey.objects.values_list()), Event.objects.count()


def test_fifty_looks_change_nothing(survey: Survey, client: Client) -> None:
    before = state()
    for n in range(50):
        assert client.get(path(survey), {"score": str(n % 6)}).status_code == 200
        assert client.head(path(survey)).status_code == 200
    assert state() == before


def test_the_page_speaks_the_language_of_the_request_or_the_chosen_one(survey: Survey, client: Client) -> None:
    address = path(survey)
    page = client.get(address, headers={"accept-language": "en"})
    html = page.content.decode()
    assert (page["Content-Language"], page["Referrer-Policy"], page["Cache-Control"]) == (
        "fr",
        "same-origin",
        "no-store",
    )
    assert '<html lang="fr">' in html
    assert "Très bonne" in html
    assert "Alice Martin" in html
    assert "Remboursement non reçu" in html
    assert "CANARY-NOTE" not in html
    assert f'href="{address}?lang=en"' in html
    english = client.get(path(survey), {"lang": "en"}).content.decode()
    assert "Very good" in english


def test_a_score_in_the_link_is_only_preselected(survey: Survey, client: Client) -> None:
    html = client.get(path(survey), {"score": "4"}).content.decode()
    assert html.count(" checked") == 1
    assert 'value="4" id="id_score_4" checked' in html
    for strange in ("9", "x", "", "\x00"):
        assert " checked" not in client.get(path(survey), {"score": strange}).content.decode()


def test_sending_records_and_thanks(survey: Survey, client: Client) -> None:
    given = {"score": "5", "comment": "Merci, c’était rapide.", "may_contact": "on"}
    address = path(survey)
    sent = client.post(f"{address}?score=1", given)
    assert (sent.status_code, sent["Location"]) == (302, address)
    survey.refresh_from_db()
    assert (survey.score, survey.comment, survey.may_contact) == (5, "Merci, c’était rapide.", True)
    html = client.get(path(survey)).content.decode()
    assert "Merci de votre avis" in html
    assert "Merci, c’était rapide." in html


def test_the_answer_may_be_changed_until_it_is_too_late(survey: Survey, client: Client, settings: Settings) -> None:
    client.post(path(survey), {"score": "2"})
    client.post(path(survey), {"score": "4"})
    survey.refresh_from_db()
    assert survey.score == 4
    settings.SURVEY_CHANGE_DAYS = 0
    late = client.post(path(survey), {"score": "1"})
    assert late.status_code == 409
    survey.refresh_from_db()
    assert survey.score == 4
    assert '<form method="post" action="/s/' not in client.get(path(survey)).content.decode()


@pytest.mark.parametrize(
    "given", [{}, {"score": ""}, {"score": "6"}, {"score": "x"}, {"score": "5", "comment": "a\x00b"}]
)
def test_a_wrong_answer_is_refused_in_words_and_nothing_is_recorded(
    survey: Survey, client: Client, given: dict[str, str]
) -> None:
    before = state()
    refused = client.post(path(survey), {"comment": "Mon commentaire", **given})
    html = refused.content.decode()
    assert refused.status_code == 400
    assert 'role="alert" data-summary' in html
    if "comment" not in given:
        assert "Mon commentaire" in html
        assert "Choisissez une des cinq réponses." in html
    assert state() == before


@pytest.mark.parametrize("token", ["x", "None", "%00", "a" * 4000])
def test_a_wrong_link_is_a_page_that_says_so(survey: Survey, client: Client, token: str) -> None:
    for response in (client.get(f"/s/{token}/"), client.post(f"/s/{token}/", {"score": "5"})):
        assert response.status_code == 404
    survey.refresh_from_db()
    assert survey.score is None


def test_a_form_from_elsewhere_is_refused(survey: Survey) -> None:
    before = state()
    assert Client(enforce_csrf_checks=True).post(path(survey), {"score": "1"}).status_code == 403
    assert state() == before


def test_the_token_opens_nothing_else(survey: Survey, client: Client) -> None:
    token = path(survey).split("/")[2]
    for address in (f"/files/{token}/a.txt", f"/en/my/login/{token}/", f"/en/my/prove/{token}/"):
        assert client.get(address).status_code == 404
    assert client.get(f"/en/contact/request/{token}/").status_code == 302
