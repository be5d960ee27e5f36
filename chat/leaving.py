"""What a visitor takes along and what he leaves: a copy by mail, another device, out of this browser, forgotten."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat import claims, keys, sessions
from chat.callbacks import booking
from chat.models import Session, Transcript
from chat.sessions import Opened
from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors, mail, ratelimit
from helpdesk.people import customers, tokens
from helpdesk.people.models import Customer, Identity
from tickets.models import Ticket
from tickets.models.ticket import Status

PER_SESSION_AND_HOUR = 6
PER_PROVED_AND_DAY = 20
MAX_LINES = 500


def _where_to(session: Session, typed: str) -> tuple[str, bool]:
    """The address meant, and whether this visitor has proved it. Raises Conflict `no_address`, Invalid naming `email`."""
    address = customers.normalise_email(typed)
    if typed and not address:
        raise errors.Invalid(fields={"email": [_("Enter a valid e-mail address.")]})
    address = address or customers.proved_email(session.customer)
    if not address:
        raise errors.Conflict(_("Say to which address."), code="no_address")
    ratelimit.check("chat.mail", session.sender, limit=PER_SESSION_AND_HOUR, seconds=3600)
    return address, _is_proved(session.customer, address)


def _is_proved(customer: Customer, address: str) -> bool:
    owned = customer.identities.filter(kind=Identity.Kind.EMAIL, value=address, verified_at__isnull=False)
    return owned.exists()


def _ticket(session: Session) -> Ticket:
    if session.ticket is None:
        raise errors.Conflict(_("There is no conversation yet."), code="no_ticket")
    return session.ticket


def masked(address: str) -> str:
    """What may be shown of it: `d•••@example.com`."""
    local, _at, domain = address.partition("@")
    return f"{local[:1]}•••@{domain}"


# --- a copy by mail --------------------------------------------------------------------------------------------------
@transaction.atomic
def transcript(session: Session, email: str = "", *, source: str = "") -> tuple[str, str]:
    """A copy of the conversation by mail. Returns the address, masked, and 'sent' or 'confirm'.

    To a proved address it leaves at once. One that was typed first gets the fixed words that prove it, and no word of
    the conversation before; the copy follows the proof.
    """
    ticket = _ticket(session)
    address, is_proved = _where_to(session, email)
    if not is_proved:
        claims.make(session, name="", email=address, source=source)
    waiting, _made = Transcript.objects.get_or_create(
        ticket=ticket,
        address=address,
        sent_at=None,
        defaults={"customer": session.customer, "created_at": clock.now()},
    )
    if is_proved:
        outbox.enqueue(send_transcript, transcript_id=waiting.pk, language=claims.language_of(session))
    return masked(address), "sent" if is_proved else "confirm"


def send_transcript(transcript_id: int, language: str) -> None:
    """Job: the public messages, oldest first. Nothing when it was sent, or the address is not proved (any more)."""
    waiting = Transcript.objects.select_related("ticket", "customer__merged_into").filter(pk=transcript_id).first()
    if waiting is None or waiting.sent_at is not None:
        return
    if not _is_proved(waiting.customer.merged_into or waiting.customer, waiting.address):
        return
    day = f"{waiting.address} {clock.now():%Y-%m-%d}"
    if not ratelimit.allow("chat.transcript", day, limit=PER_PROVED_AND_DAY, seconds=86_400):
        return
    lines = waiting.ticket.messages.public().with_words().order_by("seq")[:MAX_LINES]
    with translation.override(language):
        subject = gettext("Your conversation, no. %(number)s") % {"number": waiting.ticket.number}
    mail.send(
        to=waiting.address,
        subject=subject,
        template="chat/mail/transcript",
        context={"number": waiting.ticket.number, "lines": list(lines)},
        language=language,
        automatic=True,
    )
    Transcript.objects.filter(pk=waiting.pk).update(sent_at=clock.now())


def follow_proof(event_id: int) -> None:
    """Job after `identity.proved`: copies that waited for it."""
    _send_waiting(Event.objects.get(pk=event_id).subject_id)


@transaction.atomic
def follow_merge(event_id: int) -> None:
    """Job after `customer.merged`: what he asked for is the record's that he became, whose address is proved."""
    event = Event.objects.get(pk=event_id)
    if "merge" in event.data:  # staff said so: what waits for a proof goes on waiting
        return
    Transcript.objects.filter(customer=event.subject_id).update(customer=event.data["into"])
    _send_waiting(event.data["into"])


