"""What the demo's desk holds back: read by the product itself, each mail for the reason that the data promise."""

from datetime import timedelta

import pytest

from helpdesk.demo import company, held
from helpdesk.jobs import outbox
from helpdesk.lib import clock
from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.models import User
from tests import factories
from tickets import conversation
from tickets.conversation import Line
from tickets.models import Mailbox, Queue, RawMail, Ticket

pytestmark = pytest.mark.django_db


def test_each_mail_is_held_for_its_own_reason_and_makes_no_ticket(alice: User, billing: Queue) -> None:
    boxes = {
        address: Mailbox.objects.create(address=address, queue=billing)
        for address in (company.SUPPORT, company.BILLING)
    }
    letters = [(reason, letter) for reason, several in held.HELD.items() for letter in several]
    helen = customers.create(Who("Helen Trevanion", "helen@fernhill-cottages.example", is_proved=True))
    for subject in {letter.answers for _reason, letter in letters if letter.answers}:
        ticket = factories.make_ticket(
            helen, queue=billing, subject=subject, channel="email", reply_address="helen@fernhill-cottages.example"
        )
        conversation.reply(ticket, Line(body="Here it is."), by=alice)
    now = clock.now() + timedelta(days=3)
    held.arrive(boxes, now)
    outbox.drain()
    found = RawMail.objects.filter(outcome=RawMail.Outcome.QUARANTINED).order_by("received_at")
    wanted = sorted(letters, key=lambda pair: -pair[1].ago)
    assert [(row.reason, row.subject, row.received_at) for row in found] == [
        (reason, letter.subject, now - letter.ago) for reason, letter in wanted
    ]
    assert RawMail.objects.count() == len(letters)
    assert Ticket.objects.count() == 1
