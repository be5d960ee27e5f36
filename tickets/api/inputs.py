"""From checked input to services: what the API's writes hand over."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from helpdesk.events.models import Event
from helpdesk.lib import errors
from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, User
from tickets import attachments, conversation, intake, lifecycle
from tickets.channels import phone_log
from tickets.channels.inbound import Inbound, origin
from tickets.conversation import Line
from tickets.intake import Receipt
from tickets.models import Message, Queue, Ticket
from tickets.models.ticket import Channel
from tickets.qualification import suggestions


def create_ticket(given: dict[str, Any], *, by: User) -> Receipt:
    """A ticket that a program posts or an agent logs for a customer; the call by which it came gets its line in it."""
    if not given.get("call"):
        return intake.receive(_inbound(given, by))
    with transaction.atomic():
        receipt = intake.receive(_inbound(given, by))
        phone_log.put_on(given["call"], receipt.ticket, by=by)
    return receipt


def _inbound(given: dict[str, Any], by: User) -> Inbound:
    person = given["requester"]
    email = customers.normalise_email(person.get("email", ""))
    if person.get("email") and not email:
        raise errors.Invalid(fields={"requester": [_("Enter a valid e-mail address.")]})
    return Inbound(
        channel=given["channel"],
        who=_who(person, given.get("language", "")),
        subject=given["subject"],
        body=given["body"],
        by=by.actor,
        attachments=attachments.take(given["attachments"], uploader=f"user:{by.pk}"),
        origin=origin(f"user:{by.pk}", given.get("origin_id"), {k: v for k, v in given.items() if k != "origin_id"}),
        reply_address=email,
        language=given.get("language", ""),
        kind=given.get("kind"),
        priority=given.get("priority"),
        queue=queue(given["queue"]) if given.get("queue") else None,
        fields=given["fields"],
    )


def _who(person: dict[str, Any], language: str) -> Who | Customer:
    if person.get("id"):
        found = Customer.objects.current().filter(pk=person["id"]).first()
        if found is None:
            raise errors.Invalid(fields={"requester": [_("Unknown customer.")]})
        return found
    if not any(person.get(name) for name in ("name", "email", "phone")):
        raise errors.Invalid(fields={"requester": [_("Give a name, an address or a number.")]})
    return Who(name=person["name"], email=person["email"], phone=person["phone"], locale=language)


def queue(slug: str) -> Queue:
    """An active queue by its slug; raises Invalid that names the field."""
    found = Queue.objects.filter(slug=slug, is_active=True).first()
    if found is None:
        raise errors.Invalid(fields={"queue": [_("Unknown queue: %(slug)s") % {"slug": slug}]})
    return found


@transaction.atomic
def post_message(ticket: Ticket, given: dict[str, Any], *, by: User) -> tuple[Message, bool]:
    """An agent's reply or note, with the status it leaves the ticket in."""
    content = {name: given[name] for name in ("kind", "body", "attachments", "cc") if name in given}
    line = Line(
        body=given["body"],
        kind=given["kind"],
        channel=Channel.CHAT if ticket.channel == Channel.CHAT else Channel.WEB,
        attachments=attachments.take(given["attachments"], uploader=f"user:{by.pk}"),
        cc=given.get("cc"),
    )
    message, is_new = conversation.reply(
        ticket,
        line,
        by=by,
        origin=origin(f"user:{by.pk}", given["origin_id"], content),
        last_seen_seq=given.get("last_seen_seq"),
        force=given["force"],
    )
    if is_new and given.get("macro"):
        suggestions.note_macro(message, given["macro"], by=by)
    if is_new and given.get("status"):
        lifecycle.set_status(ticket, given["status"], by=by.actor)
    return message, is_new


def actor_names(events: Iterable[Event]) -> dict[tuple[str, int | None], str]:
    """Names of those who acted, in two queries."""
    ids = {(event.actor_kind, event.actor_id) for event in events}
    users = User.objects.filter(pk__in=[pk for kind, pk in ids if kind == "user"])
    people = Customer.objects.filter(pk__in=[pk for kind, pk in ids if kind == "customer"])
    found: dict[tuple[str, int | None], str] = {("user", row.pk): row.name for row in users}
    found.update({("customer", row.pk): row.name for row in people})
    return found
