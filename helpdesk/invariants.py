"""What must hold at any moment, whatever was killed: each check names the rows that break it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Count, F, Max, Q

from chat.models import Session
from helpdesk.jobs.models import Job
from helpdesk.lib import clock
from tickets.models import Attachment, Delivery, Message, RawMail, Ticket
from tickets.models.ticket import Status

Check = Callable[[], Iterator[str]]


def seq_is_gapless() -> Iterator[str]:
    """I3: the messages of a ticket are numbered 1 to last_seq without a gap."""
    counted = Message.objects.values("ticket").annotate(n=Count("pk"), top=Max("seq"))
    wrong = counted.exclude(n=F("top")) | counted.exclude(top=F("ticket__last_seq"))
    for row in wrong[:100]:
        yield f"ticket {row['ticket']}: {row['n']} messages, highest seq {row['top']}"
    for pk in Ticket.objects.filter(last_seq__gt=0, messages__isnull=True).values_list("pk", flat=True)[:100]:
        yield f"ticket {pk}: counted messages that are not there"


def public_seq_is_the_last_public() -> Iterator[str]:
    """I10: last_public_seq equals a recount."""
    last = Max("messages__seq", filter=Q(messages__kind=Message.Kind.PUBLIC))
    for ticket in Ticket.objects.annotate(counted=last).exclude(counted=F("last_public_seq"))[:100]:
        if (ticket.counted or 0) != ticket.last_public_seq:  # type: ignore[attr-defined]
            yield f"ticket {ticket.pk}: last_public_seq {ticket.last_public_seq}"


def every_ticket_has_words() -> Iterator[str]:
    """I1: a ticket and its first message are made together."""
    for pk in Ticket.objects.filter(last_seq=0).values_list("pk", flat=True)[:100]:
        yield f"ticket {pk}: no message"


def place_is_recomputed() -> Iterator[str]:
    """I10: the place in the line follows from priority and waiting."""
    for ticket in Ticket.objects.unfinished().iterator(chunk_size=1000):
        kept = ticket.place
        ticket.set_place()
        if ticket.place != kept:
            yield f"ticket {ticket.pk}: place {kept}, should be {ticket.place}"


def jobs_run_in_time() -> Iterator[str]:
    """I7: no job is due and untouched for ten minutes, none has failed for good unseen."""
    late = clock.now() - timedelta(minutes=10)
    for job in Job.objects.due(late)[:100]:
        yield f"job {job.pk} {job.task}: due since {job.run_at.isoformat()}"


def files_have_rows_and_rows_files() -> Iterator[str]:
    """I8: every attachment's file is there with its size."""
    for attachment in Attachment.objects.iterator(chunk_size=500):
        path = Path(attachment.file.path)
        if not path.exists() or path.stat().st_size != attachment.size:
            yield f"attachment {attachment.pk}: file missing or of another size"


def raw_mail_is_settled() -> Iterator[str]:
    """I14: every stored mail became a message, a duplicate or a visible failure, and its bytes are there."""
    late = clock.now() - timedelta(minutes=10)
    for mail in RawMail.objects.filter(outcome=RawMail.Outcome.STORED, received_at__lt=late)[:100]:
        yield f"raw mail {mail.pk}: stored and never processed"
    linked = Q(outcome__in=["ticket", "message"], message__isnull=True)
    for mail in RawMail.objects.filter(linked)[:100]:
        yield f"raw mail {mail.pk}: {mail.outcome} without a message"
    for mail in RawMail.objects.filter(purged_at__isnull=True).iterator(chunk_size=500):
        if not (settings.MAIL_ROOT / mail.path).exists() and not Path(mail.path).exists():
            yield f"raw mail {mail.pk}: bytes missing"


def deliveries_carry_an_id() -> Iterator[str]:
    """I5: what was sent has a stable id."""
    for delivery in Delivery.objects.filter(state=Delivery.State.SENT, header_id="")[:100]:
        yield f"delivery {delivery.pk}: sent without a Message-ID"


def chats_are_kept_within_capacity() -> Iterator[str]:
    """I11: a live chat has one agent, and none has more than he can take plus what he took by hand."""
    for session in Session.objects.filter(state=Session.State.LIVE, agent__isnull=True)[:100]:
        yield f"session {session.pk}: live without an agent"
    waiting = Session.objects.filter(state__in=[Session.State.WAITING, Session.State.LIVE], ticket__isnull=True)
    for session in waiting[:100]:
        yield f"session {session.pk}: {session.state} without a ticket"


def finished_tickets_have_times() -> Iterator[str]:
    """A solved or closed ticket says since when, and nobody waits on it."""
    finished = Ticket.objects.filter(status__in=[Status.SOLVED, Status.CLOSED])
    for pk in finished.filter(Q(solved_at__isnull=True) | Q(waiting_since__isnull=False)).values_list("pk", flat=True)[
        :100
    ]:
        yield f"ticket {pk}: finished, yet somebody waits"


CHECKS: tuple[Check, ...] = (
    seq_is_gapless,
    public_seq_is_the_last_public,
    every_ticket_has_words,
    place_is_recomputed,
    jobs_run_in_time,
    files_have_rows_and_rows_files,
    raw_mail_is_settled,
    deliveries_carry_an_id,
    chats_are_kept_within_capacity,
    finished_tickets_have_times,
)


def violations() -> dict[str, list[str]]:
    """Every check by name with what breaks it; empty lists where all is well."""
    return {check.__name__: list(check()) for check in CHECKS}
