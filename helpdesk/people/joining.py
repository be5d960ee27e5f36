"""Two records of one person become one because somebody of the staff says so, and become two again if he was wrong.

That he says so proves nothing: an address that was only claimed is set apart (`Identity.is_apart`). Mail from it finds the
record, and whoever proves it later reads what was written from it, but nothing else of the record.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors
from helpdesk.people.models import Customer, CustomerMerge, Identity, User

FIELDS = ("name", "organization_id", "locale", "timezone", "note", "fields")
# What whoever merges may choose between, where both have it
CHOICES = ("name", "organization", "locale", "note")
_COLUMN = {"organization": "organization_id"}
SHOWN = 5

PROBLEMS = {
    "same": _("A record cannot be merged into itself."),
    "merged_already": _("This record was merged into another one already."),
    "target_merged": _("The record that shall stay was itself merged into another one."),
    "erased": _("One of these records was erased."),
    "visitor": _("A visitor of the website becomes known by proving his address, not by a merge."),
    "not_merged": _("This record is not merged into another one."),
    "merged_on": _("Something was merged into the record that stayed since, or it into another. Undo that first."),
    "something_new": _("Something new came from this person since: it can no longer be undone."),
}


@dataclass(frozen=True, slots=True)
class Likeness:
    """Another record that may be the same person, and why: 'phone', 'address', 'name'."""

    customer: Customer
    reasons: list[str] = field(default_factory=list)


# --- who may be the same ---------------------------------------------------------------------------------------------
def likenesses(customer: Customer) -> list[Likeness]:
    """Records with the same number or address, or of the same name in the same organisation: the strongest first."""
    values = customer.identities.filter(kind__in=[Identity.Kind.EMAIL, Identity.Kind.PHONE]).values("kind", "value")
    shared = Q(pk__in=[])
    for one in values:
        shared |= Q(**one)
    others = Identity.objects.filter(shared).exclude(customer=customer).values_list("customer_id", "kind")
    found: dict[int, set[str]] = {}
    for owner, kind in others[:100]:
        found.setdefault(owner, set()).add("address" if kind == Identity.Kind.EMAIL else "phone")
    if customer.name and customer.organization_id:
        namesakes = Customer.objects.filter(organization=customer.organization_id, name__iexact=customer.name)
        for pk in namesakes.exclude(pk=customer.pk).values_list("pk", flat=True)[:SHOWN]:
            found.setdefault(pk, set()).add("name")
    rows = Customer.objects.current().filter(pk__in=found, is_visitor=False).select_related("organization")
    known = [Likeness(row, sorted(found[row.pk])) for row in rows.prefetch_related("identities")]
    return sorted(known, key=lambda one: (-len(one.reasons), one.customer.pk))[:SHOWN]


# --- beforehand ------------------------------------------------------------------------------------------------------
def problem(source: Customer, target: Customer) -> str:
    """A code of `PROBLEMS`, '' when nothing stands in the way."""
    ways = {
        "same": source.pk == target.pk,
        "merged_already": source.merged_into_id is not None,
        "target_merged": target.merged_into_id is not None,
        "erased": bool(source.erased_at or target.erased_at),
        "visitor": source.is_visitor or target.is_visitor,
    }
    return next((code for code, is_so in ways.items() if is_so), "")


def differences(source: Customer, target: Customer) -> list[str]:
    """Of which of `CHOICES` both have something else: the one that stays keeps its own unless told otherwise."""
    pairs = {name: (getattr(source, _column(name)), getattr(target, _column(name))) for name in CHOICES}
    return [name for name, (one, two) in pairs.items() if one and two and one != two]


def _column(name: str) -> str:
    return _COLUMN.get(name, name)


# --- merge -----------------------------------------------------------------------------------------------------------
def locked(*customers: Customer) -> dict[int, Customer]:
    """The rows under their lock, always in the order of their ids."""
    wanted = Customer.objects.select_for_update().filter(pk__in=[one.pk for one in customers])
    return {row.pk: row for row in wanted.order_by("pk")}


@transaction.atomic
def join(source: Customer, target: Customer, *, take: Collection[str], by: User) -> CustomerMerge:
    """Identities come along as proved or claimed as they are; of the fields, `take` names those of the source that win.

    What belongs to him in rooms above is moved by who calls this. Raises Conflict with a code of `PROBLEMS`.
    """
    rows = locked(source, target)
    source, target = rows[source.pk], rows[target.pk]
    if code := problem(source, target):
        raise errors.Conflict(str(PROBLEMS[code]), code=code)
    identities = list(Identity.objects.filter(customer__in=(source, target)).order_by("pk"))
    before: dict[str, Any] = {
        "identities": [_kept(one) for one in identities],
        "target": {name: getattr(target, name) for name in FIELDS},
        "earlier": list(Customer.objects.filter(merged_into=source).order_by("pk").values_list("pk", flat=True)),
    }
    _join_identities(identities, target)
    _fill(source, target, take)
    before["set"] = {name: getattr(target, name) for name in FIELDS}
    # One step leads from every record to the one that stands for it
    Customer.objects.filter(pk__in=before["earlier"]).update(merged_into=target)
    source.merged_into = target
    source.save(update_fields=["merged_into"])
    done = CustomerMerge.objects.create(
        source=source, target=target, before=before, merged_by=by, merged_at=clock.now()
    )
    record(names.CUSTOMER_TOOK_IN, target, by=by.actor, data={"of": source.pk, "merge": done.pk})
    record(names.CUSTOMER_MERGED, source, by=by.actor, data={"into": target.pk, "merge": done.pk})
    return done


def _kept(one: Identity) -> dict[str, Any]:
    return {
        "id": one.pk,
        "customer": one.customer_id,
        "kind": one.kind,
        "value": one.value,
        "verified_at": one.verified_at.isoformat() if one.verified_at else None,
        "is_apart": one.is_apart,
        "created_at": one.created_at.isoformat(),
    }


def _join_identities(identities: Iterable[Identity], target: Customer) -> None:
    """Each once; of two equal ones the proved, which only one can be."""
    best: dict[tuple[str, str], Identity] = {}
    for one in sorted(identities, key=lambda row: (row.verified_at is None, row.customer_id != target.pk)):
        best.setdefault((one.kind, one.value), one)
    stay = {one.pk for one in best.values()}
    Identity.objects.filter(pk__in=[one.pk for one in identities if one.pk not in stay]).delete()
    Identity.objects.filter(pk__in=stay).update(customer=target)
    claimed = Identity.objects.filter(pk__in=stay, kind=Identity.Kind.EMAIL, verified_at__isnull=True)
    claimed.update(is_apart=True)


def _fill(source: Customer, target: Customer, take: Collection[str]) -> None:
    for name in FIELDS:
        theirs, own = getattr(source, name), getattr(target, name)
        if theirs and (not own or name in {_column(one) for one in take}):
            setattr(target, name, theirs)
    if source.note and target.note and "note" not in take and source.note not in target.note:
        target.note = f"{target.note}\n\n{source.note}"
    target.fields = {**source.fields, **target.fields}
    target.save(update_fields=["name", "organization", "locale", "timezone", "note", "fields"])


# --- what goes along -------------------------------------------------------------------------------------------------
@transaction.atomic
def carry(merge_id: int, kind: str, rows: QuerySet[Any], *, whose: str = "customer") -> None:
    """Rows of a room above go to the record that stays; which they were is kept. Nothing when it was undone meanwhile."""
    done = CustomerMerge.objects.select_for_update().get(pk=merge_id)
    if done.undone_at is not None:
        return
    ids = list(rows.filter(**{whose: done.source_id}).order_by("pk").values_list("pk", flat=True))
    rows.filter(pk__in=ids).update(**{whose: done.target_id})
    done.moved = {**done.moved, kind: [*done.moved.get(kind, []), *ids]}
    done.save(update_fields=["moved"])


def carry_back(done: CustomerMerge, kind: str, rows: QuerySet[Any], *, whose: str = "customer") -> None:
    """The same rows go back, as far as they are still his."""
    mine: QuerySet[Model] = rows.filter(pk__in=done.moved.get(kind, []), **{whose: done.target_id})
    mine.update(**{whose: done.source_id})


# --- afterwards ------------------------------------------------------------------------------------------------------
def standing(source: Customer) -> CustomerMerge | None:
    """The merge by which this record ended, if it was one of staff and was not undone."""
    rows = CustomerMerge.objects.select_related("source", "target", "merged_by")
    return rows.filter(source=source, undone_at__isnull=True).first()


def parts(target: Customer) -> list[CustomerMerge]:
    """What became part of this record, the newest first. Uses index: customer_merge_into."""
    rows = CustomerMerge.objects.select_related("source", "target", "merged_by")
    return list(rows.filter(target=target, undone_at__isnull=True).order_by("-id")[:20])


def why_not_undo(done: CustomerMerge) -> str:
    """A code of `PROBLEMS`, '' when these records may become two again as far as people are concerned."""
    later = CustomerMerge.objects.filter(target=done.target_id, pk__gt=done.pk, undone_at__isnull=True)
    if done.target.merged_into_id is not None or later.exists():
        return "merged_on"
    fresh = Q(created_at__gt=done.merged_at) | Q(verified_at__gt=done.merged_at)
    return "something_new" if Identity.objects.filter(fresh, customer=done.target_id).exists() else ""


@transaction.atomic
def part(done: CustomerMerge, *, by: User) -> Customer:
    """Both records as they were; what somebody changed since by hand stays with the one that had stayed.

    Returns the record that begins again. Raises Conflict with a code of `PROBLEMS`.
    """
    rows = locked(done.source, done.target)
    done = CustomerMerge.objects.select_for_update(of=("self",)).select_related("target").get(pk=done.pk)
    code = "not_merged" if done.undone_at is not None else why_not_undo(done)
    if code:
        raise errors.Conflict(str(PROBLEMS[code]), code=code)
    source, target = rows[done.source_id], rows[done.target_id]
    _part_identities(done.before["identities"], target)
    changed = [name for name in FIELDS if getattr(target, name) == done.before["set"][name]]
    for name in changed:
        setattr(target, name, done.before["target"][name])
    target.save(update_fields=["name", "organization", "locale", "timezone", "note", "fields"])
    Customer.objects.filter(pk__in=done.before["earlier"], merged_into=target).update(merged_into=source)
    source.merged_into = None
    source.save(update_fields=["merged_into"])
    done.undone_by, done.undone_at = by, clock.now()
    done.save(update_fields=["undone_by", "undone_at"])
    record(names.CUSTOMER_GAVE_BACK, target, by=by.actor, data={"of": source.pk, "merge": done.pk})
    record(names.CUSTOMER_UNMERGED, source, by=by.actor, data={"from": target.pk, "merge": done.pk})
    return source


def _part_identities(before: Collection[dict[str, Any]], target: Customer) -> None:
    """Whose they were and whether they were proved; what was taken away meanwhile stays away."""
    left = set(target.identities.values_list("kind", "value"))
    target.identities.all().delete()
    Identity.objects.bulk_create(_again(one) for one in before if (one["kind"], one["value"]) in left)


def _again(one: dict[str, Any]) -> Identity:
    return Identity(
        pk=one["id"],
        customer_id=one["customer"],
        kind=one["kind"],
        value=one["value"],
        verified_at=_moment(one["verified_at"]),
        is_apart=one["is_apart"],
        created_at=_moment(one["created_at"]) or clock.now(),
    )


def _moment(given: str | None) -> datetime | None:
    return parse_datetime(given) if given else None
