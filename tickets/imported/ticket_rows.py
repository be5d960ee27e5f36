"""A row of a table becomes a past request, by django-import-export. Loaded for a file only."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from tablib import Dataset

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.lib import clock, locks
from helpdesk.lib import text as texts
from helpdesk.lib.search import analyser
from helpdesk.people.customers import Key
from helpdesk.people.imports import resources, widgets
from helpdesk.people.imports.resources import Draft, fault, field_of
from helpdesk.people.imports.widgets import Wrong
from helpdesk.people.models import Customer, User
from tickets.imported import cells, own, writing
from tickets.imported.requesters import Requesters
from tickets.imported.writing import Past, Said
from tickets.models import Queue, Ticket, TicketTag
from tickets.models.ticket import UNFINISHED, Priority, Status
from tickets.qualification import provenance, sensitive

_KEPT = ("subject", "status", "queue", "kind", "priority", "assignee", "language", "solved_at")


@dataclass
class TicketDraft(Draft):
    """What a row says of a request."""

    subject: str | None = None
    status: str | None = None
    queue: str | None = None
    kind: str | None = None
    priority: int | None = None
    tags: list[str] | None = None
    created_at: datetime | None = None
    solved_at: datetime | None = None
    customer: str | None = None
    assignee: str | None = None
    channel: str | None = None
    language: str | None = None
    text: str | None = None

    def keys(self) -> list[Key]:
        """By what the requester may be found, the surest first."""
        found = [(resources.EXTERNAL, self.customer)] if self.customer else []
        found += [(resources.EMAIL, value) for value in self.email or ()]
        return found + [(resources.PHONE, value) for value in self.phone or ()]


class TicketRows(resources.Rows):
    """Past requests: new ones are written together when all rows of a piece have been looked at."""

    told_by: ClassVar[tuple[str, ...]] = ("external_id",)

    external_id = field_of("external_id", widgets.External(writing.MAX_ID))
    subject = field_of("subject", widgets.Line(200))
    status = field_of("status", cells.status())
    queue = field_of("queue", widgets.Line(80))
    kind = field_of("kind", cells.kind())
    priority = field_of("priority", cells.priority())
    tags = field_of("tags", cells.Words())
    created_at = field_of("created_at", cells.PastMoment())
    solved_at = field_of("solved_at", cells.PastMoment())
    customer = field_of("customer", widgets.External(320))
    email = field_of("email", widgets.Emails())
    phone = field_of("phone", widgets.Phones())
    name = field_of("name", widgets.Line(200))
    assignee = field_of("assignee", widgets.Line(254))
    channel = field_of("channel", cells.channel())
    language = field_of("language", widgets.Language())
    text = field_of("text", cells.Body())

    class Meta:
        model = Ticket

    def init_instance(self, row: Any = None) -> TicketDraft:
        return TicketDraft(Ticket(), is_new=True)

    # --- looked up beforehand, in a fixed number of statements ---------------------------------------------------------
    def before_import(self, dataset: Dataset, **options: Any) -> None:
        told = list(dataset.dict)
        ids = {texts.one_line(row["external_id"], 320) for row in told if row.get("external_id")}
        if not self.is_trial:
            locks.for_keys("ticket-import", ids)
        self.known = _known(ids)
        numbers = [ticket.pk for ticket in self.known.values()]
        events = Event.objects.filter(subject="ticket", subject_id__in=numbers).exclude(name=names.TICKET_IMPORTED)
        self.used = set(events.values_list("subject_id", flat=True).distinct())
        self.tagged: dict[int, set[str]] = {}
        for number, name in TicketTag.objects.filter(ticket__in=numbers).values_list("ticket", "tag__name"):
            self.tagged.setdefault(number, set()).add(name)
        self.queues = _queues()
        self.default = next(queue for queue in self.queues.values() if queue.is_default)
        addresses = {texts.one_line(row["assignee"], 254).lower() for row in told if row.get("assignee")}
        self.agents = {user.email: user for user in User.objects.filter(email__in=addresses)}
        self.requesters = Requesters(self.is_trial)
        owners = [_owners(row) for row in told]
        alone = {row.get("name") or "" for row, keys in zip(told, owners, strict=True) if not keys}
        self.requesters.look({key for keys in owners for key in keys}, alone)
        self.pending: list[tuple[int, TicketDraft]] = []
        self.touched: list[tuple[Ticket, dict[str, Any], list[str]]] = []

    def get_instance(self, instance_loader: Any, row: Mapping[str, str]) -> TicketDraft | None:
        found = self.known.get(texts.one_line(row.get("external_id") or "", 320))
        return TicketDraft(found, is_new=False) if found else None

    # --- what would change -----------------------------------------------------------------------------------------------
    def settle(self, draft: Draft) -> list[ValidationError]:
        assert isinstance(draft, TicketDraft)  # noqa: S101
        if not draft.external_id:
            return [fault("no_ticket_id", "external_id", "")]
        queue = self.queues.get(cells.plain(draft.queue)) if draft.queue else None
        agent = self.agents.get(draft.assignee.lower()) if draft.assignee else None
        faults = []
        if draft.queue and queue is None:
            faults.append(fault("no_queue", "queue", draft.queue))
        if draft.assignee and (agent is None or not agent.may("ticket.reply")):
            faults.append(fault("no_agent", "assignee", draft.assignee))
        created = draft.record.created_at or draft.created_at
        if draft.solved_at and created and draft.solved_at < created:
            faults.append(fault("before_start", "solved_at", draft.solved_at.isoformat()))
        if faults:
            return faults
        return self._new(draft) if draft.is_new else self._again(draft, queue, agent)

    def _new(self, draft: TicketDraft) -> list[ValidationError]:
        if draft.created_at is None:
            return [fault("no_date", "created_at", "")]
        if not (draft.subject or draft.text):
            return [fault("no_subject", "subject", "")]
        if not (draft.keys() or draft.name):
            return [fault("no_requester", "customer", "")]
        if draft.external_id and own.number(draft.external_id) is not None:
            return [fault("gone_here", "external_id", draft.external_id)]
        return []

    def _again(self, draft: TicketDraft, queue: Queue | None, agent: User | None) -> list[ValidationError]:
        """The same request once more: what was said is never changed, and what people did here stands."""
        row = draft.record
        subject = sensitive.mask_cards(draft.subject) if draft.subject else None
        told = {
            "subject": subject,
            "status": draft.status,
            "queue": queue,
            "kind": draft.kind,
            "priority": draft.priority,
            "assignee": agent,
            "language": draft.language,
            "solved_at": draft.solved_at,
        }
        draft.changes = {name: value for name, value in told.items() if value and value != getattr(row, name)}
        fresh = [name for name in draft.tags or () if name not in self.tagged.get(row.pk, ())]
        if fresh:
            draft.changes["tags"] = fresh
        if draft.changes and own.number(draft.external_id or "") is not None:
            return [fault("lives_here", next(iter(draft.changes)), "")]
        if draft.changes and row.pk in self.used:
            return [fault("worked_on", next(iter(draft.changes)), "")]
        return []

    # --- written -------------------------------------------------------------------------------------------------------------
    def save_instance(self, instance: Draft, is_create: bool, row: Any, **options: Any) -> None:
        assert isinstance(instance, TicketDraft)  # noqa: S101
        if not self.is_trial:
            self.pending.append((options["row_number"], instance))

    def after_import(self, dataset: Dataset, result: Any, **options: Any) -> None:
        fresh = [(place, draft) for place, draft in self.pending if draft.is_new]
        owners, made = self.requesters.find([(draft.keys(), draft.name or "") for _place, draft in fresh])
        pasts = [self._past(draft, owner) for (_place, draft), owner in zip(fresh, owners, strict=True)]
        for (place, _draft), ticket in zip(fresh, writing.write(pasts), strict=True):
            mine = [made.pop(ticket.requester_id)] if ticket.requester_id in made else []
            self.undo[place] = {"ticket": ticket.pk, "made": True, "customers": mine}
        for place, draft in self.pending:
            if not draft.is_new:
                self.undo[place] = self._change(draft)
        self._keep()

    def _past(self, draft: TicketDraft, owner: Customer) -> Past:
        created = draft.created_at or clock.now()
        body = draft.text or draft.subject or ""
        origin_by, origin = own.place(draft.external_id or "")
        channel = draft.channel or ("email" if draft.email else "web")
        status = draft.status or (Status.SOLVED if draft.solved_at else Status.CLOSED)
        return Past(
            origin_by=origin_by,
            origin=origin,
            subject=draft.subject or texts.excerpt(body, 200),
            requester=owner,
            queue=self.queues[cells.plain(draft.queue)] if draft.queue else self.default,
            created_at=created,
            said=[Said(body, created, channel=channel, customer=owner)],
            status=status,
            priority=draft.priority or Priority.NORMAL,
            kind=draft.kind,
            channel=channel,
            language=draft.language or "",
            assignee=self.agents[draft.assignee.lower()] if draft.assignee else None,
            solved_at=draft.solved_at,
            tags=draft.tags or [],
            reply_address=(draft.email or [""])[0] or self.requesters.address(owner),
        )

    def _change(self, draft: TicketDraft) -> dict[str, Any]:
        ticket, changes = draft.record, dict(draft.changes)
        fresh = changes.pop("tags", [])
        before = _state(ticket)
        for name, value in changes.items():
            setattr(ticket, name, value)
        finished = ticket.status not in UNFINISHED and ticket.status != Status.SPAM
        if not finished:
            ticket.solved_at = ticket.closed_at = None
        else:
            ticket.solved_at = ticket.solved_at or ticket.last_message_at
            ticket.closed_at = (ticket.closed_at or ticket.solved_at) if ticket.status == Status.CLOSED else None
        ticket.terms = analyser.analyse(ticket.subject)
        ticket.version += 1
        ticket.set_place()
        self.touched.append((ticket, changes, fresh))
        return {"ticket": ticket.pk, "made": False, "was": before, "version": ticket.version, "tags": fresh}

    def _keep(self) -> None:
        if not self.touched:
            return
        Ticket.objects.bulk_update([ticket for ticket, _changes, _fresh in self.touched], _SAVED)
        known = writing.tags({name for _ticket, _changes, fresh in self.touched for name in fresh})
        TicketTag.objects.bulk_create(
            (TicketTag(ticket=ticket, tag=known[name]) for ticket, _changes, fresh in self.touched for name in fresh),
            ignore_conflicts=True,
        )
        for ticket, _changes, fresh in self.touched:
            provenance.keep(ticket.pk, writing.provenance_of(ticket, fresh, writing.FILE))


_SAVED = [*_KEPT, "closed_at", "terms", "version", "place"]


def _state(ticket: Ticket) -> dict[str, Any]:
    """As it was, to be taken back."""
    plain = {name: getattr(ticket, name) for name in ("subject", "status", "kind", "priority", "language")}
    moments = {
        name: value and value.isoformat() for name in ("solved_at", "closed_at") for value in [getattr(ticket, name)]
    }
    return {**plain, **moments, "queue_id": ticket.queue_id, "assignee_id": ticket.assignee_id}


def _known(ids: set[str]) -> dict[str, Ticket]:
    """Requests that these external ids mean: imported ones, and those that were made here."""
    found: dict[str, Ticket] = {}
    places: dict[str, list[str]] = {}
    for one in ids:
        origin_by, _origin = own.place(one)
        places.setdefault(origin_by, []).append(one)
    for origin_by, some in places.items():
        tickets = writing.origin_of(origin_by, [own.place(one)[1] for one in some])
        found |= {one: tickets[key] for one in some if (key := own.place(one)[1]) in tickets}
    numbers = {number: one for one in ids if (number := own.number(one)) is not None}
    if numbers:
        native = Ticket.objects.filter(pk__in=numbers)
        found |= {numbers[ticket.pk]: ticket for ticket in native}
    queues = Queue.objects.in_bulk({ticket.queue_id for ticket in found.values()})
    users = User.objects.in_bulk({ticket.assignee_id for ticket in found.values() if ticket.assignee_id})
    for ticket in found.values():
        ticket.queue = queues[ticket.queue_id]
        ticket.assignee = users.get(ticket.assignee_id or 0)
    return found


def _queues() -> dict[str, Queue]:
    """Queues by their slugs and names."""
    found: dict[str, Queue] = {}
    for queue in Queue.objects.order_by("-is_active", "position", "id"):
        for word in (queue.slug, queue.name, queue.name_fr):
            if word:
                found.setdefault(cells.plain(word), queue)
    return found


def _owners(row: Mapping[str, str]) -> list[Key]:
    """A cell that is wrong finds nobody."""
    draft = TicketDraft(None, is_new=True, customer=texts.one_line(row.get("customer") or "", 320) or None)
    for name, widget in (("email", widgets.Emails()), ("phone", widgets.Phones())):
        with contextlib.suppress(Wrong):
            setattr(draft, name, widget.clean(row.get(name)))
    return draft.keys()
