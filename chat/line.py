"""The line: who waits, for how long, who could take it, and to whom it is offered next."""

from datetime import timedelta
from statistics import median
from typing import TypedDict

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, F, Q

from chat import live as chat_live
from chat import shapes
from chat.models import Session, Site
from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock, live
from helpdesk.people import presence
from helpdesk.people.models import User
from tickets import live as tickets_live
from tickets.models import Queue, Ticket

# Nobody is free: look again soon, for somebody may come
NOBODY_FREE_SECONDS = 10
# An estimate says what the last ones waited; too few of them, or too long ago, say nothing
SAMPLE, LEAST, RECENT = 20, 3, timedelta(hours=2)
SHOWN = 100


class Place(TypedDict):
    """What a waiting visitor is told."""

    position: int
    wait_s: int | None


def free(queue: Queue) -> list[User]:
    """Agents of the queue's team who have a desk open, take new chats and have a free place, the least busy first."""
    load = Count("session", filter=Q(session__state=Session.State.LIVE))
    members = User.objects.filter(
        teams=queue.team_id,
        is_active=True,
        availability=User.Availability.AVAILABLE,
        role__in=[User.Role.AGENT, User.Role.SUPERVISOR, User.Role.ADMIN],
    )
    found = list(members.annotate(load=load).filter(load__lt=F("chat_capacity")).order_by("load", "id"))
    there = presence.present([user.pk for user in found])
    return [user for user in found if user.pk in there]


def is_available(queue: Queue) -> bool:
    """Whether a chat begun now would find somebody. Never remembered: an offer that nobody keeps is withdrawn at once."""
    return bool(free(queue))


def typical_wait(queue_id: int) -> int | None:
    """Seconds that the last ones of this queue waited (median); None when too few were taken lately to say anything."""
    key = f"chat:wait:{queue_id}"
    if (known := _remembered(key)) is not None:
        return known if known >= 0 else None
    rows = Session.objects.filter(queue=queue_id, accepted_at__gte=clock.now() - RECENT, waiting_at__isnull=False)
    times = rows.order_by("-accepted_at").values_list("waiting_at", "accepted_at")[:SAMPLE]
    waits = [(accepted - began).total_seconds() for began, accepted in times if began and accepted]
    wait = round(median(waits)) if len(waits) >= LEAST else None
    _remember(key, -1 if wait is None else wait)
    return wait


def _remembered(key: str) -> int | None:
    try:
        found: int | None = cache.get(key)
    except Exception:  # a cache that is away costs one query
        return None
    return found


def _remember(key: str, wait: int) -> None:
    try:
        cache.set(key, wait, timeout=10)
    except Exception:
        return


def place(session: Session) -> Place | None:
    """Where a waiting session stands; None when it does not wait or nobody is there to wait for."""
    if session.state != Session.State.WAITING or not is_available(session.queue):
        return None
    before = Q(waiting_at__lt=session.waiting_at) | Q(waiting_at=session.waiting_at, pk__lt=session.pk)
    ahead = Session.objects.waiting().filter(before, queue=session.queue_id).count()
    return Place(position=ahead + 1, wait_s=typical_wait(session.queue_id))


def of_site(site: Site) -> tuple[bool, int | None]:
    """Whether the widget may offer a chat, and how long one typically waits."""
    return is_available(site.queue), typical_wait(site.queue_id)


# --- news ------------------------------------------------------------------------------------------------------------
def moved(event: Event) -> None:
    """Live listener: somebody came or left, so everybody behind has another place."""
    session = Session.objects.select_related("queue").filter(pk=event.subject_id).first()
    if session is None:
        return
    waiting = list(Session.objects.waiting().filter(queue=session.queue_id).values_list("pk", flat=True)[:SHOWN])
    wait = typical_wait(session.queue_id)
    is_offered = is_available(session.queue)
    places: dict[int, live.Frame | None] = {
        pk: {"position": number, "wait_s": wait} if is_offered else None for number, pk in enumerate(waiting, 1)
    }
    chat_live.line_moved(session.queue_id, places)


# --- offers ----------------------------------------------------------------------------------------------------------
def begin_offers(event_id: int) -> None:
    """Job after `session.started`."""
    offer(Event.objects.get(pk=event_id).subject_id, 0)


@transaction.atomic
def offer(session_id: int, number: int) -> None:
    """Job: offer a waiting chat to the next free agent, and come back when he did not take it in time.

    `number` is the round: however often the job is run, each round happens once and there is one chain per chat.
    """
    rows = Session.objects.filter(pk=session_id, state=Session.State.WAITING, offers=number)
    if not rows.update(offers=number + 1):
        return
    session = Session.objects.with_people().get(pk=session_id)
    before = session.offered_to_id
    chosen = _next(session, number)
    session.offered_to = chosen
    session.save(update_fields=["offered_to"])
    if before and (chosen is None or before != chosen.pk):
        chat_live.withdrawn(session, before)
    if chosen is not None:
        live.publish(tickets_live.user(chosen.pk), {"type": "chat.offer", "session": shapes.session(session)})
    wait = settings.CHAT_OFFER_SECONDS if chosen else min(NOBODY_FREE_SECONDS, settings.CHAT_OFFER_SECONDS)
    outbox.enqueue(offer, delay=timedelta(seconds=wait), priority=2, session_id=session_id, number=number + 1)


def _next(session: Session, number: int) -> User | None:
    """Who knows the ticket is asked first, then in turn, and never the same twice while there is another."""
    agents = free(session.queue)
    if not agents:
        return None
    ticket: Ticket | None = session.ticket
    knows = [agent for agent in agents if ticket and agent.pk == ticket.assignee_id]
    if number == 0 and knows:
        return knows[0]
    others = [agent for agent in agents if agent.pk != session.offered_to_id]
    return others[number % len(others)] if others else agents[0]


@transaction.atomic
def follow_ticket(event_id: int) -> None:
    """Job after `ticket.routed`: a waiting chat waits in its ticket's queue, and is offered there."""
    event = Event.objects.get(pk=event_id)
    for session in Session.objects.open().filter(ticket=event.subject_id).select_related("ticket__queue"):
        if session.ticket is None or session.queue_id == session.ticket.queue_id:
            continue
        session.queue = session.ticket.queue
        session.save(update_fields=["queue"])
        if session.state == Session.State.WAITING:
            chat_live.requeued(session)
            outbox.enqueue(offer, priority=2, session_id=session.pk, number=session.offers)
