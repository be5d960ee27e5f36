"""Alerts are asked for by anybody and confirmed by the owner of the address alone, without a script."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock, signing
from helpdesk.people.models import Customer, User
from knowledge import publishing
from knowledge.alerts import asking, following
from knowledge.models import AlertRequest, Article, Category, Subscriber, Subscription
from tests.knowledge.conftest import Shelf

ADDRESS = "zoe@example.com"


def _ask(
    client: Client, email: str = ADDRESS, *, language: str = "en", topic: str = "returns", **more: str
) -> tuple[int, str]:
    answer = client.post(f"/{language}/help/alerts/", {"email": email, "topic": topic, **more})
    return answer.status_code, answer.get("Location", "") or unescape(answer.content.decode())


def _link() -> str:
    """The address in the last mail, without the host."""
    outbox.drain()
    (url,) = re.findall(rf"{settings.PUBLIC_URL}(/\S+)", str(mail.outbox[-1].body))
    return str(url)


def _followed(email: str = ADDRESS) -> list[str]:
    rows = Subscription.objects.filter(subscriber__email=email).order_by("category__position")
    return list(rows.values_list("category__slug", flat=True))


@pytest.mark.parametrize("page", ["/fr/help/section/returns/", "article"])
def test_a_topic_and_an_article_offer_it(shelf: Shelf, page: str) -> None:
    shown = unescape(Client().get(shelf.refund_fr.get_absolute_url() if page == "article" else page).content.decode())
    assert "Recevoir les nouveautés de « Retours et remboursements » par e-mail" in shown
    assert '<form method="post" action="/fr/help/alerts/"' in shown
    assert '<input type="hidden" name="topic" value="returns">' in shown


def test_it_takes_a_mail_and_a_press_to_follow_a_topic(shelf: Shelf) -> None:
    client = Client()
    assert _ask(client, " Zoe@Example.com ", language="fr") == (302, "/fr/help/alerts/?sent=1")
    assert "Encore une étape" in unescape(client.get("/fr/help/alerts/?sent=1").content.decode())
    assert (Subscriber.objects.count(), AlertRequest.objects.count()) == (0, 1)
    link = _link()
    sent = mail.outbox[0]
    assert (sent.to, sent.subject) == ([ADDRESS], "À confirmer : les nouveautés de notre aide")
    assert "« Retours et remboursements »" in str(sent.body)
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    assert link.startswith("/fr/help/alerts/")

    for _scan in range(3):
        opened = client.get(link)
        assert (opened.status_code, opened["Cache-Control"], opened["X-Robots-Tag"]) == (200, "no-store", "noindex")
        assert ADDRESS in opened.content.decode()
    assert (Subscriber.objects.count(), AlertRequest.objects.count()) == (0, 1)

    pressed = client.post(link, follow=True)
    subscriber = Subscriber.objects.get()
    ((page, status),) = pressed.redirect_chain
    (token,) = re.fullmatch(r"/alerts/([^/]+)/\?confirmed=1", page).groups()  # type: ignore[union-attr]
    assert (status, following.open_link(token)) == (302, subscriber)
    assert "C’est confirmé" in unescape(pressed.content.decode())
    assert (subscriber.email, subscriber.language, _followed()) == (ADDRESS, "fr", ["returns"])
    assert AlertRequest.objects.count() == 0
    told = Event.objects.get(name=names.ALERTS_CONFIRMED)
    assert (told.subject_id, told.data) == (subscriber.pk, {"topic": "returns", "language": "fr"})


def test_a_link_confirms_once(shelf: Shelf) -> None:
    client = Client()
    _ask(client)
    link = _link()
    assert client.post(link).status_code == 302
    following.end(Subscriber.objects.get(), how="link")
    for again in (client.post(link), client.get(link)):
        assert again.status_code == 404
        assert "This link no longer works" in again.content.decode()
    assert Subscriber.objects.count() == 0


@pytest.mark.parametrize("token", ["x", "0" * 43, ""])
def test_a_link_that_was_never_mailed_confirms_nothing(shelf: Shelf, token: str) -> None:
    _ask(Client())
    assert asking.peek(token) is None
    assert asking.confirm(token) is None
    if token:
        assert Client().post(f"/en/help/alerts/{token}/").status_code == 404
    assert (Subscriber.objects.count(), AlertRequest.objects.count()) == (0, 1)


def test_the_database_holds_no_link(shelf: Shelf) -> None:
    _ask(Client())
    token = _link().split("/")[4]
    row = AlertRequest.objects.get()
    assert (row.digest, token == row.digest) == (signing.digest(token), False)


def test_what_nobody_confirms_is_forgotten_with_its_link(shelf: Shelf) -> None:
    _ask(Client())
    link = _link()
    with clock.pretend(clock.now() + timedelta(hours=settings.ALERT_CONFIRM_HOURS, minutes=1)):
        assert Client().get(link).status_code == 404
        assert Client().post(link).status_code == 404
        assert AlertRequest.objects.count() == 1
        asking.forget_unconfirmed()
    assert (Subscriber.objects.count(), AlertRequest.objects.count()) == (0, 0)


def test_a_job_that_comes_too_late_mails_nothing(shelf: Shelf) -> None:
    _ask(Client())
    with clock.pretend(clock.now() + timedelta(hours=settings.ALERT_CONFIRM_HOURS, minutes=1)):
        outbox.drain()
    assert mail.outbox == []


def test_nobody_learns_whether_an_address_is_known(shelf: Shelf, dana: Customer) -> None:
    """Subscribed, a customer's, or never seen: the same answer, the same work, the same mail."""
    client = Client()
    _ask(client, ADDRESS)
    client.post(_link())
    Job.objects.all().delete()
    mail.outbox.clear()
    answers = [_ask(client, email) for email in (ADDRESS, "dana@example.com", "nobody@example.com")]
    assert answers == [(302, "/en/help/alerts/?sent=1")] * 3
    assert list(Job.objects.values_list("task", flat=True)) == [outbox.path_of(asking.mail_link)] * 3
    outbox.drain()
    bodies = [re.sub(r"https?://\S+", "", str(one.body)) for one in mail.outbox]
    assert len(bodies) == 3
    assert len(set(bodies)) == 1


