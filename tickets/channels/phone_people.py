"""Whose telephone rings, and who calls: agents by their extension, customers by their numbers."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Lower

from helpdesk.people.models import Customer, Identity, User
from tickets.channels import phone_numbers


# --- ours ------------------------------------------------------------------------------------------------------------
class Agents:
    """The agents whom a telephone system names, looked up at once; a name that two of them bear is nobody's."""

    def __init__(self, names: Iterable[str], region: str) -> None:
        self._spelled = {name: phone_numbers.spellings(name, region) for name in names}
        everything = {spelling for found in self._spelled.values() for spelling in found}
        rows = User.objects.filter(is_active=True).exclude(role=User.Role.READER)
        rows = rows.annotate(known=Lower("extension"), called=Lower("name"))
        wanted = Q(known__in=everything) | Q(email__in=everything) | Q(called__in=everything)
        found = list(rows.filter(wanted).order_by("pk")) if everything else []
        self._sure = {key: row for row in found for key in (row.extension.lower(), row.email) if key}
        named = [row.name.lower() for row in found]
        self._named = {row.name.lower(): row for row in found if named.count(row.name.lower()) == 1}

    def one(self, name: str) -> User | None:
        """By extension or address, else by his name."""
        for known in (self._sure, self._named):
            for spelling in sorted(self._spelled.get(name, ())):
                if spelling in known:
                    return known[spelling]
        return None

    def all(self, names: Iterable[str]) -> list[User]:
        """Each once."""
        found = {row.pk: row for name in names if (row := self.one(name))}
        return [found[pk] for pk in sorted(found)]


# --- theirs ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Match:
    """Somebody who has this number; `is_proved` when it was proved, else he only says so."""

    customer: Customer
    is_proved: bool


def owners(numbers: Collection[str]) -> dict[str, list[Match]]:
    """Who has each of these numbers, whose it was proved to be first. One query. Uses index: identity_value.

    Visitors of the widget and erased people have none; of records that were merged it is the one that is left.
    """
    wanted = {number for number in numbers if number}
    if not wanted:
        return {}
    rows = Identity.objects.filter(kind=Identity.Kind.PHONE, value__in=wanted, customer__erased_at__isnull=True)
    rows = rows.filter(customer__is_visitor=False).select_related("customer__merged_into", "customer__organization")
    found: dict[str, dict[int, Match]] = {}
    for row in rows.order_by("pk"):
        customer = row.customer.merged_into or row.customer
        mine = found.setdefault(row.value, {})
        proved = row.verified_at is not None or (customer.pk in mine and mine[customer.pk].is_proved)
        mine[customer.pk] = Match(customer, proved)
    return {number: sorted(mine.values(), key=lambda one: not one.is_proved) for number, mine in found.items()}


def proved_owner(number: str) -> Customer | None:
    """The one whose number this was proved to be: there is one at most."""
    return next((match.customer for match in owners([number]).get(number, ()) if match.is_proved), None)
