"""What a delivery report, a complaint or a read receipt says: about whom, for good or not, and about which mail of ours."""

import email
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from flufl.bounce import scan_message

from helpdesk.lib import text as texts
from tickets.channels import email_mime
from tickets.channels.email_headers import ID, Headers
from tickets.channels.email_machine import Machine
from tickets.channels.email_mime import Leaf
from tickets.channels.email_shapes import Report

MAX_TEXT = 100_000
MAX_SCANNED = 200_000

# Its detectors trip over strange mail and log a traceback each time; what they do not know is simply not known.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_COPIES = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
_FIELD = re.compile(r"^([a-z][a-z0-9-]{1,60})[ \t]*:[ \t]*(.*(?:\n[ \t]+\S.*){0,20})", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[^\s<>;,\"'()]{1,64}@[^\s<>;,\"'()]{1,255}")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_CODE = re.compile(r"\b([45])\d\d[ -]")
_ORIGINAL_ID = re.compile(r"^[\s>]*(?:original-)?message-id\s*:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_NOT_FOR_GOOD = re.compile(
    r"still (being retried|trying)|will (be retried|keep trying|continue to)|do(es)? not need to re-?send"
    r"|has (not yet|been delayed)|delivery (is )?delayed|warning:? |nouvelles? tentatives?|wird weiterhin versucht"
    r"|verz[öo]gert|temporar(y|ily)",
    re.IGNORECASE,
)
_RANKS = {"failed": 0, "delayed": 1, "": 2, "relayed": 3, "expanded": 3, "delivered": 3}


def read(machine: Machine, headers: Headers, leaves: list[Leaf], text: str, raw: bytes) -> Report:
    """The facts of a report, from its machine-readable parts where it has them, else from its words."""
    status = "\n\n".join(_text(leaf) for leaf in leaves if leaf.type in _STATUS_TYPES)
    copy = "\n".join(_text(leaf) for leaf in leaves if leaf.type in _COPIES)
    other = "\n".join(
        _text(leaf) for leaf in leaves if leaf.type in ("message/feedback-report", "message/disposition-notification")
    )
    if machine == "bounce":
        report = _delivery(status) if status else Report()
        report = report if report.recipients else _told(headers, text, raw, report)
    else:
        report = _feedback(other)
    return replace(report, original_id=_original_id(copy, f"{status}\n{other}", text, headers))


def _text(leaf: Leaf) -> str:
    return texts.clean(email_mime.decoded(leaf, [])[:MAX_TEXT].decode("utf-8", "replace"))


def _fields(block: str) -> dict[str, str]:
    return {name.lower(): " ".join(value.split()) for name, value in reversed(_FIELD.findall(block))}


def _delivery(status: str) -> Report:
    """RFC 3464: a block about the mail, then one for each recipient; what went wrong counts before what went well."""
    blocks = [_fields(block) for block in re.split(r"\n[ \t]*\n", status)]
    told = [block for block in blocks if block.keys() & {"final-recipient", "original-recipient", "action"}]
    if not told:
        return Report()
    worst = min(map(_rank, told))
    chosen = [block for block in told if _rank(block) == worst]
    first = chosen[0]
    action, diagnostic = first.get("action", "").lower(), _diagnostic(first.get("diagnostic-code", ""))
    code = _STATUS.search(first.get("status", "")) or _STATUS.search(diagnostic)
    return Report(
        recipients=tuple(dict.fromkeys(address for block in chosen for address in _recipient(block))),
        status=code[1] if code else "",
        is_permanent=action == "failed" or (not action and bool(code and code[1].startswith("5"))),
        action=action if action in _RANKS else "",
        diagnostic=diagnostic,
    )


def _rank(block: dict[str, str]) -> int:
    return _RANKS.get(block.get("action", "").lower(), 2)


def _recipient(block: dict[str, str]) -> Iterator[str]:
    """Whom we wrote to, not whom it was passed on to."""
    for name in ("original-recipient", "final-recipient"):
        if match := _ADDRESS.search(block.get(name, "").partition(";")[2] or block.get(name, "")):
            yield match[0].lower().rstrip(".")
            return


def _diagnostic(code: str) -> str:
    return texts.one_line(re.sub(r"^\s*(smtp|x-[a-z0-9-]+)\s*;\s*", "", code, flags=re.IGNORECASE), 500)


def _told(headers: Headers, text: str, raw: bytes, partly: Report) -> Report:
    """A bounce in words: who failed is known by many home-grown forms, for how long by a few phrases."""
    named = [part.strip().lower() for part in headers.raw("x-failed-recipients").split(",") if "@" in part]
    found = tuple(dict.fromkeys(named)) or _scanned(raw)
    head = text[:4_000]
    line = next((line for line in head.split("\n") if _STATUS.search(line) or _CODE.search(line)), "")
    status, code = _STATUS.search(line), _CODE.search(line)
    said_four = (status and status[1].startswith("4")) or (not status and code and code[1] == "4")
    delayed = bool(_NOT_FOR_GOOD.search(head)) and not (status and status[1].startswith("5"))
    return Report(
        recipients=found,
        status=partly.status or (status[1] if status else ""),
        is_permanent=partly.is_permanent or (not delayed and not said_four and (bool(found) or bool(line))),
        action=partly.action or ("delayed" if delayed else "failed"),
        diagnostic=partly.diagnostic or texts.one_line(line, 500),
    )


def _scanned(raw: bytes) -> tuple[str, ...]:
    """Whom the many home-grown kinds of bounce are about."""
    if len(raw) > MAX_SCANNED or raw.count(b"boundary") > email_mime.MAX_DEPTH:
        return ()
    try:
        found: Iterable[bytes] = scan_message(email.message_from_bytes(raw))
        return tuple(sorted(address.decode("ascii", "replace").lower() for address in found if address))
    except Exception:  # a heuristic over strangers' bytes: whatever it trips over, we merely do not know
        return ()


def _feedback(other: str) -> Report:
    fields = _fields(other)
    about = [
        match.lower().rstrip(".")
        for name in ("original-rcpt-to", "removal-recipient", "original-recipient", "final-recipient")
        for match in _ADDRESS.findall(fields.get(name, ""))
    ]
    disposition = fields.get("disposition", "").rpartition(";")[2].strip().lower()
    return Report(
        recipients=tuple(dict.fromkeys(about)),
        action=disposition.partition("/")[0][:20],
        feedback=texts.one_line(fields.get("feedback-type", "").lower(), 30),
    )


def _original_id(copy: str, status: str, text: str, headers: Headers) -> str:
    for source in (copy, status, text[:MAX_TEXT]):
        if match := _ORIGINAL_ID.search(source):
            return match[1]
    return next(iter(ID.findall(headers.raw("in-reply-to"))), "")
