"""The line: who waits, for how long, who could take it, and to whom it is offered next."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from typing import TypedDict

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from chat import live as chat_live
from chat import shapes
from chat.models import Session, Site
from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock, live
from helpdesk.people import choosing, pool, presence
from helpdesk.people.choosing import Choice, Need, Person
from helpdesk.people.models import TeamMember, User
from tickets import live as tickets_live
from tickets import skills
from tickets.assignment import account
from tickets.models import AssignmentDecision, Queue

# Nobody is free: look again soon, for somebody may come
NOBODY_FREE_SECONDS = 10
# A page that is loaded again closes its line for a moment
RELOAD_SECONDS = 5
# An estimate says what the last ones waited; too few of them, or too long ago, say nothing
SAMPLE, LEAST, RECENT = 20, 3, timedelta(hours=2)
SHOWN = 100
# Where nothing better is known, a chat is reckoned to keep its agent so long
USUAL_CHAT_S = 300


class Place(TypedDict):
    """What a waiting visitor is told; `late` once he waits longer than his site wants anybody to."""

    position: int
    wait_s: int | None
    late: bool


def people(queue: Queue, moment: datetime) -> list[Person]:
    """The queue's team with the chats that each has. Six queries, however many they are."""
    return pool.of_team(queue.team_id, moment, loads=_loads, limit="chat_capacity")


def _loads(user_ids: Sequence[int]) -> Mapping[int, int]:
    live_now = Session.objects.live().filter(agent__in=user_ids)
    return dict(live_now.values_list("agent").annotate(n=Count("pk")).order_by())


def _held_out(but: int) -> Mapping[int, int]:
    """How many other waiting chats of whatever queue are held out to each agent now: one free place, one visitor.

    Uses index: session_line.
    """
    rows = Session.objects.filter(state=Session.State.WAITING, offered_to__isnull=False)
    return dict(rows.exclude(pk=but).values_list("offered_to").annotate(n=Count("pk")).order_by())


def free(queue: Queue) -> list[Person]:
    """Who could take a chat now, whatever it is about: at a desk, willing, on shift, with a free place; least busy first.

    What a queue insists on without end is asked too: a chat offered to nobody is no offer.
    """
    return _able(choosing.choose(people(queue, clock.now()), lasting_need(queue), clock.now(), order="least_busy"))


def lasting_need(queue: Queue) -> Need:
    """The skills on which a queue insists however long it takes."""
    insists = queue.skill_relax_seconds is None
    return Need(frozenset(skill.slug for skill in queue.skills.all())) if insists else Need()


def free_in(queues: QuerySet[Queue]) -> list[tuple[Queue, int]]:
    """How many could take a chat of each of these queues now: as many queries for all of them as for one."""
    moment, found = clock.now(), list(queues.prefetch_related("skills"))
    teams = {queue.team_id for queue in found}
    members: dict[int, set[int]] = {}
    for team_id, user_id in TeamMember.objects.filter(team__in=teams).values_list("team", "user"):
        members.setdefault(team_id, set()).add(user_id)
    crowd = pool.of_teams(teams, moment, loads=_loads, limit="chat_capacity")

    def able(queue: Queue) -> int:
        own = [one for one in crowd if one.id in members.get(queue.team_id, ())]
        return len(_able(choosing.choose(own, lasting_need(queue), moment, order="least_busy")))

    return [(queue, able(queue)) for queue in found]


def need(session: Session) -> Need:
    """What a chat asks: its queue's skills and, where the queue matches languages, its own; dropped after a minute."""
    queue = session.queue
    asked = set(queue.skills.values_list("slug", flat=True))
    language = (session.ticket.language if session.ticket else "") or session.language
    if queue.match_language and (spoken := skills.language_skill(language)):
        asked.add(spoken)
    if queue.skill_relax_seconds is None:
        return Need(frozenset(asked))
    patience = min(queue.skill_relax_seconds, settings.CHAT_SKILL_SECONDS)
    return Need(frozenset(asked), (session.waiting_at or session.created_at) + timedelta(seconds=patience))


def _able(choice: Choice) -> list[Person]:
    able = [verdict.person for verdict in choice.verdicts if not verdict.reasons]
    return choosing.rank(able, order="least_busy")


def is_available(queue: Queue) -> bool:
    """Whether a chat begun now would find somebody. Never remembered: an offer that nobody keeps is withdrawn at once."""
    return bool(free(queue))


def serving(people: Sequence[Person], queue: Queue, moment: datetime) -> list[Person]:
    """Who takes chats of this queue now; that his hands are full only makes it longer."""
    wanted = lasting_need(queue)
    return [one for one in people if all(reason.code == "full" for reason in choosing.weigh(one, wanted, moment))]


def beyond(position: int, able: Sequence[Person]) -> int:
    """How many chats must end before whoever stands at this place is taken; none where a free place is left for him."""
    room = sum(position if one.limit is None else max(0, one.limit - one.load) for one in able)
    return max(0, position - room)