def _send_waiting(customer_id: int) -> None:
    customer = Customer.objects.get(pk=customer_id)
    proved = customer.identities.filter(kind=Identity.Kind.EMAIL, verified_at__isnull=False).values("value")
    waiting = Transcript.objects.filter(customer=customer, address__in=proved, sent_at__isnull=True)
    for one in waiting.select_related("ticket"):
        known = dict(settings.LANGUAGES)
        language = next((code for code in (one.ticket.language, customer.locale) if code in known), "")
        outbox.enqueue(send_transcript, transcript_id=one.pk, language=language or settings.LANGUAGE_CODE)


# --- another device --------------------------------------------------------------------------------------------------
@transaction.atomic
def lend(session: Session, email: str = "", *, source: str = "") -> str:
    """Mail a link that opens this conversation once, elsewhere. Returns the address, masked."""
    _ticket(session)
    address, is_proved = _where_to(session, email)
    if is_proved or claims.may_cause(source):
        outbox.enqueue(mail_link, session_id=session.pk, address=address, language=claims.language_of(session))
    return masked(address)


def mail_link(session_id: int, address: str, language: str) -> None:
    """Job: fixed words and the link. The code is made here: no job and no table ever holds it.

    Nothing for a session that no browser holds any more: its visitor had himself forgotten meanwhile.
    """
    session = Session.objects.select_related("site", "customer").filter(pk=session_id).first()
    if session is None or not session.keys.exists():
        return
    if not _is_proved(session.customer, address) and not claims.may_write_to(address):
        return
    mail.send(
        to=address,
        subject=_("Continue your conversation"),
        template="chat/mail/continue",
        # Behind the #: it reaches no server and no log until the button is pressed
        context={
            "url": f"{settings.PUBLIC_URL}/w/{session.site.key}/#continue={keys.lend(session)}",
            "minutes": int(keys.MOVE_LIFE.total_seconds()) // 60,
        },
        language=language,
        automatic=True,
    )


@transaction.atomic
def move(site_key: str, code: str) -> Opened:
    """The conversation of a mailed link, in this browser too; raises NotFound `expired` when it was used or is too old."""
    session = keys.use(code)
    if session is None or session.site.key != site_key:
        raise errors.NotFound(_("This link was used or has expired."), code="expired")
    return Opened(session, keys.issue(session))


# --- out of this browser ---------------------------------------------------------------------------------------------
def log_out(session: Session, *, token: str, resume: str = "") -> None:
    """This browser forgets the visitor; his conversation goes on, and his other devices keep it."""
    keys.drop(session, (token, resume))


@dataclass(frozen=True, slots=True)
class Stays:
    """What is kept after a visitor had himself forgotten: what he asked us is ours to answer."""

    requests: list[str]
    callbacks: int
    is_proved: bool


@transaction.atomic
def forget(session: Session) -> Stays:
    """The chat ends and no key opens it any more; what he only typed of himself, and where he was, is erased."""
    row = sessions.end(session, by=session.customer.actor)
    keys.revoke(row)
    row.page, row.trail, row.page_consent_at = "", None, None
    row.save(update_fields=["page", "trail", "page_consent_at"])
    customer = row.customer
    if customer.is_visitor:
        # Also what is on its way: a link in a mail would make him known again by an address that he took back.
        tokens.revoke(customer)
        Transcript.objects.filter(customer=customer, sent_at__isnull=True).delete()
        customer.identities.filter(verified_at__isnull=True).delete()
        customer.name = ""
        customer.save(update_fields=["name"])
    asked = Session.objects.filter(sender=row.sender, ticket__isnull=False).exclude(ticket__status=Status.SPAM)
    numbers = sorted(set(asked.values_list("ticket", flat=True)))
    return Stays(
        requests=[str(number) for number in numbers],
        callbacks=booking.owned(row).open().count(),
        is_proved=not customer.is_visitor,
    )
