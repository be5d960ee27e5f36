"""The ordered matchers: what joins, what is only a hint that an agent confirms, and who may answer by mail as an agent."""

from datetime import timedelta

import pytest

from helpdesk.events.models import Event
from helpdesk.jobs import outbox as jobs
from helpdesk.lib import clock
from helpdesk.people.models import Customer, Identity, User
from tests import factories
from tests.conftest import Api
from tests.tickets.channels.conftest import Pipe, compose
from tickets import lifecycle
from tickets.channels import email_threads
from tickets.models import Attachment, Envelope, Hint, Mailbox, Message, Participant, Ticket

pytestmark = pytest.mark.django_db
OURS = "Authentication-Results: mx.acme.example; dmarc=pass header.from=%s\r\n"


@pytest.fixture(autouse=True)
def _our_server(settings: object) -> None:
    settings.MAIL_AUTHSERV_IDS = ["mx.acme.example"]  # type: ignore[attr-defined]


def aligned(raw: bytes, domain: str = "example.com") -> bytes:
    return (OURS % domain).encode() + raw


def ticket_of(answer: dict[str, object]) -> Ticket:
    found = Ticket.objects.select_related("requester").filter(pk=int(str(answer["ticket"]))).first()
    assert found is not None
    return found


def matched_by(ticket: Ticket, seq: int) -> str:
    return Envelope.objects.get(message__ticket=ticket, message__seq=seq).matched_by


# --- what joins ------------------------------------------------------------------------------------------------------


def test_a_customer_who_answers_his_own_mail_joins_by_its_received_id(pipe: Pipe, mailbox: Mailbox) -> None:
    ticket = ticket_of(pipe(compose()))
    answer = pipe(compose("One thing more.", message_id="<second@example.com>", in_reply_to="<first@example.com>"))
    assert (answer["outcome"], answer["ticket"], answer["seq"]) == ("message", ticket.number, 2)
    assert matched_by(ticket, 2) == "received_id"


def test_references_alone_are_enough(pipe: Pipe, mailbox: Mailbox) -> None:
    ticket = ticket_of(pipe(compose()))
    raw = compose("More.", message_id="<2@example.com>", references="<unknown@x.example> <first@example.com>")
    assert pipe(raw)["ticket"] == ticket.number


def test_a_stranger_who_answers_a_received_id_opens_a_ticket_with_a_hint(pipe: Pipe, mailbox: Mailbox) -> None:
    ticket = ticket_of(pipe(compose()))
    raw = compose(
        "Me too.", sender="eve@evil.example", message_id="<e@evil.example>", in_reply_to="<first@example.com>"
    )
    other = ticket_of(pipe(raw))
    assert other != ticket
    hint = Hint.objects.get()
    assert (hint.message.ticket, hint.kind, hint.ticket, hint.state) == (other, "received_id", ticket, "open")
    assert ticket.messages.count() == 1


def test_an_id_that_stands_in_two_of_his_conversations_joins_neither(pipe: Pipe, mailbox: Mailbox) -> None:
    first = ticket_of(pipe(compose()))
    second = ticket_of(pipe(compose("Another matter under the same id.")))
    answer = pipe(compose("Which?", message_id="<third@example.com>", in_reply_to="<first@example.com>"))
    assert answer["outcome"] == "ticket"
    assert set(Hint.objects.values_list("ticket", flat=True)) == {first.pk, second.pk}


def test_a_sender_whom_our_server_refuted_joins_nothing_by_a_received_id(pipe: Pipe, mailbox: Mailbox) -> None:
    ticket = ticket_of(pipe(compose()))
    raw = compose("Send it elsewhere.", message_id="<forged@example.com>", in_reply_to="<first@example.com>")
    answer = pipe(b"Authentication-Results: mx.acme.example; dmarc=fail header.from=example.com\r\n" + raw)
    assert answer["outcome"] == "ticket"
    assert answer["ticket"] != ticket.number
    assert Hint.objects.get().ticket == ticket
    assert Message.objects.get(ticket_id=int(answer["ticket"])).trust == "failed"


def test_somebody_who_takes_part_in_copy_joins(pipe: Pipe, mailbox: Mailbox, eric: Customer) -> None:
    ticket = ticket_of(pipe(compose()))
    Participant.objects.create(ticket=ticket, customer=eric, kind=Participant.Role.CC)
    raw = compose(
        "I agree.", sender="eric@example.com", message_id="<e@example.com>", in_reply_to="<first@example.com>"
    )
    answer = pipe(raw)
    assert (answer["ticket"], answer["seq"]) == (ticket.number, 2)
    assert ticket.messages.get(seq=2).author_customer == eric


