"""Which customer uses a browser: the room that signs customers in remembers him, every room that shows pages may ask."""

from django.http import HttpRequest

from helpdesk.people.models import Customer

KEY = "customer_id"
# By which address alone he was let in, if it was set apart
ONLY = "customer_address"
_WITH = ("organization", "merged_into__organization")


def customer(request: HttpRequest) -> Customer | None:
    """The signed-in customer, or None; one whose record was merged goes on as the record it became."""
    key = request.session.get(KEY)
    found = Customer.objects.select_related(*_WITH).filter(pk=key).first() if key else None
    if found is not None and found.merged_into is not None:
        found = found.merged_into
    if found is not None:
        found.only_address = request.session.get(ONLY, "")
    return found if found is not None and found.erased_at is None else None
