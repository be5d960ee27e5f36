"""What is known of a request when its ticket is opened, and from whom: the customer's standing, and the first account."""

from typing import Any

from helpdesk.lib import together
from helpdesk.lib.actor import Actor
from helpdesk.people.models import Customer
from tickets.channels.inbound import Inbound
from tickets.models import Ticket
from tickets.models.ticket import Channel, Status
from tickets.qualification.provenance import Kind, Source
from tickets.qualify import Qualification

# From so many earlier requests on a customer is a regular one.
REGULAR = 3
Said = dict[str, tuple[Any, Source]]


def standing(customer: Customer) -> tuple[str, bool]:
    """`new known regular vip`, and whether somebody here has answered the customer before.

    `vip` is what staff wrote into the customer's own fields. Uses index: ticket_requester.
    """
    if customer.is_just_made:
        return "new", False
    if any(ticket.requester_id == customer.pk for ticket in together.waiting(Ticket)):
        together.write_now()
    earlier = Ticket.objects.of_customer(customer).exclude(status=Status.SPAM).order_by("-id")
    replied = list(earlier.values_list("first_replied_at", flat=True)[:REGULAR])
    is_trusted = any(moment is not None for moment in replied)
    if str(customer.fields.get("standing", "")).lower() == "vip":
        return "vip", is_trusted
    if len(replied) >= REGULAR:
        return "regular", is_trusted
    return ("known" if replied else "new"), is_trusted


def account(inbound: Inbound, ticket: Ticket, guessed: Qualification, decision: Any, standing: str) -> Said:
    """Field → (value, source) of a new ticket: what was stated outweighs rules, rules outweigh guesses."""
    stated = _stated(inbound)
    actions = decision.actions
    said: Said = {"standing": (standing, Source(Kind.DEFAULT))}
    by_words = {
        "kind": Source.guess(guessed.kind_words),
        "priority": Source.guess(guessed.priority_words) if guessed.priority_words else Source(Kind.DEFAULT),
        "language": Source.guess(confidence=guessed.language_score),
    }
    for field, guess in by_words.items():
        if getattr(inbound, field):
            said[field] = (getattr(ticket, field), stated)
        elif actions.get(field) == getattr(ticket, field):
            said[field] = (getattr(ticket, field), _rule(decision, field))
        elif getattr(ticket, field):
            said[field] = (getattr(ticket, field), guess)
    said["queue"] = (ticket.queue.slug, _queue(inbound, ticket, decision, stated))
    if ticket.assignee_id:
        said["assignee"] = (ticket.assignee_id, _rule(decision, "assignee"))
    for tag in actions.get("tags", []):
        said[f"tag:{tag}"] = (True, _rule(decision, f"tag:{tag}"))
    return said


def _stated(inbound: Inbound) -> Source:
    """Who gave the values that came with the request: a program, the agent who logged it, or the customer."""
    by = inbound.by
    if by is None or by.kind != "user":
        return Source(Kind.CUSTOMER, by or Actor("customer"))
    return Source(Kind.IMPORT if inbound.channel == Channel.API else Kind.AGENT, by)


def _queue(inbound: Inbound, ticket: Ticket, decision: Any, stated: Source) -> Source:
    if inbound.queue:
        return stated
    if decision.actions.get("queue") == ticket.queue.slug:
        return _rule(decision, "queue")
    if inbound.mailbox and inbound.mailbox.queue_id == ticket.queue_id:
        return Source(Kind.MAILBOX, name=inbound.mailbox.address)
    if inbound.fallback and inbound.fallback.pk == ticket.queue_id:
        return Source(Kind.MAILBOX)
    return Source(Kind.DEFAULT)


def _rule(decision: Any, field: str) -> Source:
    """The rule that set a field, as the decision tells; of old accounts only the winner is known."""
    told: Source | None = getattr(decision, "sources", {}).get(field)
    if told is not None:
        return told
    return Source.of_rule(decision.rule, decision.matched) if decision.rule else Source(Kind.RULE)
