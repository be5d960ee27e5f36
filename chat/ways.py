"""Other ways than this chat: a call that the agent proposes, an answer in writing, and what visitors are offered now."""

from typing import Final, TypedDict

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat import channels, line, sessions
from chat.models import Session, Site
from helpdesk.lib import errors
from helpdesk.lib.actor import SYSTEM
from helpdesk.people import customers
from helpdesk.people.models import User
from tickets import access, conversation
from tickets.conversation import Line
from tickets.models import Message, Ticket

CALLBACK: Final = "callback"
"""The channel of the line that proposes a call: the widget puts a button under it."""
MAX_SITES = 20


# --- out of a live chat ----------------------------------------------------------------------------------------------
@transaction.atomic
def propose_call(session_id: int, *, by: User) -> Message:
    """The agent proposes a call: an automatic line from which the visitor chooses a time, or does not.

    Proposed already and nothing said since: a no-op. Raises Conflict `no_calls` where the website offers none.
    """
    session, ticket = _own(session_id, by)
    if not session.site.callback_enabled:
        raise errors.Conflict(_("This website offers no call-backs."), code="no_calls")
    last = ticket.messages.public().with_words().order_by("-seq").first()
    if last is not None and last.channel == CALLBACK:
        return last
    with translation.override(_language(session)):
        words = gettext("%(name)s can call you instead: choose a time that suits you.") % {"name": by.name}
    return conversation.append(access.locked(ticket.pk), Line(body=words, channel=CALLBACK), by=SYSTEM)


@transaction.atomic
def in_writing(session_id: int, *, by: User) -> Session:
    """The agent ends the chat and goes on with its ticket in writing; the visitor is told how, with the reference."""
    session, ticket = _own(session_id, by)
    values = {"name": by.name, "number": ticket.number}
    with translation.override(_language(session)):
        if customers.proved_email(session.customer):
            words = gettext("%(name)s goes on in writing: you get the answer by e-mail. Your reference: %(number)s.")
        else:
            words = gettext("%(name)s goes on in writing: you find the answer here. Your reference: %(number)s.")
    conversation.announce(access.locked(ticket.pk), words % values, by=SYSTEM)
    session.outcome = "follow_up"
    session.save(update_fields=["outcome"])
    return sessions.end(session, by=by.actor)


def _own(session_id: int, by: User) -> tuple[Session, Ticket]:
    """A live chat of this agent's, locked, with its ticket; raises NotFound, NotAllowed or Conflict `ended`."""
    sessions.visible(by, session_id)
    session = sessions.locked(session_id)
    if session.state != Session.State.LIVE or session.ticket is None:
        raise errors.Conflict(_("This chat has ended."), code="ended")
    if session.agent_id != by.pk:
        raise errors.NotAllowed()
    return session, session.ticket


def _language(session: Session) -> str:
    code = (session.language or session.customer.locale)[:2]
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


# --- what visitors are offered ---------------------------------------------------------------------------------------
class Offered(TypedDict):
    """One website: what its widget offers now, and who is asked first when a chat comes."""

    key: str
    name: str
    chat: bool
    callback: bool
    next: list[str]


def offered(user: User) -> list[Offered]:
    """What the widgets of the user's queues offer now: it follows who is there."""
    sites = Site.objects.filter(is_active=True, queue__in=access.queues(user)).select_related("queue__calendar")
    return [_offered(site) for site in sites.order_by("name", "pk")[:MAX_SITES]]


def _offered(site: Site) -> Offered:
    found = channels.of_site(site)
    return Offered(
        key=site.key,
        name=site.name,
        chat=found["chat"]["available"],
        callback=found["callback"]["available"],
        next=[person.name for person in line.free(site.queue)],
    )
