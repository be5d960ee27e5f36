"""One mail a day with what is new on the topics that somebody follows, and that he may read when it leaves."""

import re
import smtplib
from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock
from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, Team, User
from knowledge import publishing
from knowledge.alerts import digests, following
from knowledge.models import AlertDue, Article, Category, Subscriber, Subscription
from knowledge.publishing import Said
from tests.knowledge.conftest import Shelf
from tests.servers import SmtpSink

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)


@pytest.fixture
def zoe(shelf: Shelf, section: Category) -> Subscriber:
    """She follows returns in French."""
    return _subscriber("zoe@example.com", "fr", section)


def _subscriber(email: str, language: str, *topics: Category) -> Subscriber:
    now = clock.now()
    found = Subscriber.objects.create(email=email, language=language, next_at=now, created_at=now)
    for topic in topics:
        Subscription.objects.create(subscriber=found, category=topic, created_at=now)
    return found


def _publish(section: Category, by: User, title: str, *, language: str = "fr", **more: Any) -> Article:
    return publishing.publish(
        publishing.create(section, language=language, title=title, body=f"{title}, en détail.", by=by, **more), by=by
    )


def _run(after: timedelta = timedelta(0)) -> list[str]:
    """What is mailed by a look so long from now: the bodies."""
    before = len(mail.outbox)
    outbox.drain()
    with clock.pretend(clock.now() + after):
        digests.look()
        outbox.drain()
    return [str(one.body) for one in mail.outbox[before:]]


def _plain(body: str) -> str:
    """With ordinary spaces, and without the tokens of its links, which tell the time."""
    return re.sub("/alerts/[^/]+/", "/alerts/TOKEN/", body).replace("\u00a0", " ").replace("\u202f", " ")


def _is_end_of(header: str, subscriber: Subscriber) -> bool:
    found = re.fullmatch(rf"<{settings.PUBLIC_URL}/alerts/([^/]+)/end/>", header)
    return found is not None and following.open_link(found[1]) == subscriber


def _due(subscriber: Subscriber) -> list[tuple[str, bool]]:
    return list(AlertDue.objects.filter(subscriber=subscriber).order_by("pk").values_list("article__title", "is_new"))


def test_new_and_changed_articles_come_in_one_mail_after_an_hour(
    zoe: Subscriber, shelf: Shelf, section: Category, bob: User
) -> None:
    new = _publish(section, bob, "Retour en boutique", summary="Avec le ticket.")
    publishing.update(shelf.refund_fr, by=bob, body="Comptez trois jours.")
    assert _run() == []
    assert _due(zoe) == [("Retour en boutique", True), ("Quand serai-je remboursé ?", False)]
    (body,) = _run(HOUR)
    sent = mail.outbox[-1]
    assert (sent.to, sent.subject) == (["zoe@example.com"], "Articles nouveaux et modifiés de notre centre d’aide")
    home = settings.PUBLIC_URL
    assert _plain(body) == (
        "Bonjour,\n\nvoici du nouveau dans notre centre d’aide :\n\n\nRetours et remboursements\n\n"
        "- Modifié : Quand serai-je remboursé ?\n  Quand serai-je remboursé ? : en bref.\n"
        f"  {home}{shelf.refund_fr.get_absolute_url()}\n\n"
        f"- Nouveau : Retour en boutique\n  Avec le ticket.\n  {home}{new.get_absolute_url()}\n\n\n"
        "Vous recevez cet e-mail parce que vous l’avez demandé et confirmé.\n"
        f"Choisir vos thèmes : {home}/alerts/TOKEN/\nNe plus recevoir ces e-mails : {home}/alerts/TOKEN/end/\n"
    )
    assert {following.open_link(token) for token in re.findall("/alerts/([^/]+)/", body)} == {zoe}
    assert _due(zoe) == []
    told = Event.objects.get(name=names.ALERTS_SENT)
    assert (told.subject_id, told.data) == (zoe.pk, {"count": 2})


def test_the_mail_can_be_ended_by_the_program_that_reads_it(zoe: Subscriber, section: Category, bob: User) -> None:
    _publish(section, bob, "Retour en boutique")
    _run(HOUR)
    headers = mail.outbox[-1].extra_headers
    assert _is_end_of(headers["List-Unsubscribe"], zoe)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (headers["List-Id"], headers["Precedence"]) == ("<articles.localhost>", "bulk")
    assert (headers["Auto-Submitted"], headers["Content-Language"]) == ("auto-generated", "fr")


