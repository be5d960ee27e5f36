"""What the desk learns from its own tickets: in a process of its own, measured on what was kept back, filling nothing."""

import pickle
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest

from helpdesk.jobs import outbox
from helpdesk.people.customers import Who
from helpdesk.people.models import User
from tests.bench import letters
from tests.conftest import Api
from tests.factories import answer, make_ticket
from tickets import lifecycle
from tickets.models import Learned, Macro, MacroUse, Provenance, Queue, SpamMark, Suggestion, Ticket
from tickets.qualification import policy, training, weights

_BILLING = "invoice wrong amount charged twice|card refused at checkout|refund not on my account|bill shows old address"
_TECHNICAL = "battery does not charge|brakes squeal on the bike|kettle leaks water|lamp will not switch on"
Teach = Callable[..., None]


@pytest.fixture
def teach(technical: Queue, billing: Queue, bob: User) -> Teach:
    """Sixty solved tickets of both queues, by twenty people."""

    def solve_sixty(billed: str = "") -> None:
        for number in range(60):
            queue, subjects = ((billing, _BILLING), (technical, _TECHNICAL))[number % 2]
            subject = subjects.split("|")[number // 2 % 4]
            body = f"Hello, {subject}, since number {number}. What can I do about it, please tell me."
            body += billed if queue == billing else ""
            who = Who(email=f"person{number // 2 % 20}@example.com")
            ticket = make_ticket(who, queue=queue, subject=subject, body=body)
            kind = "complaint" if number % 2 else "assistance"
            lifecycle.change(ticket, {"kind": kind, "status": "solved"}, by=bob, version=None)

    return solve_sixty


def _train(*tasks: str) -> None:
    outbox.drain()
    for task in tasks:
        training.train(task, "en")
    policy.forget()


def test_a_new_ticket_gets_a_suggestion_that_fills_nothing(
    api: Api, teach: Teach, bob: User, technical: Queue, billing: Queue
) -> None:
    teach()
    _train("queue")
    model = Learned.objects.get(task="queue", language="en", is_in_force=True)
    assert model.labels == ["billing", "technical"]
    assert model.report["examples"] == 60
    assert model.report["accuracy"] > model.report["baseline"]
    ticket = make_ticket(subject="Charged two times", body="My card was charged twice, the invoice amount is wrong.")
    assert ticket.queue == technical
    outbox.drain()
    ticket.refresh_from_db()
    assert ticket.queue == technical
    told = api(bob).get(f"/api/v1/tickets/{ticket.pk}/").json()["qualification"]["suggestions"]
    queue = next(one for one in told if one["field"] == "queue")
    assert (queue["value"], queue["label"], queue["state"], queue["model"]) == ("billing", "Billing", "open", model.pk)
    assert queue["accuracy"] == model.report["accuracy"]
    source = "Charged two times\nMy card was charged twice, the invoice amount is wrong."
    assert all(source[word["start"] : word["end"]] == word["text"] for word in queue["words"])
    assert {"charged", "invoice"} & {word["text"].lower() for word in queue["words"]}


def test_the_words_beside_a_suggestion_are_never_of_a_card_or_account(
    api: Api, teach: Teach, bob: User, technical: Queue
) -> None:
    secrets = " 4111 1111 1111 1111 FR76 3000 6000 0112 3456 7890 189 password: Tr0ub4dor!"
    teach(billed=f" Paid with{secrets}.")
    _train("queue")
    ticket = make_ticket(subject="Charged two times", body=f"Charged twice, the invoice amount is wrong.{secrets}")
    outbox.drain()
    told = api(bob).get(f"/api/v1/tickets/{ticket.pk}/").json()["qualification"]["suggestions"]
    (queue,) = [one for one in told if one["field"] == "queue"]
    assert queue["value"] == "billing"
    words = {word["text"].lower() for word in queue["words"]}
    assert words
    assert words & set(secrets.lower().replace(":", "").split()) <= {"password"}
    source = f"Charged two times\nCharged twice, the invoice amount is wrong.{secrets}"
    assert all(source[word["start"] : word["end"]] == word["text"] for word in queue["words"])


def test_an_agent_takes_it_or_sends_it_away(api: Api, teach: Teach, bob: User, rita: User, billing: Queue) -> None:
    teach()
    _train("queue")
    ticket = make_ticket(subject="Charged two times", body="My card was charged twice, the invoice amount is wrong.")
    outbox.drain()
    one = Suggestion.objects.get(ticket=ticket, field="queue")
    url = f"/api/v1/tickets/{ticket.pk}/suggestions/{one.pk}/"
    lifecycle.change(ticket, {"queue": billing}, by=bob, version=None)
    assert api(rita).post(url, {"accept": True}, format="json").status_code == 403
    taken = api(bob).post(url, {"accept": True}, format="json").json()
    assert taken["queue"]["slug"] == "billing"
    assert [s["state"] for s in taken["qualification"]["suggestions"] if s["field"] == "queue"] == ["accepted"]
    assert Provenance.objects.get(ticket=ticket, field="queue").kind == "agent"
    assert api(bob).post(url, {"accept": False}, format="json").status_code == 409
    one.refresh_from_db()
    assert one.state == "accepted"


def test_it_fills_in_where_the_admin_lets_it_and_never_what_somebody_said(
    api: Api, teach: Teach, ada: User, bob: User, billing: Queue, technical: Queue
) -> None:
    teach()
    _train("queue", "kind")
    given = {"fill_queue": 0.5, "fill_kind": 0.5}
    assert api(ada).patch("/api/v1/qualification/settings/", given, format="json").status_code == 200
    subject, body = "Charged two times", "My card was charged twice, the invoice amount is wrong."
    free = make_ticket(subject=subject, body=body)
    placed = make_ticket(queue=technical, kind="information", subject=subject, body=body)
    outbox.drain()
    free.refresh_from_db()
    placed.refresh_from_db()
    assert (free.queue, placed.queue, placed.kind) == (billing, technical, "information")
    row = Provenance.objects.get(ticket=free, field="queue")
    assert (row.kind, row.value) == ("model", "billing")
    assert row.confidence is not None
    assert row.confidence >= 0.5
    states = dict(Suggestion.objects.filter(ticket=placed).values_list("field", "state"))
    assert states == {"queue": "open", "kind": "open"}


def test_a_guess_is_no_teacher_and_too_few_make_no_model(api: Api, technical: Queue, billing: Queue, bob: User) -> None:
    for number in range(6):
        ticket = make_ticket(subject=f"Question {number}", body="How much is the delivery of a bike to Lyon, please?")
        lifecycle.solve(ticket, by=bob.actor)
    assert training._examples("kind", "en").texts == []
    training.start()
    outbox.drain()
    told = api(bob).get("/api/v1/learning/").json()
    assert [(one["task"], one["language"], one["in_force"], one["reason"]) for one in told["models"]] == [
        ("kind", "en", False, "too_few"),
        ("kind", "fr", False, "too_few"),
        ("macro", "en", False, "too_few"),
        ("macro", "fr", False, "too_few"),
        ("queue", "en", False, "too_few"),
        ("queue", "fr", False, "too_few"),
        ("spam", "", False, "too_few"),
    ]
    assert told["training"] is False


def test_only_supervisors_see_and_start_learning(api: Api, alice: User, bob: User, technical: Queue) -> None:
    assert api(alice).get("/api/v1/learning/").status_code == 403
    assert api(alice).post("/api/v1/learning/train/").status_code == 403
    started = api(bob).post("/api/v1/learning/train/")
    assert (started.status_code, started.json()["training"]) == (202, True)
    again = api(bob).post("/api/v1/learning/train/")
    assert again.status_code == 202
    outbox.drain()
    assert Learned.objects.count() == 7


def test_a_macro_is_learned_from_its_use(api: Api, alice: User, billing: Queue, technical: Queue) -> None:
    macro = Macro.objects.create(name="Invoice", body="Here is your invoice.")
    ticket = make_ticket(queue=billing)
    given = {
        "kind": "public",
        "body": "Here it is.",
        "macro": macro.pk,
        "origin_id": "0b9c3f0e-1111-4222-8333-444455556666",
    }
    url = f"/api/v1/tickets/{ticket.pk}/messages/"
    assert api(alice).post(url, given, format="json").status_code == 201
    assert api(alice).post(url, given, format="json").status_code == 200
    assert MacroUse.objects.get().macro == macro
    lifecycle.solve(ticket, by=alice.actor)
    assert dict(training._labels("macro", {ticket.pk: ticket})) == {ticket.pk: str(macro.pk)}


def _marked(bob: User, mails: list[letters.Letter]) -> None:
    for number, mail in enumerate(mails):
        who = Who(email=f"sender{number}@example.com")
        ticket = make_ticket(who, subject=mail.subject, body=mail.body, channel="email")
        row = Ticket.objects.get(pk=ticket.pk)
        if mail.is_spam:
            lifecycle.set_status(row, "open", by=bob.actor) if row.status == "spam" else None
            lifecycle.set_status(row, "spam", by=bob.actor)
        else:
            answer(row, bob)


def test_the_filter_learns_from_marks_and_answers(technical: Queue, bob: User) -> None:
    _marked(bob, [*letters.spam(40, 11), *letters.honest(90, 12)])
    assert SpamMark.objects.filter(is_spam=True).count() == 40
    training.train("spam", "")
    model = Learned.objects.get(task="spam", is_in_force=True)
    assert model.report["false_alarms"] == 0.0
    policy.forget()
    spam = [
        make_ticket(Who(email="s@x.example"), subject=m.subject, body=m.body, channel="email")
        for m in letters.spam(40, 13)
    ]
    honest = [
        make_ticket(Who(email=f"h{n}@x.example"), subject=m.subject, body=m.body, channel="email")
        for n, m in enumerate(letters.honest(60, 14))
    ]
    assert [ticket.subject for ticket in honest if ticket.status == "spam"] == []
    assert sum(ticket.status == "spam" for ticket in spam) >= 30


def test_a_stored_model_is_numbers_and_nothing_that_runs() -> None:
    target = BytesIO()
    np.savez(target, ids=np.array([print], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="pickle"):
        weights.unpack(["a"], target.getvalue())
    with pytest.raises(ValueError, match=r".*"):
        weights.unpack(["a"], pickle.dumps({"ids": 1}))


def test_the_fitting_is_never_imported_by_the_product() -> None:
    import subprocess
    import sys

    code = "import django; django.setup(); import helpdesk.urls, helpdesk.wiring, sys; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
