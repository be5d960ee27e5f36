"""News of agents' chats to their screens: handovers, help, who watches, who is gone, and whether an agent takes work."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings

from chat import live as chat_live
from chat import shapes
from chat.models import Handover, Session
from helpdesk.events.models import Event
from helpdesk.lib import live
from helpdesk.people.models import User
from tickets import live as tickets_live
from tickets.models import Queue


# --- handovers -------------------------------------------------------------------------------------------------------
def shown_all(handovers: Iterable[Handover]) -> list[dict[str, Any]]:
    """Handovers as their receiver sees them, in a fixed number of queries."""
    rows = list(handovers)
    sessions = Session.objects.with_people().in_bulk([held.session_id for held in rows]) if rows else {}
    return [_shown(held, sessions[held.session_id]) for held in rows]


def shown(held: Handover) -> dict[str, Any]:
    """A handover as its receiver sees it."""
    return _shown(held, Session.objects.with_people().get(pk=held.session_id))


def _shown(held: Handover, session: Session) -> dict[str, Any]:
    return {
        "id": held.pk,
        "session": shapes.session(session),
        "by": {"id": held.from_user.pk, "name": held.from_user.name},
        "line": held.line,
        "warm": held.is_warm,
        "until": (held.asked_at + timedelta(seconds=settings.CHAT_OFFER_SECONDS)).isoformat(),
    }


def held_out(held: Handover) -> None:
    """The colleague is asked."""
    if held.to_user_id is not None:
        live.publish(tickets_live.user(held.to_user_id), {"type": "chat.handover", "handover": shown(held)})


def no_longer_held_out(held: Handover) -> None:
    """Both learn how it ended."""
    news = {"type": "chat.handover_ended", "handover": held.pk, "session": held.session_id, "how": str(held.state)}
    for user_id in {held.from_user_id, held.to_user_id} - {None}:
        live.publish(tickets_live.user(int(user_id or 0)), news)


def handed(event: Event) -> None:
    """A chat changed hands: both agents, the queue it is in now, and the visitor."""
    session = Session.objects.select_related("queue", "agent").filter(pk=event.subject_id).first()
    if session is None:
        return
    before = User.objects.filter(pk=event.data["from"]).first()
    news = {
        "type": "chat.handed",
        "session": session.pk,
        "ticket": session.ticket_id,
        "from": _named(before),
        "to": _named(session.agent),
        "queue": session.queue.slug,
        "how": event.data["how"],
    }
    groups = {tickets_live.queue(session.queue_id)}
    groups |= {tickets_live.user(one.pk) for one in (before, session.agent) if one}
    for group in groups:
        live.send(group, news)
    if session.agent is None:
        chat_live.waiting(event)
        return
    told = {"type": "chat.accepted", "session": session.pk, "ticket": session.ticket_id, "agent": _named(session.agent)}
    live.send(chat_live.visitor(session.pk), told)


def _named(user: User | None) -> dict[str, Any] | None:
    return {"id": user.pk, "name": user.name} if user else None


# --- supervisors -----------------------------------------------------------------------------------------------------
def watched(event: Event) -> None:
    """The agent learns that a supervisor looks on."""
    session = Session.objects.filter(pk=event.subject_id).first()
    by = User.objects.filter(pk=event.actor_id).first() if event.actor_id else None
    if session is None or session.agent_id is None or by is None:
        return
    news = {"type": "chat.watched", "session": session.pk, "ticket": session.ticket_id, "by": _named(by)}
    live.send(tickets_live.user(session.agent_id), news)


def help_wanted(event: Event) -> None:
    """Supervisors of the queue learn that an agent asks for help, or no longer; so do his other windows."""
    session = Session.objects.select_related("queue", "agent").filter(pk=event.subject_id).first()
    if session is None:
        return
    news = {
        "type": "chat.help",
        "session": session.pk,
        "ticket": session.ticket_id,
        "by": _named(session.agent),
        "line": session.help_line if session.help_at else None,
    }
    live.send(tickets_live.queue(session.queue_id), news)


# --- who is there ----------------------------------------------------------------------------------------------------
def agent_status(event: Event) -> None:
    """Colleagues of the same queues and all the agent's own screens see whether he takes work, and who said so."""
    user = User.objects.filter(pk=event.subject_id).first()
    if user is None:
        return
    news = {"type": "presence", "user": user.pk, "status": event.data["status"]}
    if reason := event.data.get("reason"):
        news["reason"] = reason
    live.send(tickets_live.user(user.pk), news)
    for queue_id in Queue.objects.served_by(user).values_list("pk", flat=True):
        live.send(tickets_live.queue(queue_id), news)


def visitor_moved(ticket_id: int, *, is_here: bool) -> None:
    """Whoever has the chat open sees that the visitor closed his last window, or came back."""
    live.send(tickets_live.agents(ticket_id), {"type": "chat.visitor", "ticket": ticket_id, "here": is_here})
