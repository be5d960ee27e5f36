# ruff: noqa: E501 (tables of phrases keep their lines)
"""Mail that no person typed: what kind of machine sent it. A person's mail taken for a machine's would be lost words.

Headers decide (RFC 3464, 3834, 5965, 8098 and what common programs write instead); a subject alone never does, it only
supports another sign, since people quote such subjects when they complain about our own automatic mail.
"""

import re
from collections.abc import Collection, Iterable
from typing import Literal

from tickets.channels.email_headers import Headers

Machine = Literal["auto-reply", "bounce", "complaint", "list", "report"]

OUR_MARK = "x-guichet-automatic"

_DAEMONS = re.compile(
    r"^(mailer-daemon|postmaster|mail-?daemon|mdaemon|maildaemon|mail[-_.]?delivery([-_.]?(sub)?system)?|mail[-_.]?system"
    r"|bounces?|bounce[-+=].*|microsoftexchange[0-9a-f]{20,})@"
)
_DAEMON_NAMES = re.compile(
    r"^(mail delivery (sub)?system|mail delivery service|mailer.daemon|mail administrator|internet mail delivery"
    r"|system administrator|systemadministrator|administrateur système|microsoft exchange)",
    re.IGNORECASE,
)
_NO_REPLY = re.compile(
    r"^(no|do-?not|ne-?pas|nicht|kein(e)?)[-._]?(reply|respond|repondre|antworten|antwort)(\b|[-+_.])"
)
_AWAY = re.compile(
    r"^\W{0,3}(auto(matic|mated)?[ -]?(reply|response|antwort)|autoreply|autoantwort|auto|out[ -]of[ -](the[ -])?office"
    r"|away from (the|my) (office|desk)|on (annual leave|vacation|holiday)|vacation (reply|message)|ooo"
    r"|r[ée]ponse automatique|absence du bureau|message d.absence|avis d.absence|absent[e]? du bureau"
    r"|je suis absent|en cong[ée]s?|automatische (antwort|r[üu]ckantwort)|abwesenheit(snotiz|snachricht|sassistent)?|abwesend"
    r"|nicht im b[üu]ro|im urlaub|respuesta autom[áa]tica|fuera de (la )?oficina|risposta automatica|fuori sede"
    r"|automatisch(e)? antwoord|afwezig(heid)?|resposta autom[áa]tica|autosvar|automaattinen vastaus"
    r"|odpowied[źz] automatyczna|automatyczna odpowied[źz]|automatick[áa] odpov[ěe][ďd])\b",
    re.IGNORECASE,
)
# As programs write it before the subject that they answer
_AWAY_FORM = re.compile(
    r"^\s*(?:automatic reply|auto-?reply|out of (?:the )?office(?: auto-?reply)?|r[ée]ponse automatique|absence du bureau|automatische antwort"
    r"|abwesenheits(?:notiz|nachricht)|respuesta autom[áa]tica|risposta automatica|automatisch antwoord|resposta autom[áa]tica)\s*[:：]",
    re.IGNORECASE,
)
# Somebody speaks of himself: a customer who quotes our automatic answer does not
_AWAY_WORDS = re.compile(
    r"\b(?:i am|i'm|i’m|i will be|i'll be|we are)\b.{0,40}\b(?:out of (?:the )?(?:office|town|country)|away|on (?:\w+ )?(?:leave|vacation|holidays?)|not in the office|travell?ing|back on|returning)"
    r"|no longer (?:with|works? (?:for|at)|employed)|limited access to (?:my )?e-?mail|this is an automat(?:ic|ed)|\bje (?:suis|serai)\b.{0,40}\b(?:absent|en (?:cong|d[ée]placement|vacances|formation)|indisponible|de retour)"
    r"|ceci est un(?:e)? (?:message|r[ée]ponse) automatique|[àa] mon retour|en mon absence|pendant mon absence|ne (?:travaille|fais) plus"
    r"|\bich (?:bin|befinde|werde)\b.{0,80}\b(?:nicht im (?:b[üu]ro|haus)|abwesend|im urlaub|in elternzeit|au(?:ß|ss)er haus|nicht erreichbar|wieder)|dies ist eine automatische|in meiner abwesenheit|nach meiner r[üu]ckkehr"
    r"|estoy fuera de|estar[ée] (?:fuera|ausente)|sono (?:fuori|assente)|ben ik (?:afwezig|niet)",
    re.IGNORECASE | re.DOTALL,
)
_FAILED = re.compile(
    r"^\W{0,3}(undeliver(able|ed)|un-?deliverable|delivery[ -](status notification|failure|has failed|failed|delayed|notification|report|problem)"
    r"|returned (mail|to sender|e-?mail)|(automatically )?rejected (mail|message)|mail (delivery|system) (failed|failure|error|subsystem|problem|warning)"
    r"|mail could not be delivered|message (could not be|not) delivered|message (undeliverable|delayed|delivery failure)"
    r"|warning: (could not send|message .{0,40} delayed)|failure notice|failed (mail|delivery)|unable to deliver|could not (send|deliver)"
    r"|nondeliverable|non-?delivery|user unknown|your message (to .{1,80} )?(could not be|was not|couldn.t be)|bounced (mail|message)"
    r"|non remis|[ée]chec (de (la )?(remise|distribution|livraison)|d.acheminement)|(message|courriel) non (remis|distribu[ée]|d[ée]livr[ée])"
    r"|non distribuable|notification d.[ée]tat de (la )?(remise|distribution)|rapport de non[- ]remise|impossible de (remettre|distribuer)"
    r"|retour [àa] l.exp[ée]diteur|remise (diff[ée]r[ée]e|retard[ée]e)"
    r"|unzustellbar|nicht zustellbar|unzustellbarkeit|zustell(ung|fehler)|fehler bei der zustellung|zustellung (fehlgeschlagen|verz[öo]gert)"
    r"|ihre nachricht (wurde nicht|konnte nicht)|benachrichtigung (zum|[üu]ber den) [üu]bermittlungsstatus|benachrichtigung [üu]ber den zustell"
    r"|no se (ha podido|puede) entregar|mensaje no entregado|recapito (non riuscito|fallito)|mancato recapito|onbestelbaar"
    r"|niet bezorgd|n[ãa]o (foi )?entregue)",
    re.IGNORECASE,
)
# The same anywhere in the subject: enough when a mail server writes
_FAILED_SOMEWHERE = re.compile(_FAILED.pattern.removeprefix(r"^\W{0,3}"), re.IGNORECASE)
_FAILED_WORDS = re.compile(
    r"qmail-send program|created automatically by mail delivery software|this is the mail (system|delivery)|could ?n.t be delivered"
    r"|(could not|cannot|can't|unable to) be? ?deliver|was(n.t| not) delivered|(was|were) undeliverable|wasn't able to deliver"
    r"|delivery (to|has failed|failed|attempt)|did not reach the following|following address(es)? (failed|had)|permanent (fatal )?error"
    r"|failed permanently|undeliverable|returned to (the )?sender|user unknown|unknown user|no such (user|mailbox|recipient|address)"
    r"|mailbox (is )?(full|unavailable|not found)|over quota|quota exceeded|does not exist|doesn't exist|address rejected|still being retried|has been delayed"
    r"|not listed in|n.a pas pu [êe]tre (remis|distribu|d[ée]livr|achemin)|n.ont pas pu [êe]tre|adresse inconnue|bo[îi]te (aux lettres|de r[ée]ception) (est )?pleine"
    r"|destinataire (inconnu|introuvable)|konnte nicht (an|zugestellt|[üu]bermittelt)|nicht zugestellt|zustellung.{0,60}(fehlgeschlagen|nicht m[öo]glich)"
    r"|empf[äa]nger (unbekannt|nicht gefunden)|postfach (ist )?voll|adresse existiert nicht|\b5\d\d[ -][45]\.\d\.\d",
    re.IGNORECASE,
)
_COMPLAINT = re.compile(
    r"^\W{0,3}(complaint about message|abuse report|spam report|email feedback report|feedback report|\[?spam complaint|fbl report|abuse complaint)",
    re.IGNORECASE,
)
_COMPLAINERS = re.compile(
    r"^(staff|feedback|fbl|abuse|scomp|complaints?|arf|feedback-?loop|spam|no-?reply)([-+_.].*)?@"
)
_DMARC = re.compile(
    r"^\W{0,3}(report domain:|\[?(preview|dmarc)\]? ?(aggregate )?report|dmarc aggregate report|tls report|report-id)",
    re.I,
)
_ARCHIVES = frozenset(
    {
        "application/gzip",
        "application/x-gzip",
        "application/zip",
        "application/x-zip-compressed",
        "application/tlsrpt+gzip",
        "application/tlsrpt+json",
        "text/xml",
        "application/xml",
    }
)
# Written by programs that answer, or by those that ask to be answered by no program
_AUTOMATIC_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-auto-response-suppress",
    "x-autogenerated",
    "x-vacation",
    "x-amazon-auto-reply",
    "x-fc-machinegenerated",
    "x-cron-env",
    OUR_MARK,
)
_ADDRESS_IN_LIST = re.compile(r"mailto:([^>?\s,]{1,320})", re.IGNORECASE)


