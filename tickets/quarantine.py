"""What people do with mail that did not become a message: let it in, trust its sender, delete it, take that back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import engine
from helpdesk.lib import clock, errors
from helpdesk.people import customers
from helpdesk.people.models import User
from tickets import access, quarantine_undo
from tickets.channels import email_in
from tickets.channels.email_match import House
from tickets.models import Participant, RawMail, TrustedSender

HELD = (RawMail.Outcome.QUARANTINED, RawMail.Outcome.FAILED)
STUCK_AFTER = timedelta(minutes=10)
MAX_BULK = 100


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one of many; `error` is set when it was refused."""

    mail_id: int
    row: RawMail | None = None
    error: errors.DomainError | None = None


# --- what is there ---------------------------------------------------------------------------------------------------


def of(user: User) -> QuerySet[RawMail]:
    """Mail of the mailboxes that feed the user's queues, with all that a list shows."""
    mine = RawMail.objects.filter(mailbox__queue__in=access.queues(user).values("pk"))
    return mine.select_related("mailbox__queue", "ticket", "message", "settled_by")


def held(rows: QuerySet[RawMail]) -> QuerySet[RawMail]:
    """What waits for a decision, also what was stored and never read. Uses index: raw_mail_unsettled."""
    stuck = Q(outcome=RawMail.Outcome.STORED, received_at__lt=clock.now() - STUCK_AFTER)
    return rows.filter(Q(outcome__in=HELD) | stuck)


def deleted(rows: QuerySet[RawMail]) -> QuerySet[RawMail]:
    """What was deleted and may be restored while its bytes are kept. Uses index: raw_mail_settled."""
    return rows.filter(settled_at__isnull=False, outcome=RawMail.Outcome.DELETED)


def released(rows: QuerySet[RawMail]) -> QuerySet[RawMail]:
    """What people let in. Uses index: raw_mail_settled."""
    return rows.filter(settled_at__isnull=False).exclude(outcome__in=[*HELD, RawMail.Outcome.DELETED])


