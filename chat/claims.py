"""A visitor says where to reach him. Typed is only claimed: a link in a mail to that very address proves it."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from chat.models import Session
from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors, mail, ratelimit, text
from helpdesk.people import customers, tokens
from helpdesk.people.models import Customer, Identity
from tickets.channels import email_out
from tickets.models import Ticket
from tickets.models.ticket import UNFINISHED, Channel

PER_SESSION_AND_HOUR = 5
PER_ADDRESS_AND_DAY = 3


@transaction.atomic
def make(session: Session, *, name: str, email: str) -> None:
    """Note the name and the address he claims, and mail him a link that proves the address.

    Nothing he typed stands in that mail, and few go to one address: strangers cannot write to others through us.
    """
    address = customers.normalise_email(email)
    if email and not address:
        raise errors.Invalid(fields={"email": [_("Enter a valid e-mail address.")]})
    customer = session.customer
    if name and not customer.name:
        customer.name = text.one_line(name)
        customer.save(update_fields=["name"])
    if not address:
        return
    ratelimit.check("chat.claim", session.sender, limit=PER_SESSION_AND_HOUR, seconds=3600)
    identity = customers.claim(customer, Identity.Kind.EMAIL, address)
    if identity.verified_at is None:
        outbox.enqueue(mail_proof, identity_id=identity.pk, language=_language(session))


def _language(session: Session) -> str:
    known = dict(settings.LANGUAGES)
    wanted = (session.language, session.customer.locale, settings.LANGUAGE_CODE)
    return next(code[:2] for code in wanted if code[:2] in known)


def mail_proof(identity_id: int, language: str) -> None:
    """Job: mail the link. Silently nothing when the address was proved meanwhile or has got enough of them today."""
    identity = Identity.objects.select_related("customer").filter(pk=identity_id, verified_at__isnull=True).first()
    if identity is None:
        return
    day = f"{identity.value} {clock.now():%Y-%m-%d}"
    if not ratelimit.allow("chat.proof", day, limit=PER_ADDRESS_AND_DAY, seconds=86_400):
        return
    token = tokens.issue(tokens.PROVE, identity.customer, identity.value)
    mail.send(
        to=identity.value,
        subject=_("Confirm your e-mail address"),
        template="chat/mail/prove",
        context={"url": _address(token, language), "minutes": settings.MAGIC_LINK_MINUTES},
        language=language,
        automatic=True,
    )


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
    into = event.data["into"]
    Session.objects.filter(customer=event.subject_id).update(customer=into)
    _address_tickets(event.subject_id)
    _address_tickets(into)


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
