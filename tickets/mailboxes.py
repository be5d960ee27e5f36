"""The addresses of the house: whose mail they take in, how they fare, and who changes them."""

import re
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, egress, errors, sealed, text
from helpdesk.lib.actor import Actor
from tickets.models import Mailbox, MailboxState, Queue

SECRETS = ("imap_secret", "smtp_secret")
MAX_ALIASES = 50
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")


# --- whose mail ------------------------------------------------------------------------------------------------------
def without_token(address: str) -> str:
    """The address with anything after a plus sign taken away, in lower case."""
    local, at, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def ours(address: str) -> Mailbox | None:
    """The mailbox that takes in mail to this address, also under an alias or with a token; None for anybody else's."""
    plain = {address.strip().lower(), without_token(address)}
    if not any(plain):
        return None
    found = Mailbox.objects.filter(address__in=plain).select_related("queue").first()
    return found or next((row for row in _with_aliases() if plain & set(row.aliases)), None)


def _with_aliases() -> Iterable[Mailbox]:
    return Mailbox.objects.exclude(aliases=[]).select_related("queue").order_by("pk")


def addresses() -> frozenset[str]:
    """Every address whose mail comes to us, aliases included, in lower case."""
    found = Mailbox.objects.values_list("address", "aliases")
    return frozenset(address.lower() for own, aliases in found for address in (own, *aliases))


def for_recipients(addresses: Iterable[str]) -> Mailbox | None:
    """The mailbox for a mail that a provider hands over, active ones first.

    The first recipient of ours decides; with none of ours, the oldest active mailbox of the same domain, else the oldest
    active one: nothing that a provider sends us is lost because a domain catches more than was set up.
    """
    given = [address.strip().lower() for address in addresses if "@" in address]
    found = [row for address in given if (row := ours(address))]
    if found:
        return next((row for row in found if row.is_active), found[0])
    domains = {address.rpartition("@")[2] for address in given}
    active = list(Mailbox.objects.filter(is_active=True).select_related("queue").order_by("pk"))
    return next((row for row in active if row.address.rpartition("@")[2] in domains), active[0] if active else None)


# --- changing them ---------------------------------------------------------------------------------------------------
def create(given: dict[str, Any], *, by: Actor) -> Mailbox:
    """A new mailbox. `given` bears names of the model; secrets in clear. Raises Invalid that names the field."""
    check_hosts(given)
    with transaction.atomic():
        row = Mailbox()
        _apply(row, given)
        row.save(force_insert=True)
        MailboxState.objects.create(mailbox=row)
        record(names.MAILBOX_CHANGED, row, by=by, data={"change": "created", "fields": []})
    return row


def change(mailbox: Mailbox, given: dict[str, Any], *, by: Actor) -> Mailbox:
    """Change what is given. Its history stays, so a mailbox is switched off and never deleted."""
    check_hosts(given)
    with transaction.atomic():
        row = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
        _apply(row, given)
        row.save()
        MailboxState.objects.filter(mailbox=row).update(imap_error="", smtp_error="")
        record(names.MAILBOX_CHANGED, row, by=by, data={"change": "changed", "fields": sorted(given)})
    return row


def _apply(row: Mailbox, given: dict[str, Any]) -> None:
    for name, value in given.items():
        if name in SECRETS:
            if value:
                setattr(row, name, sealed.seal(value))
        else:
            setattr(row, name, value)
    row.address = row.address.strip().lower()
    row.aliases = list(dict.fromkeys(alias.strip().lower() for alias in row.aliases))
    if problems := _address_problems(row):
        raise errors.Invalid(fields=problems)


def _address_problems(row: Mailbox) -> dict[str, list[errors.Text]]:
    problems: dict[str, list[errors.Text]] = {}
    if not _is_address(row.address) or "+" in row.address:
        problems["address"] = [_("Enter a valid e-mail address.")]
    elif _taken(row.address, row):
        problems["address"] = [_("This address belongs to a mailbox already.")]
    bad = [alias for alias in row.aliases if not _is_address(alias)]
    taken = [alias for alias in row.aliases if alias != row.address and _taken(alias, row)]
    if bad or len(row.aliases) > MAX_ALIASES:
        problems["aliases"] = [_("Enter valid e-mail addresses, at most 50.")]
    elif taken or row.address in row.aliases:
        problems["aliases"] = [_("This address belongs to a mailbox already.")]
    return problems