def classify(
    headers: Headers,
    *,
    subject: str,
    sender: str,
    part_types: Iterable[str],
    text: str,
    own: Collection[str] = (),
) -> Machine | None:
    """Which kind of machine mail this is; None means that somebody wrote it.

    `own` are our mailboxes: a mailing list that merely forwards to us under our own address hides no person.
    """
    types = set(part_types)
    kind = headers.content_type()
    report_type = headers.parameter("content-type", "report-type", []).lower() if kind == "multipart/report" else ""
    if report_type == "feedback-report" or (kind.startswith("multipart/") and "message/feedback-report" in types):
        return "complaint"
    if report_type in ("disposition-notification", "tlsrpt") or (
        kind == "multipart/report" and "message/disposition-notification" in types
    ):
        return "report"
    if _is_bounce(headers, types, report_type, subject, sender, text):
        return "bounce"
    if _is_complaint(headers, types, subject, sender):
        return "complaint"
    if _DMARC.match(subject) and types & _ARCHIVES:
        return "report"
    if _is_automatic(headers, subject, sender, text):
        return "auto-reply"
    if _is_list(headers, own):
        return "list"
    if _has_null_path(headers) or (_NO_REPLY.match(sender) and not headers.has("reply-to")):
        return "auto-reply"
    return None


