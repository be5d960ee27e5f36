"""How well answers find their conversation: shares over a collection with a known truth, written against mail that left."""

import pytest

from helpdesk.people.models import User
from tests.mail import threads
from tickets.models import Mailbox

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
# What nothing proves: one click of an agent joins the first, the second is held for him
UNPROVED = {"subject number only", "from an address nobody knows"}


def test_nine_of_ten_true_replies_join_and_nothing_else_does(mailbox: Mailbox, alice: User) -> None:
    found = threads.measure(mailbox, alice, 3)
    assert found.apart.misses == []
    assert found.apart.of >= 3 * len(threads.FOREIGN)
    missed = {kind for kind, share in found.by_kind.items() if share.misses}
    assert missed == UNPROVED
    assert found.joined.of == 3 * sum(often for often, _write in threads.TRUE.values())
    assert found.joined.value >= 0.90
