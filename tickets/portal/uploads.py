"""Files of a form: stored when they come, so that a mistake in another field does not lose them.

A kept file is named by a signed reference that only the same form can use.
"""

import re
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from helpdesk.lib import errors, signing
from tickets import attachments
from tickets.models import Attachment

_PURPOSE = "form-file"
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass
class Files:
    """The files a form holds now, and what was refused. `key` names the form."""

    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    kept: list[Attachment] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    status: int = 400

    @property
    def uploader(self) -> str:
        return f"form:{self.key}"

    @property
    def tokens(self) -> list[tuple[str, Attachment]]:
        """What the page carries so that the next attempt finds them again."""
        return [(signing.sign(_PURPOSE, [str(file.pk), self.key]), file) for file in self.kept]

    @property
    def room(self) -> int:
        """How many more may be chosen."""
        return max(int(settings.ATTACHMENT_MAX_COUNT) - len(self.kept), 0)

    @property
    def content(self) -> list[str]:
        """What makes two sendings equal."""
        return sorted(file.sha256 for file in self.kept)

    @property
    def max_megabytes(self) -> int:
        return int(settings.ATTACHMENT_MAX_BYTES // (1024 * 1024))

    def let_go(self) -> None:
        """Those that were sent meanwhile belong to that message."""
        self.kept = [file for file in self.kept if file.message_id is None]

    def refuse(self, error: errors.DomainError) -> None:
        texts = [str(text) for texts in error.fields.values() for text in texts]
        self.refused += texts or [str(error.detail)]
        self.status = max(self.status, error.status)


def gather(request: HttpRequest, *, is_welcome: bool = True) -> Files:
    """The files kept from the attempt before and those that come now; new ones are not stored for the unwelcome."""
    key = request.POST.get("form_key", "")
    files = Files(key) if _KEY.fullmatch(key) else Files()
    files.kept = _kept(request.POST.getlist("kept"), files)
    for upload in request.FILES.getlist("files") if is_welcome else []:
        _add(files, upload)
    return files


def _add(files: Files, upload: Any) -> None:
    try:
        if not files.room:
            raise attachments.too_many()
        files.kept.append(attachments.upload(upload, uploader=files.uploader))
    except errors.DomainError as error:
        files.refuse(error)


def _kept(tokens: list[str], files: Files) -> list[Attachment]:
    """A reference of another form, a forged or an old one is passed over: its file is simply not there."""
    wanted = tokens[: settings.ATTACHMENT_MAX_COUNT]
    values = [signing.read(_PURPOSE, token, max_age=timedelta(hours=23)) for token in wanted]
    ids = [value[0] for value in values if value and value[1] == files.key]
    return attachments.take(ids, uploader=files.uploader)
