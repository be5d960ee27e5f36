"""Parts that are more than files: opened where their words would be lost otherwise, and described as what they are.

Signatures are not checked and nothing is decrypted here; saying what came is all that is promised.
"""

import re
from dataclasses import replace

from helpdesk.lib import text as texts
from tickets.channels import email_calendar, email_charsets, email_headers, email_mime, email_tnef
from tickets.channels.email_headers import Headers
from tickets.channels.email_mime import Leaf
from tickets.channels.email_shapes import ParsedAttachment, ParsedMail, SpecialKind, SpecialPart

MAX_VALUE = 500
MAX_CONTAINERS = 20

_TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_SMIME_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_MAIL_TYPES = frozenset({"message/rfc822", "message/global"})
_BY_TYPE: dict[str, SpecialKind] = {
    "application/pkcs7-signature": "smime-signed",
    "application/x-pkcs7-signature": "smime-signed",
    "application/pgp-signature": "pgp-signed",
    "application/pgp-encrypted": "pgp-encrypted",
    "application/pgp-keys": "pgp-key",
    "application/x-x509-ca-cert": "certificate",
    "application/pkix-cert": "certificate",
}
_PGP_MESSAGE = re.compile(r"^-----BEGIN PGP MESSAGE-----", re.MULTILINE)
_PGP_SIGNED, _PGP_SIGNATURE = "-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----"
_LINK = re.compile(r"https://\S{5,400}")


# --- opened ----------------------------------------------------------------------------------------------------------


def opened(leaves: list[Leaf], problems: list[str]) -> list[Leaf]:
    """The parts with what is inside winmail.dat and opaquely signed ones put after them."""
    found: list[Leaf] = []
    containers = 0
    for leaf in leaves:
        found.append(leaf)
        if containers < MAX_CONTAINERS:
            inside = _inside(
                leaf, problems, has_words=any(other.type in ("text/plain", "text/html") for other in leaves)
            )
            containers += bool(inside)
            found.extend(inside)
    return found


def _inside(leaf: Leaf, problems: list[str], *, has_words: bool) -> list[Leaf]:
    if _is_tnef(leaf):
        return _of_tnef(leaf, problems, has_words=has_words)
    if leaf.type in _SMIME_TYPES:
        data = email_mime.decoded(leaf, problems)
        content = email_mime.signed_content(data)
        if content:
            headers, start = email_headers.split(content, [])
            return [replace(part, source="smime.p7m") for part in email_mime.leaves(headers, content[start:], problems)]
    return []


def _is_tnef(leaf: Leaf) -> bool:
    return leaf.type in _TNEF_TYPES or "winmail.dat" in leaf.headers.raw("content-disposition").lower()


def _of_tnef(leaf: Leaf, problems: list[str], *, has_words: bool) -> list[Leaf]:
    inside = email_tnef.read(email_mime.decoded(leaf, problems))
    if inside is None or not inside.is_whole:
        problems.append("tnef_unreadable")
    if inside is None:
        return []
    found: list[Leaf] = []
    if not has_words and (inside.html or inside.text):
        kind, words = ("text/html", inside.html) if inside.html else ("text/plain", inside.text)
        headers = Headers([("content-type", f"{kind}; charset=utf-8")])
        found.append(Leaf(headers, kind, words.encode("utf-8", "replace"), "", source="winmail.dat"))
    for number, file in enumerate(inside.files, 1):
        name = texts.one_line(file.name or f"file-{number}", 200).replace('"', "'").replace("\\", "/")
        kind = (
            file.type
            if re.fullmatch(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,100}", file.type)
            else "application/octet-stream"
        )
        fields = [("content-type", kind), ("content-disposition", f'attachment; filename="{name}"')]
        if file.content_id and kind.startswith("image/"):
            fields = [fields[0], ("content-disposition", f'inline; filename="{name}"'), ("content-id", file.content_id)]
        found.append(Leaf(Headers(fields), kind, file.data, "", source="winmail.dat"))
    return found


# --- described -------------------------------------------------------------------------------------------------------