def test_the_signed_address_wins_over_ids_of_another_conversation(pipe: Pipe, mailbox: Mailbox) -> None:
    first = ticket_of(pipe(compose()))
    second = ticket_of(pipe(compose("Other.", message_id="<other@example.com>")))
    to = email_threads.reply_address("support@acme.example", ticket_id=second.pk, customer_id=second.requester_id)
    answer = pipe(compose("Answer.", to=to, message_id="<a@example.com>", in_reply_to="<first@example.com>"))
    assert answer["ticket"] == second.number
    assert matched_by(second, 2) == "reply_address"
    assert first.messages.count() == 1


# --- hints -----------------------------------------------------------------------------------------------------------


def test_a_number_in_the_subject_is_a_hint_that_one_click_confirms(
    pipe: Pipe, mailbox: Mailbox, alice: User, api: Api
) -> None:
    ticket = ticket_of(pipe(compose()))
    raw = compose(
        "From my other address.",
        sender="dana@work.example",
        subject=f"Re: Invoice [#{ticket.number}]",
        message_id="<w@x>",
    )
    other = ticket_of(pipe(raw))
    (shown,) = api(alice).get(f"/api/v1/tickets/{other.pk}/messages/").json()["results"]
    (hint,) = shown["hints"]
    assert (hint["kind"], hint["state"], hint["ticket"]["number"]) == ("number", "open", ticket.number)

    answer = api(alice).post(f"/api/v1/hints/{hint['id']}/confirm/")
    assert (answer.status_code, answer.json()) == (200, {"ticket": ticket.number, "seq": 2})
    moved = ticket.messages.get(seq=2)
    assert (moved.body, moved.author_customer) == ("From my other address.", other.requester)
    assert matched_by(ticket, 2) == "confirmed"
    other.refresh_from_db()
    assert (other.status, other.merged_into) == ("closed", ticket)
    assert Event.objects.filter(name="ticket.solved", subject_id=other.pk).count() == 0
    assert api(alice).post(f"/api/v1/hints/{hint['id']}/confirm/").json()["code"] == "settled"
    assert ticket.messages.count() == 2

    later = pipe(compose("Later.", sender="dana@work.example", message_id="<l@work.example>", in_reply_to="<w@x>"))
    assert (later["outcome"], later["ticket"], later["seq"]) == ("message", ticket.number, 3)


def test_files_go_along_when_a_message_is_moved(pipe: Pipe, mailbox: Mailbox, alice: User, api: Api) -> None:
    ticket = ticket_of(pipe(compose()))
    raw = compose("See file.", sender="d@work.example", subject=f"[#{ticket.number}]", message_id="<w@x>")
    head, _, _body = raw.partition(b"\r\n\r\n")
    mixed = head.replace(b'Content-Type: text/plain; charset="utf-8"', b"Content-Type: multipart/mixed; boundary=B")
    mixed = mixed.replace(b"Content-Transfer-Encoding: 7bit", b"X-Nothing: 1")
    mixed += b"\r\n\r\n--B\r\n\r\nSee file.\r\n--B\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nabc\r\n--B--\r\n"
    pipe(mixed)
    api(alice).post(f"/api/v1/hints/{Hint.objects.get().pk}/confirm/")
    files = Attachment.objects.filter(message__ticket=ticket)
    assert [(file.name, file.size) for file in files] == [("a.txt", 3)]


def test_a_dismissed_hint_stays_dismissed_and_moves_nothing(
    pipe: Pipe, mailbox: Mailbox, alice: User, api: Api
) -> None:
    ticket = ticket_of(pipe(compose()))
    pipe(compose("?", sender="x@work.example", subject=f"[#{ticket.number}]", message_id="<w@x>"))
    hint = Hint.objects.get()
    assert api(alice).post(f"/api/v1/hints/{hint.pk}/dismiss/").status_code == 204
    hint.refresh_from_db()
    assert (hint.state, hint.settled_by, ticket.messages.count()) == ("dismissed", alice, 1)
    assert api(alice).post(f"/api/v1/hints/{hint.pk}/confirm/").status_code == 409


def test_whoever_does_not_see_a_ticket_neither_sees_nor_confirms_a_hint_on_it(
    pipe: Pipe, mailbox: Mailbox, other_mailbox: Mailbox, alice: User, charlie: User, rita: User, api: Api
) -> None:
    ticket = ticket_of(pipe(compose()))
    raw = compose("?", sender="x@w.example", subject=f"[#{ticket.number}]", to="tech@acme.example", message_id="<w@x>")
    other = ticket_of(pipe(raw, "tech@acme.example"))
    assert api(charlie).get(f"/api/v1/tickets/{other.pk}/messages/").json()["results"][0]["hints"] == []
    for person, status in ((charlie, 404), (alice, 404), (rita, 403)):
        assert api(person).post(f"/api/v1/hints/{Hint.objects.get().pk}/confirm/").status_code == status
    assert (Hint.objects.get().state, ticket.messages.count()) == ("open", 1)


