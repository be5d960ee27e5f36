"""The list of requests: mine, those in which I was named, my organisation's; by state, by words or number."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import search, text
from helpdesk.people.models import Customer, Sharing
from tickets.models import Message, Ticket
from tickets.models.ticket import UNFINISHED, Status
from tickets.portal import reading
from tickets.portal.reading import Word

PAGE = 20
MINE, SHARED, ORGANIZATION = "mine", "shared", "organization"
_LABELS = {MINE: _("Mine"), SHARED: _("Shared with me"), ORGANIZATION: _("My organisation")}
_STATES: dict[str, tuple[Any, list[Status]]] = {
    "": (_("Every state"), []),
    "open": (_("Not solved yet"), list(UNFINISHED)),
    "solved": (_("Solved"), [Status.SOLVED, Status.CLOSED]),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What of the list is asked for; nonsense is passed over."""

    whose: str = MINE
    state: str = ""
    query: str = ""
    before: int | None = None

    @classmethod
    def of(cls, given: QueryDict) -> "Wish":
        before, state = given.get("before", ""), given.get("state", "")
        return cls(
            whose=given.get("whose", MINE),
            state=state if state in _STATES else "",
            query=text.one_line(text.clean(given.get("q", "")), 200),
            before=int(before) if before.isdecimal() and len(before) < 12 else None,
        )

    @property
    def is_narrow(self) -> bool:
        return bool(self.state or self.query)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list; `asked_by` where somebody else did."""

    ticket: Ticket
    status: Word
    unread: int
    asked_by: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What the template shows. `whose`: the kinds that this customer has, none where there is only his own."""

    wish: Wish
    rows: list[Row]
    older: int | None
    whose: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def is_first(self) -> bool:
        return self.wish.before is None

    @property
    def states(self) -> list[tuple[str, Any]]:
        return [(code, label) for code, (label, _statuses) in _STATES.items()]


def page(customer: Customer, wish: Wish) -> Page:
    """Twenty requests, newest first, in two queries. Uses index: ticket_requester or ticket_organization."""
    kinds = _kinds(customer)
    if wish.whose not in kinds:
        wish = Wish(MINE, wish.state, wish.query, wish.before)
    rows = kinds[wish.whose].exclude(status=Status.SPAM).select_related("requester").order_by("-id")
    if statuses := _STATES[wish.state][1]:
        rows = rows.filter(status__in=statuses)
    if wish.query:
        rows = rows.filter(_meant(wish.query))
    if wish.before is not None:
        rows = rows.filter(pk__lt=wish.before)
    if wish.whose == MINE:
        rows = rows.annotate(unread=_unread())
    found = list(rows[: PAGE + 1])
    older = found[PAGE - 1].pk if len(found) > PAGE else None
    tabs = [(code, _LABELS[code]) for code in kinds] if len(kinds) > 1 else []
    return Page(wish, [_row(ticket, wish.whose) for ticket in found[:PAGE]], older, tabs)


def _kinds(customer: Customer) -> dict[str, QuerySet[Ticket]]:
    """Only what applies to him: who was never named, or whose organisation shares nothing, need not be told of it."""
    kinds: dict[str, QuerySet[Ticket]] = {MINE: Ticket.objects.of_customer(customer)}
    shared = Ticket.objects.named_to(customer)
    if customer.sharing_level != Sharing.OWN and shared.exists():
        kinds[SHARED] = shared
    if customer.reads_organization:
        kinds[ORGANIZATION] = Ticket.objects.of_organization_of(customer)
    return kinds


def _meant(query: str) -> Q:
    """By number, or by words of the subject and of what both sides said: what was noted finds nothing."""
    words = search.match_across(Ticket.objects.all(), query, Message.objects.public(), "ticket")
    number = query.lstrip("#").strip()
    is_number = number.isdecimal() and len(number) < 12
    return Q(pk__in=words.values("pk")) | Q(pk=int(number)) if is_number else Q(pk__in=words.values("pk"))


def _unread() -> Coalesce:
    """What others wrote since he last looked."""
    others = Message.objects.public().filter(ticket=OuterRef("pk"), seq__gt=OuterRef("customer_seen_seq"))
    others = others.exclude(author_customer=F("ticket__requester")).order_by()
    counted = others.values("ticket").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _row(ticket: Ticket, whose: str) -> Row:
    asked_by = reading.name_of(ticket.requester) if whose != MINE else ""
    return Row(ticket, reading.status(ticket), getattr(ticket, "unread", 0), asked_by)
