"""The links that stand in each mail: choose topics, or end it all by one press, the reader's or his mail program's."""

import re
from html import unescape

import pytest
from django.test import Client

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.lib import clock, signing
from helpdesk.people.models import User
from knowledge.alerts import digests, following
from knowledge.models import AlertDue, Category, Subscriber, Subscription
from tests.knowledge.conftest import Shelf


def _subscriber(*topics: str, email: str = "zoe@example.com", language: str = "fr") -> Subscriber:
    now = clock.now()
    found = Subscriber.objects.create(email=email, language=language, next_at=now, created_at=now)
    for slug in topics:
        Subscription.objects.create(subscriber=found, category=Category.objects.get(slug=slug), created_at=now)
    return found


def _path(page: str, subscriber: Subscriber) -> str:
    return re.sub(r"^https?://[^/]+", "", following.url(page, subscriber))


def _ended() -> list[dict[str, str]]:
    return [event.data for event in Event.objects.filter(name=names.ALERTS_ENDED)]


def test_opening_the_links_ends_nothing(shelf: Shelf) -> None:
    zoe = _subscriber("returns")
    for page in ("alerts-manage", "alerts-end"):
        for _scan in range(3):
            answer = Client().get(_path(page, zoe))
            assert (answer.status_code, answer["Content-Language"], answer["Cache-Control"]) == (200, "fr", "no-store")
    assert (Subscriber.objects.count(), _ended()) == (1, [])


def test_a_mail_program_ends_it_by_one_post_without_cookies_or_token_of_a_form(shelf: Shelf) -> None:
    zoe, other = _subscriber("returns", "home"), _subscriber("home", email="yann@example.com")
    client = Client(enforce_csrf_checks=True)
    answer = client.post(_path("alerts-end", zoe), {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.has_header("Location")) == (200, False)
    assert list(Subscriber.objects.all()) == [other]
    assert Subscription.objects.count() == 1
    assert _ended() == [{"how": "one_click"}]


def test_ending_it_again_says_that_it_is_done(shelf: Shelf) -> None:
    zoe = _subscriber("returns")
    path = _path("alerts-end", zoe)
    for method in ("post", "post", "get"):
        answer = getattr(Client(), method)(path)
        assert (answer.status_code, 'data-notice="ok"' in answer.content.decode()) == (200, True)
    assert _ended() == [{"how": "link"}]
    assert Client().get(_path("alerts-manage", zoe)).status_code == 200


@pytest.mark.parametrize("purpose", ["survey", "alerts-other"])
def test_a_token_of_another_purpose_or_none_opens_nothing(shelf: Shelf, purpose: str) -> None:
    zoe = _subscriber("returns")
    for token in (signing.sign(purpose, zoe.pk), following.reference(zoe)[:-1], "x", signing.sign("alerts", "x")):
        for path in (f"/alerts/{token}/", f"/alerts/{token}/end/"):
            assert Client().get(path).status_code == 404
            assert Client().post(path, {"topic": "home"}).status_code == 404
    assert list(Subscription.objects.values_list("category__slug", flat=True)) == ["returns"]


def test_topics_and_language_are_chosen_on_one_page(shelf: Shelf) -> None:
    zoe = _subscriber("returns")
    now = clock.now()
    AlertDue.objects.create(subscriber=zoe, article=shelf.refund_fr, is_new=True, created_at=now)
    AlertDue.objects.create(subscriber=zoe, article=shelf.kettle_fr, is_new=True, created_at=now)
    client, path = Client(), _path("alerts-manage", zoe)
    shown = unescape(client.get(path).content.decode())
    assert 'name="topic" value="returns" checked> Retours et remboursements' in shown
    assert 'name="topic" value="home"> Cuisine' in shown
    assert 'name="language" value="fr" checked' in shown
    answer = client.post(path, {"topic": ["home", "nowhere"], "language": "en"})
    assert (answer.status_code, answer["Location"]) == (302, f"{path}?saved=1")
    assert list(Subscription.objects.values_list("category__slug", flat=True)) == ["home"]
    zoe.refresh_from_db()
    assert zoe.language == "en"
    # What waits for him of a topic that he left is not sent any more
    assert list(AlertDue.objects.values_list("article_id", flat=True)) == [shelf.kettle_fr.pk]
    saved = client.get(f"{path}?saved=1").content.decode()
    assert ("Saved." in saved, "Kitchen" in saved) == (True, True)


def test_a_language_that_there_is_not_is_passed_over(shelf: Shelf) -> None:
    zoe = _subscriber("returns")
    Client().post(_path("alerts-manage", zoe), {"topic": "returns", "language": "xx"})
    zoe.refresh_from_db()
    assert zoe.language == "fr"


def test_choosing_no_topic_ends_it(shelf: Shelf) -> None:
    zoe = _subscriber("returns")
    answer = Client().post(_path("alerts-manage", zoe), {"language": "fr"})
    assert (answer.status_code, Subscriber.objects.count(), _ended()) == (200, 0, [{"how": "topics"}])


def test_changing_topics_needs_the_token_of_its_form(shelf: Shelf) -> None:
    zoe = _subscriber("returns")
    client = Client(enforce_csrf_checks=True)
    assert client.post(_path("alerts-manage", zoe), {"topic": "home"}).status_code == 403
    assert list(Subscription.objects.values_list("category__slug", flat=True)) == ["returns"]


def test_the_page_is_read_in_the_other_language_too(shelf: Shelf) -> None:
    path = _path("alerts-manage", _subscriber("returns"))
    page = unescape(Client().get(f"{path}?lang=en").content.decode())
    assert ('<html lang="en">' in page, "Your topics" in page, f'href="{path}?lang=fr"' in page) == (True, True, True)


def test_search_engines_stay_out(db: None) -> None:
    rules = Client().get("/robots.txt").content.decode().splitlines()
    assert {"Disallow: /alerts/", "Disallow: /*/help/alerts/"} <= set(rules)


def test_a_list_of_followers_costs_no_query_each(shelf: Shelf, django_assert_num_queries: object) -> None:
    zoe = _subscriber("returns", "home")
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert Client().get(_path("alerts-manage", zoe)).status_code == 200
    assert digests.MOST == 30


def test_staff_end_it_for_whoever_asks_a_person(shelf: Shelf, ada: User, bob: User) -> None:
    zoe, yann = _subscriber("returns"), _subscriber("home", email="yann@example.com")
    address = f"/admin/knowledge/subscriber/{zoe.pk}/delete/"
    client = Client()
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert (Subscriber.objects.count(), _ended()) == (2, [])
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    assert "zoe@example.com" in client.get("/admin/knowledge/subscriber/?q=zoe").content.decode()
    assert client.post(address, {"post": "yes"})["Location"] == "/admin/"
    assert list(Subscriber.objects.all()) == [yann]
    ended = Event.objects.get(name=names.ALERTS_ENDED)
    assert (ended.data, ended.actor_kind, ended.actor_id) == ({"how": "staff"}, "user", ada.pk)
