"""What other systems know of a customer, as it stands in his timeline."""

from collections.abc import Iterable
from datetime import datetime

from helpdesk.lib import text
from helpdesk.people.models import Customer, User
from tickets.models import Interaction
from tickets.timeline import Entry

_KINDS = {Interaction.Kind.CALL: "call", Interaction.Kind.CHAT: "chat"}


def of_customer(user: User, customer: Customer, before: datetime | None, limit: int) -> Iterable[Entry]:
    """`tickets.timeline.Contacts`: whoever may read the customer may read them."""
    for one in Interaction.objects.of_customer(customer, before=before)[:limit]:
        yield Entry(
            kind="interaction",
            at=one.at,
            title=f"{one.get_kind_display()}: {one.title}",
            excerpt=text.excerpt(one.text),
            url=f"/desk/customers/{customer.pk}",
            channel=one.kind,
        )
