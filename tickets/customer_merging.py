"""Two records of one person become one, with all their requests, and two again while nothing new came from him."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from helpdesk.lib import errors
from helpdesk.people import joining
from helpdesk.people.models import Customer, CustomerMerge, User
from tickets.channels import email_out
from tickets.models import Call, Message, Participant, Survey, Ticket
from tickets.models.ticket import Channel, Status


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do; `problem` is a code of `joining.PROBLEMS`, '' when nothing stands in the way."""

    source: Customer
    target: Customer
    problem: str
    can_swap: bool
    tickets: int
    differences: list[str]


def preview(source: Customer, target: Customer) -> Preview:
    """In a fixed number of queries. Changes nothing."""
    return Preview(
        source=source,
        target=target,
        problem=joining.problem(source, target),
        can_swap=not joining.problem(target, source),
        tickets=Ticket.objects.filter(requester=source).count(),
        differences=joining.differences(source, target),
    )


@transaction.atomic
def merge(source: Customer, target: Customer, *, by: User, take: Collection[str] = ()) -> CustomerMerge:
    """Everything of `source` is `target`'s. Doing it twice is a no-op; raises Conflict with a code of `joining.PROBLEMS`."""
    rows = joining.locked(source, target)
    if rows[source.pk].merged_into_id == target.pk and (done := joining.standing(source)):
        return done
    _keep_addresses(source)
    _keep_addresses(target)
    done = joining.join(source, target, take=take, by=by)
    carry(done.pk)
    return done


def _keep_addresses(customer: Customer) -> None:
    """Open requests that name no address go on being answered where they would have been: not where the other record says."""
    open_ = Ticket.objects.filter(requester=customer, reply_address="").exclude(status__in=[Status.CLOSED, Status.SPAM])
    for rows in (open_.filter(channel=Channel.CHAT), open_.exclude(channel=Channel.CHAT)):
        one = rows.select_related("requester__merged_into").first()
        if one is not None and (address := email_out.recipient(one)):
            rows.update(reply_address=address)


def carry(merge_id: int) -> None:
    """What he asked, rated and takes part in goes along; what he wrote keeps the name under which he wrote it."""
    for kind, rows, whose in _kinds():
        joining.carry(merge_id, kind, rows, whose=whose)
    done = CustomerMerge.objects.get(pk=merge_id)
    there = Participant.objects.filter(customer=done.target_id).values("ticket")
    copies = Participant.objects.filter(customer=done.source_id).exclude(ticket__in=there)
    copies = copies.exclude(ticket__requester=done.target_id)
    ids = list(copies.values_list("pk", flat=True))
    joining.carry(merge_id, "participants", Participant.objects.filter(pk__in=ids))


def _kinds() -> list[tuple[str, QuerySet[Any], str]]:
    return [
        ("tickets", Ticket.objects.all(), "requester"),
        ("surveys", Survey.objects.all(), "customer"),
        ("calls", Call.objects.all(), "customer"),
    ]


def why_not_undo(done: CustomerMerge) -> str:
    """A code of `joining.PROBLEMS`, '' while nothing new came from this person."""
    return joining.why_not_undo(done) or ("something_new" if _came(done) else "")


def _came(done: CustomerMerge) -> bool:
    tickets = Ticket.objects.filter(requester=done.target_id)
    if tickets.filter(created_at__gt=done.merged_at).exists():
        return True
    moved_since = tickets.filter(last_message_at__gt=done.merged_at).values("pk")
    words = Message.objects.filter(ticket__in=moved_since, created_at__gt=done.merged_at)
    return words.filter(author_customer__isnull=False).exists()


@transaction.atomic
def undo(source: Customer, *, by: User) -> Customer:
    """Both records have again what was theirs. Returns the one that begins again.

    Raises Conflict `not_merged`, `merged_on` or `something_new`.
    """
    done = joining.standing(source)
    code = why_not_undo(done) if done else "not_merged"
    if done is None or code:
        raise errors.Conflict(str(joining.PROBLEMS[code]), code=code)
    again = joining.part(done, by=by)
    for kind, rows, whose in [*_kinds(), ("participants", Participant.objects.all(), "customer")]:
        joining.carry_back(done, kind, rows, whose=whose)
    return again
