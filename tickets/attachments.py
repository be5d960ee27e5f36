"""Files: taken in bounded, named harmlessly, typed by their content, and given out by links that soon expire."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
import uuid
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import puremagic
import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from helpdesk.jobs import engine
from helpdesk.lib import clock, errors, signing
from helpdesk.people.models import Customer, User
from tickets import access
from tickets.models import Attachment, Ticket

log = structlog.get_logger(__name__)

SHOWN_IN_PAGE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
MAX_NAME = 120
MAX_WAITING = 50
ORPHAN_AFTER = timedelta(hours=24)
_HEAD = 8192
_PURPOSE = "file"
_UNKNOWN = "application/octet-stream"
# What a file system or a reader could take for a separator, and what Windows refuses
_AWKWARD = re.compile('[<>:"|?*\u2044\u2215\u29f8\u2571\u29f5]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def upload(
    file: UploadedFile[Any], *, uploader: str, key: uuid.UUID | None = None, limit: int = MAX_WAITING
) -> Attachment:
    """`store` for what a person sends ahead of a message; raises Invalid when too many of his files wait unsent."""
    if Attachment.objects.filter(uploader=uploader, message__isnull=True).count() >= limit:
        raise errors.Invalid(fields={"file": [_("Too many files were uploaded and not sent.")]})
    return store(file, file.name or "", uploader=uploader, key=key)


def store(
    content: File[bytes] | bytes,
    name: str,
    *,
    uploader: str,
    content_id: str = "",
    is_row_later: bool = False,
    key: uuid.UUID | None = None,
) -> Attachment:
    """Keep a file that `uploader` (`user:3`, `customer:7`, `session:9` …) may then put into a message.

    With `is_row_later` the row is written by who puts it into a message in this same transaction. `key`: the id it is
    to have, where its sender names it.

    Raises TooLarge beyond ATTACHMENT_MAX_BYTES and StorageFull when the disk refuses.
    """
    file: File[Any] = ContentFile(content) if isinstance(content, bytes) else content
    shown = clean_name(name)
    if file.size > settings.ATTACHMENT_MAX_BYTES:
        raise too_large(shown)
    head, digest = _read(file)
    attachment = Attachment(
        **({"id": key} if key else {}),
        uploader=uploader,
        name=shown,
        type=detect(head, shown),
        size=file.size,
        sha256=digest,
        content_id=content_id[:250],
        created_at=clock.now(),
    )
    _write(attachment, file, is_row_later=is_row_later)
    return attachment


def too_large(name: str) -> errors.TooLarge:
    """The refusal of a file, naming it and the limit."""
    limit = settings.ATTACHMENT_MAX_BYTES // (1024 * 1024)
    words = _("“%(name)s” is larger than %(limit)s MB. Send a smaller file or a link to it.")
    detail = str(words) % {"name": name, "limit": limit}
    return errors.TooLarge(detail, fields={"file": [detail]})


def _read(file: File[Any]) -> tuple[bytes, str]:
    """The first bytes and the digest, without holding the whole file in memory."""
    digest = hashlib.sha256()
    head = b""
    for chunk in file.chunks():
        head = head or chunk[:_HEAD]
        digest.update(chunk)
    file.seek(0)
    return head, digest.hexdigest()


def digest_of(file: File[Any]) -> str:
    """What `sha256` of this file would be."""
    return _read(file)[1]


def _write(attachment: Attachment, file: File[Any], *, is_row_later: bool = False) -> None:
    try:
        attachment.file.save(attachment.name, file, save=False)
    except OSError as error:
        log.error("attachment.not_stored", error=type(error).__name__)
        raise errors.StorageFull() from error
    try:
        if not is_row_later:
            attachment.save(force_insert=True)
    except Exception:
        attachment.file.delete(save=False)
        raise


def clean_name(name: str) -> str:
    """A name without path, control, invisible or direction-changing characters; 'file' when nothing is left."""
    plain = unicodedata.normalize("NFKC", name).replace("\\", "/").rpartition("/")[2]
    visible = "".join(c if unicodedata.category(c) != "Zs" else " " for c in plain if _is_visible(c))
    cleaned = _AWKWARD.sub("_", visible).strip(" .")
    if _DEVICE.match(cleaned):
        cleaned = f"_{cleaned}"
    stem, suffix = PurePosixPath(cleaned).stem, PurePosixPath(cleaned).suffix[:20]
    return f"{stem[: MAX_NAME - len(suffix)]}{suffix}" or "file"


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def detect(head: bytes, name: str) -> str:
    """The media type by content; the name only chooses among types that share the same first bytes (docx, xlsx, zip)."""
    try:
        found = [match for match in puremagic.magic_string(head) if match.mime_type]
    except (puremagic.PureError, ValueError):
        found = []
    suffix = PurePosixPath(name).suffix.lower()
    same = [match for match in found if match.extension == suffix]
    if found:
        return str((same or found)[0].mime_type)[:120]
    return "text/plain" if head and _is_text(head) else _UNKNOWN


def _is_text(head: bytes) -> bool:
    try:
        # a character may be cut at the end of the head
        return "\0" not in head[: _HEAD - 4].decode()
    except UnicodeDecodeError:
        return False


def take(ids: Iterable[str | uuid.UUID], *, uploader: str) -> list[Attachment]:
    """The uploader's own files by id, in that order; those of an identical earlier call too, so that it can be repeated.

    Raises Invalid for more than ATTACHMENT_MAX_COUNT and for an id that is not his.
    """
    wanted = list(dict.fromkeys(map(str, ids)))
    if len(wanted) > settings.ATTACHMENT_MAX_COUNT:
        raise too_many()
    try:
        found = {str(file.pk): file for file in Attachment.objects.filter(pk__in=wanted, uploader=uploader)}
    except ValidationError as error:
        raise _unknown() from error
    if len(found) != len(wanted):
        raise _unknown()
    return [found[key] for key in wanted]


def too_many() -> errors.Invalid:
    """The refusal of a message with more files than ATTACHMENT_MAX_COUNT."""
    words = str(_("Attach at most %(limit)s files.")) % {"limit": settings.ATTACHMENT_MAX_COUNT}
    return errors.Invalid(fields={"attachments": [words]})


def _unknown() -> errors.Invalid:
    return errors.Invalid(fields={"attachments": [_("This file is not known: upload it again.")]})


def url(attachment: Attachment, viewer: str = "") -> str:
    """A link that works for FILE_LINK_MINUTES: for everybody who holds it, or only for `viewer` (`user:3`, `customer:7`).

    Whoever asks for it has been permitted to see the message; a named viewer is permitted again at each download.
    """
    token = signing.sign(_PURPOSE, [str(attachment.pk), viewer])
    return reverse("file", kwargs={"token": token, "name": attachment.name})


def open_link(token: str, *, user: User | None, customer: Customer | None) -> Attachment:
    """The file of a link; raises NotFound when it is forged, expired, another viewer's, or no longer permitted."""
    value = signing.read(_PURPOSE, token, max_age=timedelta(minutes=settings.FILE_LINK_MINUTES))
    if value is None:
        raise errors.NotFound(_("This link has expired. Reload the page it was on."))
    key, viewer = value
    attachment = Attachment.objects.select_related("message").filter(pk=key).first()
    if attachment is None or not _may_see(attachment, viewer, user, customer):
        raise errors.NotFound()
    return attachment


