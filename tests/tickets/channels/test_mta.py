"""Both ways through a real mail server (Exim) and a real mailbox (Dovecot): TLS verified, logged in, threaded, bounced."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.management import call_command

from helpdesk.jobs import outbox as jobs
from helpdesk.lib import clock, sealed
from helpdesk.people.models import User
from tests import factories, mta, servers
from tests.certificates import Authority
from tests.mta import Mta
from tests.tickets.channels.conftest import compose
from tickets.models import Delivery, Mailbox, MailboxState, Queue, RawMail, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(120)]
SUPPORT, DANA = "support@acme.example", "dana@customers.example"


@dataclass(frozen=True)
class Post:
    """The server of the world, our mailbox on it, and who vouches for its certificate."""

    server: Mta
    mailbox: Mailbox
    authority: Authority

    def fetch(self) -> None:
        call_command("fetch_mail", once=True)
        jobs.drain()

    def received(self, who: str = DANA, *, count: int = 1) -> list[EmailMessage]:
        found = self.server.delivered(who, count=count)
        return [message_from_bytes(raw, policy=policy.default) for raw in found]


@pytest.fixture
def post(billing: Queue, settings: Any, tmp_path: Any) -> Iterator[Post]:
    authority = Authority(tmp_path)
    pair = authority.issue("mx", "localhost")
    settings.MAIL_CA_FILE, settings.UNSEND_SECONDS = str(authority.file), 0
    settings.MAIL_ROOT, settings.MEDIA_ROOT = tmp_path / "mail", tmp_path / "files"
    with (
        mta.exim([SUPPORT, DANA], pair) as server,
        servers.dovecot(SUPPORT, tls=pair, mail=server.mail) as imap,
    ):
        mailbox = Mailbox.objects.create(
            queue=billing,
            address=SUPPORT,
            imap_host="localhost",
            imap_port=imap.tls_port,
            imap_security="ssl",
            imap_user=imap.user,
            imap_secret=sealed.seal(imap.password),
            smtp_host="localhost",
            smtp_port=server.port,
            smtp_security="starttls",
            smtp_user=server.user,
            smtp_secret=sealed.seal(server.password),
        )
        yield Post(server, mailbox, authority)


def test_a_request_its_answer_and_the_answer_to_that_are_one_conversation(post: Post, alice: User) -> None:
    raw = compose("Ma facture est fausse.", sender=f"Dana <{DANA}>", subject="Facture")
    post.server.hand_in(raw, sender=DANA, to=[SUPPORT])
    post.server.delivered(SUPPORT)
    post.fetch()
    ticket = Ticket.objects.get()
    (receipt,) = post.received()
    assert receipt["Auto-Submitted"] == "auto-generated"
    factories.answer(ticket, alice, "Nous corrigeons cela.")
    jobs.drain()
    answer = post.received(count=2)[1]
    assert (Delivery.objects.get().state, answer["In-Reply-To"]) == ("sent", "<first@example.com>")
    assert "with esmtpsa" in answer["Received"].replace("\n", " ")
    assert str(answer["Return-path"]) == f"<{SUPPORT}>"
    back = EmailMessage(policy=policy.SMTP)
    back["From"], back["To"], back["Subject"] = f"Dana <{DANA}>", str(answer["Reply-To"]), "Re: Facture"
    back["Message-ID"], back["In-Reply-To"] = "<second@customers.example>", str(answer["Message-ID"])
    back.set_content("Merci beaucoup.")
    post.server.hand_in(bytes(back), sender=DANA, to=[str(answer["Reply-To"].addresses[0].addr_spec)])
    post.server.delivered(SUPPORT, count=1)
    post.fetch()
    assert [message.body for message in ticket.messages.order_by("seq")] == [
        "Ma facture est fausse.",
        "Nous corrigeons cela.",
        "Merci beaucoup.",
    ]
    assert ticket.messages.get(seq=3).envelope.matched_by == "reply_address"
    assert (Ticket.objects.count(), post.server.queued()) == (1, 0)


def test_what_a_real_server_refuses_for_good_is_said_in_words(post: Post, alice: User) -> None:
    ticket = factories.make_ticket(queue=post.mailbox.queue, reply_address="nobody@customers.example")
    factories.answer(ticket, alice)
    jobs.drain()
    row = Delivery.objects.get()
    assert (row.state, row.reason, row.error[:4]) == ("failed", "unknown_address", "550 ")
    assert post.server.delivered("nobody@customers.example", seconds=0) == []


def test_a_real_bounce_is_put_to_the_delivery_it_is_about(post: Post, alice: User) -> None:
    ticket = factories.make_ticket(queue=post.mailbox.queue, reply_address="full@customers.example")
    factories.answer(ticket, alice)
    jobs.drain()
    assert Delivery.objects.get().state == "sent"
    # The receipt and the answer come back
    post.server.delivered(SUPPORT, count=2)
    post.fetch()
    row = Delivery.objects.get()
    assert (row.state, row.address) == ("bounced", "full@customers.example")
    assert "mailbox is full" in row.error
    assert [row.machine for row in RawMail.objects.all()] == ["bounce", "bounce"]
    assert (Ticket.objects.count(), post.server.taken()) == (1, 4)


def test_a_certificate_that_nobody_vouches_for_gets_neither_password_nor_mail(
    post: Post, alice: User, settings: Any
) -> None:
    settings.MAIL_CA_FILE = ""
    ticket = factories.make_ticket(queue=post.mailbox.queue, reply_address=DANA)
    factories.answer(ticket, alice)
    jobs.drain()
    row = Delivery.objects.get()
    assert (row.state, row.reason, post.server.taken()) == ("queued", "certificate_untrusted", 0)
    assert MailboxState.objects.get(mailbox=post.mailbox).smtp_error == "certificate_untrusted"
    settings.MAIL_CA_FILE = str(post.authority.file)
    with clock.pretend(clock.now() + timedelta(minutes=5)):
        jobs.drain()
    row.refresh_from_db()
    assert (row.state, len(post.received())) == ("sent", 1)


def test_a_wrong_password_is_our_servers_fault_and_is_tried_again(post: Post, alice: User) -> None:
    Mailbox.objects.update(smtp_secret=sealed.seal("wrong"))
    ticket = factories.make_ticket(queue=post.mailbox.queue, reply_address=DANA)
    factories.answer(ticket, alice)
    jobs.drain()
    row = Delivery.objects.get()
    assert (row.state, row.reason, post.server.taken()) == ("queued", "login_refused", 0)