def _has_null_path(headers: Headers) -> bool:
    return headers.has("return-path") and headers.raw("return-path").strip().lower() in ("", "<>", "<mailer-daemon>")


def _is_daemon(headers: Headers, sender: str) -> bool:
    return bool(_DAEMONS.match(sender)) or bool(_DAEMON_NAMES.match(headers.raw("from").strip(' "')))


def _is_bounce(headers: Headers, types: set[str], report_type: str, subject: str, sender: str, text: str) -> bool:
    if report_type == "delivery-status" or headers.has("x-failed-recipients"):
        return True
    is_report = headers.content_type() == "multipart/report"
    if is_report and types & {"message/delivery-status", "message/global-delivery-status"}:
        return True
    if _AWAY.match(subject):
        return False
    is_daemon = _is_daemon(headers, sender)
    says_so = bool((_FAILED_SOMEWHERE.search if is_daemon else _FAILED.match)(subject))
    if says_so and (is_daemon or is_report or _has_null_path(headers)):
        return True
    return is_daemon and bool(_FAILED_WORDS.search(text[:4_000])) and not headers.has("list-id")


def _is_complaint(headers: Headers, types: set[str], subject: str, sender: str) -> bool:
    carries_mail = bool(types & {"message/rfc822", "text/rfc822-headers"})
    return carries_mail and bool(_COMPLAINT.match(subject)) and bool(_COMPLAINERS.match(sender))


def _is_automatic(headers: Headers, subject: str, sender: str, text: str) -> bool:
    submitted = headers.raw("auto-submitted").split(";")[0].strip().lower()
    return (
        (headers.has("auto-submitted") and submitted not in ("no", ""))
        or any(headers.raw(name).strip().lower() not in ("", "no", "none", "false") for name in _AUTOMATIC_HEADERS)
        or headers.raw("precedence").strip().lower() in ("auto_reply", "auto-reply")
        or headers.raw("x-precedence").strip().lower() in ("auto_reply", "auto-reply")
        or headers.raw("x-autogenerated-by").strip() != ""
        or (bool(_AWAY.match(subject)) and _supports(headers, subject, text))
        or _is_daemon(headers, sender)
    )


def _supports(headers: Headers, subject: str, text: str) -> bool:
    """Whether anything but its subject says that a mail is automatic."""
    if _AWAY_FORM.match(subject) and (headers.has("in-reply-to") or headers.has("references")):
        return True
    bulk = headers.raw("precedence").strip().lower() in ("bulk", "junk")
    return _has_null_path(headers) or bulk or (len(text) < 4_000 and bool(_AWAY_WORDS.search(text)))


def _is_list(headers: Headers, own: Collection[str]) -> bool:
    known = {address.lower() for address in own}
    posts_to = {match.lower() for match in _ADDRESS_IN_LIST.findall(headers.raw("list-post"))}
    if known and posts_to & known:
        return False
    return any(headers.has(name) for name in ("list-id", "list-post", "list-unsubscribe", "list-help")) or headers.raw(
        "precedence"
    ).strip().lower() in ("list", "bulk", "junk")
