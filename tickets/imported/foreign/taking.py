"""Records of another help desk become organisations, customers and requests; a piece of them in so many statements."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from helpdesk.lib import locks
from helpdesk.people import customers as people
from helpdesk.people.customers import Key
from helpdesk.people.imports import resources, widgets
from helpdesk.people.imports.resources import Taken
from helpdesk.people.imports.widgets import Wrong
from helpdesk.people.models import Import, ImportRow, User
from helpdesk.people.models.imports import Kind
from tickets.imported import writing
from tickets.imported.foreign import json_stream, messages, reading
from tickets.imported.foreign.shapes import Person, Record, Refused, Request, word
from tickets.imported.requesters import Requesters
from tickets.imported.writing import Past
from tickets.models import Queue

Outcome = ImportRow.Outcome
_POINTERS = {
    "group_id": "group", "state_id": "state", "priority_id": "priority", "organization_id": "organization",
    "customer_id": "user", "owner_id": "user", "requester_id": "user", "assignee_id": "user",
}  # fmt: skip
MOST_MESSAGES = 2_000


def take(one: Import, rows: Sequence[ImportRow], *, is_trial: bool) -> list[Taken]:
    """What became of each of these rows; a trial leaves nothing behind."""
    taker = Taker(one, is_trial=is_trial)
    taken: list[Taken] = []
    for kind, some in groupby(rows, key=lambda row: row.cells[0]):
        taken += taker.take(kind, list(some))
    return taken


class Taker:
    """A piece of a file on its way in."""

    def __init__(self, one: Import, *, is_trial: bool) -> None:
        self.one, self.is_trial = one, is_trial
        self.name = one.encoding
        self.product = reading.PRODUCTS[one.encoding]
        self.others: dict[str, Record] = {}
        # What became of the tickets of this piece: their rows are not written yet
        self.settled: dict[str, str] = {}

    def take(self, kind: str, rows: list[ImportRow]) -> list[Taken]:
        """Rows of one kind."""
        verbs = {
            "organization": self.organizations,
            "user": self.users,
            "ticket": self.tickets,
            "message": self.messages,
        }
        if kind in reading.LOOKUPS:
            return [Taken(Outcome.SAME) for _row in rows]
        if kind not in verbs:
            return [self.refused(row, "unknown_record") for row in rows]
        if kind == "message":
            return self.messages(rows)
        again = self._again(rows)
        fresh = [row for row in rows if row.pk not in again]
        found = dict(zip((row.pk for row in fresh), verbs[kind](fresh), strict=True)) if fresh else {}
        taken = [again.get(row.pk) or found[row.pk] for row in rows]
        for row, what in zip(rows, taken, strict=True):
            self.settled.setdefault(row.key, what.outcome)
        return taken

    def refused(self, row: ImportRow, code: str, value: object = "", **said: Any) -> Taken:
        """A record that is not taken; it is named by its kind and its foreign id."""
        name = row.key.replace("of:", "ticket:", 1)
        which = f"{name} ({value})" if value else name
        return Taken(Outcome.REFUSED, [{"code": code, "field": "", "value": which[:120], **said}])

    def _again(self, rows: list[ImportRow]) -> dict[int, Taken]:
        """Pages of an export overlap: a record that was met before is not taken twice."""
        keys = {row.key for row in rows}
        seen = set(self.one.rows.filter(key__in=keys, number__lt=rows[0].number).values_list("key", flat=True))
        found: dict[int, Taken] = {}
        for row in rows:
            if row.key in seen:
                found[row.pk] = self.refused(row, "record_twice")
            seen.add(row.key)
        return found

    # --- whom records point to -------------------------------------------------------------------------------------------
    def know(self, keys: Iterable[str]) -> None:
        """Look up records of the file by their keys, in one statement."""
        wanted = set(keys) - self.others.keys()
        for key, cells in self.one.rows.filter(key__in=wanted).order_by("-number").values_list("key", "cells"):
            if len(cells) > 1:
                self.others[key] = json_stream.load(cells[1])

    def names(self, kind: str, number: Any) -> str:
        """`shapes.Names`."""
        return word(self.others.get(f"{kind}:{word(number)}", {}).get("name"))

    def person(self, request: Request | None, number: str) -> Person | None:
        """A user of the file, else who stands within the ticket."""
        found = self.others.get(f"user:{number}")
        if found is not None and self.product.kind_of(found) == "user":
            told: Person = self.product.person(found, self.names)
            return told
        return request.people.get(number) if request else None

    def _load(self, rows: list[ImportRow]) -> list[Record]:
        records: list[Record] = [json_stream.load(row.cells[1]) for row in rows]
        self.know(
            f"{kind}:{word(one.get(name))}"
            for one in records
            for name, kind in _POINTERS.items()
            if word(one.get(name))
        )
        return records

    # --- people --------------------------------------------------------------------------------------------------------------
    def organizations(self, rows: list[ImportRow]) -> list[Taken]:
        """As rows of a table of organisations."""
        told = []
        for one in self._load(rows):
            said = {"external_id": f"{self.name}:{word(one.get('id'))}", **self.product.organization(one)}
            told.append({**said, "domains": _kept(widgets.Domains(), said["domains"])})
        return self._by_table(Kind.ORGANIZATIONS, rows, told)

    def users(self, rows: list[ImportRow]) -> list[Taken]:
        """Customers as rows of a table of customers; agents are only told from those that work here."""
        found = [self.product.person(one, self.names) for one in self._load(rows)]
        agents = self._agents(found)
        told = {row.pk: _told(self.name, one) for row, one in zip(rows, found, strict=True) if not one.is_agent}
        some = [row for row in rows if row.pk in told]
        taken = dict(
            zip((row.pk for row in some), self._by_table(Kind.CUSTOMERS, some, list(told.values())), strict=True)
        )
        for row, one in zip(rows, found, strict=True):
            if row.pk not in taken:
                is_known = one.email in agents
                taken[row.pk] = Taken(Outcome.SAME) if is_known else self.refused(row, "agent_unknown", one.email)
        return [taken[row.pk] for row in rows]

    def _by_table(self, kind: str, rows: list[ImportRow], told: list[dict[str, str]]) -> list[Taken]:
        if not rows:
            return []
        taken = resources.take(kind, told, [row.number for row in rows], {}, is_trial=self.is_trial)
        return [
            Taken(one.outcome, [self._named(row, fault) for fault in one.faults], one.undo)
            for row, one in zip(rows, taken, strict=True)
        ]

    def _named(self, row: ImportRow, fault: dict[str, Any]) -> dict[str, Any]:
        return {**fault, "field": "", "value": fault["value"] or row.key}

    def _agents(self, found: Iterable[Person]) -> dict[str, User]:
        emails = {one.email for one in found if one.email}
        return {user.email: user for user in User.objects.filter(email__in=emails) if user.may("ticket.reply")}

    # --- requests ------------------------------------------------------------------------------------------------------------
    def tickets(self, rows: list[ImportRow]) -> list[Taken]:
        """Each with all its messages."""
        records = self._load(rows)
        ids = [word(one.get("id")) for one in records]
        if not self.is_trial:
            locks.for_keys("ticket-import", [f"{self.name}:{number}" for number in ids])
        known = writing.origin_of(self.name, ids)
        taken: dict[int, Taken] = {}
        wanted: list[tuple[ImportRow, Request]] = []
        said = self._said(ids)
        for row, one, number in zip(rows, records, ids, strict=True):
            try:
                request = self._request(one, said.get(number, []))
            except Refused as refused:
                taken[row.pk] = self.refused(row, refused.code, refused.value, limit=messages.MAX_BODY)
                continue
            if number in known:
                taken[row.pk] = Taken(Outcome.SAME)
            else:
                wanted.append((row, request))
        taken |= self._write(wanted)
        return [taken[row.pk] for row in rows]

    def _said(self, ids: list[str]) -> dict[str, list[Record]]:
        """The messages that stand apart, by their tickets."""
        found: dict[str, list[Record]] = {}
        rows = self.one.rows.filter(key__in={f"of:{number}" for number in ids}).order_by("number")
        for key, cells in rows.values_list("key", "cells"):
            found.setdefault(key[3:], []).append(json_stream.load(cells[1]))
        return found

    def _request(self, one: Record, apart: list[Record]) -> Request:
        request: Request = self.product.request(one, self.names)
        if not request.origin or len(request.origin) > writing.MAX_ID // 2:
            raise Refused("no_ticket_id")
        lines = {line.origin: line for line in map(self.product.line, apart)}
        if lines:
            lines |= {line.origin: line for line in request.lines if line.origin}
            request.lines = list(lines.values())
        if not request.lines:
            raise Refused("no_messages")
        if len(request.lines) > MOST_MESSAGES:
            raise Refused("too_many_messages", len(request.lines))
        if any(len(line.body) > messages.MAX_BODY for line in request.lines):
            raise Refused("too_long")
        return request

    def _write(self, wanted: list[tuple[ImportRow, Request]]) -> dict[int, Taken]:
        self.know(f"user:{number}" for _row, one in wanted for number in _people(one))
        people_of = {(row.pk, number): self.person(one, number) for row, one in wanted for number in _people(one)}
        agents = self._agents(one for one in people_of.values() if one)
        taken: dict[int, Taken] = {}
        good: list[tuple[ImportRow, Request]] = []
        for row, one in wanted:
            if people_of[row.pk, one.requester] is None:
                taken[row.pk] = self.refused(row, "no_requester_there", one.requester)
            else:
                good.append((row, one))
                taken[row.pk] = Taken(Outcome.NEW)
        if self.is_trial or not good:
            return taken
        owners, made = self._customers(good, people_of, agents)
        pasts = [self._past(row, one, people_of, owners, agents) for row, one in good]
        for (row, _one), ticket in zip(good, writing.write(pasts), strict=True):
            mine = [made.pop(number) for number in {ticket.requester_id} & made.keys()]
            taken[row.pk] = Taken(Outcome.NEW, undo={"ticket": ticket.pk, "made": True, "customers": mine})
        return taken

    def _customers(
        self,
        good: list[tuple[ImportRow, Request]],
        people_of: dict[tuple[int, str], Person | None],
        agents: dict[str, User],
    ) -> tuple[dict[tuple[int, str], Any], dict[int, int]]:
        """Whoever asked, and whoever else wrote and is no agent."""
        wanted: list[tuple[tuple[int, str], Person]] = []
        for row, one in good:
            for number in _people(one):
                found = people_of[row.pk, number]
                if found and (number == one.requester or not (found.is_agent or found.email in agents)):
                    wanted.append(((row.pk, number), found))
        self.requesters = Requesters(self.is_trial)
        keys = [_keys(self.name, person) for _where, person in wanted]
        self.requesters.look({key for some in keys for key in some}, set())
        asked = [(some, person.name) for some, (_where, person) in zip(keys, wanted, strict=True)]
        owners, made = self.requesters.find(asked)
        return {where: owner for (where, _person), owner in zip(wanted, owners, strict=True)}, made

    def _past(
        self,
        row: ImportRow,
        one: Request,
        people_of: dict[tuple[int, str], Person | None],
        owners: dict[tuple[int, str], Any],
        agents: dict[str, User],
    ) -> Past:
        owner = owners[row.pk, one.requester]
        asked = people_of[row.pk, one.requester]
        assigned = people_of.get((row.pk, one.assignee))
        authors = {number: people_of.get((row.pk, number)) for number in _people(one)}
        said = [
            messages.said(line, authors.get(line.author), owners.get((row.pk, line.author)), agents)
            for line in one.lines
        ]
        first = min(one.lines, key=lambda line: line.at)
        return Past(
            origin_by=self.name,
            origin=one.origin,
            subject=one.subject or "—",
            requester=owner,
            queue=self._queue(one.group),
            created_at=one.created_at,
            said=said,
            status=one.status,
            priority=one.priority,
            kind=one.kind,
            channel=one.channel or first.channel,
            assignee=agents.get(assigned.email) if assigned else None,
            solved_at=one.solved_at,
            closed_at=one.closed_at,
            tags=list(dict.fromkeys(one.tags)),
            reply_address=people.normalise_email(asked.email) if asked else "",
        )

    def _queue(self, group: str) -> Queue:
        if not hasattr(self, "_queues"):
            self._queues = {queue.slug: queue for queue in Queue.objects.all()}
            chosen = zip((column["name"] for column in self.one.columns), self.one.mapping, strict=False)
            self._chosen = dict(chosen)
            self._default = next(queue for queue in self._queues.values() if queue.is_default)
        slug = self._chosen.get(group) or self._chosen.get(reading.OTHERS) or ""
        return self._queues.get(slug, self._default)

    def messages(self, rows: list[ImportRow]) -> list[Taken]:
        """They came in with their tickets: what became of those became of them."""
        keys = {f"ticket:{row.key[3:]}" for row in rows}
        tickets = self.one.rows.filter(key__in=keys).order_by("-number").values_list("key", "outcome")
        found = {key[7:]: self.settled.get(key) or outcome for key, outcome in tickets}
        return [
            Taken(found[row.key[3:]])
            if found.get(row.key[3:], Outcome.REFUSED) != Outcome.REFUSED
            else self.refused(row, "no_ticket_there")
            for row in rows
        ]


def _people(one: Request) -> list[str]:
    """Whoever asked, does the work or wrote, by foreign id."""
    numbers = [one.requester, *(number for number in (one.assignee, *(line.author for line in one.lines)) if number)]
    return list(dict.fromkeys(numbers))


def _keys(product: str, one: Person) -> list[Key]:
    keys = [(resources.EXTERNAL, f"{product}:{one.origin}")]
    email = people.normalise_email(one.email)
    return [*keys, (resources.EMAIL, email)] if email else keys


def _told(product: str, one: Person) -> dict[str, str]:
    """A customer as a row of a table; what is no address or number is kept in the note."""
    email = _kept(widgets.Emails(), one.email)
    phones = [phone for phone in one.phones if _kept(widgets.Phones(), phone)]
    left = [value for value in (one.email, *one.phones) if value and value != email and value not in phones]
    return {
        "external_id": f"{product}:{one.origin}",
        "name": one.name,
        "email": email,
        "phone": ";".join(phones),
        "organization": one.organization,
        "locale": _kept(widgets.Language(), one.locale),
        "note": "\n".join(part for part in (one.note, *left) if part),
    }


def _kept(widget: Any, value: str) -> str:
    """The cell as it is, '' where it says nothing that can be taken."""
    try:
        return value if widget.clean(value) else ""
    except Wrong:
        return ""
