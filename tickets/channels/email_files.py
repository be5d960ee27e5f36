"""The files of a mail: their names made harmless and their types named."""

import re

from helpdesk.lib import text as texts
from tickets.channels import email_headers, email_mime
from tickets.channels.email_headers import Headers
from tickets.channels.email_mime import Leaf
from tickets.channels.email_shapes import ParsedAttachment

_BIDI_OR_CONTROL = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NAME_BREAKERS = re.compile(r'[/\\:*?"<>|]+')
_EXTENSIONS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/tiff": ".tiff",
    "image/heic": ".heic",
    "application/pdf": ".pdf",
    "application/msword": ".doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "text/calendar": ".ics",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "message/delivery-status": ".txt",
    "message/feedback-report": ".txt",
    "text/rfc822-headers": ".txt",
    "application/pgp-signature": ".asc",
    "application/pgp-keys": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/ms-tnef": ".dat",
    "application/zip": ".zip",
    "audio/amr": ".amr",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "video/mp4": ".mp4",
}


def attachment(leaf: Leaf, number: int, problems: list[str]) -> ParsedAttachment:
    """A part as a file; `number` names it when nothing else does."""
    name = safe_name(filename(leaf.headers, problems))
    kind = leaf.type
    if not name and kind in ("message/rfc822", "message/global"):
        inner, _ = email_headers.split(leaf.body, [])
        name = safe_name(inner.decoded("subject", [])[:100].replace("/", "-"))
        name = f"{name}.eml" if name else ""
    content_id = texts.one_line(leaf.headers.raw("content-id"), 300).strip("<> ")
    is_inline = bool(content_id) and kind.startswith("image/") and leaf.disposition != "attachment"
    return ParsedAttachment(
        name or f"attachment-{number}{_EXTENSIONS.get(kind, '.bin')}",
        kind,
        email_mime.decoded(leaf, problems),
        content_id,
        is_inline,
        leaf.source,
    )


def filename(headers: Headers, problems: list[str]) -> str:
    """What the sender calls the file, as written, '' when it has no name."""
    return (
        headers.parameter("content-disposition", "filename", problems)
        or headers.parameter("content-type", "name", problems)
        or headers.parameter("content-disposition", "name", problems)
    )


def safe_name(name: str) -> str:
    """A file name that names no path, hides no extension and is at most 150 characters long, '' when nothing is left."""
    plain = _BIDI_OR_CONTROL.sub("", texts.clean(name)).replace("\\", "/").rpartition("/")[2]
    plain = _NAME_BREAKERS.sub("_", plain).strip(" .")
    stem, dot, extension = plain.rpartition(".")
    if len(plain) > 150 and dot and len(extension) <= 12:
        return f"{stem[: 149 - len(extension)]}.{extension}"
    return plain[:150]