def counts(rows: QuerySet[RawMail]) -> dict[str, int]:
    """How many are held, by reason; the most frequent first."""
    found = held(rows).order_by().values("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    return {row["reason"]: row["n"] for row in found}


def trusted(addresses: Sequence[str]) -> set[str]:
    """Which of these senders are trusted now."""
    return set(TrustedSender.objects.filter(address__in=addresses, ended_at=None).values_list("address", flat=True))


# --- what is done ----------------------------------------------------------------------------------------------------


def release(row: RawMail, *, by: User, trust: bool = False) -> RawMail:
    """Let it in; with `trust` its sender's automatic mail comes in by itself from now on.

    On the request that it answers, a trusted sender takes part from now on. Raises Conflict when it is settled.
    """
    with transaction.atomic():
        answered = row.reason == "not_a_participant"
        done = email_in.release(row, by=by)
        if trust and done.sender:
            trust_sender(done.sender, by=by, release=done.pk)
            if answered:
                _let_take_part(done)
    return done


def _let_take_part(row: RawMail) -> None:
    author = row.message.author_customer if row.message else None
    if row.ticket is not None and author is not None and author.pk != row.ticket.requester_id:
        Participant.objects.get_or_create(ticket=row.ticket, customer=author, defaults={"kind": Participant.Role.CC})


@transaction.atomic
def delete(row: RawMail, *, by: User) -> RawMail:
    """Out of the list; the row stays for good, its bytes for MAIL_DELETED_DAYS. Raises Conflict when it is settled."""
    locked = _locked(row, HELD, RawMail.Outcome.STORED)
    locked.outcome = RawMail.Outcome.DELETED
    return _settle(locked, names.MAIL_DELETED, by)


@transaction.atomic
def restore(row: RawMail, *, by: User) -> RawMail:
    """Take a deletion back: it is held again for its old reason. Raises Conflict when its bytes are gone."""
    locked = _locked(row, (RawMail.Outcome.DELETED,))
    if locked.purged_at is not None:
        raise errors.Conflict(_("This mail was deleted too long ago: its text is gone."), code="gone")
    locked.outcome = RawMail.Outcome.QUARANTINED
    return _settle(locked, names.MAIL_RESTORED, by)


def read_again(row: RawMail, *, by: User) -> RawMail:
    """Read it anew, as after an upgrade; a mail that is settled already stays as it is."""
    email_in.read_again(row)
    return RawMail.objects.select_related("mailbox__queue", "message", "settled_by").get(pk=row.pk)


def _locked(row: RawMail, *outcomes: object) -> RawMail:
    allowed = [code for entry in outcomes for code in (entry if isinstance(entry, tuple) else (entry,))]
    found = RawMail.objects.select_for_update(of=("self",)).select_related("mailbox__queue", "message").get(pk=row.pk)
    if found.outcome not in allowed:
        raise errors.Conflict(_("This mail was already dealt with."), code="settled")
    return found


def _settle(row: RawMail, name: str, by: User) -> RawMail:
    row.settled_by, row.settled_at = by, clock.now()
    row.save(update_fields=["outcome", "settled_by", "settled_at"])
    record(name, row, by=by.actor, data={"reason": row.reason})
    return row


_VERBS: dict[str, Callable[[RawMail, User], RawMail]] = {
    "release": lambda row, by: release(row, by=by),
    "release_and_trust": lambda row, by: release(row, by=by, trust=True),
    "delete": lambda row, by: delete(row, by=by),
    "restore": lambda row, by: restore(row, by=by),
    "reparse": lambda row, by: read_again(row, by=by),
    "take_back": lambda row, by: quarantine_undo.take_back(row, by=by),
}
ACTIONS = tuple(_VERBS)


def each(rows: QuerySet[RawMail], ids: Sequence[int], action: str, *, by: User) -> list[Done]:
    """The same for many: each for itself, so that one refusal spoils nothing; oldest first, as they came."""
    known = {row.pk: row for row in rows.filter(pk__in=ids)}
    return [_one(known.get(mail_id), mail_id, action, by) for mail_id in sorted(set(ids))]


def _one(row: RawMail | None, mail_id: int, action: str, by: User) -> Done:
    if row is None:
        return Done(mail_id, error=errors.NotFound())
    try:
        return Done(mail_id, _VERBS[action](row, by))
    except errors.DomainError as error:
        return Done(mail_id, error=error)


# --- trust -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def trust_sender(address: str, *, by: User, release: int = 0) -> tuple[TrustedSender, bool]:
    """Want the automatic mail of this address. Returns the trust and whether it is new; raises Invalid for no address.

    `release`: the held mail with whose release the trust came, and with which it may be taken back.
    """
    normal = customers.normalise_email(address)
    if not normal or House.now().owns(normal):
        raise errors.Invalid(fields={"address": [_("Enter a valid e-mail address.")]})
    known = TrustedSender.objects.filter(address=normal, ended_at__isnull=True).first()
    if known is not None:
        return known, False
    try:
        with transaction.atomic():
            row = TrustedSender.objects.create(address=normal, created_by=by, created_at=clock.now())
    except IntegrityError:  # somebody did the same just now
        return TrustedSender.objects.get(address=normal, ended_at__isnull=True), False
    record(names.SENDER_TRUSTED, row, by=by.actor, data={"mail": release} if release else {})
    return row, True


@transaction.atomic
def end_trust(row: TrustedSender, *, by: User) -> None:
    """From now on his automatic mail is held again. Doing it twice is a no-op."""
    if TrustedSender.objects.filter(pk=row.pk, ended_at__isnull=True).update(ended_at=clock.now()):
        record(names.SENDER_UNTRUSTED, row, by=by.actor)


# --- bytes that are no longer wanted ---------------------------------------------------------------------------------


@engine.every(3600)
def purge_deleted() -> None:
    """Job: remove the bytes of what was deleted long ago; the row with sender and reason stays as the trace."""
    limit = clock.now() - timedelta(days=settings.MAIL_DELETED_DAYS)
    old = RawMail.objects.filter(settled_at__lt=limit, outcome=RawMail.Outcome.DELETED, purged_at__isnull=True)
    for row in old.order_by("pk")[:500]:
        (Path(settings.MAIL_ROOT) / row.path).unlink(missing_ok=True)
        RawMail.objects.filter(pk=row.pk).update(purged_at=clock.now(), preview="")