def test_a_day_lies_between_two_mails(zoe: Subscriber, section: Category, bob: User) -> None:
    _publish(section, bob, "Un")
    assert len(_run(HOUR)) == 1
    _publish(section, bob, "Deux")
    assert _run(2 * HOUR) == []
    assert _run(DAY) == []
    assert len(_run(HOUR + DAY)) == 1


def test_two_workers_send_one_mail(zoe: Subscriber, section: Category, bob: User) -> None:
    _publish(section, bob, "Un")
    outbox.drain()
    with clock.pretend(clock.now() + HOUR):
        digests.send(zoe.pk)
        digests.send(zoe.pk)
    assert len(mail.outbox) == 1


def test_a_look_waits_for_the_mail_of_the_last_one(zoe: Subscriber, section: Category, bob: User) -> None:
    _publish(section, bob, "Un")
    outbox.drain()
    with clock.pretend(clock.now() + HOUR):
        digests.look()
        digests.look()
    assert Job.objects.filter(task=outbox.path_of(digests.send)).count() == 1


def test_nothing_is_news_twice_when_its_job_runs_twice(zoe: Subscriber, section: Category, bob: User) -> None:
    article = _publish(section, bob, "Un")
    outbox.drain()
    event = Event.objects.filter(name=names.ARTICLE_PUBLISHED, subject_id=article.pk).get()
    digests.note(event.pk)
    assert _due(zoe) == [("Un", True)]


def test_wording_other_languages_and_other_topics_are_no_news(
    zoe: Subscriber, shelf: Shelf, section: Category, bob: User
) -> None:
    publishing.update(shelf.refund_fr, by=bob, body="Comptez 5 jours.", said=Said(change=Article.Change.MINOR))
    publishing.confirm(shelf.refund_fr, by=bob)
    publishing.update(shelf.refund_fr, by=bob, position=3)
    publishing.update(shelf.refund_en, by=bob, body="Allow three days.")
    publishing.update(shelf.kettle_fr, by=bob, body="Laissez agir deux heures.")
    _publish(section, bob, "Interne", audience=Article.Audience.AGENTS)
    _publish(section, bob, "Équipe", audience=Article.Audience.TEAMS, teams=[Team.objects.get(slug="billing")])
    assert _run(HOUR) == []
    assert _due(zoe) == []


def test_an_article_that_opens_to_everybody_is_new(zoe: Subscriber, shelf: Shelf, bob: User) -> None:
    publishing.update(
        shelf.agents, by=bob, title="Accorder un remboursement", body="Jusqu'à 150 euros.", audience="public"
    )
    assert _plain(_run(HOUR)[0]).count("- Nouveau : Accorder un remboursement") == 1
    publishing.update(shelf.agents, by=bob, audience="agents")
    outbox.drain()
    assert _due(zoe) == []


def test_what_he_may_not_read_any_more_is_left_out_and_costs_him_no_day(
    zoe: Subscriber, section: Category, bob: User
) -> None:
    gone, closed = _publish(section, bob, "Retirée"), _publish(section, bob, "Refermée")
    outbox.drain()
    publishing.archive(gone, by=bob)
    publishing.update(closed, by=bob, audience="agents")
    assert len(_due(zoe)) == 2
    assert _run(HOUR) == []
    assert _due(zoe) == []
    _publish(section, bob, "Publique")
    assert ["Publique" in body for body in _run(2 * HOUR + timedelta(minutes=1))] == [True]


def test_what_is_for_customers_comes_only_to_a_proved_address(zoe: Subscriber, section: Category, bob: User) -> None:
    """Proved when the mail leaves: an address that is only claimed, or that of an erased customer, is anybody's."""
    customers.create(Who(email="zoe@example.com"))
    known = customers.create(Who(email="yann@example.com", is_proved=True))
    erased = customers.create(Who(email="xeno@example.com", is_proved=True))
    Customer.objects.filter(pk=erased.pk).update(erased_at=clock.now())
    assert known.pk
    for name in ("yann", "xeno"):
        _subscriber(f"{name}@example.com", "fr", section)
    _publish(section, bob, "Prix clients", audience=Article.Audience.SIGNED_IN)
    _publish(section, bob, "Pour tous")
    assert len(_run(HOUR)) == 3
    assert {one.to[0]: "Prix clients" in str(one.body) for one in mail.outbox} == {
        "zoe@example.com": False,
        "yann@example.com": True,
        "xeno@example.com": False,
    }


def test_a_mail_names_so_many_articles_and_counts_the_rest(zoe: Subscriber, section: Category, bob: User) -> None:
    for number in range(digests.MOST + 2):
        _publish(section, bob, f"Article {number}")
    (body,) = _run(HOUR)
    assert _plain(body).count("- Nouveau : ") == digests.MOST
    assert "Et 2 autres articles sur ces thèmes." in body
    assert _due(zoe) == []