def describe(leaf: Leaf, file: ParsedAttachment, place: int) -> SpecialPart | None:
    """What a part is, when it is more than a file."""
    if leaf.type in _MAIL_TYPES:
        return _mail(leaf, place)
    if leaf.type in ("text/calendar", "application/ics"):
        title, details = email_calendar.event(_words(leaf))
        return SpecialPart("calendar", title, details, place)
    if leaf.type in ("text/vcard", "text/x-vcard", "text/directory"):
        title, details = email_calendar.contact(_words(leaf))
        return SpecialPart("contact", title, details, place)
    if _is_tnef(leaf):
        inside = email_tnef.read(file.data)
        names = ", ".join(part.name for part in inside.files) if inside else ""
        return SpecialPart(
            "tnef", texts.one_line(inside.subject if inside else "", 200), _short({"files": names}), place
        )
    if leaf.type in _SMIME_TYPES:
        return _smime(leaf, file, place)
    if leaf.type == "message/external-body":
        return _external(leaf)
    if kind := _BY_TYPE.get(leaf.type):
        form = {"smime-signed": "detached", "pgp-signed": "mime", "pgp-encrypted": "mime"}.get(kind, "")
        return SpecialPart(kind, "", _short({"form": form}), place)
    return None


def _words(leaf: Leaf) -> str:
    data = email_mime.decoded(leaf, [])[:500_000]
    return email_charsets.decode(data, leaf.headers.parameter("content-type", "charset", []), [])


def _short(details: dict[str, str]) -> dict[str, str]:
    shown = {name: texts.one_line(value, MAX_VALUE) for name, value in details.items()}
    return {name: value for name, value in shown.items() if value}


def _mail(leaf: Leaf, place: int) -> SpecialPart:
    body = email_mime.decoded(leaf, [])
    headers, _ = email_headers.split(body.lstrip(b"\r\n"), [])
    sender = next(iter(headers.addresses("from", [])), None)
    date = email_headers.read_date(headers.raw("date"))
    details = {
        "from_name": sender.name if sender else "",
        "from_address": sender.address if sender else "",
        "date": date.isoformat() if date else "",
        "message_id": next(iter(headers.message_ids("message-id")), ""),
    }
    return SpecialPart("mail", headers.decoded("subject", [])[:200], _short(details), place)


def _smime(leaf: Leaf, file: ParsedAttachment, place: int) -> SpecialPart:
    stated = leaf.headers.parameter("content-type", "smime-type", []).lower()
    if stated == "certs-only":
        return SpecialPart("certificate", "", {}, place)
    if stated == "signed-data" or (not stated and email_mime.signed_content(file.data)):
        return SpecialPart("smime-signed", "", {"form": "opaque"}, place)
    return SpecialPart("smime-encrypted", "", {}, place)


def _external(leaf: Leaf) -> SpecialPart:
    inner, _ = email_headers.split(leaf.body.lstrip(b"\r\n"), [])
    name = leaf.headers.parameter("content-type", "name", []) or inner.parameter("content-disposition", "filename", [])
    address = _LINK.search(leaf.headers.parameter("content-type", "url", []) or leaf.headers.raw("content-location"))
    return SpecialPart("external", texts.one_line(name, 200), _short({"url": address[0] if address else ""}))


def describe_text(mail: ParsedMail) -> None:
    """PGP in the words themselves: nothing readable, or words between marks that only programs need."""
    has = {part.kind for part in mail.parts}
    head = mail.text[:200_000]
    if "-----BEGIN PGP" not in head:
        return
    if "pgp-encrypted" not in has and _PGP_MESSAGE.search(head):
        mail.parts.append(SpecialPart("pgp-encrypted", "", {"form": "inline"}))
    elif "pgp-signed" not in has and _PGP_SIGNED in head:
        mail.parts.append(SpecialPart("pgp-signed", "", {"form": "inline"}))
    mail.newest_text = _without_armour(mail.newest_text)


def _without_armour(text: str) -> str:
    """The words of a text signed in place, without the marks around them; the text as it is when that fails."""
    before, begins, rest = text.partition(_PGP_SIGNED)
    _hash, blank, words = rest.partition("\n\n")
    words, ends, _signature = words.partition(_PGP_SIGNATURE)
    own = texts.clean(before + re.sub(r"^- ", "", words, flags=re.MULTILINE))
    return own if begins and blank and ends and own else text