def _is_address(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


def _taken(address: str, row: Mailbox) -> bool:
    others = Mailbox.objects.exclude(pk=row.pk)
    return others.filter(address__iexact=address).exists() or any(address in other.aliases for other in others)


def check_hosts(given: dict[str, Any]) -> None:
    """Raises Invalid for a server that is none, or that stands where we do not go. Asks the resolver: no transaction here.

    A name that cannot be found now may be found later: that is for "test the connection" to say.
    """
    problems: dict[str, list[errors.Text]] = {}
    for side, usual in (("imap", 993), ("smtp", 587)):
        host, port = str(given.get(f"{side}_host", "")), given.get(f"{side}_port", usual)
        if not host:
            continue
        if not _HOST.fullmatch(host) or not 0 < port < 65536:
            problems[f"{side}.host"] = [_("Enter the name of a server and its port.")]
            continue
        try:
            egress.resolve(host, port, strict=True)
        except egress.Forbidden:
            words = _("This name leads into a private network. Name the network in MAIL_NETWORKS if that is meant.")
            problems[f"{side}.host"] = [words]
        except egress.NameNotFound:
            pass
    if problems:
        raise errors.Invalid(fields=problems)


@transaction.atomic
def sign(queue: Queue, given: dict[str, str], *, by: Actor) -> Queue:
    """The words under every mail of a queue, per language."""
    for name, value in given.items():
        setattr(queue, name, text.clean(value))
    queue.save(update_fields=list(given))
    record(names.MAILBOX_CHANGED, queue, by=by, data={"change": "signature", "fields": sorted(given)})
    return queue


# --- how they fare ---------------------------------------------------------------------------------------------------
def state_of(mailbox: Mailbox) -> MailboxState:
    return MailboxState.objects.get_or_create(mailbox=mailbox)[0]


def holder() -> str:
    """A name for one watcher of one process."""
    return uuid.uuid4().hex


def take(mailbox: Mailbox, by: str, seconds: float) -> bool:
    """Become the one who fetches this mailbox, or go on being it. False while somebody else is."""
    state_of(mailbox)
    moment = clock.now()
    free = Q(holder=by) | Q(leased_until__isnull=True) | Q(leased_until__lt=moment)
    rows = MailboxState.objects.filter(free, mailbox=mailbox)
    return bool(rows.update(holder=by, leased_until=moment + timedelta(seconds=seconds)))


def held() -> list[int]:
    """Ids of the mailboxes that somebody watches now."""
    return list(MailboxState.objects.filter(leased_until__gt=clock.now()).values_list("mailbox_id", flat=True))


def let_go(mailbox: Mailbox, by: str) -> None:
    """Somebody else may fetch it now."""
    MailboxState.objects.filter(mailbox=mailbox, holder=by).update(holder="", leased_until=None)


def went_well(mailbox: Mailbox, *, uid_validity: int, last_uid: int) -> None:
    """A pass over the mailbox was complete."""
    moment = clock.now()
    rows = MailboxState.objects.filter(mailbox=mailbox)
    rows.update(last_seen_at=moment, imap_error="", imap_error_at=None, uid_validity=uid_validity, last_uid=last_uid)
    rows.filter(first_fetched_at__isnull=True).update(first_fetched_at=moment)


def went_wrong(mailbox: Mailbox, side: str, code: str) -> None:
    """The last try of a side ('imap' or 'smtp') failed; the first moment of a lasting fault is kept."""
    state_of(mailbox)
    rows = MailboxState.objects.filter(mailbox=mailbox).exclude(**{f"{side}_error": code})
    rows.update(**{f"{side}_error": code, f"{side}_error_at": clock.now()})


def has_sent(mailbox: Mailbox) -> None:
    """A reply left by it."""
    state_of(mailbox)
    rows = MailboxState.objects.filter(mailbox=mailbox)
    rows.exclude(smtp_error="").update(smtp_error="", smtp_error_at=None)
    rows.filter(first_reply_at__isnull=True).update(first_reply_at=clock.now())