def test_an_answer_under_a_known_subject_from_nowhere_is_a_hint(pipe: Pipe, mailbox: Mailbox) -> None:
    ticket = ticket_of(pipe(compose()))
    pipe(compose("Any news?", subject="RE: Invoice", message_id="<n@example.com>"))
    assert (Hint.objects.get().kind, Hint.objects.get().ticket) == ("copy", ticket)


def test_an_ordinary_first_mail_has_no_hint(pipe: Pipe, mailbox: Mailbox) -> None:
    pipe(compose(subject="Order #12 of 3 November"))
    pipe(compose("Something else", subject="Invoice", message_id="<b@example.com>", sender="ann@b.example"))
    assert Hint.objects.count() == 0


# --- agents ----------------------------------------------------------------------------------------------------------


def agent_address(ticket: Ticket, user: User, days: int = 1) -> str:
    expires = clock.now() + timedelta(days=days)
    return email_threads.agent_address("support@acme.example", ticket_id=ticket.pk, user_id=user.pk, expires=expires)


def test_an_agents_own_aligned_mail_to_his_own_address_is_his_reply(
    pipe: Pipe, mailbox: Mailbox, alice: User, api: Api
) -> None:
    ticket = ticket_of(pipe(compose()))
    given = api(alice).post(f"/api/v1/tickets/{ticket.pk}/mail_address/").json()
    raw = compose(
        "Here it is.\n\nOn Sat, Dana wrote:\n> The amount", sender=alice.email, to=given["address"], message_id="<a@x>"
    )
    answer = pipe(aligned(raw))
    assert (answer["outcome"], answer["ticket"], answer["seq"]) == ("message", ticket.number, 2)
    message = ticket.messages.get(seq=2)
    assert (message.author_user, message.kind, message.body) == (alice, "public", "Here it is.")
    assert matched_by(ticket, 2) == "agent_address"
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waiting_since) == ("open", None)
    assert pipe(b"X-Again: 1\r\n" + aligned(raw))["outcome"] == "duplicate"


@pytest.mark.parametrize("fault", ["expired", "not aligned", "another sender", "left the team", "forged", "reader"])
def test_an_agents_mail_counts_only_with_everything_in_order(
    pipe: Pipe, mailbox: Mailbox, alice: User, charlie: User, rita: User, fault: str
) -> None:
    ticket = ticket_of(pipe(compose()))
    who = {"reader": rita, "left the team": charlie}.get(fault, alice)
    to = agent_address(ticket, who, days=-1 if fault == "expired" else 1)
    if fault == "forged":
        to = to.replace(f"+a{ticket.pk}-{alice.pk}-", f"+a{ticket.pk}-{charlie.pk}-")
    sender = "eve@example.com" if fault == "another sender" else who.email
    raw = compose("Refund granted.", sender=sender, to=to, message_id="<a@x>")
    answer = pipe(raw if fault == "not aligned" else aligned(raw))
    if fault == "forged":
        assert (answer["outcome"], answer["ticket"]) == ("ticket", str(ticket.pk + 1))
    else:
        assert (answer["outcome"], answer["reason"]) == ("quarantined", "agent_not_proved")
    assert not Message.objects.filter(author_user__isnull=False).exists()
    assert ticket.messages.count() == 1


FORWARD = (
    "Please take over.\n\n---------- Forwarded message ---------\nFrom: Jean Valjean <jean@ex.example>\n"
    "Date: Sat, Nov 21, 2026 at 9:00 AM\nSubject: Broken lamp\nTo: Alice <alice@example.com>\n\n"
    "My lamp is broken since Monday."
)


def test_a_mail_that_a_proved_agent_passes_on_is_opened_for_who_wrote_it(
    pipe: Pipe, mailbox: Mailbox, alice: User
) -> None:
    raw = compose(FORWARD, sender=alice.email, subject="Fwd: Broken lamp", message_id="<f@x>")
    ticket = ticket_of(pipe(aligned(raw)))
    assert (ticket.requester.name, ticket.reply_address) == ("Jean Valjean", "jean@ex.example")
    first, note = ticket.messages.order_by("seq")
    assert (first.body, first.author_customer, first.trust) == (
        "My lamp is broken since Monday.",
        ticket.requester,
        "unverified",
    )
    assert (note.kind, note.author_user, note.body) == ("note", alice, "Please take over.")
    assert Event.objects.get(name="ticket.opened").actor_id == alice.pk
    assert Identity.objects.get(value="jean@ex.example").verified_at is None


