"""Supervisors beside live chats: who asks for help, looking on, a word to the agent alone.

A whisper is a note: it goes the way of notes, which leads to no customer, and is told apart by its channel.
"""

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from chat import sessions
from chat.models import Session
from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors, text
from helpdesk.people.models import User
from tickets import conversation
from tickets.channels.inbound import origin
from tickets.conversation import Line
from tickets.models import Message

WHISPER = "whisper"


def live_chats(user: User) -> QuerySet[Session]:
    """The live chats of the queues the user supervises: who asks for help first, then who waits longest."""
    if not user.may("chat.watch"):
        return Session.objects.none()
    rows = Session.objects.visible_to(user).live().with_people()
    return rows.order_by(F("help_at").asc(nulls_last=True), F("ticket__waiting_since").asc(nulls_last=True), "pk")


@transaction.atomic
def watch(session_id: int, *, by: User) -> Session:
    """Look on. It is audited and the agent is told; the visitor is not."""
    session = _watched(session_id, by)
    record(names.SESSION_WATCHED, session, by=by.actor, data={"ticket": session.ticket_id})
    return session


@transaction.atomic
def whisper(session_id: int, body: str, *, origin_id: str, by: User) -> tuple[Message, bool]:
    """A word to the agent that no visitor sees; the same origin id again is the same whisper."""
    session = _watched(session_id, by)
    if session.ticket is None:
        raise errors.NotFound()
    return conversation.reply(
        session.ticket,
        Line(body=body, kind=Message.Kind.NOTE, channel=WHISPER),
        by=by,
        origin=origin(f"user:{by.pk}", origin_id, {"whisper": body}),
    )


def _watched(session_id: int, by: User) -> Session:
    """A live chat the user may look on at; raises NotFound, NotAllowed or Conflict `ended`."""
    sessions.visible(by, session_id)
    if not by.may("chat.watch"):
        raise errors.NotAllowed()
    session = Session.objects.with_people().get(pk=session_id)
    if session.state != Session.State.LIVE:
        raise errors.Conflict(_("This chat has ended."), code="ended")
    return session


# --- the agent asks --------------------------------------------------------------------------------------------------
@transaction.atomic
def ask(session_id: int, words: str, *, by: User) -> Session:
    """The agent asks a supervisor to look on."""
    return _help(session_id, by, text.one_line(words, 300), is_wanted=True)


@transaction.atomic
def no_longer(session_id: int, *, by: User) -> Session:
    """He has got it, or does not need it any more; a supervisor may say so too."""
    return _help(session_id, by, "", is_wanted=False)


def _help(session_id: int, by: User, words: str, *, is_wanted: bool) -> Session:
    sessions.visible(by, session_id)
    session = sessions.locked(session_id)
    is_his = session.agent_id == by.pk or (by.may("chat.watch") and not is_wanted)
    if session.state != Session.State.LIVE:
        raise errors.Conflict(_("This chat has ended."), code="ended")
    if not is_his:
        raise errors.NotAllowed()
    if is_wanted == bool(session.help_at) and words == session.help_line:
        return session
    session.help_at, session.help_line = (session.help_at or clock.now()) if is_wanted else None, words
    session.save(update_fields=["help_at", "help_line"])
    record(names.SESSION_HELP, session, by=by.actor, data={"ticket": session.ticket_id, "wanted": is_wanted})
    return session
