"""How requests are named in files: those made here by our host, so that no other installation takes them for its own."""

from urllib.parse import urlsplit

from django.conf import settings

from tickets.imported.writing import FILE
from tickets.models import Ticket

PRODUCTS = ("zammad", "zendesk")


def _host() -> str:
    return str(urlsplit(settings.PUBLIC_URL).netloc)[:80]


def id_of(ticket: Ticket) -> str:
    """Its external id in an export."""
    return f"{_host()}#{ticket.pk}"


def number(external_id: str) -> int | None:
    """The number of the request of this installation that an external id means."""
    host, _sign, digits = external_id.rpartition("#")
    is_ours = host == _host() and digits.isascii() and digits.isdigit() and len(digits) < 16
    return int(digits) if is_ours else None


def name(origin_by: str, origin: str) -> str:
    """The external id in an export of a request that was imported: where it comes from, unless that was a table."""
    return origin if origin_by == FILE else f"{origin_by}:{origin}"


def place(external_id: str) -> tuple[str, str]:
    """`origin_by` and `origin_id` of an external id."""
    product, _sign, number_ = external_id.partition(":")
    return (product, number_) if product in PRODUCTS and number_ else (FILE, external_id)
