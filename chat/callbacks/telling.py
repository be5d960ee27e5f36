"""What is told of a call-back: lines in the conversation, mails of fixed words, a calendar file, news to open screens."""

from datetime import timedelta

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from chat import live as chat_live
from chat.callbacks import ics, links, numbers, shapes
from chat.models import Callback
from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock, live, mail, ratelimit
from helpdesk.lib.actor import SYSTEM
from tickets import access, conversation
from tickets import live as tickets_live
from tickets.channels import email_threads

PROVED_PER_DAY = 20
# Cards show their countdown this long before the promised moment
DUE_SOON = timedelta(minutes=5)

_WORDS = {
    "asked": gettext_noop("We will call you at %(number)s: %(when)s."),
    "moved": gettext_noop("The call to %(number)s is now arranged for: %(when)s."),
    "cancelled": gettext_noop("The call was called off."),
    "again": gettext_noop("We tried to call you and did not reach you. We will try once more: %(when)s."),
    "missed": gettext_noop("We tried to call you and did not reach you. You will get our answer in writing."),
    "lapsed": gettext_noop(
        "We did not manage to call you as promised, and apologise. You will get our answer in writing."
    ),
    "wrong_number": gettext_noop("The number %(number)s does not reach you. You will get our answer in writing."),
    "reached": gettext_noop("We have spoken on the phone."),
    "reminder": gettext_noop("We will call you soon: %(when)s."),
}
_SUBJECTS = {
    "asked": gettext_noop("Your call is arranged"),
    "moved": gettext_noop("Your call has another time"),
    "cancelled": gettext_noop("Your call was called off"),
    "again": gettext_noop("We could not reach you"),
    "missed": gettext_noop("We could not reach you"),
    "lapsed": gettext_noop("We could not call you"),
    "wrong_number": gettext_noop("We could not reach you"),
    "reminder": gettext_noop("We will call you soon"),
}


# --- in words --------------------------------------------------------------------------------------------------------
def moment(callback: Callback) -> str:
    """The promised moment in the customer's own time, in the language that is active."""
    shown = date_format(localtime(callback.due_at, ics.zone_of(callback)), "l j F, H:i")
    return _("about %(moment)s") % {"moment": shown} if callback.is_asap else shown


def when(callback: Callback) -> str:
    """The same with its zone."""
    return f"{moment(callback)} ({callback.zone})"


def number(callback: Callback) -> str:
    """As people of the site's country write it, or with the prefix of another one."""
    found = numbers.of(callback.number)
    return found.national if found.region == callback.site.default_region else found.international


def words_of(callback: Callback, what: str, *, is_masked: bool = False) -> str:
    """A fixed sentence in the customer's language."""
    with translation.override(callback.language or settings.LANGUAGE_CODE):
        shown = numbers.masked(callback.number) if is_masked else number(callback)
        return _(_WORDS[what]) % {"when": when(callback), "number": shown}


def say(callback: Callback, what: str) -> None:
    """A line in the conversation, for both sides."""
    conversation.announce(access.locked(callback.ticket_id), words_of(callback, what), by=SYSTEM)


# --- what is to happen -----------------------------------------------------------------------------------------------
def plan(callback: Callback, what: str) -> None:
    """In the transaction of the fact: its mail, the reminder, and the card that comes up when its time is near."""
    now, key, version = clock.now(), callback.pk, callback.version
    if callback.address:
        outbox.enqueue(mail_news, callback_id=key, version=version, what=what)
    if not callback.is_open:
        return
    near = max(now, callback.due_at - DUE_SOON)
    outbox.enqueue(come_due, at=near, priority=2, callback_id=key, version=version)
    ahead = timedelta(minutes=settings.CALLBACK_REMINDER_MINUTES)
    if callback.address and callback.due_at - now > 2 * ahead:
        reminded = callback.due_at - ahead
        outbox.enqueue(mail_news, at=reminded, callback_id=key, version=version, what="reminder")


def mail_news(callback_id: int, what: str, version: int) -> None:
    """Job: fixed words by mail, with the calendar file. Nothing when it has changed since, or the budget is used up.

    An address that nobody has proved gets as many a day as receipts go to strangers, and no word that a visitor wrote.
    """
    callback = Callback.objects.select_related("site", "customer").filter(pk=callback_id, version=version).first()
    if callback is None or not callback.address or (what == "reminder" and not callback.is_open):
        return
    proved = callback.customer.identities.filter(value=callback.address, verified_at__isnull=False).exists()
    if not proved and what == "cancelled":
        return  # the one mail of a day to a stranger says that he is called, not that he is not
    limit = PROVED_PER_DAY if proved else int(settings.RECEIPTS_PER_DAY)
    # All addresses with a plus sign are one person's
    day = f"{email_threads.without_token(callback.address)} {clock.now():%Y-%m-%d}"
    if not ratelimit.allow("callback.mail", day, limit=limit, seconds=86_400):
        return
    language = callback.language or settings.LANGUAGE_CODE
    with translation.override(language):
        subject = _(_SUBJECTS[what])
    is_dated = callback.is_open or callback.state == Callback.State.CANCELLED
    mail.send(
        to=callback.address,
        subject=subject,
        template="chat/mail/callback",
        context={
            "title": subject,
            "sentence": words_of(callback, what, is_masked=True),
            "url": f"{settings.PUBLIC_URL}{links.manage(callback)}" if callback.is_open else "",
        },
        language=language,
        automatic=True,
        files=[mail.File("call.ics", "text/calendar", ics.of(callback))] if is_dated else [],
    )


def come_due(callback_id: int, version: int) -> None:
    """Job: its moment is near; whoever serves the queue sees the card."""
    callback = Callback.objects.with_people().filter(pk=callback_id, version=version).first()
    if callback is not None and callback.state == Callback.State.WAITING:
        news = {"type": "callback.due", "callback": shapes.card(callback)}
        live.publish(tickets_live.queue(callback.queue_id), news)


# --- news ------------------------------------------------------------------------------------------------------------
def changed(event: Event) -> None:
    """Live listener of everything that happens to a call-back."""
    tell_again(event.subject_id)


def tell_again(callback_id: int) -> None:
    """Where it stands, to its queue, to whoever has it, and to the visitor who asked for it."""
    row = Callback.objects.select_related("queue", "agent").filter(pk=callback_id).first()
    if row is None:
        return
    base = {"type": "callback.changed", "id": row.pk, "ticket": row.ticket_id, "state": row.state}
    base["due_at"] = row.due_at.isoformat()
    agent = {"id": row.agent.pk, "name": row.agent.name} if row.agent else None
    live.publish(tickets_live.queue(row.queue_id), {**base, "queue": row.queue.slug, "agent": agent})
    if row.session_id is not None:
        live.publish(chat_live.visitor(row.session_id), {**base, "attempts": row.attempts})
