"""Whose past requests are: customers found by id, address or number, made where nobody has them."""

from collections.abc import Collection, Sequence

from django.db.models import Q

from helpdesk.lib import clock, locks
from helpdesk.lib import text as texts
from helpdesk.people import customers
from helpdesk.people.customers import Key
from helpdesk.people.models import Customer, Identity


class Requesters:
    """The customers of a piece of a file. What a file says of them is claimed, never proved.

    Who is known by nothing but a name is nobody's old acquaintance: he is whoever was imported by this very name.
    """

    def __init__(self, is_trial: bool) -> None:
        self.is_trial = is_trial
        self.book = customers.Book([])
        self.named: dict[str, Customer] = {}
        self.fresh: dict[Key, Customer] = {}

    def look(self, keys: Collection[Key], names: Collection[str]) -> None:
        """Look all of them up in a few statements; in earnest, also wait for whoever is just making one of them."""
        self.keys = set(keys)
        self.book.look(self.keys)
        if not self.is_trial and (unknown := {key for key in self.keys if self.book.owner(key) is None}):
            locks.for_keys("customer", [value for _kind, value in unknown])
            self.book.look(unknown)
        wanted = {name for name in (texts.one_line(name, 200) for name in names) if name}
        if wanted:
            self._look_by_name(wanted)
        owners = {one.pk for key in self.keys if (one := self.book.owner(key))}
        self.addresses: dict[int, str] = {}
        theirs = Identity.objects.filter(customer__in=owners, kind=Identity.Kind.EMAIL).order_by("pk")
        rows = sorted(theirs.values_list("customer", "value", "verified_at"), key=lambda row: row[2] is None)
        for pk, value, _proved in rows:
            self.addresses.setdefault(pk, value)

    def _look_by_name(self, wanted: Collection[str]) -> None:
        nameless = Customer.objects.current().filter(~Q(pk__in=Identity.objects.values("customer")), is_visitor=False)
        for one in nameless.filter(name__in=wanted).order_by("-pk"):
            self.named[one.name] = one

    def address(self, customer: Customer) -> str:
        """Where his requests are answered, as far as it is known."""
        return self.addresses.get(customer.pk, "")

    def find(self, wanted: Sequence[tuple[list[Key], str]]) -> tuple[list[Customer], dict[int, int]]:
        """The customers of so many rows, and the ids of those that were made for them."""
        found: list[Customer] = []
        made: list[Customer] = []
        identities: list[Identity] = []
        moment = clock.now()
        for keys, name in wanted:
            line = texts.one_line(name, 200)
            owner = next((one for key in keys if (one := self.fresh.get(key) or self.book.owner(key))), None)
            if owner is None and not keys:
                owner = self.named.get(line)
            if owner is None:
                owner = Customer(name=line, created_at=moment)
                made.append(owner)
                identities += [
                    Identity(customer=owner, kind=kind, value=value, created_at=moment) for kind, value in keys
                ]
                self.fresh.update(dict.fromkeys(keys, owner))
                if not keys:
                    self.named[line] = owner
            found.append(owner)
        Customer.objects.bulk_create(made)
        Identity.objects.bulk_create(identities)
        return found, {one.pk: one.pk for one in made}
