"""Spam is held where agents see it, and goes back with one click; an empty filter accuses nobody."""

from helpdesk.jobs import outbox
from helpdesk.people.customers import Who
from helpdesk.people.models import User
from tests.conftest import Api
from tests.factories import answer, make_ticket
from tickets import intake, lifecycle
from tickets.channels.inbound import Inbound
from tickets.models import Provenance, Queue, SpamMark, Ticket
from tickets.qualification import policy
from tickets.qualification.provenance import Source

SUBJECT = "YOU HAVE WON THE LOTTERY JACKPOT"
BODY = (
    "Dear beneficiary, you have won 2,500,000 USD in our online lottery. Claim your prize now: click here "
    "https://bit.ly/abc and http://prize.xyz and http://more.top and http://again.click to send the wire transfer fee."
)


def _mail(subject: str = SUBJECT, body: str = BODY, email: str = "win@prize.example", **more: object) -> Ticket:
    inbound = Inbound(channel="email", who=Who(email=email), subject=subject, body=body, reply_address=email, **more)  # type: ignore[arg-type]
    return intake.receive(inbound).ticket


def test_plain_spam_is_held_and_told_why(api: Api, technical: Queue, charlie: User) -> None:
    ticket = _mail()
    assert ticket.status == "spam"
    told = api(charlie).get(f"/api/v1/tickets/{ticket.pk}/").json()["qualification"]["spam"]
    assert told["held"] is True
    assert told["score"] >= told["limit"] == 0.9
    assert {sign["code"] for sign in told["signs"]} >= {"money", "lure", "links", "capitals"}
    assert "lottery" in [word["text"].lower() for word in told["words"]]
    assert told["mark"] is None


def test_one_click_brings_it_back_and_the_mark_is_kept(api: Api, technical: Queue, charlie: User) -> None:
    ticket = _mail()
    back = api(charlie).post(f"/api/v1/tickets/{ticket.pk}/spam/", {"spam": False}, format="json").json()
    assert (back["status"], back["qualification"]["spam"]["mark"]) == ("open", "not_spam")
    assert back["waiting_since"] is not None
    again = api(charlie).post(f"/api/v1/tickets/{ticket.pk}/spam/", {"spam": False}, format="json").json()
    assert again["version"] == back["version"]
    patched = {"status": "spam", "version": back["version"]}
    held = api(charlie).patch(f"/api/v1/tickets/{ticket.pk}/", patched, format="json").json()
    assert (held["status"], held["qualification"]["spam"]["mark"]) == ("spam", "spam")
    assert SpamMark.objects.count() == 1


def test_a_desk_without_marks_accuses_no_plain_question(technical: Queue) -> None:
    honest = [
        ("Refund", "Hello, I was charged 1,250.00 € twice, please refund one of the two payments. Regards, Ann"),
        ("URGENT !!!", "MY ORDER NEVER ARRIVED, CLICK HERE TO SEE THE PHOTO https://example.com/p.jpg"),
        ("Se désabonner", "Bonjour, je souhaite me désabonner de votre lettre. Merci."),
        ("Compte suspendu", "Bonjour, mon compte est suspendu alors que j'ai payé, pouvez-vous vérifier ?"),
        ("Bitcoin", "Do you accept bitcoin or only cards? I would like to buy three bikes."),
    ]
    for subject, body in honest:
        assert _mail(subject, body, "ann@example.com").status == "new", subject


def test_who_was_answered_before_is_never_held(technical: Queue, charlie: User) -> None:
    first = _mail("A question", "How long does the delivery take to Lyon, please?", "known@example.com")
    answer(first, charlie)
    assert _mail(email="known@example.com").status == "new"


def test_what_staff_log_and_what_is_said_in_a_chat_is_not_held(technical: Queue, charlie: User) -> None:
    assert _mail(by=charlie.actor).status == "new"
    assert make_ticket(subject=SUBJECT, body=BODY, channel="chat").status == "new"


def test_the_admin_may_leave_all_to_people(api: Api, technical: Queue, ada: User, bob: User) -> None:
    url = "/api/v1/qualification/settings/"
    assert api(bob).patch(url, {"hold_spam": False}, format="json").status_code == 403
    assert api(ada).patch(url, {"spam_limit": 3}, format="json").status_code == 400
    assert policy.settings().hold_spam is True
    assert api(ada).patch(url, {"hold_spam": False}, format="json").json() == {
        "hold_spam": False,
        "spam_limit": 0.9,
        "fill_queue": None,
        "fill_kind": None,
    }
    assert _mail().status == "new"


def test_a_held_ticket_gets_no_receipt(technical: Queue, mailoutbox: list[object]) -> None:
    _mail()
    outbox.drain()
    assert mailoutbox == []


def test_a_rules_or_systems_change_is_no_mark(technical: Queue, charlie: User) -> None:
    ticket = _mail("A question", "How long does the delivery take?", "x@example.com")
    source = Source("rule")
    lifecycle.apply(ticket, {"status": "spam"}, source=source)
    ticket.refresh_from_db()
    assert ticket.status == "spam"
    assert SpamMark.objects.count() == 0
    assert Provenance.objects.filter(ticket=ticket, field="spam").count() == 1
