"""Find, make, prove and merge customers. A typed address claims, it never proves."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import phonenumbers
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors, locks, text, together
from helpdesk.lib.actor import Actor
from helpdesk.people.models import Customer, Identity

# Kind and normal value of an identity
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Who:
    """What a door knows of the sender. `is_proved` only where the door itself checked (signed link, aligned mail)."""

    name: str = ""
    email: str = ""
    phone: str = ""
    external: str = ""
    locale: str = ""
    is_proved: bool = False
    # Whoever he is taken for, the door lets him read what that record has: an address set apart does not lead there
    opens: bool = False


def normalise_email(address: str) -> str:
    """Trimmed and lower case; '' when it is no address. The local part's case is kept by nobody in practice."""
    address = text.one_line(address, 320).strip("<> ").lower()
    local, at, domain = address.rpartition("@")
    is_address = at and local and "." in domain and " " not in address and not domain.startswith(".")
    return address if is_address or (at and local and domain == "localhost") else ""


def normalise_phone(number: str, region: str = "FR") -> str:
    """E.164, or '' when it is no possible number."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@transaction.atomic
def resolve(who: Who) -> Customer:
    """The customer this sender is: the proved owner of the address, else who claimed it first, else a new one.

    Visitors of the widget are never found by an address they typed: only a proof joins them to anybody.
    """
    together.write_now()
    return Book([who]).resolve(who)


class Book:
    """Many senders looked up at once, in two or three statements; use it within the transaction that made it.

    Two first mails at once: whoever comes second waits for the first to commit, and then finds what it made.
    """

    def __init__(self, people: Iterable[Who]) -> None:
        keys = {key for who in people for key in _keys(who)}
        self._found: dict[Key, list[Identity]] = {}
        self.look(keys)
        if unknown := {key for key in keys if self.owner(key) is None}:
            locks.for_keys("customer", [value for _kind, value in unknown])
            self.look(unknown)

    def look(self, keys: Collection[Key]) -> None:
        """Look these up, or again."""
        if not keys:
            return
        rows = Identity.objects.filter(
            kind__in={kind for kind, _value in keys}, value__in={value for _kind, value in keys}
        ).select_related("customer__merged_into")
        found: dict[Key, list[Identity]] = {key: [] for key in keys}
        for row in rows:
            if (row.kind, row.value) in found:
                found[row.kind, row.value].append(row)
        self._found.update(found)

    def knows(self, email: str) -> bool:
        """Whether somebody has this address, so far as it was asked for."""
        return self.owner((str(Identity.Kind.EMAIL), email)) is not None

    def owner(self, key: Key, *, opens: bool = False) -> Customer | None:
        """Proved identities first, then the oldest claim; visitors and erased people own nothing.

        `opens`: he is let in by it, so that an address which was only claimed when its record was merged is nobody's.
        """
        claims = [row for row in self._found.get(key, ()) if not row.customer.is_visitor and not row.customer.erased_at]
        claims = [row for row in claims if not (opens and row.is_apart)]
        if not claims:
            return None
        first = min(claims, key=lambda row: (row.verified_at is None, row.pk or 0))
        return first.customer.merged_into or first.customer

    def resolve(self, who: Who) -> Customer:
        """The customer, as `customers.resolve` finds or makes him."""
        for key in _keys(who):
            if found := self.owner(key, opens=who.opens):
                self._learn(found, who)
                return found
        return self._create(who)

    def _learn(self, customer: Customer, who: Who) -> None:
        fills = (not customer.name and who.name) or (not customer.locale and who.locale)
        if fills or any(not self._has(customer, key, who) for key in _keys(who)):
            _learn(customer, who)

    def _has(self, customer: Customer, key: Key, who: Who) -> bool:
        """Whether nothing would change if he said so again."""
        proves = who.is_proved and key[0] == Identity.Kind.EMAIL
        mine = [row for row in self._found.get(key, ()) if row.customer_id == customer.pk]
        is_taken = any(row.verified_at for row in self._found.get(key, ()))
        return bool(mine) and (not proves or is_taken)

    def _create(self, who: Who) -> Customer:
        customer = Customer(name=text.one_line(who.name), locale=who.locale[:5], created_at=clock.now())
        together.insert_known(customer)
        customer.is_just_made = True
        for key in _keys(who):
            kind, value = key
            is_taken = any(row.verified_at for row in self._found.get(key, ()))
            proves = who.is_proved and kind == Identity.Kind.EMAIL and not is_taken
            row = Identity(
                customer=customer,
                kind=kind,
                value=value,
                created_at=customer.created_at,
                verified_at=customer.created_at if proves else None,
            )
            together.insert(row)
            self._found.setdefault(key, []).append(row)
        return customer


def _keys(who: Who) -> list[Key]:
    keys = [
        (Identity.Kind.EMAIL, normalise_email(who.email)),
        (Identity.Kind.EXTERNAL, text.one_line(who.external, 320)),
        (Identity.Kind.PHONE, normalise_phone(who.phone) if who.phone else ""),
    ]
    return [(str(kind), value) for kind, value in keys if value]


def _owner(kind: str, value: str) -> Customer | None:
    """Whose record a proof of this opens."""
    book = Book([])
    book.look([(kind, value)])
    return book.owner((kind, value), opens=True)


def create(who: Who, *, is_visitor: bool = False) -> Customer:
    """A new customer with the identities named."""
    customer = Customer.objects.create(
        name=text.one_line(who.name), locale=who.locale[:5], is_visitor=is_visitor, created_at=clock.now()
    )
    for kind, value in _keys(who):
        claim(customer, kind, value, is_proved=who.is_proved and kind == Identity.Kind.EMAIL)
    return customer


def _learn(customer: Customer, who: Who) -> None:
    """Fill what was unknown; never overwrite what somebody typed or chose."""
    changed = []
    if not customer.name and who.name:
        customer.name = text.one_line(who.name)
        changed.append("name")
    if not customer.locale and who.locale:
        customer.locale = who.locale[:5]
        changed.append("locale")
    if changed:
        customer.save(update_fields=changed)
    for kind, value in _keys(who):
        claim(customer, kind, value, is_proved=who.is_proved and kind == Identity.Kind.EMAIL)


def claim(customer: Customer, kind: str, value: str, *, is_proved: bool = False) -> Identity:
    """Note that the customer says an address is his; `is_proved` when the door checked it."""
    moment = clock.now()
    identity, _made = Identity.objects.get_or_create(
        customer=customer, kind=kind, value=value, defaults={"created_at": moment}
    )
    is_free = not Identity.objects.filter(kind=kind, value=value, verified_at__isnull=False).exists()
    if is_proved and identity.verified_at is None and is_free:
        identity.verified_at = moment
        identity.save(update_fields=["verified_at"])
    return identity


@transaction.atomic
def prove(customer: Customer, email: str, *, by: Actor) -> Customer:
    """The customer proved an address (link in a mail, signed token). Joins him to the record that owns it already.

    Returns the customer to go on with: a visitor merges into the owner, never the other way.
    """
    address = normalise_email(email)
    if not address:
        raise errors.Invalid(fields={"email": [_("Enter a valid e-mail address.")]})
    owner = _owner(Identity.Kind.EMAIL, address)
    if customer.is_visitor:
        # What else he typed stays nobody's: else the mail of that address would become his.
        others = customer.identities.filter(verified_at__isnull=True)
        others.exclude(kind=Identity.Kind.EMAIL, value=address).delete()
    if owner and owner.pk != customer.pk and customer.is_visitor:
        claim(owner, Identity.Kind.EMAIL, address, is_proved=True)
        merge(customer, into=owner, by=by)
        return owner
    identity = claim(customer, Identity.Kind.EMAIL, address, is_proved=True)
    if customer.is_visitor:
        customer.is_visitor = False
        customer.save(update_fields=["is_visitor"])
    record(names.IDENTITY_PROVED, customer, by=by, data={"identity": identity.pk})
    return customer


@transaction.atomic
def merge(customer: Customer, *, into: Customer, by: Actor) -> None:
    """A proof showed that a visitor is this person: identities move here; rooms above move what is theirs (see wiring).

    What staff merges goes by `joining`, which proves nothing and can be undone.
    """
    if customer.pk == into.pk or into.merged_into_id:
        raise errors.Invalid(_("A record cannot be merged into itself or into one that was merged away."))
    for identity in customer.identities.all():
        duplicate = into.identities.filter(kind=identity.kind, value=identity.value).first()
        if duplicate is not None and (duplicate.verified_at is not None or identity.verified_at is None):
            identity.delete()
        elif duplicate is not None:  # the proved of two equal ones stays
            duplicate.delete()
            identity.customer = into
            identity.save(update_fields=["customer"])
        else:
            identity.customer = into
            identity.save(update_fields=["customer"])
    customer.merged_into = into
    customer.save(update_fields=["merged_into"])
    record(names.CUSTOMER_MERGED, customer, by=by, data={"into": into.pk})


def proved_email(customer: Customer) -> str:
    """The customer's proved address, the newest first; '' when none is. One set apart speaks only for itself."""
    proved = customer.identities.filter(kind=Identity.Kind.EMAIL, verified_at__isnull=False, is_apart=False)
    found = proved.order_by("-verified_at").values_list("value", flat=True).first()
    return found or ""


def is_apart(customer: Customer, email: str) -> bool:
    """Whether this address was only claimed when its record was merged: it opens what was written from it, and no more."""
    return customer.identities.filter(kind=Identity.Kind.EMAIL, value=email, is_apart=True).exists()


def trust(customer: Customer) -> str:
    """What an agent may assume: 'verified' (an address is proved), 'claimed' (only typed) or 'anonymous'."""
    states = [identity.verified_at is not None and not identity.is_apart for identity in customer.identities.all()]
    if any(states):
        return "verified"
    return "claimed" if states else "anonymous"
