"""A multipart form of any size: Django's own reader bounds text fields by what people type, and a mail may be one field."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters

MAX_PARTS = 1000
MAX_HEAD = 10_000


@dataclass(frozen=True, slots=True)
class Form:
    """Text fields as text, files as Django's own, and the bytes of every text field as they came."""

    fields: QueryDict
    files: "MultiValueDict[str, UploadedFile[Any]]"
    raw: dict[str, bytes]


def read(body: bytes, boundary: str) -> Form:
    """Take apart a body that is in memory; raises SuspiciousOperation (400) for one that is none."""
    fields = QueryDict(mutable=True)
    files: MultiValueDict[str, UploadedFile[Any]] = MultiValueDict()
    raw: dict[str, bytes] = {}
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("ascii", "replace"))
    if not boundary or len(parts) < 3 or len(parts) > MAX_PARTS:
        raise SuspiciousOperation("not a form")
    for part in parts[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        named = _named(head[:MAX_HEAD])
        name, filename = named.get("name", ""), named.get("filename")
        if filename is not None:
            files.appendlist(name, SimpleUploadedFile(filename or "file", content, named.get("type", "")))
        elif name:
            fields.appendlist(name, content.decode("utf-8", "replace"))
            raw[name] = content
    return Form(fields, files, raw)


def _named(head: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            found.update(parse_header_parameters(value)[1])
        elif name.strip().lower() == "content-type":
            found["type"] = value.strip()
    return found
