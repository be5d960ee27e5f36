"""A visitor says where to reach him. Typed is only claimed: a link in a mail to that very address proves it."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from chat import identity
from chat.models import Session
from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors, mail, ratelimit, text
from helpdesk.people import customers, joining, tokens
from helpdesk.people.models import Customer, CustomerMerge, Identity
from tickets.channels import email_out, email_threads
from tickets.models import Ticket
from tickets.models.ticket import UNFINISHED, Channel

PER_SESSION_AND_HOUR = 5
PER_ADDRESS_AND_DAY = 3


@transaction.atomic
def make(session: Session, *, name: str, email: str, source: str = "") -> None:
    """Note the name and the address he claims, and mail him a link that proves the address.

    Nothing he typed stands in that mail, and few go to one address or because of one `source` (his network): strangers
    cannot write to others through us.
    """
    address = customers.normalise_email(email)
    if email and not address:
        raise errors.Invalid(fields={"email": [_("Enter a valid e-mail address.")]})
    customer = session.customer
    _refuse_another(session, address)
    if name and not customer.name:
        customer.name = text.one_line(name)
        customer.save(update_fields=["name"])
    if not address:
        return
    ratelimit.check("chat.claim", session.sender, limit=PER_SESSION_AND_HOUR, seconds=3600)
    claimed = customers.claim(customer, Identity.Kind.EMAIL, address)
    if claimed.verified_at is None and may_cause(source):
        outbox.enqueue(mail_proof, identity_id=claimed.pk, language=language_of(session))


def _refuse_another(session: Session, address: str) -> None:
    """Who is known does not become somebody else by typing: two people may share one browser."""
    if not address or identity.known_by(session) is None:
        return
    if not session.customer.identities.filter(kind=Identity.Kind.EMAIL, value=address).exists():
        words = _("This conversation belongs to somebody else's address. Log out before you give another one.")
        raise errors.Conflict(words, code="identified")


def language_of(session: Session) -> str:
    """The language in which its visitor is written to."""
    known = dict(settings.LANGUAGES)
    wanted = (session.language, session.customer.locale, settings.LANGUAGE_CODE)
    return next(code[:2] for code in wanted if code[:2] in known)


def mail_proof(identity_id: int, language: str) -> None:
    """Job: mail the link. Silently nothing when the address was proved meanwhile or has got enough of them today."""
    claimed = Identity.objects.select_related("customer").filter(pk=identity_id, verified_at__isnull=True).first()
    if claimed is None or not may_write_to(claimed.value):
        return
    token = tokens.issue(tokens.PROVE, claimed.customer, claimed.value)
    mail.send(
        to=claimed.value,
        subject=_("Confirm your e-mail address"),
        template="chat/mail/prove",
        context={"url": _address(token, language), "minutes": settings.MAGIC_LINK_MINUTES},
        language=language,
        automatic=True,
    )


def may_write_to(address: str) -> bool:
    """Count one more mail of today to an address that somebody typed; False once it, or everybody, has got enough."""
    # All addresses with a plus sign are one person's
    day = f"{email_threads.without_token(address)} {clock.now():%Y-%m-%d}"
    if not ratelimit.allow("chat.proof", day, limit=PER_ADDRESS_AND_DAY, seconds=86_400):
        return False
    return ratelimit.allow("chat.proofs", "all", limit=settings.RECEIPTS_PER_HOUR, seconds=3600)


def may_cause(source: str) -> bool:
    """Whoever names one address after the other gets only so many of them written to in an hour."""
    limit = int(settings.RECEIPTS_PER_SOURCE)
    return not source or ratelimit.allow("chat.proof-source", source, limit=limit, seconds=3600)


def _address(token: str, language: str) -> str:
    with translation.override(language):
        return f"{settings.PUBLIC_URL}{reverse('my-prove', kwargs={'token': token})}"


# --- once it is proved -----------------------------------------------------------------------------------------------
@transaction.atomic
def follow_proof(event_id: int) -> None:
    """Job after `identity.proved`: answers to his chats may leave by mail from now on."""
    _address_tickets(Event.objects.get(pk=event_id).subject_id)


@transaction.atomic
def follow_merge(event_id: int) -> None:
    """Job after `customer.merged`: his sessions go on as those of the record he became, whose address is proved."""
    event = Event.objects.get(pk=event_id)
    if "merge" in event.data:  # staff said so: nothing was proved, and nothing leaves by mail
        joining.carry(event.data["merge"], "sessions", Session.objects.all())
        return
    into = event.data["into"]
    Session.objects.filter(customer=event.subject_id).update(customer=into)
    _address_tickets(event.subject_id)
    _address_tickets(into)


def follow_unmerge(event_id: int) -> None:
    """Job after `customer.unmerged`: the sessions that went along go back."""
    done = CustomerMerge.objects.get(pk=Event.objects.get(pk=event_id).data["merge"])
    joining.carry_back(done, "sessions", Session.objects.all())


def _address_tickets(customer_id: int) -> None:
    """Unfinished chats without an address get the proved one of their customer, or of whom he became."""
    customer = Customer.objects.select_related("merged_into").get(pk=customer_id)
    address = customers.proved_email(customer.merged_into or customer)
    if not address:
        return
    rows = Ticket.objects.filter(requester=customer_id, channel=Channel.CHAT, reply_address="", status__in=UNFINISHED)
    chats = list(rows.values_list("pk", flat=True))
    Ticket.objects.filter(pk__in=chats).update(reply_address=address)
    for ticket_id in chats:
        # What was answered before the proof, and never seen, can leave now.
        outbox.enqueue(email_out.deliver_unseen, ticket_id=ticket_id)