def expected(typical: int | None, position: int, able: Sequence[Person]) -> int | None:
    """Seconds until whoever stands at this place is taken, by these who serve; None when nothing is known of it."""
    must_end = beyond(position, able)
    return max(typical or 0, must_end * USUAL_CHAT_S // max(1, len(able))) if must_end else typical


def typical_wait(queue_id: int) -> int | None:
    """Seconds that the last ones of this queue waited (median); None when too few were taken lately to say anything."""
    key = f"chat:wait:{queue_id}"
    if (known := remembered(key)) is not None:
        return known if known >= 0 else None
    rows = Session.objects.filter(queue=queue_id, accepted_at__gte=clock.now() - RECENT, waiting_at__isnull=False)
    times = rows.order_by("-accepted_at").values_list("waiting_at", "accepted_at")[:SAMPLE]
    waits = [(accepted - began).total_seconds() for began, accepted in times if began and accepted]
    wait = round(median(waits)) if len(waits) >= LEAST else None
    remember(key, -1 if wait is None else wait)
    return wait


def remembered(key: str) -> int | None:
    """A figure that was reckoned a moment ago."""
    try:
        found: int | None = cache.get(key)
    except Exception:  # a cache that is away costs one query
        return None
    return found


def remember(key: str, wait: int, *, seconds: int = 10) -> None:
    """Keep a figure for others who ask in a moment."""
    try:
        cache.set(key, wait, timeout=seconds)
    except Exception:
        return


def place(session: Session) -> Place | None:
    """Where a waiting session stands; None when it does not wait or nobody is there to wait for."""
    if session.state != Session.State.WAITING:
        return None
    moment = clock.now()
    able = serving(people(session.queue, moment), session.queue, moment)
    if not able:
        return None
    position = Session.objects.waiting().filter(_before(session), queue=session.queue_id).count() + 1
    return Place(
        position=position, wait_s=expected(typical_wait(session.queue_id), position, able), late=is_late(session)
    )


def _before(session: Session) -> Q:
    """Who comes before this one: the order of `SessionQuerySet.waiting` as a condition."""
    earlier = Q(waiting_at__lt=session.waiting_at) | Q(waiting_at=session.waiting_at, pk__lt=session.pk)
    same_rank = Q(is_ahead=session.is_ahead) & earlier
    if not session.is_ahead:
        same_rank |= Q(is_ahead=True)
    priority = session.ticket.priority if session.ticket else 0
    return Q(ticket__priority__gt=priority) | (Q(ticket__priority=priority) & same_rank)


def is_late(session: Session) -> bool:
    """Whether he waits longer than his site wants anybody to: the other ways are offered then."""
    if session.state != Session.State.WAITING or session.waiting_at is None:
        return False
    return clock.now() >= session.waiting_at + timedelta(seconds=session.site.wait_limit_s)


def tell_late(session_id: int) -> None:
    """Job at the site's limit: whoever still waits is offered the other ways; all he said is kept."""
    session = Session.objects.select_related("site", "queue").filter(pk=session_id).first()
    if session is not None and is_late(session):
        stands = place(session)
        chat_live.late(session, {"position": stands["position"], "wait_s": stands["wait_s"]} if stands else {})


def of_site(site: Site) -> tuple[bool, int | None]:
    """Whether the widget may offer a chat, and how long one typically waits."""
    return is_available(site.queue), typical_wait(site.queue_id)


# --- news ------------------------------------------------------------------------------------------------------------
def moved(event: Event) -> None:
    """Live listener: somebody came or left, so everybody behind has another place."""
    session = Session.objects.select_related("queue").filter(pk=event.subject_id).first()
    if session is None:
        return
    waiting = Session.objects.waiting().filter(queue=session.queue_id).select_related("site")[:SHOWN]
    moment, typical = clock.now(), typical_wait(session.queue_id)
    able = serving(people(session.queue, moment), session.queue, moment)
    places: dict[int, live.Frame] = {}
    for number, other in enumerate(waiting, 1):
        wait = expected(typical, number, able) if able else None
        places[other.pk] = {"position": number if able else None, "wait_s": wait, "late": is_late(other)}
    chat_live.line_moved(session.queue_id, places)


# --- offers ----------------------------------------------------------------------------------------------------------
def begin_offers(event_id: int) -> None:
    """Job after `session.started`."""
    session_id = Event.objects.get(pk=event_id).subject_id
    session = Session.objects.select_related("site").get(pk=session_id)
    _look_whether_late(session)
    offer(session_id, 0)


def follow_site(event_id: int) -> None:
    """Job after `site.changed`: who waits already is told by the new limit."""
    event = Event.objects.get(pk=event_id)
    if "wait_limit_s" in event.data["fields"]:
        for session in Session.objects.waiting().filter(site=event.subject_id).select_related("site"):
            _look_whether_late(session)


def _look_whether_late(session: Session) -> None:
    """`tell_late` when the site's limit is over. Under another limit it is another job: the former finds him in time."""
    if session.waiting_at is not None:
        limit_s = session.site.wait_limit_s
        at = session.waiting_at + timedelta(seconds=limit_s)
        outbox.enqueue(tell_late, at=at, unique_key=f"late:{session.pk}:{limit_s}", session_id=session.pk)


@transaction.atomic
def offer(session_id: int, number: int, missed: int = 0) -> None:
    """Job: offer a waiting chat to the next free agent, and come back when he did not take it in time.

    `number` is the round: however often the job is run, each round happens once and there is one chain per chat.
    `missed`: who let the last round run out.
    """
    rows = Session.objects.filter(pk=session_id, state=Session.State.WAITING, offers=number)
    if not rows.update(offers=number + 1):
        return
    session = Session.objects.with_people().get(pk=session_id)
    before = session.offered_to_id
    if missed and missed == before:
        presence.missed(missed)
    choice = _next(session, number)
    chosen = choice.winner
    session.offered_to_id = chosen.id if chosen else None
    session.save(update_fields=["offered_to"])
    if before and (chosen is None or before != chosen.id):
        chat_live.withdrawn(session, before)
    if chosen is not None:
        live.publish(tickets_live.user(chosen.id), {"type": "chat.offer", "session": shapes.session(session)})
    if session.ticket is not None:
        outcome = AssignmentDecision.Outcome.OFFERED if chosen else AssignmentDecision.Outcome.NOBODY
        account.keep(session.ticket, session.queue, choice, cause="chat", outcome=outcome)
    wait = settings.CHAT_OFFER_SECONDS if chosen else min(NOBODY_FREE_SECONDS, settings.CHAT_OFFER_SECONDS)
    outbox.enqueue(
        offer,
        delay=timedelta(seconds=wait),
        priority=2,
        session_id=session_id,
        number=number + 1,
        missed=chosen.id if chosen else 0,
    )


def _next(session: Session, number: int) -> Choice:
    """Who knows the ticket is asked first, then in turn, and never the same twice while there is another."""
    moment = clock.now()
    held_out = _held_out(but=session.pk)
    there = [replace(one, load=one.load + held_out.get(one.id, 0)) for one in people(session.queue, moment)]
    choice = choosing.choose(there, need(session), moment, order="least_busy")
    able = _able(choice)
    if not able:
        return choice
    knows = [person for person in able if session.ticket and person.id == session.ticket.assignee_id]
    if number == 0 and knows:
        return replace(choice, winner=knows[0], why="knows_it")
    others = [person for person in able if person.id != session.offered_to_id]
    winner = others[number % len(others)] if others else able[0]
    return replace(choice, winner=winner, why="only_one" if len(able) == 1 else "in_turn", order="in_turn")


# --- news of people --------------------------------------------------------------------------------------------------
def somebody_came(event_id: int) -> None:
    """Job after an agent came, said whether he takes work, or got other skills, hours or places."""
    user_id = Event.objects.get(pk=event_id).subject_id
    if User.objects.filter(pk=user_id, is_active=True, availability=User.Availability.AVAILABLE).exists():
        _offer_waiting(Session.objects.filter(queue__team__members=user_id, offered_to__isnull=True))
    else:
        _offer_waiting(Session.objects.filter(offered_to=user_id))


def look_whether_gone(event_id: int) -> None:
    """Job after an agent's last window closed: it may have been a reload."""
    wait = timedelta(seconds=RELOAD_SECONDS)
    outbox.enqueue(somebody_left, delay=wait, priority=2, user_id=Event.objects.get(pk=event_id).subject_id)


def somebody_left(user_id: int) -> None:
    """Job: who is really gone is offered nothing; what was goes on to the next."""
    if not presence.present([user_id]):
        _offer_waiting(Session.objects.filter(offered_to=user_id))


def place_free(event_id: int) -> None:
    """Job after `session.ended`: whoever had it may take another."""
    session = Session.objects.filter(pk=Event.objects.get(pk=event_id).subject_id).first()
    if session is not None and session.agent_id is not None:
        _offer_waiting(Session.objects.filter(queue__team__members=session.agent_id, offered_to__isnull=True))


def handed(event_id: int) -> None:
    """Job after `session.handed`: whoever gave it away may take another."""
    before = Event.objects.get(pk=event_id).data["from"]
    _offer_waiting(Session.objects.filter(queue__team__members=before, offered_to__isnull=True))


def _offer_waiting(sessions: QuerySet[Session]) -> None:
    """These are offered at once, first in line first, instead of at the next look."""
    waiting = Session.objects.waiting().filter(pk__in=sessions.filter(state=Session.State.WAITING).values("pk"))
    for pk, number in waiting.values_list("pk", "offers")[:SHOWN]:
        outbox.enqueue(offer, priority=2, session_id=pk, number=number)


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
