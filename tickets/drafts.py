"""An agent's unsent words and how far he has read: he, too, resumes where he stopped."""

from django.db import transaction

from helpdesk.lib import clock
from helpdesk.people.models import User
from tickets.models import Draft, ReadMark, Ticket


def of(user: User, ticket: Ticket) -> Draft:
    """The user's draft on a ticket; an empty unsaved one when there is none."""
    found = Draft.objects.filter(user=user, ticket=ticket).first()
    return found or Draft(user=user, ticket=ticket, updated_at=clock.now())


@transaction.atomic
def keep(user: User, ticket: Ticket, *, reply: str, note: str, cc: list[dict[str, str]] | None = None) -> Draft | None:
    """Save both texts and who shall be in copy; when there is none of them nothing is kept."""
    if not reply and not note and cc is None:
        Draft.objects.filter(user=user, ticket=ticket).delete()
        return None
    draft, _made = Draft.objects.update_or_create(
        user=user, ticket=ticket, defaults={"reply": reply, "note": note, "cc": cc, "updated_at": clock.now()}
    )
    return draft


@transaction.atomic
def mark_read(user: User, ticket: Ticket, seq: int) -> None:
    """The user has read up to `seq`; the mark never goes back."""
    seq = min(seq, ticket.last_seq)
    mark, made = ReadMark.objects.get_or_create(user=user, ticket=ticket, defaults={"seq": seq})
    if not made and mark.seq < seq:
        ReadMark.objects.filter(pk=mark.pk, seq__lt=seq).update(seq=seq)


def read_marks(user: User, ticket_ids: list[int]) -> dict[int, int]:
    """How far the user has read each of these tickets."""
    marks = ReadMark.objects.filter(user=user, ticket__in=ticket_ids)
    return dict(marks.values_list("ticket_id", "seq"))
