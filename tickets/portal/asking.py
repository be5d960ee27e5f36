"""From a filled-in form to a request or a message on one."""

from datetime import timedelta
from typing import Any

from helpdesk.lib import signing
from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer
from tickets import intake
from tickets.channels.inbound import Inbound, origin
from tickets.intake import Receipt
from tickets.models import Message, Ticket
from tickets.portal.uploads import Files

_BY = "web"
_PROOF = "request-done"


def open_request(
    given: dict[str, Any], files: Files, *, customer: Customer | None, language: str, source: str = ""
) -> Receipt:
    """A new request. Whoever is signed in and writes under an address of his own is known to be himself."""
    content = {name: given[name] for name in ("subject", "body", "order", "name", "email")}
    is_self = customer is not None and _is_own(customer, given["email"])
    who = Who(name=given["name"], email=given["email"], locale=language)
    inbound = Inbound(
        channel="web",
        who=customer if customer is not None and is_self else who,
        subject=given["subject"],
        body=given["body"],
        attachments=files.kept,
        origin=origin(_BY, given["origin_id"], {**content, "files": files.content}),
        reply_address=given["email"],
        fields={"order": given["order"]} if given["order"] else {},
        trust=Message.Trust.VERIFIED if is_self else Message.Trust.UNVERIFIED,
        source=source,
    )
    return intake.receive(inbound)


def _is_own(customer: Customer, email: str) -> bool:
    """Of somebody let in by one address alone, no other address of the record is his."""
    if customer.only_address:
        return email.lower() == customer.only_address
    return customer.identities.filter(value=email).exists()


def add(ticket: Ticket, given: dict[str, Any], files: Files, *, customer: Customer) -> Receipt:
    """More words on a request; on one that is closed, or was solved long ago, a new one that follows it.

    Who was named writes as himself: a new one is his own, and is answered to him.
    """
    is_asker = customer.pk in (ticket.requester_id, ticket.requester.merged_into_id)
    inbound = Inbound(
        channel="web",
        who=customer,
        ticket=ticket,
        subject=ticket.subject,
        body=given["body"],
        attachments=files.kept,
        origin=origin(_BY, given["origin_id"], {"ticket": ticket.pk, "body": given["body"], "files": files.content}),
        reply_address=(ticket.reply_address if is_asker else "") or customers.proved_email(customer),
        language=ticket.language,
        trust=Message.Trust.VERIFIED,
    )
    return intake.receive(inbound)


def proof(ticket: Ticket) -> str:
    """What the page after sending carries, so that only whoever sent the form sees it."""
    return signing.sign(_PROOF, ticket.pk)


def proved(token: str) -> Ticket | None:
    """The request that was sent, for a day."""
    number = signing.read(_PROOF, token, max_age=timedelta(days=1))
    return Ticket.objects.filter(pk=number).first() if number else None
