"""Open tickets that a new request may repeat: the same person's first, then whoever uses the same rare words."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from helpdesk.lib import clock, text
from helpdesk.lib.search import analyser, index
from helpdesk.people.models import Customer, User
from tickets.models import Message, Ticket
from tickets.models.ticket import UNFINISHED

SHOWN = 5
_AGE = timedelta(days=60)
# How many of the newest are compared word by word
_OWN, _OTHERS, _ASKED = 30, 200, 10
# How alike two texts must be: of one person little says enough.
_LEAST_OWN, _LEAST_OTHER = 0.2, 0.45


@dataclass(frozen=True, slots=True)
class Likely:
    """A ticket, how alike it is from 0 to 1, whose it is, and the words they share."""

    ticket: Ticket
    score: float
    is_same_requester: bool
    words: list[str]


def find(
    user: User, subject: str, body: str = "", *, requester: Customer | None = None, besides: int | None = None
) -> list[Likely]:
    """The likely duplicates among open tickets that `user` may see, at most five."""
    asked = _terms(f"{subject}\n{body[:2000]}")
    seen = Ticket.objects.visible_to(user).filter(status__in=UNFINISHED, created_at__gte=clock.now() - _AGE)
    seen = (seen.exclude(pk=besides) if besides else seen).select_related("queue", "requester")
    own = list(seen.filter(requester=requester).order_by("-id")[:_OWN]) if requester else []
    others = list(_sharing(seen, asked).order_by("-id")[:_OTHERS]) if asked else []
    candidates = {ticket.pk: ticket for ticket in [*own, *others]}
    firsts = Message.objects.filter(ticket__in=candidates, seq=1).values_list("ticket_id", "body")
    bodies = dict(firsts)
    found = [_compare(ticket, bodies.get(pk, ""), asked, requester) for pk, ticket in candidates.items()]
    likely = [one for one in found if one.score >= (_LEAST_OWN if one.is_same_requester else _LEAST_OTHER)]
    return sorted(likely, key=lambda one: (not one.is_same_requester, -one.score, -one.ticket.pk))[:SHOWN]


def _sharing(tickets: QuerySet[Ticket], asked: dict[str, set[str]]) -> QuerySet[Ticket]:
    """Tickets whose subject holds one of the words, the longest words being asked first: they tell most."""
    words = sorted(asked, key=lambda word: (-len(word), word))[:_ASKED]
    group = [term for word in words for term in asked[word]]
    condition: Q = Q(pk__in=Ticket.objects.filter(index.containing(Ticket.objects.all(), [group])).values("pk"))
    return tickets.filter(condition)


def _terms(source: str) -> dict[str, set[str]]:
    """Telling words with their stems; courtesies tell nothing."""
    words = [word for word in analyser.words(source) if analyser.is_telling(word) and word not in analyser.POLITE]
    return {word: set(analyser.forms(word)) for word in words[:200]}


def _compare(ticket: Ticket, body: str, asked: dict[str, set[str]], requester: Customer | None) -> Likely:
    """The share of words in common, those of the subject counting double, in both directions."""
    theirs = _terms(f"{ticket.subject}\n{body[:2000]}")
    known = set().union(*theirs.values()) if theirs else set()
    ours = set().union(*asked.values()) if asked else set()
    shared = [word for word, forms in asked.items() if forms & known]
    back = sum(1 for forms in theirs.values() if forms & ours)
    forth_share = len(shared) / (len(asked) or 1)
    back_share = back / (len(theirs) or 1)
    # A short question inside a long letter is alike in one direction only.
    score = round(0.7 * max(forth_share, back_share) + 0.3 * min(forth_share, back_share), 3)
    is_same = requester is not None and ticket.requester_id == requester.pk
    return Likely(ticket, score, is_same, shared[:8])


def as_json(one: Likely) -> dict[str, object]:
    """For the API."""
    ticket = one.ticket
    return {
        "id": ticket.pk,
        "number": ticket.number,
        "subject": ticket.subject,
        "status": ticket.status,
        "queue": {"slug": ticket.queue.slug, "name": ticket.queue.label},
        "requester": {"id": ticket.requester.pk, "name": ticket.requester.name},
        "created_at": ticket.created_at,
        "excerpt": text.excerpt(ticket.preview, 140),
        "same_requester": one.is_same_requester,
        "score": one.score,
        "words": one.words,
    }
