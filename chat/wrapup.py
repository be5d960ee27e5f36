"""The agent's end of a chat, and after it how it came out, in one choice and some tags. Skipping that costs nothing."""

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chat import sessions
from chat.models import Session
from helpdesk.lib import errors
from helpdesk.people.models import User
from tickets import access, lifecycle
from tickets.models.ticket import UNFINISHED
from tickets.qualification.provenance import Source

OUTCOMES: Final = ("solved", "follow_up", "no_answer", "other")
MAX_TAGS = 20


@transaction.atomic
def end(session_id: int, *, by: User) -> Session:
    """Whoever has a live chat ends it, or a supervisor; one that waits is ended by anybody of its queue. Twice is once.

    Raises NotAllowed for a colleague's: his visitor talks with him.
    """
    sessions.visible(by, session_id)
    session = sessions.locked(session_id)
    if session.state == Session.State.LIVE and session.agent_id != by.pk and not by.may("chat.watch"):
        raise errors.NotAllowed()
    return sessions.end(session, by=by.actor)


@transaction.atomic
def say(session_id: int, *, outcome: str, tags: Sequence[str], by: User) -> Session:
    """Note how an ended chat came out; `solved` also resolves its ticket, tags are added to it."""
    sessions.visible(by, session_id)
    session = sessions.locked(session_id)
    if session.agent_id != by.pk and not by.may("chat.watch"):
        raise errors.NotAllowed()
    if session.state != Session.State.ENDED:
        raise errors.Conflict(_("This chat goes on."), code="live")
    if outcome and outcome not in OUTCOMES:
        raise errors.Invalid(fields={"outcome": [_("Unknown value.")]})
    session.outcome = outcome
    session.save(update_fields=["outcome"])
    if session.ticket_id is None:
        return session
    ticket = access.ticket(by, session.ticket_id, needs="ticket.update", lock=True)
    if tags:
        lifecycle.apply(ticket, {"tags": list(tags)[:MAX_TAGS]}, source=Source.of(by.actor), overwrite=True)
    if outcome == "solved" and ticket.status in UNFINISHED:
        lifecycle.solve(ticket, by=by.actor)
    return session