def test_an_address_is_written_to_a_few_times_at_most_until_it_confirms(shelf: Shelf) -> None:
    client = Client()
    answers = [_ask(client) for _time in range(5)]
    assert answers == [(302, "/en/help/alerts/?sent=1")] * 5
    outbox.drain()
    assert len(mail.outbox) == asking.MOST_WAITING == AlertRequest.objects.count()
    assert _ask(client, "other@example.com") == (302, "/en/help/alerts/?sent=1")
    assert AlertRequest.objects.count() == asking.MOST_WAITING + 1


def test_one_source_asks_so_often_and_no_more(shelf: Shelf, settings: pytest.FixtureRequest) -> None:
    settings.ALERT_REQUESTS_PER_SOURCE = 2  # type: ignore[attr-defined]
    client = Client()
    answers = [_ask(client, f"n{n}@example.com") for n in range(3)]
    assert [status for status, _shown in answers] == [302, 302, 429]
    assert "Too many attempts, please wait a moment" in answers[2][1]
    assert AlertRequest.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"email": "no address"}, "Enter a valid email address."),
        ({"email": ""}, "This field is required."),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "Enter a valid email address."),
        ({"email": ADDRESS, "topic": "nowhere"}, "Select a valid choice."),
        ({"email": ADDRESS, "website": "https://spam.example"}, "This field must stay empty."),
    ],
)
def test_what_is_refused_is_said_and_changes_nothing(shelf: Shelf, given: dict[str, str], words: str) -> None:
    status, page = _ask(Client(), **{"email": ADDRESS, **given})
    assert (status, words in page, "data-summary" in page) == (400, True, True)
    assert (AlertRequest.objects.count(), Job.objects.count()) == (0, 0)


def test_asking_needs_the_token_of_its_form(shelf: Shelf) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/en/help/alerts/", {"email": ADDRESS, "topic": "returns"}).status_code == 403
    assert AlertRequest.objects.count() == 0


def test_a_second_topic_joins_the_first_and_the_language_is_that_of_the_page(shelf: Shelf) -> None:
    client = Client()
    for language, topic in (("fr", "returns"), ("en", "home")):
        _ask(client, language=language, topic=topic)
        client.post(_link())
    assert _followed() == ["returns", "home"]
    assert Subscriber.objects.get().language == "en"


def test_asking_twice_for_one_topic_follows_it_once(shelf: Shelf, section: Category) -> None:
    client = Client()
    for _time in range(2):
        _ask(client)
        client.post(_link())
    assert _followed() == ["returns"]


def test_nobody_learns_of_a_section_in_which_nobody_may_read(shelf: Shelf, bob: User) -> None:
    inside = publishing.add_section("inside", name_en="Team procedures", name_fr="Procédures", position=3)
    for audience in ("agents", "signed_in"):
        made = publishing.create(inside, language="en", title=audience, body="Text.", audience=audience, by=bob)
        publishing.publish(made, by=bob)
    client = Client()
    page = unescape(client.get("/en/help/alerts/").content.decode())
    assert ("Kitchen" in page, "Team procedures" in page) == (True, False)
    unknown, hidden = _ask(client, topic="nowhere"), _ask(client, topic="inside")
    assert (unknown[0], hidden[0], "Select a valid choice." in hidden[1]) == (400, 400, True)
    assert AlertRequest.objects.count() == 0
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert "data-alerts" not in client.get("/en/help/section/inside/").content.decode()
    assert "data-alerts" in client.get("/en/help/section/home/").content.decode()
    _ask(client)
    client.post(_link())
    subscriber = Subscriber.objects.get()
    manage = f"/alerts/{following.reference(subscriber)}/"
    assert "Team procedures" not in client.get(manage).content.decode()
    client.post(manage, {"topic": ["home", "inside"], "language": "en"})
    assert _followed() == ["home"]


def test_whoever_follows_a_section_may_keep_it_when_it_closes(shelf: Shelf) -> None:
    client = Client()
    _ask(client, topic="home")
    client.post(_link())
    Article.objects.filter(category__slug="home").update(status=Article.Status.ARCHIVED)
    manage = f"/alerts/{following.reference(Subscriber.objects.get())}/"
    assert 'value="home" checked> Kitchen' in client.get(manage).content.decode()
    client.post(manage, {"topic": ["home"], "language": "en"})
    assert _followed() == ["home"]
