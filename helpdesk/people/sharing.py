"""What customers of an organisation read of each other's requests: set for all of them, and otherwise for one."""

from django.db import transaction

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.people.models import Customer, Organization, User


@transaction.atomic
def set_for_all(organization: Organization, level: str, *, by: User) -> Organization:
    """The level of everybody of the organisation for whom nothing else is said; it holds from the next page on."""
    row = Organization.objects.select_for_update().get(pk=organization.pk)
    before, row.sharing = row.sharing, level
    if before != level:
        row.save(update_fields=["sharing"])
        record(names.ORGANIZATION_SHARING, row, by=by.actor, data={"from": before, "to": level})
    return row


@transaction.atomic
def set_for_one(customer: Customer, level: str, *, by: User) -> Customer:
    """His own level; '' is as his organisation has it."""
    row = Customer.objects.select_for_update().get(pk=customer.pk)
    before, row.sharing = row.sharing, level
    if before != level:
        row.save(update_fields=["sharing"])
        record(names.CUSTOMER_SHARING, row, by=by.actor, data={"from": before, "to": level})
    return row