def test_titles_stay_text(zoe: Subscriber, section: Category, bob: User) -> None:
    _publish(section, bob, "<script>x</script> & {{ url }}")
    _run(HOUR)
    html = str(mail.outbox[-1].alternatives[0][0])  # type: ignore[union-attr]
    assert "&lt;script&gt;x&lt;/script&gt; &amp; {{ url }}" in html
    assert "<script>" not in html


def test_where_nobody_follows_no_job_is_made(shelf: Shelf, section: Category, bob: User) -> None:
    _subscriber("yann@example.com", "en", section)
    Job.objects.all().delete()
    _publish(section, bob, "Un")
    assert Job.objects.count() == 0


# --- when it does not leave ------------------------------------------------------------------------------------------
class Refusing(EmailBackend):
    """A server that answers as the test says."""

    error: Exception = OSError()
    opens = True

    def open(self) -> bool:
        if not self.opens:
            raise self.error
        return True

    def send_messages(self, messages: Any) -> int:
        raise self.error


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch, settings: Any) -> type[Refusing]:
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    monkeypatch.setattr(Refusing, "opens", True)
    monkeypatch.setattr(digests, "get_connection", Refusing)
    return Refusing


@pytest.mark.parametrize(
    ("error", "opens", "wait"),
    [
        (ConnectionRefusedError(), False, HOUR),
        (smtplib.SMTPResponseException(451, b"4.3.0 later"), True, HOUR),
        (smtplib.SMTPRecipientsRefused({"zoe@example.com": (550, b"5.7.1 blocked")}), True, HOUR),
        # He may have it: it is not sent again, its articles come with the mail of the next day
        (smtplib.SMTPServerDisconnected(), True, DAY),
    ],
)
def test_what_does_not_leave_stays_noted_and_is_tried_again(
    zoe: Subscriber,
    section: Category,
    bob: User,
    refusing: type[Refusing],
    error: Exception,
    opens: bool,
    wait: timedelta,
) -> None:
    _publish(section, bob, "Un")
    outbox.drain()
    refusing.error, refusing.opens = error, opens
    now = clock.now() + HOUR
    with clock.pretend(now):
        digests.send(zoe.pk)
    zoe.refresh_from_db()
    assert (zoe.next_at, zoe.sent_at, _due(zoe)) == (now + wait, None, [("Un", True)])
    assert Event.objects.filter(name=names.ALERTS_SENT).count() == 0


def test_an_address_that_does_not_exist_ends_it(
    zoe: Subscriber, section: Category, bob: User, refusing: type[Refusing]
) -> None:
    _publish(section, bob, "Un")
    outbox.drain()
    refusing.error = smtplib.SMTPRecipientsRefused({"zoe@example.com": (550, b"5.1.1 no such user")})
    with clock.pretend(clock.now() + HOUR):
        digests.send(zoe.pk)
    assert Subscriber.objects.count() == 0
    assert Event.objects.get(name=names.ALERTS_ENDED).data == {"how": "refused"}


def test_it_leaves_by_a_real_server(zoe: Subscriber, section: Category, bob: User, smtp: SmtpSink) -> None:
    _publish(section, bob, "Retour en boutique")
    outbox.drain()
    with clock.pretend(clock.now() + HOUR):
        digests.send(zoe.pk)
    (sent,) = [message_from_bytes(one) for one in smtp.messages]
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert _is_end_of("".join(sent["List-Unsubscribe"].split()), zoe)
    assert _due(zoe) == []


def test_sending_asks_as_often_for_many_articles_as_for_one(
    zoe: Subscriber, section: Category, bob: User, django_assert_num_queries: Any
) -> None:
    for number in range(8):
        _publish(section, bob, f"Article {number}")
    outbox.drain()
    with clock.pretend(clock.now() + HOUR), django_assert_num_queries(12):
        digests.send(zoe.pk)
    assert len(mail.outbox) == 1


def test_noting_asks_as_often_for_many_followers_as_for_one(
    section: Category, bob: User, django_assert_num_queries: Any
) -> None:
    for number in range(8):
        _subscriber(f"n{number}@example.com", "fr", section)
    article = _publish(section, bob, "Un")
    event = Event.objects.get(name=names.ARTICLE_PUBLISHED, subject_id=article.pk)
    with django_assert_num_queries(6):
        digests.note(event.pk)
    assert AlertDue.objects.count() == 8
