"""A message of another help desk in our words: its author where he is known here, else his name above his words."""

import base64
import binascii

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from helpdesk.lib import errors
from helpdesk.people.models import Customer, User
from tickets import attachments
from tickets.conversation import MAX_BODY
from tickets.imported.foreign.shapes import File, Line, Person
from tickets.imported.writing import Said
from tickets.models import Attachment

__all__ = ["MAX_BODY", "said"]


def said(line: Line, author: Person | None, customer: Customer | None, agents: dict[str, User]) -> Said:
    """What is written. A note is never a customer's: his name stands above it."""
    user = agents.get(author.email) if author and author.email else None
    if line.is_agent is False:
        user = None
    if user is not None or not line.is_public:
        customer = None
    files, left = _files(line.files)
    body, html = line.body, line.html
    if user is None and customer is None:
        name = (author.name or author.email if author else "") or line.author_name
        body, html = (f"{name}:\n{body}", "") if name else (body, html)
    if left:
        body, html = f"{body}\n\n{_left(left)}".strip(), ""
    return Said(
        body=body[: MAX_BODY + 10_000] or "—",
        at=line.at,
        kind="public" if line.is_public else "note",
        channel=line.channel,
        html=html,
        user=user,
        customer=customer,
        origin=line.origin,
        files=files,
    )


def _left(names: list[str]) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return str(_("Files left in the other help desk: %(names)s")) % {"names": ", ".join(names)}


def _files(told: list[File]) -> tuple[list[Attachment], list[str]]:
    """Those whose bytes stand in the export, and the names of the others: nothing is fetched."""
    kept: list[Attachment] = []
    left: list[str] = []
    for one in told:
        content = _content(one.data)
        if content is None or len(kept) >= settings.ATTACHMENT_MAX_COUNT:
            left.append(one.name)
            continue
        try:
            kept.append(attachments.store(content, one.name, uploader="import", is_row_later=True))
        except (errors.TooLarge, errors.StorageFull):
            left.append(one.name)
    return kept, left


def _content(data: str) -> bytes | None:
    if not data:
        return None
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None
