"""A visitor's files: sent ahead of the words that carry them, also before there is a conversation; read with his token.

No link opens them: the address asks for the session's token, so it is worth nothing to whoever finds it, and nothing to
anybody once the visitor had his browser forgotten.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from chat.models import Session
from helpdesk.lib import errors, ratelimit
from tickets import attachments
from tickets.models import Attachment, Message

# What the widget's file dialogue proposes; whatever is sent is typed by its content and never run
ACCEPT = "image/*,.pdf,.txt,.csv,.zip,.docx,.xlsx,.pptx,.odt,.ods,.odp,.eml,.log,.json,.xml,.mp4,.webm,.mp3,.m4a"
PER_MINUTE = 60
_NAMES = uuid.UUID("6c1f0a52-6b0e-4a0c-9d0e-0b6c5f6f5a11")


def keep(session: Session, file: UploadedFile[Any], *, origin_id: str = "") -> tuple[Attachment, bool]:
    """Store a file for this session; the same `origin_id` again is the same file. Returns it and whether it is new.

    Raises Conflict when the id was used for another file, Invalid when twice as many wait as a message may carry.
    """
    ratelimit.check("chat.files", session.sender, limit=PER_MINUTE, seconds=60)
    key = uuid.uuid5(_NAMES, f"{session.sender}\x1f{origin_id}") if origin_id else None
    if key and (known := _known(key, session)):
        return _same(known, file), False
    try:
        with transaction.atomic():
            limit = 2 * int(settings.ATTACHMENT_MAX_COUNT)
            return attachments.upload(file, uploader=session.sender, key=key, limit=limit), True
    except IntegrityError:
        # The same upload by two tabs, or sent again while the first was on its way
        if key and (known := _known(key, session)):
            return _same(known, file), False
        raise


def _known(key: uuid.UUID, session: Session) -> Attachment | None:
    return Attachment.objects.filter(pk=key, uploader=session.sender).first()


def _same(known: Attachment, file: UploadedFile[Any]) -> Attachment:
    if known.size != file.size or known.sha256 != attachments.digest_of(file):
        raise errors.Conflict(_("This id was already used for other content."), code="origin_reused")
    return known


@transaction.atomic
def remove(session: Session, key: uuid.UUID) -> None:
    """Take back what was uploaded and not sent; raises NotFound for anything else."""
    unsent = (
        Attachment.objects.select_for_update().filter(pk=key, uploader=session.sender, message__isnull=True).first()
    )
    if unsent is None:
        raise errors.NotFound()
    stored = unsent.file
    unsent.delete()
    transaction.on_commit(lambda: stored.delete(save=False))


def find(session: Session, key: uuid.UUID) -> Attachment:
    """A file this visitor may read: of a public message of his conversation, or one he has not sent yet."""
    found = Attachment.objects.select_related("message").filter(pk=key).first()
    if found is None:
        raise errors.NotFound()
    message = found.message
    if message is None:
        is_his = found.uploader == session.sender
    else:
        is_his = Message.objects.public().filter(pk=message.pk, ticket=session.ticket_id).exists()
    if not is_his:
        raise errors.NotFound()
    return found
