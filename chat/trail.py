"""The page a visitor is on and those before it: kept only while he agrees, shown to him as to agents, gone when he withdraws."""

from django.db import transaction

from chat import live as chat_live
from chat.models import Session
from helpdesk.lib import clock, ratelimit, text

KEPT = 10
PER_MINUTE = 60


def note(row: Session, page: str, title: str = "") -> list[str]:
    """Put a page he shares on the session; returns the fields to save. What is no web page is not kept."""
    address = _web_page(page)
    if not address:
        return []
    moment = clock.now()
    step = {"page": address, "title": text.one_line(title, 200), "at": moment.isoformat()}
    before = list(row.trail or [])
    if before and before[-1]["page"] == address:
        before.pop()
    row.page, row.trail = address, [*before, step][-KEPT:]
    row.page_consent_at = row.page_consent_at or moment
    return ["page", "trail", "page_consent_at"]


def _web_page(address: str) -> str:
    """The page, when it is one: agents open it by a click."""
    line = text.one_line(address, 500)
    return line if line.startswith(("https://", "http://")) else ""


@transaction.atomic
def share(session: Session, page: str, title: str = "") -> Session:
    """He agrees that agents see where he is, and says where."""
    ratelimit.check("chat.page", session.sender, limit=PER_MINUTE, seconds=60)
    row = Session.objects.select_for_update().get(pk=session.pk)
    if fields := note(row, page, title):
        row.save(update_fields=fields)
        chat_live.page(row)
    return row


@transaction.atomic
def withdraw(session: Session) -> Session:
    """He no longer agrees: nothing of it stays."""
    row = Session.objects.select_for_update().get(pk=session.pk)
    row.page, row.trail, row.page_consent_at = "", None, None
    row.save(update_fields=["page", "trail", "page_consent_at"])
    chat_live.page(row)
    return row