def test_an_unproved_one_is_a_hint_whose_confirmation_hands_the_ticket_over(
    pipe: Pipe, mailbox: Mailbox, alice: User, api: Api
) -> None:
    ticket = ticket_of(pipe(compose(FORWARD, sender=alice.email, subject="Fwd: Broken lamp", message_id="<f@x>")))
    assert ticket.reply_address == alice.email
    hint = Hint.objects.get()
    assert (hint.kind, hint.name, hint.address) == ("original_sender", "Jean Valjean", "jean@ex.example")
    assert api(alice).post(f"/api/v1/hints/{hint.pk}/confirm/").status_code == 200
    ticket.refresh_from_db()
    assert (ticket.requester.name, ticket.reply_address) == ("Jean Valjean", "jean@ex.example")


def test_what_a_customer_passes_on_stays_his(pipe: Pipe, mailbox: Mailbox) -> None:
    ticket = ticket_of(pipe(aligned(compose(FORWARD, subject="Fwd: Broken lamp"))))
    assert ticket.reply_address == "dana@example.com"
    assert Hint.objects.count() == 0


# --- who is written to -----------------------------------------------------------------------------------------------


def test_recipients_are_shown_before_sending(
    pipe: Pipe, mailbox: Mailbox, alice: User, eric: Customer, api: Api
) -> None:
    raw = compose(
        cc='"Nadia, Buchhaltung" <nadia@example.com>, support@acme.example',
        to="Acme <support@acme.example>, Otto <otto@example.com>",
        reply_to="office@example.com",
    )
    ticket = ticket_of(pipe(raw))
    Participant.objects.create(ticket=ticket, customer=eric, kind=Participant.Role.CC)
    shown = api(alice).get(f"/api/v1/tickets/{ticket.pk}/recipients/").json()
    assert shown["from"] == {"name": "Acme Support", "address": "support@acme.example"}
    assert shown["to"] == [{"name": "Dana Dupont", "address": "dana@example.com"}]
    assert shown["cc"] == [{"name": "Éric Lefèvre", "address": "eric@example.com"}]
    assert shown["reply_all"] == [
        {"name": "", "address": "office@example.com"},
        {"name": "Otto", "address": "otto@example.com"},
        {"name": "Nadia, Buchhaltung", "address": "nadia@example.com"},
    ]
    envelope = api(alice).get(f"/api/v1/tickets/{ticket.pk}/messages/").json()["results"][0]["envelope"]
    assert envelope["from"] == {"name": "Dana Dupont", "address": "dana@example.com"}
    assert envelope["cc"][0] == {"name": "Nadia, Buchhaltung", "address": "nadia@example.com"}
    assert envelope["to"][0] == {"name": "Acme", "address": "support@acme.example"}


def test_the_original_and_its_whole_text_can_be_fetched_until_it_is_redacted(
    pipe: Pipe, mailbox: Mailbox, alice: User, charlie: User, api: Api
) -> None:
    raw = compose("Thanks.\n\nOn Fri, 20 Nov 2026 at 09:00, Shop <shop@example.com> wrote:\n> Hello")
    ticket = ticket_of(pipe(raw))
    (shown,) = api(alice).get(f"/api/v1/tickets/{ticket.pk}/messages/").json()["results"]
    assert (shown["body"], shown["is_folded"]) == ("Thanks.", True)
    assert "> Hello" in api(alice).get(f"/api/v1/tickets/{ticket.pk}/messages/1/whole/").json()["text"]
    original = api(alice).get(shown["raw_url"])
    assert (original.content, original["Content-Type"]) == (raw, "message/rfc822")
    assert original["Content-Disposition"].startswith("attachment;")
    assert api(charlie).get(shown["raw_url"]).status_code == 404
    from tickets import conversation

    conversation.redact(ticket.messages.get(), by=alice)
    assert api(alice).get(shown["raw_url"]).status_code == 404
    assert api(alice).get(f"/api/v1/tickets/{ticket.pk}/messages/").json()["results"][0]["raw_url"] is None


def test_machine_mail_changes_neither_preview_nor_place(pipe: Pipe, mailbox: Mailbox, alice: User) -> None:
    ticket = ticket_of(pipe(compose()))
    factories.answer(ticket, alice)
    lifecycle.assign(ticket, alice, by=alice.actor)
    lifecycle.set_status(ticket, "pending", by=alice.actor)
    jobs.drain()
    fields = ("status", "assignee", "preview", "place", "last_message_at", "waiting_since", "version")
    before = Ticket.objects.values(*fields).filter(pk=ticket.pk).first()
    raw = compose(
        "Away.", message_id="<ooo@example.com>", in_reply_to="<first@example.com>", auto_submitted="auto-replied"
    )
    assert pipe(raw)["outcome"] == "message"
    assert Ticket.objects.values(*fields).filter(pk=ticket.pk).first() == before