def _may_see(attachment: Attachment, viewer: str, user: User | None, customer: Customer | None) -> bool:
    message = attachment.message
    if not viewer or message is None:
        return not viewer or viewer in (_name("user", user), _name("customer", customer))
    if user is not None and viewer == _name("user", user):
        return Ticket.objects.visible_to(user).filter(pk=message.ticket_id).exists()
    if customer is not None and viewer == _name("customer", customer):
        return message.is_public and not message.is_held and access.reads(customer, message.ticket_id)
    return False


def _name(kind: str, person: User | Customer | None) -> str:
    return f"{kind}:{person.pk}" if person is not None else ""


@engine.every(3600)
def sweep() -> int:
    """Remove what was uploaded and never sent, and stored files whose row was rolled back; returns how many."""
    limit = clock.now() - ORPHAN_AFTER
    removed = 0
    for attachment in Attachment.objects.filter(message__isnull=True, created_at__lt=limit)[:1000]:
        # The row first: one that is sent in this very moment keeps both.
        if Attachment.objects.filter(pk=attachment.pk, message__isnull=True).delete()[0]:
            attachment.file.delete(save=False)
            removed += 1
    return removed + _sweep_disk(limit.timestamp())


def _sweep_disk(limit: float) -> int:
    """Only files of the last days are looked at: older ones were looked at before."""
    recent = [path for path in _stored() if limit - 3 * 86_400 < path.stat().st_mtime < limit]
    names = {str(path.relative_to(settings.MEDIA_ROOT)): path for path in recent}
    known: set[str] = set()
    keys = list(names)
    for start in range(0, len(keys), 500):
        known.update(Attachment.objects.filter(file__in=keys[start : start + 500]).values_list("file", flat=True))
    orphans = [path for name, path in names.items() if name not in known]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _stored() -> Iterable[Path]:
    for folder, _folders, files in os.walk(Path(settings.MEDIA_ROOT) / "attachments"):
        yield from (Path(folder) / name for name in files)


def content(attachment: Attachment) -> bytes:
    """The stored bytes; raises NotFound when the disk has lost them."""
    try:
        with default_storage.open(str(attachment.file.name), "rb") as file:
            return bytes(file.read())
    except OSError as error:
        log.error("attachment.lost", attachment=str(attachment.pk), error=type(error).__name__)
        raise errors.NotFound() from error
