"""News of chats to open screens: to the agents of the queue, and to the visitor whose session it is."""

from chat.models import Session
from helpdesk.events.models import Event
from helpdesk.lib import live
from tickets import live as tickets_live


def visitor(session_id: int) -> str:
    """The group of the browsers that hold a session."""
    return f"session.{session_id}"


def waiting(event: Event) -> None:
    """A chat waits: whoever serves the queue sees it in the line."""
    if session := _session(event.subject_id):
        live.send(tickets_live.queue(session.queue_id), _waiting(session))


def requeued(session: Session) -> None:
    """A waiting chat moved to another queue."""
    live.publish(tickets_live.queue(session.queue_id), _waiting(session))


def withdrawn(session: Session, user_id: int) -> None:
    """An offer that was not taken is made to somebody else; the chat still waits."""
    live.publish(tickets_live.user(user_id), _waiting(session))


def _waiting(session: Session) -> live.Frame:
    return {
        "type": "chat.waiting",
        "session": session.pk,
        "ticket": session.ticket_id,
        "queue": session.queue.slug,
    }


def line_moved(queue_id: int, places: dict[int, live.Frame]) -> None:
    """Those who still wait learn their new place; `places` holds what each is told of the line."""
    for session_id, place in places.items():
        live.send(visitor(session_id), {"type": "chat.waiting", "session": session_id, **place})


def late(session: Session, place: live.Frame) -> None:
    """The wait has become longer than the site wants: he may be called or answered in writing instead."""
    news = {"type": "chat.waiting", "session": session.pk, "position": None, "wait_s": None, **place}
    live.send(visitor(session.pk), {**news, "late": True, "others": others(session)})


def others(session: Session) -> list[str]:
    """The ways that are left to who waits too long."""
    return ["callback", "writing"] if session.site.callback_enabled else ["writing"]


def accepted(event: Event) -> None:
    """An agent took the chat: the others' offers vanish, the visitor sees who it is."""
    session = _session(event.subject_id)
    if session is None or session.agent is None:
        return
    news = {
        "type": "chat.accepted",
        "session": session.pk,
        "ticket": session.ticket_id,
        "agent": {"id": session.agent.pk, "name": session.agent.name},
    }
    live.send(tickets_live.queue(session.queue_id), news)
    live.send(tickets_live.user(session.agent.pk), news)
    live.send(visitor(session.pk), news)


def ended(event: Event) -> None:
    """The chat is over for both sides; its ticket stays."""
    session = _session(event.subject_id)
    if session is None:
        return
    news = {"type": "chat.ended", "session": session.pk, "ticket": session.ticket_id, "by": session.ended_by}
    live.send(tickets_live.queue(session.queue_id), news)
    if session.agent_id:
        live.send(tickets_live.user(session.agent_id), news)
    live.send(visitor(session.pk), news)


def page(session: Session) -> None:
    """Where the visitor is now, to the agent who talks with him; empty once he no longer shares it."""
    if session.agent_id and session.state == Session.State.LIVE:
        last = (session.trail or [{}])[-1]
        news = {"type": "chat.page", "session": session.pk, "page": session.page, "title": last.get("title", "")}
        live.publish(tickets_live.user(session.agent_id), news)


def moved(session_id: int) -> None:
    """The browsers of a session go on with the next one: they look again."""
    live.publish(visitor(session_id), {"type": "chat.waiting", "session": session_id})


def _session(session_id: int) -> Session | None:
    return Session.objects.select_related("queue", "agent").filter(pk=session_id).first()
