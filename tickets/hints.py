"""Hints on a message: an agent confirms one with a click, or says that it is wrong."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors
from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.models import User
from tickets import access, merging
from tickets.models import Hint, Message, Ticket

WORDS = {
    Hint.Kind.NUMBER: gettext_lazy("The subject names request #%(number)s, but nothing proves that it belongs there."),
    Hint.Kind.RECEIVED_ID: gettext_lazy(
        "It answers a mail of request #%(number)s, in which the sender does not take part."
    ),
    Hint.Kind.COPY: gettext_lazy("Request #%(number)s of the sender or of somebody in copy has the same subject."),
    Hint.Kind.ORIGINAL_SENDER: gettext_lazy("A colleague seems to have passed on a mail of %(person)s."),
}


def words(hint: Hint) -> str:
    """The hint as a sentence in the reader's language."""
    number = hint.ticket.number if hint.ticket else ""
    return str(WORDS[Hint.Kind(hint.kind)]) % {"number": number, "person": hint.name or hint.address}


def visible(user: User, hint_id: int) -> Hint:
    """A hint of which the user sees both sides and which he may act on; raises NotFound, NotAllowed."""
    hint = Hint.objects.select_related("message__ticket", "ticket").filter(pk=hint_id).first()
    if hint is None:
        raise errors.NotFound()
    for ticket in (hint.message.ticket, hint.ticket):
        if ticket is not None:
            access.ticket(user, ticket.pk, needs="ticket.update")
    return hint


def seen_tickets(user: User, rows: Iterable[Message]) -> set[int]:
    """Which of the requests hinted at the user may see, in one query and in none when there is no hint."""
    named = {hint.ticket_id for row in rows for hint in row.hints.all() if hint.ticket_id}
    if not named:
        return set()
    return set(Ticket.objects.visible_to(user).filter(pk__in=named).values_list("pk", flat=True))


@transaction.atomic
def confirm(hint: Hint, *, by: User) -> Message:
    """The message belongs to that request, or to that person. Returns where it now stands.

    Raises Conflict when somebody settled it already, or the requests cannot be merged.
    """
    _settle(hint, Hint.State.CONFIRMED, by)
    if hint.ticket is not None:
        # Whose it is stands in the hint: whoever confirms it has read that
        done = merging.merge(hint.message.ticket, hint.ticket, by=by, is_agreed=True)
        return merging.copy_of(hint.message, done)
    _hand_to(hint, by)
    return hint.message


@transaction.atomic
def dismiss(hint: Hint, *, by: User) -> None:
    """It is wrong, and is not shown again. Raises Conflict when somebody settled it already."""
    _settle(hint, Hint.State.DISMISSED, by)
    record(names.HINT_DISMISSED, hint.message.ticket, by=by.actor, data={"hint": hint.pk, "seq": hint.message.seq})


def _settle(hint: Hint, state: Hint.State, by: User) -> None:
    mine = Hint.objects.filter(pk=hint.pk, state=Hint.State.OPEN)
    if not mine.update(state=state, settled_by=by, settled_at=clock.now()):
        raise errors.Conflict(_("Somebody already decided this."), code="settled")
    hint.state = state


def _hand_to(hint: Hint, by: User) -> None:
    """The person who wrote it first becomes the requester: answers go to him, and the words are his."""
    row: Ticket = access.locked(hint.message.ticket_id)
    person = customers.resolve(Who(name=hint.name, email=hint.address))
    before = row.requester_id
    row.requester, row.reply_address = person, hint.address
    row.organization_id = person.organization_id
    row.version += 1
    row.save(update_fields=["requester", "reply_address", "organization", "version"])
    Message.objects.filter(pk=hint.message_id).update(author_customer=person)
    record(names.TICKET_CHANGED, row, by=by.actor, data={"requester": [before, person.pk]})
