"""Mail that no person typed: what kind of machine sent it, and which of our messages a report is about."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tickets.channels.email_headers import ID, Headers

Machine = Literal["auto-reply", "bounce", "list", "report"]

OUR_MARK = "x-guichet-automatic"

_DAEMONS = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|mdaemon|bounces?|bounce[-+=].*)@")
_NO_REPLY = re.compile(r"^(no|do-?not|ne-?pas)[-._]?(reply|respond|repondre)(\b|[-+_.])")
_AWAY = re.compile(
    r"^\s*(automatic reply|auto(matic)?[ -]?(reply|response)|autoreply|out of (the )?office|r[ée]ponse automatique"
    r"|absence du bureau|message d.absence|absent du bureau|automatische antwort|abwesenheit|abwesend|respuesta autom[áa]tica"
    r"|risposta automatica|automatisch antwoord)\b",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"(undeliver|delivery (status notification|failure|has failed)|returned mail|mail delivery (failed|subsystem)"
    r"|failure notice|non remis|[ée]chec de (la )?remise|unzustellbar|nicht zustellbar|no se ha podido)",
    re.IGNORECASE,
)
_RECIPIENT = re.compile(
    r"^(?:final|original)-recipient\s*:\s*(?:rfc822\s*;)?\s*<?([^\s<>;]{1,320}@[^\s<>;]{1,255})",
    re.IGNORECASE | re.MULTILINE,
)
_AUTOMATIC_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response-suppress", OUR_MARK)
_STATUS = re.compile(r"^status\s*:\s*([245]\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)
_ACTION = re.compile(r"^action\s*:\s*([a-z]{1,20})", re.IGNORECASE | re.MULTILINE)
_ORIGINAL_ID = re.compile(r"^(?:original-)?message-id\s*:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Report:
    """What a delivery report says: for whom, whether for good, and about which Message-ID."""

    recipients: tuple[str, ...] = ()
    status: str = ""
    is_permanent: bool = False
    original_id: str = ""


def classify(
    headers: Headers, *, subject: str, sender: str, part_types: Iterable[str], report_type: str
) -> Machine | None:
    """Which kind of machine mail this is; None means that somebody wrote it."""
    types = set(part_types)
    if report_type in ("feedback-report", "disposition-notification") or "message/feedback-report" in types:
        return "report"
    if "message/disposition-notification" in types and headers.content_type() == "multipart/report":
        return "report"
    if _is_bounce(headers, types, report_type, subject, sender):
        return "bounce"
    if _is_automatic(headers, subject, sender):
        return "auto-reply"
    if _is_list(headers):
        return "list"
    if headers.has("return-path") and headers.raw("return-path").strip() in ("", "<>"):
        return "auto-reply"
    if _NO_REPLY.match(sender) and not headers.has("reply-to"):
        return "auto-reply"
    return None


def _is_bounce(headers: Headers, types: set[str], report_type: str, subject: str, sender: str) -> bool:
    if report_type == "delivery-status" or headers.has("x-failed-recipients"):
        return True
    if "message/delivery-status" in types and headers.content_type() == "multipart/report":
        return True
    null_path = headers.has("return-path") and headers.raw("return-path").strip() in ("", "<>")
    return (bool(_DAEMONS.match(sender)) and (null_path or bool(_FAILED.search(subject)))) or (
        null_path and bool(_FAILED.search(subject)) and not _AWAY.match(subject)
    )


def _is_automatic(headers: Headers, subject: str, sender: str) -> bool:
    submitted = headers.raw("auto-submitted").split(";")[0].strip().lower()
    return (
        (headers.has("auto-submitted") and submitted != "no")
        or any(headers.has(name) for name in _AUTOMATIC_HEADERS)
        or headers.raw("precedence").strip().lower() in ("auto_reply", "auto-reply")
        or bool(_AWAY.match(subject))
        or bool(_DAEMONS.match(sender))
    )


def _is_list(headers: Headers) -> bool:
    return any(headers.has(name) for name in ("list-id", "list-post", "list-unsubscribe", "list-help")) or headers.raw(
        "precedence"
    ).strip().lower() in ("list", "bulk", "junk")


def read_report(status_text: str, original_headers: str, headers: Headers) -> Report:
    """The facts of a delivery report from its machine-readable parts."""
    recipients = [match.lower().rstrip(".") for match in _RECIPIENT.findall(status_text[:100_000])]
    recipients += [part.strip().lower() for part in headers.raw("x-failed-recipients").split(",") if "@" in part]
    status = _STATUS.search(status_text[:100_000])
    action = _ACTION.search(status_text[:100_000])
    original = _ORIGINAL_ID.search(original_headers[:100_000]) or _ORIGINAL_ID.search(status_text[:100_000])
    answered = ID.findall(headers.raw("in-reply-to"))
    return Report(
        recipients=tuple(dict.fromkeys(recipients)),
        status=status[1] if status else "",
        is_permanent=bool((status and status[1].startswith("5")) or (action and action[1].lower() == "failed")),
        original_id=original[1] if original else (answered[0] if answered else ""),
    )
